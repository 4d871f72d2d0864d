"""Many reports seen together: a line a target, and which migration is where."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.cells import cell_len

from shared.model.diagnosis import MigrationStatus, State
from shared.model.report import Report
from shared.report.fleet import Matrix, matrices, rows
from shared.report.fleet.text import as_tables
from shared.report.forms import FORMS, render
from tests.report.sample import FAILED, HOSTILE, PENDING, report

GOLDEN = Path(__file__).parent / "golden"
A, B, C = State.APPLIED, State.PENDING, State.FAILED


def of(target: str, migrations: Mapping[str, State] | None = None, made: Report | None = None) -> Report:
    statuses = tuple(MigrationStatus(name, state, None, None) for name, state in (migrations or {}).items())
    return replace(made or report(), target=target, migrations=statuses)


def away(target: str) -> Report:
    made = report(unknown="database db:5432 refused the connection, and this is a long story about why it did")
    return replace(made, target=target, migrations=(), database=None, release=None, took=timedelta(seconds=90))


HISTORY = {"20250901_init": A, "20250903_add_asset_column_aliases": A, "20250904_fix_folders": A}
FLEET = [
    of("production", {**HISTORY, "20250904_fix_folders": C, "20250905_tenants": B}, report(FAILED, PENDING)),
    of("staging", {**HISTORY, "20250903_add_asset_column_aliases": B}, report(PENDING)),
    of("customer-berlin", HISTORY),
    of("customer-zuerich", HISTORY),
    away("customer-lisboa"),
    of("hostile|name`\x1b[31m", {"0_init": A, "20250901_init": A}, report(HOSTILE)),
    of("another-application", {"0_init": A, "1_x": A, "2_y": B}),
]


@pytest.mark.parametrize(
    ("name", "form", "width"), [("fleet.txt", "text", 80), ("fleet-phone.txt", "text", 40), ("fleet.md", "markdown", None)]
)  # fmt: skip
def test_golden(name: str, form: str, width: int | None, request: pytest.FixtureRequest) -> None:
    rendered = render(FLEET, form, width=width)
    # What follows is a line for each healthy target, and the report of each other one.
    table = re.split(r"\n(?:✓|✅) customer-berlin matches", rendered)[0]
    if request.config.getoption("--update-golden"):
        (GOLDEN / name).write_text(table)
    assert table == (GOLDEN / name).read_text()


@pytest.mark.parametrize("width", [20, 40, 60, 80, 110, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = as_tables(FLEET, width=width).splitlines()
    assert max(map(cell_len, lines)) <= max(width, 28), "a word as long as a name is broken, below it nothing is"


@pytest.mark.parametrize("length", [37, 38, 39, 90])
def test_a_long_name_is_broken_beside_its_sign(length: int) -> None:
    name = "staging-of-a-customer-"[:length].ljust(length, "x")
    lines = as_tables([of(name), *FLEET], width=40).splitlines()
    began = next(number for number, line in enumerate(lines) if line.startswith("✓ staging-of"))
    ended = next(number for number, line in enumerate(lines[began:], began) if "applied" in line)
    assert "".join(line[2:] for line in lines[began:ended]) == name
    assert {line[:2] for line in lines[began + 1 : ended]} <= {"  "}


@pytest.mark.parametrize("form", FORMS)
def test_control_characters_are_shown_not_obeyed(form: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", render(FLEET, form).replace(r"\u202e", ""))


def test_one_report_needs_no_table() -> None:
    for form in FORMS:
        assert "targets" not in render(FLEET[:1], form)


def test_machines_get_the_reports_alone() -> None:
    assert [each["target"] for each in json.loads(render(FLEET, "json"))] == [each.target for each in FLEET]
    suites = ET.fromstring(render(FLEET, "junit"))
    assert [suite.get("name") for suite in suites][:2] == ["production history", "production schema"]
    assert len(suites) == 3 * len(FLEET)


def test_a_row_has_what_matters() -> None:
    production, _, berlin, _, lisboa, *_ = rows(FLEET)
    assert (production.verdict, production.release, production.applied, production.pending, production.worst) == (
        "failed", "v1.42.0", 31, 1, "migration-failed:20250904_fix_folders",
    )  # fmt: skip
    assert (berlin.verdict, berlin.pending, berlin.worst) == ("passed", 0, None)
    assert (lisboa.verdict, lisboa.release, lisboa.applied, lisboa.pending) == ("unknown", None, None, None)
    assert lisboa.worst is not None
    assert lisboa.worst.startswith("database db:5432 refused the connection")


@pytest.mark.parametrize(
    ("fleet", "expected"),
    [
        pytest.param([{"1": A, "2": A}], [], id="one alone"),
        pytest.param(
            [{"1": A, "2": A}, {"1": A, "2": B}], [Matrix((("t0",), ("t1",)), {"2": ("applied", "pending")}, 1)],
            id="what never ran there shows",
        ),
        pytest.param([{"1": A, "2": A}, {"1": A, "2": A}], [Matrix((("t0", "t1"),), {}, 2)], id="alike"),
        pytest.param(
            [{"1": A, "2": A}, {"1": A, "2": A, "3": A}, {"1": A, "2": A}],
            [Matrix((("t0", "t2"), ("t1",)), {"3": ("–", "applied")}, 2)], id="neither released nor applied",
        ),
        pytest.param([{"0_init": A, "a": A, "b": A}, {"0_init": A, "c": A, "d": A}], [], id="other applications"),
        pytest.param([{"1": A}, {}], [], id="nothing known of it"),
        pytest.param(
            [{"1": A}, {"x": A}, {"1": B}, {"x": B}],
            [Matrix((("t0",), ("t2",)), {"1": ("applied", "pending")}, 0), Matrix((("t1",), ("t3",)), {"x": ("applied", "pending")}, 0)],
            id="two applications",
        ),
        pytest.param(
            [{"1": A}, {"1": A, "2": A, "3": A, "4": A}], [Matrix((("t0",), ("t1",)), {"2": ("–", "applied"), "3": ("–", "applied"), "4": ("–", "applied")}, 1)],
            id="far behind",
        ),
    ],
)  # fmt: skip
def test_which_migration_is_where(fleet: list[dict[str, State]], expected: list[Matrix]) -> None:
    assert matrices(of(f"t{number}", migrations) for number, migrations in enumerate(fleet)) == expected


def test_a_page_stays_below_what_github_takes() -> None:
    long = replace(FAILED, summary="x" * 200_000)
    page = render([of(f"t{number}", HISTORY, report(long)) for number in range(12)], "markdown")
    assert len(page.encode()) < 1_000_000
    assert page.startswith("## 12 targets: 12 failed.")
    assert page.endswith("more reports: see the JSON.\n")

"""docs/sop.md: each row that names a finding has a case on a real server, in which that finding comes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.checks.registry import CHECKS
from shared.model.codes import CODES
from shared.model.report import Report, Verdict
from shared.report.openmetrics import as_openmetrics
from tests.sop.cases import CASES, Case
from tests.sop.production import Production, commands

PAGE = (Path(__file__).parents[2] / "docs" / "sop.md").read_text(encoding="utf-8")
METRIC = "migration_monitor_"
# A command of this beginning is one that a report prints, up to what is only a placeholder.
PRINTED = ("npx ", "psql ", "az ", "SELECT ", "REINDEX ", "git ")
PLACEHOLDER = re.compile(r"NAME|\(pid\)")
UNSEEN = ("Not visible from production", "Not a question any more")


@dataclass(frozen=True)
class Row:
    name: str
    seen: str
    fix: str

    @property
    def named(self) -> list[str]:
        return re.findall(r"`([^`]+)`", self.seen)

    @property
    def codes(self) -> set[str]:
        return {each for each in self.named if each in CODES}

    @property
    def unknown(self) -> set[str]:
        return {check.name for check in CHECKS} & {*re.findall(r"`(\w+)` is unknown", self.seen)}

    @property
    def metrics(self) -> set[str]:
        return {each for each in self.named if each.startswith(METRIC)}

    @property
    def printed(self) -> list[str]:
        return [each for each in re.findall(r"`([^`]+)`", self.fix) if each.startswith(PRINTED)]


def rows() -> Iterator[Row]:
    for line in PAGE.splitlines():
        if re.match(r"\| [A-WY-Z]\d+ \|", line):
            name, _, seen, fix = (cell.strip() for cell in line.strip("|").split(" | "))
            yield Row(name, seen, fix)


ROWS = {row.name: row for row in rows()}


def test_every_row_says_how_it_is_seen() -> None:
    assert [row.name for row in ROWS.values() if not (row.codes or row.metrics or row.seen.startswith(UNSEEN))] == []
    assert len(ROWS) == len(list(rows())), "two rows have the same name"


def test_every_row_with_a_finding_has_its_case_and_no_case_is_left_over() -> None:
    registered = sorted(name for names in CASES.values() for name in names)
    assert registered == sorted(row.name for row in ROWS.values() if row.codes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_finding_comes_with_its_command(case: Case, production: Production) -> None:
    report = case(production)
    assert [each for name in CASES[case] for each in lacking(ROWS[name], report)] == []


def lacking(row: Row, report: Report) -> Iterator[str]:
    """Say what the row promises, and the report has not."""
    yield from (f"{row.name}: {code}" for code in row.codes - {finding.code for finding in report.findings})
    unknown = {check.name for check in report.checks if check.verdict is Verdict.UNKNOWN}
    yield from (f"{row.name}: {check} is not unknown" for check in row.unknown - unknown)
    printed = "\n".join(commands(report))
    for command in row.printed:
        if not all(part in printed for part in PLACEHOLDER.split(command)):
            yield f"{row.name}: {command}"


def test_nothing_is_found_before_something_happens(production: Production) -> None:
    """Else a finding of a case might be nobody's doing."""
    report = production.check()
    assert (report.verdict, [finding.key for finding in report.findings]) == (Verdict.PASSED, [])


def test_metrics_are_those_of_the_exposition() -> None:
    metrics = set(re.findall(r"^# TYPE (\S+)", as_openmetrics([], datetime.now(UTC)), re.MULTILINE))
    assert {metric for row in ROWS.values() for metric in row.metrics} <= metrics

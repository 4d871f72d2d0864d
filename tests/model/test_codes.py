"""One row a code: the checks make no finding whose code has none, and no row is left over."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from shared.checks.registry import CHECKS
from shared.model.codes import CODES, Code, row_of
from shared.model.endpoint import Breach
from shared.model.finding import Finding, Severity

SHARED = Path(__file__).parents[2] / "shared"
# The codes of findings that are put together, by how the source writes them.
PUT_TOGETHER = {
    "f'schema-{difference.change}'": {"schema-missing", "schema-unexpected", "schema-changed"},
    "breach.code": set(get_args(get_type_hints(Breach)["code"])),
}


def made() -> Iterator[tuple[str, str | None]]:
    """Give the code of every finding that the checks make, with its severity where that is always the same."""
    for path in (SHARED / "checks").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                code, severity = node.args[0], node.args[2]
                always = Severity[severity.attr].value if isinstance(severity, ast.Attribute) else None
                codes = {str(code.value)} if isinstance(code, ast.Constant) else PUT_TOGETHER[ast.unparse(code)]
                yield from ((each, always) for each in codes)


def test_the_checks_make_findings_of_every_row_and_of_no_other() -> None:
    assert {code for code, _ in made()} == set(CODES)


def test_a_severity_that_is_always_the_same_is_the_one_of_the_row() -> None:
    fixed = [(code, severity) for code, severity in made() if severity is not None]
    assert len(fixed) > 20
    assert [each for each in fixed if CODES[each[0]].severity != each[1]] == []


def test_a_row_names_a_registered_check() -> None:
    assert {row.check for row in CODES.values()} == {check.name for check in CHECKS}


@pytest.mark.parametrize(
    ("code", "incident"),
    [
        pytest.param("migration-failed", "migration x", id="of a migration"),
        pytest.param("deploy-will-fail", "migration x", id="what a migration will do"),
        pytest.param("deploy-blocks", "deploy-blocks:x", id="apart"),
        pytest.param("seed-missing", "seed-missing:x", id="of a table"),
        pytest.param("moon-full", "moon-full:x", id="of a newer monitor"),
    ],
)
def test_the_row_says_which_incident_a_finding_belongs_to(code: str, incident: str) -> None:
    assert Finding(code, "x", Severity.CRITICAL, "").incident == incident


def test_a_code_of_a_newer_monitor_has_a_neutral_row() -> None:
    assert row_of("moon-full") == Code("moon-full", "", None, "moon full", "", "")

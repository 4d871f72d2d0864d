"""A migration without a row that changes rows and leaves the schema as it was: nobody runs it a second time unasked."""

from collections.abc import Iterator

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History
from shared.model.finding import Finding, Step
from tests.builders import facts, reading
from tests.diagnose.test_schema import diagnosed, live, ran, shipping

BASE = """\
CREATE TABLE t (id int, x int); CREATE INDEX i ON t (x);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
"""
WRITE, MORE, LATER = "UPDATE t SET x = x + 1;", "DELETE FROM t WHERE x > 9;", "CREATE TABLE later (id int);"
OFF, ON = "ALTER TABLE t DISABLE TRIGGER g;", "ALTER TABLE t ENABLE TRIGGER g;"
(HISTORY,) = (check for check in CHECKS if check.name == "history")


def found(script: str, *, overtaken: bool) -> Finding:
    """The finding on a migration of *script* whose end and beginning look the same; *overtaken* by a later one."""
    shipped = [("1", BASE), ("2", script), *([("3", LATER)] if overtaken else [])]
    release, actual = shipping(*shipped), live(*(each for _, each in shipped))
    rows = tuple(ran(*each) for each in shipped if each[0] != "2")
    said = facts(release, reading(history=History(exists=True, rows=rows), catalog=actual))
    (finding,) = run_check(HISTORY, said, diagnosed(release, rows, actual)).findings
    return finding


def printed(steps: tuple[Step, ...]) -> Iterator[list[str]]:
    """The statements of the release that each step runs."""
    for step in steps:
        if lines := [
            line for line in (step.command or "").splitlines() if line.startswith(("ALTER", "UPDATE", "DELETE"))
        ]:
            yield lines


@pytest.mark.parametrize(
    ("script", "asked"),
    [
        pytest.param([OFF, WRITE, MORE, ON], [[OFF, WRITE, ON], [OFF, MORE, ON]], id="around each write"),
        pytest.param(
            ["ALTER TABLE t ADD COLUMN z int;", WRITE, "ALTER TABLE t DROP COLUMN z;"],
            [["ALTER TABLE t ADD COLUMN z int;"], [WRITE], ["ALTER TABLE t DROP COLUMN z;"]],
            id="a column for a while",
        ),
    ],
)
@pytest.mark.parametrize("overtaken", [False, True], ids=["pending", "skipped"])
def test_each_statement_is_asked_about(script: list[str], asked: list[list[str]], *, overtaken: bool) -> None:
    finding = found("\n".join(script), overtaken=overtaken)
    assert finding.code == ("migration-skipped" if overtaken else "migration-pending")
    assert list(printed(tuple(step for step in finding.remedy if step.asks))) == asked
    assert "npx prisma migrate resolve --applied 2" in [step.command for step in finding.remedy]


def test_before_a_deploy_of_the_newest_a_person_finds_out_whether_it_ran() -> None:
    first, recorded, *_ = found(f"{OFF}\n{WRITE}\n{ON}", overtaken=False).remedy
    assert first.text.startswith("2 leaves the schema as it was, so the catalog does not show whether somebody ran it")
    assert recorded.text == "If all of its statements ran: mark the migration as applied."


@pytest.mark.parametrize("script", [f"{OFF}\n{ON}", "CREATE TABLE w (); INSERT INTO w DEFAULT VALUES; DROP TABLE w;"])
def test_what_changes_no_row_that_stays_is_deployed(script: str) -> None:
    (step,) = found(script, overtaken=False).remedy
    assert step.command == "npx prisma migrate deploy"

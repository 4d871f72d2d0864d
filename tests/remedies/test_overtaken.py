"""A migration that was skipped or recorded too early, behind an applied one that renames or removes what it writes to."""

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History
from shared.model.finding import Finding
from tests.builders import facts, reading
from tests.diagnose.test_schema import diagnosed, live, ran, shipping

BASE = "CREATE TABLE t (id int, x int); CREATE SEQUENCE s; CREATE TABLE other (id int);"
WRITE, INDEX = "UPDATE t SET x = x + 1;", "CREATE INDEX i ON t (id);"
TABLE, COLUMN = "ALTER TABLE t RENAME TO u;", "ALTER TABLE t RENAME COLUMN x TO y;"
SEQUENCE = "ALTER SEQUENCE s RENAME TO s2;"


def skipped(script: str, later: str) -> Finding:
    shipped = [("1", BASE), ("2", script), ("3", later)]
    release, actual, rows = shipping(*shipped), live(BASE, later), (ran("1", BASE), ran("3", later))
    said = facts(release, reading(history=History(exists=True, rows=rows), catalog=actual))
    (history,) = (check for check in CHECKS if check.name == "history")
    (finding,) = run_check(history, said, diagnosed(release, rows, actual)).findings
    return finding


@pytest.mark.parametrize(
    ("script", "later", "printed"),
    [
        pytest.param(WRITE, TABLE, ["UPDATE u SET x = x + 1;"], id="a table renamed"),
        pytest.param(f"{WRITE}\n{INDEX}", TABLE, ["UPDATE u SET x = x + 1;", "CREATE INDEX i ON u (id);"], id="and an index"),
        pytest.param("SELECT setval('s', 5);", SEQUENCE, ["SELECT setval('s2', greatest(5, nextval('s2')));"], id="a sequence renamed"),
        pytest.param(WRITE, f"{TABLE} ALTER TABLE u RENAME TO w;", ["UPDATE w SET x = x + 1;"], id="renamed twice"),
        pytest.param(WRITE, "ALTER TABLE other RENAME TO u;", [WRITE], id="another table renamed"),
        pytest.param(WRITE, COLUMN, [], id="a column renamed"),
        pytest.param(WRITE, "ALTER TABLE t DROP COLUMN x;", [], id="a column removed"),
        pytest.param(WRITE, "DROP TABLE t;", [], id="a table removed"),
    ],
)  # fmt: skip
def test_what_is_printed_runs_under_the_present_names(script: str, later: str, printed: list[str]) -> None:
    remedy = skipped(script, later).remedy
    lines = [line for step in remedy for line in (step.command or "").splitlines()]
    assert [line for line in lines if line.startswith(("UPDATE", "CREATE", "SELECT"))] == printed
    # A deploy would run the file as it stands.
    assert not later.startswith("ALTER TABLE t") or "npx prisma migrate deploy" not in lines


@pytest.mark.parametrize("script", [WRITE, f"{WRITE}\n{INDEX}"])
def test_a_write_to_a_column_that_has_another_name_is_left_to_a_person(script: str) -> None:
    first = skipped(script, COLUMN).remedy[0]
    assert "it uses column public.t.x, which a later statement that ran has removed, renamed or replaced" in first.text
    assert first.command is None

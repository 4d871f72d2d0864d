"""An order of migrations that was followed once is reused for the same order, and for no other."""

import pytest

from shared.diagnose.migrations import migration_statuses
from shared.diagnose.schema import follow_through
from shared.diagnose.scripts import UNASKED, Scripts, UnparsedScript
from shared.model.database import History, HistoryRow
from shared.model.schema import Schema
from tests.builders import facts, reading, row
from tests.diagnose.test_schema import live, ran, shipping

A, B, C = "CREATE TABLE a (id int);", "CREATE TABLE b (id int);\nCREATE TABLE c (id int);", "DROP TABLE b;"
EMPTY = "-- This is an empty migration."
ALL = shipping(("1", A), ("2", B), ("3", C), ("4", EMPTY))
FAILED = row("2", finished=False, logs="x", content=B.encode())


@pytest.mark.parametrize(
    ("rows", "there", "applied", "run", "part", "known"),
    [
        pytest.param([ran("1", A)], live(A), "1", "23", None, {"2": 2, "3": 1}, id="as followed"),
        pytest.param([], live(), "", "123", None, {"1": 1, "2": 2, "3": 1}, id="all of them"),
        pytest.param([ran("1", A), FAILED], live(A), "1", "23", None, {"2": 2, "3": 1}, id="one that failed at once"),
        pytest.param([ran("1", A)], live(A), "1", "32", None, {}, id="in another order"),
        pytest.param([ran("1", A)], live(A), "1", "2", None, {}, id="without the last"),
        pytest.param([ran("1", A)], live(A), "1", "23", "2", {}, id="one of them in part"),
        pytest.param([ran("1", A), ran("3", C)], live(A), "13", "2", None, {}, id="one that was skipped"),
        pytest.param([ran("1", A)], live(A), "", "23", None, {}, id="after something else"),
        pytest.param([], live(A), "", "123", None, {}, id="no history, and one that is there"),
    ],
)
def test_effects(
    rows: list[HistoryRow], there: Schema, applied: str, run: str, part: str | None, known: dict[str, int]
) -> None:
    database = reading(history=History(exists=bool(rows), rows=tuple(rows), schema_has_tables=True), catalog=there)
    asked, scripts = facts(ALL, database), Scripts(UNASKED)
    by_history = migration_statuses(ALL, None, database, database.history, asked.target.patience, scripts=scripts)  # type: ignore[arg-type]  # given above
    whole = follow_through(by_history, there, "public", scripts).whole
    assert whole is not None
    shipped = {each.name: each.script or b"" for each in ALL.migrations}
    to_run = {name: scripts.known(name, shipped[name]) for name in run}
    if part is not None:
        to_run[part] = to_run[part][1:]
    found = whole.effects_after([UnparsedScript(name, shipped[name]) for name in applied], to_run)
    assert {name: len(effects) for name, effects in found.items()} == known

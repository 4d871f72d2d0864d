"""In which order the applied migrations are replayed, and what stops a replay."""

from dataclasses import replace

import pytest

from shared.diagnose.migrations import migration_standings
from shared.diagnose.schema import applied_in_order, compare
from shared.model.database import HistoryRow
from shared.model.diagnosis import Comparison
from shared.model.knowledge import Unavailable
from shared.model.release import Migration
from shared.model.schema import Schema
from tests.builders import NOW, reading, release, row


def resolved(name: str, minutes_ago: float = 60) -> HistoryRow:
    """A row as `migrate resolve --applied` writes it: its end is its start."""
    made = row(name, minutes_ago=minutes_ago)
    return replace(made, finished_at=made.started_at, logs="")


@pytest.mark.parametrize(
    ("rows", "order"),
    [
        pytest.param([row("1", minutes_ago=3), row("2", minutes_ago=2), row("3", minutes_ago=1)], "123", id="as released"),
        pytest.param([row("1", minutes_ago=3), row("3", minutes_ago=2), row("2", minutes_ago=1)], "132", id="one was skipped, then run"),
        pytest.param([row("1", minutes_ago=3), row("3", minutes_ago=2), resolved("2", 1)], "123", id="one was recorded later, by hand"),
        pytest.param([resolved("1", 1), resolved("2", 2), row("3", minutes_ago=3)], "123", id="a baseline recorded last, in any order"),
        pytest.param([row("2", minutes_ago=3), row("3", minutes_ago=2)], "23", id="the first is pending"),
    ],
)  # fmt: skip
def test_the_order_in_which_production_ran_them(rows: list[HistoryRow], order: str) -> None:
    shipped, database = release("1", "2", "3"), reading(*rows)
    assert not isinstance(database.history, Unavailable)
    standings = migration_standings(shipped, database, database.history, NOW - NOW)
    assert "".join(standing.name for standing in applied_in_order(standings)) == order


@pytest.mark.parametrize(
    ("migration", "because"),
    [
        pytest.param(Migration("1", b"SELECT 1;\n\nFROB;"), 'PostgreSQL cannot parse 1/migration.sql, line 3: syntax error at or near "FROB"', id="unparsable"),
        pytest.param(Migration("1", b"\xef\xbb\xbfSELECT 1;"), None, id="a byte order mark that has run"),
    ],
)  # fmt: skip
def test_what_an_applied_migration_must_be(migration: Migration, because: str | None) -> None:
    shipped, database = release(migration), reading(row("1", content=migration.script))
    assert not isinstance(database.history, Unavailable)
    outcome = compare(migration_standings(shipped, database, database.history, NOW - NOW), Schema({}), "public")
    assert outcome == (Comparison(Schema({}), Schema({}), ()) if because is None else Unavailable(because))

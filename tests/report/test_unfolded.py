"""What applied migrations consist of: the newest, and no more than a page can show."""

import json

import pytest

from shared.model.diagnosis import MigrationStatus, State
from shared.model.release import Migration
from shared.report.unfolded import unfolded


def status(name: str, script: bytes | None, state: State = State.APPLIED) -> MigrationStatus:
    return MigrationStatus(name, state, Migration(name, script), None)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param(b"-- a table\nCREATE TABLE a();\n\nDROP TABLE b ;", [(2, "CREATE TABLE a()"), (4, "DROP TABLE b")], id="each with its line"),
        pytest.param(b"SELECT ';';", [(1, "SELECT ';'")], id="a quoted semicolon"),
        pytest.param(b"SELEC 1;", [(1, "SELEC 1")], id="what no grammar takes"),
        pytest.param(b"SELECT '%s';" % (b"x" * 500), [(1, f"SELECT '{'x' * 391}…")], id="a long one"),
        pytest.param(b"SELECT 1;\n" * 42, [*((line, "SELECT 1") for line in range(1, 41)), (41, "-- and 2 more statements")], id="many"),
        pytest.param(b"-- nothing", None, id="none"),
        pytest.param(b"SELECT 'not ended", None, id="malformed"),
        pytest.param(None, None, id="a folder without a script"),
    ],
)  # fmt: skip
def test_what_a_migration_consists_of(script: bytes | None, expected: list[tuple[int, str]] | None) -> None:
    found = unfolded([status("1", script)])
    wanted = None if expected is None else [{"line": line, "sql": sql} for line, sql in expected]
    assert found.get("1") == wanted


def test_only_what_was_applied_and_of_that_the_newest_as_long_as_there_is_space() -> None:
    script = b"SELECT '%s';\n" % (b"x" * 90) * 10
    statuses = [status(f"{number:02}", script) for number in range(40)]
    statuses[39] = status("39", script, State.PENDING)
    found = unfolded(statuses)
    assert list(found) == [f"{number:02}" for number in range(38, 38 - len(found), -1)]
    assert 8 < len(found) < 20
    assert len(json.dumps(found)) < 30_000


def test_a_release_that_is_not_known_has_no_statements() -> None:
    assert unfolded([MigrationStatus("1", State.APPLIED, None, None)]) == {}

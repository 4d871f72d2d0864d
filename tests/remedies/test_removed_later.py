"""What a later migration removes, of two in trouble or of one that was skipped: it is not made for that."""

from dataclasses import replace

import pytest

from shared.remedies import commands
from tests.diagnose.test_proof import OF_NOTHING
from tests.diagnose.test_schema import ran
from tests.remedies.test_replaced_later import COLUMN, OLD, RECORDED, TABLE, first_way, found, psql

DRAFT, GONE = "CREATE TABLE draft (id int PRIMARY KEY, v text);", "DROP TABLE draft;"


@pytest.mark.parametrize(
    ("earlier", "later", "first"),
    [
        pytest.param(DRAFT, f"{GONE} {TABLE}", [], id="nothing else"),
        pytest.param(f"{DRAFT} INSERT INTO draft VALUES (1);", f"{GONE} {TABLE}", [], id="with its rows"),
        pytest.param(f"{COLUMN} {DRAFT} CREATE INDEX i ON draft (v);", f"{TABLE} {GONE}", [psql(COLUMN)], id="beside something else"),
        pytest.param("CREATE FUNCTION made() RETURNS int LANGUAGE sql AS 'SELECT 1';", f"DROP FUNCTION made(); {TABLE}", [], id="a function"),
        pytest.param("CREATE TYPE e AS ENUM ('a');", f"{TABLE} DROP TYPE e;", [], id="a type"),
    ],
)  # fmt: skip
def test_what_a_later_one_was_to_remove_is_not_made_for_it(earlier: str, later: str, first: list[str]) -> None:
    """Both have failed rows, and hands ran what shows of the later one: what is missing stays so."""
    rows = [
        replace(ran("2", earlier, finished=False, minutes_ago=60), logs=OF_NOTHING),
        replace(ran("3", later, finished=False, minutes_ago=30), logs=OF_NOTHING),
    ]
    findings = found(earlier, later, [TABLE], *rows)
    assert first_way(findings, "2") == [*first, *RECORDED]
    assert first_way(findings, "3") == [commands.resolve_applied("3")]


@pytest.mark.parametrize("state", ["skipped", "by hand"])
@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(
            f"{OLD} INSERT INTO t VALUES (1); CREATE INDEX i ON t (id); COMMENT ON TABLE t IS 'x';", "DROP TABLE IF EXISTS t;",
            id="a table, its rows, its index and its comment",
        ),
        pytest.param(
            "ALTER TABLE a ADD COLUMN c text; UPDATE a SET c = 'x';", "ALTER TABLE a DROP COLUMN IF EXISTS c;",
            id="a column and its values",
        ),
        pytest.param("CREATE TYPE e AS ENUM ('a');", "DROP TYPE IF EXISTS e;", id="a type"),
        pytest.param("CREATE SEQUENCE q;", "DROP SEQUENCE IF EXISTS q;", id="a sequence"),
    ],
)  # fmt: skip
def test_what_a_later_one_removed_if_it_was_there_is_not_made_any_more(state: str, earlier: str, later: str) -> None:
    rows = [ran("3", f"{TABLE} {later}")] if state == "skipped" else []
    findings = found(f"{earlier} {COLUMN}", f"{TABLE} {later}", [TABLE], *rows)
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]


def test_what_a_later_one_renames_that_did_not_run_is_made() -> None:
    findings = found(f"{OLD} {COLUMN}", f"{TABLE} ALTER TABLE t RENAME TO u;", [TABLE])
    assert first_way(findings, "2") == [psql(OLD, COLUMN), *RECORDED]


def test_what_a_later_one_removes_is_made_where_that_is_deployed() -> None:
    """Without IF EXISTS it fails where nothing was made."""
    findings = found(f"{OLD} {COLUMN}", f"{TABLE} DROP TABLE t;", [])
    assert first_way(findings, "2") == [commands.DEPLOY]

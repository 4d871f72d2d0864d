"""A default that stays must be cast to the column's new type: by the type that the server keeps it as, not the column's.

DEFAULT NULL is dropped, but not where a cast to a length, a precision, a domain or another type stands around it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from shared.model.schema import Column, Kind, Schema, Subject
from shared.postgres.parse import read
from tests.postgres.live import live_schema
from tests.postgres.plan.over_rows import Database, verdict
from tests.tables import hold

SETUP = """
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE DOMAIN short AS varchar(5);
CREATE DOMAIN word AS text;
CREATE DOMAIN whole AS integer DEFAULT 7;
"""
DEFAULTS = {
    "varchar(5)": ["NULL", "'1'", "1", "NULL::text", "NULL::varchar(5)", "NULL::varchar", "now()", "NULL::integer"],
    "varchar": ["NULL", "NULL::varchar", "NULL::text", "NULL::varchar(5)", "1", "CURRENT_USER"],
    "text": [
        "NULL", "NULL::text", "CAST(NULL AS varchar)", "NULL::integer", "'1'", "1", "-1", "1.5", "3000000000", "true",
        "1::bigint", "'1'::varchar", "now()", "CURRENT_DATE", "gen_random_uuid()", "upper('a')", "length('a')",
        "CASE WHEN true THEN 1 ELSE 2 END", "'a' COLLATE \"C\"",
    ],
    "char(3)": ["NULL", "'1'", "1"],
    "char": ["NULL"],
    "numeric(6,2)": ["NULL", "1", "1.5", "'1'", "NULL::numeric"],
    "numeric": ["NULL", "'1'"],
    "bit(3)": ["NULL", "B'101'"],
    "bit varying(3)": ["NULL", "B'101'"],
    "timestamp(3)": ["NULL", "CURRENT_TIMESTAMP", "now()", "'2020-01-01'"],
    "timestamp": ["NULL", "LOCALTIMESTAMP"],
    "timestamptz(3)": ["NULL"],
    "timestamptz": ["CURRENT_TIMESTAMP", "CURRENT_DATE"],
    "time(3)": ["NULL", "LOCALTIME"],
    "interval(3)": ["NULL", "'1 day'"],
    "interval(3)[]": ["NULL"],
    "integer": ["NULL", "1", "1.5", "'1'", "1::smallint", "NULL::bigint", "NULL::integer"],
    "bigint": ["NULL", "1"],
    "boolean": ["NULL", "true", "'t'"],
    "date": ["NULL", "now()"],
    "jsonb": ["NULL", "'{}'", "'{}'::json"],
    "mood": ["NULL", "'a'"],
    "short": ["NULL", "'1'"],
    "word": ["NULL", "1"],
    "whole": ["NULL", "1"],
    "varchar(5)[]": ["NULL", "'{}'", "ARRAY['a']"],
    "text[]": ["NULL", "'{}'", "ARRAY[]::text[]", "ARRAY[1]"],
    "integer[]": ["NULL", "ARRAY[1]"],
}  # fmt: skip
TARGETS = (
    "integer", "text", "varchar(9)", "boolean", "timestamp(3)", "date", "time", "numeric(5,1)", "jsonb", "mood", "text[]",
    "bigint[]", "uuid", "interval", "bit(3)",
)  # fmt: skip
COLUMNS = [(type_, default) for type_, defaults in DEFAULTS.items() for default in defaults]


@pytest.fixture(scope="module")
def of_types(new_database: Callable[..., str]) -> Iterator[Database]:
    with psycopg.connect(new_database(), autocommit=True, prepare_threshold=None) as connection:
        tables = (
            f"CREATE TABLE t{place} (x {type_} DEFAULT {default})" for place, (type_, default) in enumerate(COLUMNS)
        )
        yield Database(connection, SETUP + ";\n".join(tables))


@pytest.mark.parametrize(
    "one_in", [pytest.param(8, id="each to two types"), pytest.param(1, id="each to all", marks=pytest.mark.long)]
)
def test_a_default_that_stays_is_cast_by_its_own_type(of_types: Database, one_in: int) -> None:
    cases = [(place, TARGETS[place % one_in :: one_in]) for place in range(len(COLUMNS))]
    hold(partial(is_cast_by_its_own_type, of_types), cases, lambda case: COLUMNS[case[0]])


def is_cast_by_its_own_type(of_types: Database, case: tuple[int, tuple[str, ...]]) -> None:
    place, targets = case
    type_, default = COLUMNS[place]
    existing = [f"ALTER TABLE t{place} ALTER x TYPE {target} USING NULL" for target in targets]
    pending = [
        f"CREATE TABLE p (x {type_} DEFAULT {default}); ALTER TABLE p ALTER x TYPE {target} USING NULL"
        for target in targets
    ]
    for scripts in (existing, pending):
        expected = {script: _predicted(of_types, script) for script in scripts}
        assert expected == {script: _met(of_types.connection, script) for script in scripts}


def test_both_readers_say_the_same_of_a_default(of_types: Database) -> None:
    made, live = of_types.replay.freeze(), live_schema(of_types.connection)
    columns = [Subject(Kind.COLUMN, ("public", f"t{place}", "x")) for place in range(len(COLUMNS))]
    assert _types(made, columns) == _types(live, columns)


def test_identity_is_refused_beside_a_null_that_is_kept(of_types: Database) -> None:
    script = "CREATE TABLE p (x integer NOT NULL DEFAULT NULL::bigint); ALTER TABLE p ALTER x ADD GENERATED ALWAYS AS IDENTITY"
    assert _predicted(of_types, script) == _met(of_types.connection, script) == "55000"


def test_a_default_that_is_set_in_the_run_is_kept_as_the_server_keeps_it(of_types: Database) -> None:
    for script in (
        "CREATE TABLE p (x varchar(5)); ALTER TABLE p ALTER x SET DEFAULT NULL; ALTER TABLE p ALTER x TYPE date USING NULL",
        "CREATE TABLE p (x bit(3) DEFAULT NULL); ALTER TABLE p ALTER x DROP DEFAULT; ALTER TABLE p ALTER x TYPE date USING NULL",
    ):
        assert _predicted(of_types, script) == _met(of_types.connection, script)


def test_a_domain_s_default_is_not_that_of_a_column_that_keeps_null(of_types: Database) -> None:
    script = "CREATE TABLE p (id integer, x whole DEFAULT NULL); INSERT INTO p (id) VALUES (1); ALTER TABLE p ALTER x SET NOT NULL"
    assert _predicted(of_types, script) == _met(of_types.connection, script) == "23502"


def _types(schema: Schema, columns: list[Subject]) -> dict[str, str | None]:
    found = ((each.name[1], schema.objects[each]) for each in columns)
    return {table: column.default_type for table, column in found if isinstance(column, Column)}


def _predicted(database: Database, script: str) -> str:
    outcome, sqlstate, _ = verdict(list(database.predicted(list(read(script)), in_block=False)))
    return sqlstate or "none" if outcome in ("ok", "fails") else outcome


def _met(connection: psycopg.Connection[Any], script: str) -> str:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(script.encode(), prepare=False)
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return "none"

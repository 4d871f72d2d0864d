"""Statements to run that meet an object of that name: what is said of them, and what the server then does."""

import psycopg
import pytest

from shared.model.plan import Conflict
from shared.model.schema import Schema
from shared.postgres.parse import Statement, parse
from shared.postgres.plan import Pending, conflicts
from shared.postgres.progress import Script, follow
from tests.postgres.live import live_schema

BASE = """
CREATE TABLE t (id int PRIMARY KEY, x text, y text);
CREATE TABLE free (a int, b text);
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE SCHEMA shop;
"""
Connection = psycopg.Connection[tuple[object, ...]]
Notified = list[tuple[int, str, str]]


def met(connection: Connection, hand: str, pending: str) -> tuple[list[Statement], Schema, tuple[Conflict, ...]]:
    """The statements of *pending*, the schema where *hand* was run by hand, and what they meet there."""
    connection.execute(BASE.encode())
    connection.execute(hand.encode())
    script, live = parse(pending), live_schema(connection)
    followed = follow([Script(parse(BASE)), Script(script, applied=False)], live)
    assert followed.live is not None
    [found] = conflicts([Pending(script, followed.progress[1], followed.effects[1])], live, followed.live, "public")
    return script, live, found


def predicted_and_met(url: str, hand: str, pending: str) -> tuple[Notified, tuple[int, str] | None]:
    """What is said of *pending* where *hand* was run by hand, and the first error that the server then raises."""
    with psycopg.connect(url, autocommit=True) as connection:
        script, _, every = met(connection, hand, pending)
        found = [each for each in every if not each.skipped]
        predicted = [(each.line, each.sqlstate, str(each.found_as)) for each in found]
        assert [script[each.number].sql for each in found] == [each.sql for each in found]
        for statement in script:
            try:
                connection.execute(statement.sql.encode())
            except psycopg.Error as error:
                return predicted, (statement.line, str(error.sqlstate))
        return predicted, None


@pytest.mark.parametrize(
    ("hand", "pending", "sqlstate", "found_as"),
    [
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t ADD COLUMN z text", "42701", "column public.t.z", id="column"),
        pytest.param(
            "ALTER TABLE t ADD z text NOT NULL DEFAULT ''", "ALTER TABLE t ADD COLUMN z text", "42701", "column public.t.z",
            id="column of that type that differs otherwise",
        ),
        pytest.param(
            "ALTER TABLE t ADD z int", "ALTER TABLE t ADD a int, ADD z text", "42701", "column public.t.z",
            id="second column of a statement",
        ),
        pytest.param(
            "ALTER TABLE t ADD a int", "ALTER TABLE t ADD a int, ADD z text", "42701", "column public.t.a",
            id="half of a statement",
        ),
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t RENAME COLUMN x TO z", "42701", "column public.t.z", id="renamed column"),
        pytest.param("CREATE TABLE w (other int)", "CREATE TABLE w (id int)", "42P07", "table public.w", id="table"),
        pytest.param("CREATE TABLE w (id int)", "CREATE TABLE w (id int, more int)", "42P07", "table public.w", id="part of a table"),
        pytest.param("CREATE TABLE w (other int)", "ALTER TABLE free RENAME TO w", "42P07", "table public.w", id="renamed table"),
        pytest.param("CREATE VIEW w AS SELECT 1", "CREATE TABLE w (id int)", "42P07", "view public.w", id="view, to be a table"),
        pytest.param("CREATE TABLE w (a int)", "CREATE VIEW w AS SELECT 1", "42P07", "table public.w", id="table, to be a view"),
        pytest.param("CREATE INDEX w ON t (x)", "CREATE TABLE w (id int)", "42P07", "index public.w", id="index, to be a table"),
        pytest.param("CREATE TYPE w AS ENUM ('a')", "CREATE TABLE w (id int)", "42710", "enum public.w", id="enum, to be a table"),
        pytest.param("CREATE TABLE w (a int)", "CREATE TYPE w AS ENUM ('a')", "42710", "table public.w", id="table, to be an enum"),
        pytest.param("CREATE TYPE w AS ENUM ('b')", "CREATE TYPE w AS ENUM ('a')", "42710", "enum public.w", id="enum"),
        pytest.param("CREATE DOMAIN w AS text", "CREATE DOMAIN w AS int", "42710", "domain public.w", id="domain"),
        pytest.param("CREATE TYPE w AS (a int)", "CREATE TYPE w AS (a text)", "42710", "composite type public.w", id="composite type"),
        pytest.param("CREATE INDEX w ON t (x)", "CREATE TYPE w AS (a text)", "42P07", "index public.w", id="index, to be a composite type"),
        pytest.param("ALTER TYPE mood ADD VALUE 'new'", "ALTER TYPE mood RENAME VALUE 'sad' TO 'new'", "42710", "enum public.mood", id="enum value"),
        pytest.param("CREATE INDEX i ON t (x)", "CREATE INDEX i ON t (y)", "42P07", "index public.i", id="index"),
        pytest.param("CREATE INDEX i ON t (x)", "CREATE UNIQUE INDEX i ON t (x)", "42P07", "index public.i", id="index, to be unique"),
        pytest.param("CREATE INDEX i ON free (a)", "CREATE INDEX i ON t (x)", "42P07", "index public.i", id="index of another table"),
        pytest.param("CREATE INDEX i ON t (x)", "CREATE INDEX j ON t (y); ALTER INDEX j RENAME TO i", "42P07", "index public.i", id="renamed index"),
        pytest.param("CREATE SEQUENCE q INCREMENT 2", "CREATE SEQUENCE q", "42P07", "sequence public.q", id="sequence"),
        pytest.param(
            "ALTER TABLE free ADD CONSTRAINT w_pkey UNIQUE (a)", "CREATE TABLE w (id int, CONSTRAINT w_pkey PRIMARY KEY (id))",
            "42P07", "unique public.free.w_pkey", id="name of a key's index",
        ),
        pytest.param("ALTER TABLE t ADD CONSTRAINT c CHECK (x > '')", "ALTER TABLE t ADD CONSTRAINT c CHECK (y > '')", "42710", "check public.t.c", id="check"),
        pytest.param("ALTER TABLE t ADD CONSTRAINT c CHECK (x > '')", "ALTER TABLE t ADD CONSTRAINT c UNIQUE (y)", "42710", "check public.t.c", id="check, to be a unique constraint"),
        pytest.param("ALTER TABLE t ADD CONSTRAINT c UNIQUE (x)", "ALTER TABLE t ADD CONSTRAINT c UNIQUE (y)", "42P07", "unique public.t.c", id="unique constraint"),
        pytest.param("CREATE INDEX c ON t (x)", "ALTER TABLE t ADD CONSTRAINT c UNIQUE (x)", "42P07", "index public.c", id="index, to be a constraint"),
        pytest.param(
            "ALTER TABLE t ADD n int; ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (n) REFERENCES t ON DELETE CASCADE",
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES t", "42710", "foreign key public.t.f", id="foreign key",
        ),
        pytest.param("ALTER TABLE free ADD PRIMARY KEY (a)", "ALTER TABLE free ADD CONSTRAINT k PRIMARY KEY (a, b)", "42P16", "primary key public.free", id="another primary key"),
        pytest.param("ALTER TABLE free ADD PRIMARY KEY (a)", "ALTER TABLE free ADD PRIMARY KEY (b)", "42P16", "primary key public.free", id="another primary key, both unnamed"),
        pytest.param("CREATE POLICY p ON t USING (id > 1)", "CREATE POLICY p ON t USING (id > 2)", "42710", "policy public.t.p", id="policy"),
        pytest.param("CREATE VIEW v AS SELECT 1 AS a", "CREATE VIEW v AS SELECT 'b' AS b", "42P07", "view public.v", id="view"),
        pytest.param("CREATE TABLE shop.w (a int)", "SET search_path TO shop; CREATE TABLE w (id int)", "42P07", "table shop.w", id="schema of the search path"),
        pytest.param('CREATE TABLE "W x" (a int)', 'CREATE TABLE "W x" (id int)', "42P07", "table public.W x", id="odd name"),
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t DROP COLUMN x; ALTER TABLE t ADD COLUMN z text", "42701", "column public.t.z", id="behind another column's end"),
        pytest.param("CREATE INDEX i ON free (a)", "ALTER TABLE t DROP COLUMN x; CREATE INDEX i ON t (y)", "42P07", "index public.i", id="behind the end of another table's column"),
        pytest.param(
            "ALTER TABLE t ADD CONSTRAINT c UNIQUE (x); CREATE SEQUENCE q INCREMENT 2", "ALTER TABLE t DROP CONSTRAINT c; CREATE SEQUENCE q",
            "42P07", "sequence public.q", id="sequence behind a constraint's end",
        ),
        pytest.param("", "ALTER TABLE t ADD COLUMN x text", "42701", "column public.t.x", id="what an applied migration made"),
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t DROP COLUMN x, ADD COLUMN z text", "42701", "column public.t.z", id="beside the end of another column"),
        pytest.param("CREATE INDEX c ON t (y)", "ALTER TABLE free DROP COLUMN a, ADD CONSTRAINT c UNIQUE (b)", "42P07", "index public.c", id="beside the end of another table's column"),
    ],
)  # fmt: skip
def test_a_name_that_is_taken_fails_as_the_server_says(
    hand: str, pending: str, sqlstate: str, found_as: str, database: str
) -> None:
    predicted, met = predicted_and_met(database, hand, pending)
    assert [each[1:] for each in predicted] == [(sqlstate, found_as)]
    assert met == predicted[0][:2]


@pytest.mark.parametrize(
    ("hand", "pending", "fails"),
    [
        pytest.param("", "ALTER TABLE t ADD COLUMN z text", False, id="free"),
        pytest.param("ALTER TABLE t ADD z text", "ALTER TABLE t ADD COLUMN z text", True, id="its own effect"),
        pytest.param("CREATE INDEX i ON t (x)", "CREATE INDEX i ON t (x)", True, id="its own index"),
        pytest.param("ALTER TABLE t ADD z text; ALTER TABLE t ALTER z TYPE int USING 1", "ALTER TABLE t ADD COLUMN z text; ALTER TABLE t ALTER z TYPE int USING 1", True, id="its own effect, changed by the next"),
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t ADD COLUMN IF NOT EXISTS z text", False, id="if not exists"),
        pytest.param("CREATE TABLE w (a int)", "CREATE TABLE IF NOT EXISTS w (id int)", False, id="table, if not exists"),
        pytest.param("CREATE INDEX i ON t (x)", "CREATE INDEX IF NOT EXISTS i ON t (y)", False, id="index, if not exists"),
        pytest.param("ALTER TYPE mood ADD VALUE 'new' BEFORE 'sad'", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'new'", False, id="enum value, if not exists"),
        pytest.param("CREATE VIEW v AS SELECT 1 AS a", "CREATE OR REPLACE VIEW v AS SELECT 2 AS a", False, id="or replace"),
        pytest.param(
            "ALTER TABLE t ADD z int",
            "DO $$ BEGIN ALTER TABLE t ADD COLUMN z text; EXCEPTION WHEN duplicate_column THEN NULL; END $$", False,
            id="a block that expects it",
        ),
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t DROP COLUMN IF EXISTS z; ALTER TABLE t ADD COLUMN z text", False, id="dropped before"),
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t RENAME COLUMN z TO old; ALTER TABLE t ADD COLUMN z text", False, id="renamed before"),
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE IF EXISTS other ADD COLUMN z text", False, id="of a table that does not exist"),
        pytest.param("CREATE TABLE w (a int)", "DROP TABLE IF EXISTS w; CREATE TABLE w (id int)", False, id="table dropped before"),
        pytest.param("CREATE TABLE w (a int)", "DO $$ BEGIN EXECUTE 'DROP TABLE w'; END $$; CREATE TABLE w (id int)", False, id="dropped before by a block"),
        pytest.param("CREATE TABLE shop.w (a int)", "DROP SCHEMA shop CASCADE; CREATE SCHEMA shop; CREATE TABLE shop.w (id int)", False, id="its schema dropped before"),
        pytest.param("ALTER TABLE free ADD PRIMARY KEY (a)", "ALTER TABLE free DROP CONSTRAINT free_pkey; ALTER TABLE free ADD PRIMARY KEY (b)", False, id="key dropped before"),
        pytest.param("", "ALTER TABLE t DROP COLUMN x, ADD COLUMN x int", False, id="dropped by the same statement"),
        pytest.param("", "ALTER TABLE t ADD COLUMN x int, DROP COLUMN x", False, id="dropped by a later command of it"),
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t DROP COLUMN IF EXISTS z, ADD z text", False, id="made by hand, and dropped by it"),
        pytest.param("ALTER TABLE free ADD PRIMARY KEY (a)", "ALTER TABLE free DROP CONSTRAINT free_pkey, ADD PRIMARY KEY (b)", False, id="primary key dropped by it"),
        pytest.param("ALTER TABLE t ADD CONSTRAINT c CHECK (x > '')", "ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (y > '')", False, id="check dropped by it"),
        pytest.param("CREATE INDEX i ON t (x)", "ALTER TABLE t DROP COLUMN x; CREATE INDEX i ON t (y)", False, id="index dropped with its column"),
        pytest.param("CREATE SEQUENCE q INCREMENT 2 OWNED BY t.x", "ALTER TABLE t DROP COLUMN x; CREATE SEQUENCE q", False, id="sequence dropped with its column"),
        pytest.param(
            "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); CREATE INDEX i ON p1 (b)",
            "ALTER TABLE p DROP COLUMN b; CREATE INDEX i ON t (y)", False, id="index of a partition dropped with its column",
        ),
        pytest.param("CREATE TABLE shop.w (a int)", "CREATE TABLE w (id int)", False, id="in another schema"),
        pytest.param("CREATE SEQUENCE w_id_seq INCREMENT 5", "CREATE TABLE w (id serial)", False, id="name that the server chooses"),
        pytest.param("ALTER TABLE t ADD CONSTRAINT t_y_key CHECK (x > '')", "ALTER TABLE t ADD UNIQUE (y)", False, id="constraint that the server names"),
        pytest.param("CREATE TABLE w (a int)", "CREATE TEMP TABLE w (id int)", False, id="temporary table"),
        pytest.param("CREATE INDEX w ON t (x)", "CREATE TYPE w AS ENUM ('a')", False, id="enum beside an index"),
        pytest.param("CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE TABLE x (id int)", False, id="table beside a function"),
    ],
)  # fmt: skip
def test_what_is_no_conflict(hand: str, pending: str, fails: bool, database: str) -> None:
    predicted, met = predicted_and_met(database, hand, pending)
    assert predicted == []
    assert (met is not None) is fails


@pytest.mark.parametrize(
    ("hand", "pending", "skipped"),
    [
        pytest.param("ALTER TABLE t ADD z int", "ALTER TABLE t ADD COLUMN IF NOT EXISTS z text", True, id="column"),
        pytest.param("CREATE INDEX i ON t (x)", "CREATE INDEX IF NOT EXISTS i ON t (y)", True, id="index"),
        pytest.param("CREATE VIEW w AS SELECT 1", "CREATE TABLE IF NOT EXISTS w (id int)", True, id="view, to be a table"),
        pytest.param("CREATE SEQUENCE s", "CREATE SEQUENCE IF NOT EXISTS s CYCLE", True, id="sequence"),
        pytest.param(
            "CREATE TYPE e AS ENUM ('a')",
            "DO $$ BEGIN CREATE TYPE e AS ENUM ('b'); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
            True,
            id="block",
        ),
        pytest.param("CREATE INDEX i ON t (x)", "CREATE INDEX IF NOT EXISTS i ON t (x)", False, id="the same index"),
        pytest.param("CREATE SEQUENCE w_id_seq CYCLE", "CREATE TABLE IF NOT EXISTS w (id serial)", False, id="a part has another name"),
    ],
)  # fmt: skip
def test_a_statement_that_skips_over_an_object_fails_nowhere(
    hand: str, pending: str, skipped: bool, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        _, live, found = met(connection, hand, pending)
        connection.execute(pending.encode())
        after = live_schema(connection)
    assert bool(found) == skipped
    assert all(each.skipped for each in found)
    assert all(live.objects[each.found_as] == after.objects[each.found_as] for each in found)
    assert (after.objects == live.objects) or not skipped

"""Failures that the catalog alone shows, as a real server raises them; and what looks like one and runs."""

from typing import Any

import psycopg
import pytest

from shared.model.plan import Outcome, Prediction
from shared.postgres import library
from shared.postgres.parse import parse, read
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.run import predictions
from tests.postgres.servers import usual_major
from tests.postgres.versions import of_version

VERSION = usual_major()

BASE = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, x text, y int UNIQUE, m mood, z int);
CREATE TABLE child (id int PRIMARY KEY, t_id int REFERENCES t (id), y int REFERENCES t (y));
CREATE VIEW v AS SELECT id, x FROM t;
CREATE INDEX t_z ON t (z);
CREATE SEQUENCE s;
CREATE TABLE counted (id int DEFAULT nextval('s'), twice int GENERATED ALWAYS AS (1) STORED);
CREATE TABLE doubled (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int);
CREATE TABLE par (id int);
CREATE TABLE kid () INHERITS (par);
CREATE TABLE guarded (id int, c int);
CREATE POLICY p ON guarded USING (c > 0);
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE VIEW compared AS SELECT 1 AS one WHERE 2 === 2;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
CREATE OPERATOR CLASS numbers FOR TYPE int USING btree FAMILY pg_catalog.integer_ops AS STORAGE int;
CREATE INDEX counted_numbers ON par (id numbers);
CREATE OPERATOR CLASS own FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(int);
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple);
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE INDEX parted_id ON parted (id);
CREATE TEXT SEARCH CONFIGURATION searched (COPY = english);
ALTER TEXT SEARCH CONFIGURATION searched ALTER MAPPING FOR word WITH plain;
"""


def predicted_and_met(url: str, sql: str) -> tuple[Prediction, str | None]:
    """What is predicted of the last statement of *sql*, and the SQLSTATE with which the server refuses it."""
    script = list(read(sql))
    *_, (_, last) = predictions(script, Circumstances(VERSION, "UTC"), parse(BASE))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(BASE.encode())
        for statement in script[:-1]:
            connection.execute(statement.sql.encode())
        try:
            connection.execute(script[-1].sql.encode())
        except psycopg.Error as error:
            return last, error.sqlstate
        return last, None


def of_this_server(*cases: Any) -> pytest.MarkDecorator:
    """Parametrize by the cases' SQL, without those that are for other versions."""
    return pytest.mark.parametrize("sql", [case for case in cases if of_version(str(case.values[0]), VERSION * 10_000)])


@of_this_server(
    pytest.param("ALTER TABLE t ALTER COLUMN x TYPE varchar(5)", id="type of a column that a view reads"),
    pytest.param("ALTER TABLE doubled ALTER COLUMN a TYPE bigint", id="type of a column that another is made of"),
    pytest.param("ALTER TABLE guarded ALTER COLUMN c TYPE bigint", id="type of a policy's column"),
    pytest.param("ALTER TABLE t ADD COLUMN x int", id="column that is there"),
    pytest.param("CREATE TABLE t (id int)", id="table that is there"),
    pytest.param("CREATE INDEX t_z ON t (x)", id="index that is there"),
    pytest.param("CREATE TYPE mood AS ENUM ('a')", id="type that is there"),
    pytest.param("ALTER TABLE t ADD CONSTRAINT t_y_key CHECK (z > 0)", id="constraint that is there"),
    pytest.param("ALTER TABLE t DROP COLUMN nothing", id="column that does not exist"),
    pytest.param("ALTER TABLE t ALTER COLUMN nothing SET NOT NULL", id="column that does not exist, set"),
    pytest.param("CREATE INDEX ON t (nothing)", id="index of a column that does not exist"),
    pytest.param("ALTER TABLE t DROP CONSTRAINT nothing", id="constraint that does not exist"),
    pytest.param("DROP TABLE t", id="table with a view and foreign keys"),
    pytest.param("DROP VIEW v; DROP TABLE t", id="table with foreign keys"),
    pytest.param("ALTER TABLE t DROP COLUMN x", id="column that a view reads"),
    pytest.param("ALTER TABLE t DROP COLUMN y", id="column that a foreign key refers to"),
    pytest.param("ALTER TABLE t DROP CONSTRAINT t_y_key", id="key that a foreign key relies on"),
    pytest.param("DROP INDEX t_y_key", id="index of a constraint"),
    pytest.param("ALTER TABLE doubled DROP COLUMN a -- since 15", id="column that another is made of"),
    pytest.param("ALTER TABLE guarded DROP COLUMN c", id="column of a policy"),
    pytest.param("DROP TYPE mood", id="type of a column"),
    pytest.param("DROP SEQUENCE s", id="sequence of a default"),
    pytest.param("DROP TABLE par", id="table that others inherit from"),
    pytest.param("ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX t_y_key", id="index of a constraint, to be another"),
    pytest.param("ALTER TABLE t SET UNLOGGED", id="unlogged, with a logged table that refers to it"),
    pytest.param("CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)", id="operator that is there"),
    pytest.param("CREATE AGGREGATE total(int) (SFUNC = int4mul, STYPE = int)", id="aggregate that is there"),
    pytest.param("CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple)", id="dictionary that is there"),
    pytest.param("CREATE TEXT SEARCH CONFIGURATION searched (COPY = simple)", id="configuration that is there"),
    pytest.param("ALTER TABLE parted CLUSTER ON parted_id", id="cluster mark of a partitioned table"),
    pytest.param("ALTER TABLE parted SET WITHOUT CLUSTER", id="cluster mark of a partitioned table, taken away"),
    pytest.param("DROP OPERATOR === (int, int)", id="operator of a view"),
    pytest.param("CREATE OPERATOR CLASS numbers FOR TYPE int USING btree AS STORAGE int", id="operator class that is there"),
    pytest.param("CREATE OPERATOR FAMILY own USING hash", id="operator family that is there"),
    pytest.param("DROP OPERATOR CLASS numbers USING btree", id="operator class of an index"),
    pytest.param("DROP TEXT SEARCH DICTIONARY plain", id="dictionary of a configuration"),
    pytest.param("FROB t -- before 18", id="no statement, of a server whose grammar is known"),
    pytest.param("CREATE TABLE n (a int, b int GENERATED ALWAYS AS (a) VIRTUAL) -- before 18", id="virtual column"),
    pytest.param("CREATE TABLE n (a int, CONSTRAINT k NOT NULL a) -- before 18", id="NOT NULL of a table"),
    pytest.param("CREATE TABLE n (a int4range, UNIQUE (a, a WITHOUT OVERLAPS)) -- before 18", id="key of ranges"),
    pytest.param("ALTER TABLE t ADD FOREIGN KEY (id, PERIOD z) REFERENCES t -- before 18", id="reference to ranges"),
)  # fmt: skip
def test_what_must_fail_is_known(sql: str, database: str) -> None:
    prediction, met = predicted_and_met(database, sql)
    assert met is not None
    assert (prediction.outcome, prediction.sqlstate) == (Outcome.FAILS, met)


@of_this_server(
    pytest.param("ALTER TABLE t ALTER COLUMN z TYPE bigint", id="type of a column that an index has"),
    pytest.param("DROP VIEW v; ALTER TABLE t ALTER COLUMN x TYPE varchar", id="type of a column whose view is gone"),
    pytest.param("ALTER TABLE t ADD COLUMN IF NOT EXISTS x int", id="column, if not exists"),
    pytest.param("CREATE TABLE IF NOT EXISTS t (id int)", id="table, if not exists"),
    pytest.param("CREATE INDEX IF NOT EXISTS t_z ON t (x)", id="index, if not exists"),
    pytest.param("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok'", id="value, if not exists"),
    pytest.param("ALTER TABLE t DROP COLUMN IF EXISTS nothing", id="column, if exists"),
    pytest.param("DROP TABLE IF EXISTS nothing", id="table, if exists"),
    pytest.param("DROP TABLE t CASCADE", id="table, cascade"),
    pytest.param("DROP VIEW v; DROP TABLE child, t", id="table and what refers to it"),
    pytest.param("ALTER TABLE t DROP COLUMN z", id="column with its index"),
    pytest.param("ALTER TABLE doubled DROP COLUMN a -- before 15", id="column that another is made of"),
    pytest.param("ALTER TABLE child DROP COLUMN t_id", id="column with its foreign key"),
    pytest.param("DROP VIEW compared; DROP OPERATOR === (int, int)", id="operator whose view is gone"),
    pytest.param("DROP TEXT SEARCH CONFIGURATION searched", id="configuration"),
    pytest.param("DROP OPERATOR FAMILY own USING hash", id="operator family with its class"),
    pytest.param("CREATE INDEX ON par (id numbers)", id="index by an operator class of a migration"),
    pytest.param(
        "CREATE OPERATOR CLASS more FOR TYPE int USING btree FAMILY pg_catalog.integer_ops AS STORAGE int; CREATE INDEX ON par (id more)",
        id="index by an operator class that is made before it",
    ),
    pytest.param("DROP INDEX t_z", id="index"),
    pytest.param("DROP TABLE par, kid", id="table and what inherits"),
    pytest.param("DROP TABLE counted; DROP SEQUENCE s", id="sequence whose table is gone"),
    pytest.param("ALTER TABLE t ADD CONSTRAINT u UNIQUE (z)", id="constraint"),
    pytest.param("ALTER TABLE child SET UNLOGGED", id="unlogged"),
    pytest.param("CREATE INDEX CONCURRENTLY ON t (x)", id="index, concurrently"),
    pytest.param("ALTER TYPE mood ADD VALUE 'new'; ALTER TABLE t ALTER COLUMN m SET DEFAULT 'new'", id="value of an earlier transaction"),
)  # fmt: skip
def test_what_runs_is_not_said_to_fail(sql: str, database: str) -> None:
    prediction, met = predicted_and_met(database, sql)
    assert met is None
    assert prediction.outcome in (Outcome.OK, Outcome.DEPENDS)


@pytest.mark.parametrize(
    ("sql", "in_block", "outcome", "sqlstate"),
    [
        pytest.param("CREATE INDEX CONCURRENTLY ON t (x)", True, Outcome.FAILS, "25001", id="concurrently, in a block"),
        pytest.param("CREATE INDEX CONCURRENTLY ON t (x)", None, Outcome.DEPENDS, "25001", id="concurrently, perhaps in one"),
        pytest.param("DROP INDEX CONCURRENTLY t_z", True, Outcome.FAILS, "25001", id="drop, concurrently"),
        pytest.param("CREATE INDEX CONCURRENTLY t_z ON t (x)", True, Outcome.FAILS, "25001", id="concurrently, in a block, by a name that is taken"),
        pytest.param("CREATE INDEX CONCURRENTLY t_z ON t (x)", None, Outcome.FAILS, "42P07", id="concurrently, perhaps in one, by a name that is taken"),
        pytest.param("CREATE INDEX CONCURRENTLY t_z ON t (x)", False, Outcome.FAILS, "42P07", id="concurrently, by a name that is taken"),
        pytest.param("DROP INDEX CONCURRENTLY nothing", True, Outcome.FAILS, "25001", id="drop of nothing, concurrently"),
        pytest.param("DROP INDEX CONCURRENTLY nothing", None, Outcome.DEPENDS, "25001", id="drop of nothing, perhaps in a block"),
        pytest.param("REINDEX INDEX CONCURRENTLY t_z", True, Outcome.FAILS, "25001", id="reindex, concurrently"),
        pytest.param("CLUSTER parted USING parted_id", True, Outcome.FAILS, "25001", id="partitioned table clustered"),
        pytest.param("CLUSTER parted USING parted_id", False, Outcome.OK, None, id="partitioned table clustered alone"),
        pytest.param("CLUSTER", True, Outcome.FAILS, "25001", id="all tables clustered"),
        pytest.param("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", True, Outcome.FAILS, "25001", id="subscription that makes a slot"),
        pytest.param("VACUUM t", True, Outcome.FAILS, "25001", id="vacuum"),
        pytest.param("ANALYZE t", True, Outcome.OK, None, id="analyze"),
        pytest.param("CREATE INDEX ON t (x)", True, Outcome.OK, None, id="index"),
        pytest.param("ALTER TABLE auth.users ADD COLUMN x int", False, Outcome.DEPENDS, "42P01", id="the platform's table"),
        pytest.param("ALTER TABLE t ALTER COLUMN m SET DEFAULT 'new'", True, Outcome.FAILS, "55P04", id="new value, default"),
        pytest.param("ALTER TABLE t ALTER COLUMN m SET DEFAULT 'new'", None, Outcome.DEPENDS, "55P04", id="new value, perhaps in a block"),
        pytest.param("ALTER TABLE t ADD COLUMN o mood DEFAULT 'new'", True, Outcome.FAILS, "55P04", id="new value, new column"),
        pytest.param("UPDATE t SET m = 'new'", True, Outcome.FAILS, "55P04", id="new value, update"),
        pytest.param("INSERT INTO t (id, m) VALUES (1, 'new')", True, Outcome.FAILS, "55P04", id="new value, insert"),
        pytest.param("SELECT 'new'::mood", True, Outcome.FAILS, "55P04", id="new value, cast"),
        pytest.param("UPDATE t SET x = 'new' WHERE z = 1", True, Outcome.DEPENDS, "55P04", id="a text like the new value"),
        pytest.param("UPDATE t SET m = 'ok'", True, Outcome.OK, None, id="an older value"),
    ],
)  # fmt: skip
def test_the_transaction_decides(sql: str, in_block: bool | None, outcome: Outcome, sqlstate: str | None) -> None:
    circumstances = Circumstances(15, in_block=in_block, new_values=frozenset({("public.mood", "new")}))
    [(_, prediction)] = predictions(parse(sql), circumstances, parse(BASE))
    assert (prediction.outcome, prediction.sqlstate) == (outcome, sqlstate)


@pytest.mark.parametrize(
    ("version", "outcome", "because"),
    [
        pytest.param(17, Outcome.FAILS, "syntax error at or near", id="an older server knows no more"),
        pytest.param(library.GRAMMAR, Outcome.FAILS, "syntax error at or near", id="nor does one of the same version"),
        pytest.param(library.GRAMMAR + 1, Outcome.DEPENDS, f"by the grammar of PostgreSQL {library.GRAMMAR}", id="a newer one may"),
    ],
)  # fmt: skip
def test_a_body_that_the_grammar_refuses_certainly_fails_where_the_server_knows_no_more(
    version: int, outcome: Outcome, because: str
) -> None:
    script = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE z (id int) NEWER; END $$"
    ((_, prediction),) = predictions(parse(script), Circumstances(version))
    assert (prediction.outcome, prediction.sqlstate) == (outcome, "42601")
    assert because in "; ".join(prediction.reasons)

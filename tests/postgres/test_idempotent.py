"""What may run a second time, on a real server: it neither fails nor changes anything then."""

import psycopg
import pytest

from shared.postgres.idempotent import only_removes_if_there, only_sets
from shared.postgres.parse import parse

TABLE = """CREATE TABLE t (id int CHECK (id > 0), x text DEFAULT 'a'); ALTER TABLE t ADD CONSTRAINT c CHECK (id < 9) NOT VALID;
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE RULE r AS ON DELETE TO t WHERE OLD.id = 1 DO INSTEAD NOTHING"""
_STATE = """
SELECT (SELECT json_agg(a ORDER BY attnum) FROM pg_attribute a WHERE attrelid = 't'::regclass)::text,
    (SELECT json_agg(json_build_array(conname, convalidated) ORDER BY conname) FROM pg_constraint WHERE conrelid = 't'::regclass)::text,
    (SELECT json_agg(pg_get_expr(adbin, adrelid)) FROM pg_attrdef)::text,
    (SELECT json_agg(json_build_array(tgname, tgenabled)) FROM pg_trigger)::text,
    (SELECT json_agg(json_build_array(rulename, ev_enabled)) FROM pg_rewrite WHERE rulename = 'r')::text,
    (SELECT json_build_array(relrowsecurity, relforcerowsecurity) FROM pg_class WHERE relname = 't')::text
"""


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ALTER x SET DEFAULT 'b'",
        "ALTER TABLE t ALTER x DROP DEFAULT",
        "ALTER TABLE t ALTER id SET NOT NULL, ALTER x SET DEFAULT 'b'",
        "ALTER TABLE t ALTER id DROP NOT NULL",
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE t FORCE ROW LEVEL SECURITY",
        "ALTER TABLE t DISABLE TRIGGER g",
        "ALTER TABLE t DISABLE TRIGGER ALL",
        "ALTER TABLE t DISABLE TRIGGER USER",
        "ALTER TABLE t ENABLE ALWAYS TRIGGER g",
        "ALTER TABLE t DISABLE RULE r",
    ],
)
def test_what_only_sets_may_run_again(sql: str, database: str) -> None:
    assert all(map(only_sets, parse(sql)))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE.encode())
        connection.execute(sql.encode())
        once = connection.execute(_STATE.encode()).fetchone()
        connection.execute(sql.encode())
        assert connection.execute(_STATE.encode()).fetchone() == once


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ADD COLUMN y int",
        "ALTER TABLE t ALTER x SET DEFAULT 'b', DROP CONSTRAINT c",
        "ALTER TABLE t ALTER id TYPE bigint",
        "ALTER TABLE t RENAME x TO y",
        "UPDATE t SET id = 1",
    ],
)
def test_what_does_more(sql: str) -> None:
    assert not any(map(only_sets, parse(sql)))


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE IF EXISTS t",
        "DROP INDEX IF EXISTS t_x, t_y",
        "ALTER TABLE t DROP CONSTRAINT IF EXISTS c, DROP COLUMN IF EXISTS x",
    ],
)
def test_a_statement_that_only_removes_existing_objects_may_run_again(sql: str, database: str) -> None:
    assert all(map(only_removes_if_there, parse(sql)))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE.encode())
        for _ in range(2):
            connection.execute(sql.encode())


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE t",
        "ALTER TABLE t DROP COLUMN IF EXISTS x, DROP CONSTRAINT c",
        "ALTER TABLE t DROP COLUMN IF EXISTS x, ADD COLUMN x int",
        "ALTER TABLE IF EXISTS t ADD COLUMN x int",
        "DELETE FROM t",
    ],
)
def test_what_fails_or_does_more_a_second_time(sql: str) -> None:
    assert not any(map(only_removes_if_there, parse(sql)))

"""What the role that deploys may not do, as the server says it; and no failure is predicted for a role that may."""

from typing import Any

import psycopg
import pytest

from shared.model.plan import Outcome
from shared.postgres.parse import read
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.over_rows import Database
from tests.postgres.plan.run import predictions

BASE = """
CREATE SCHEMA own; CREATE SCHEMA closed;
CREATE TYPE mood AS ENUM ('sad'); CREATE TYPE theirs AS ENUM ('sad');
CREATE TABLE mine (id int PRIMARY KEY, a int); CREATE TABLE others (id int PRIMARY KEY, a int);
CREATE TABLE granted (id int, a int); CREATE TABLE in_turn (id int); CREATE TABLE own.held (id int);
CREATE TABLE closed.there (id int); CREATE SEQUENCE closed.counted; CREATE INDEX others_a ON others (a);
CREATE FUNCTION trg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
"""
RIGHTS = """
ALTER TABLE mine OWNER TO deployer; ALTER TYPE mood OWNER TO deployer; ALTER TABLE in_turn OWNER TO team;
ALTER SCHEMA own OWNER TO deployer; GRANT team TO deployer; GRANT USAGE, CREATE ON SCHEMA public TO deployer;
GRANT SELECT, INSERT (id), UPDATE, TRIGGER ON granted TO deployer; GRANT SELECT ON granted TO deployer WITH GRANT OPTION;
"""
STATEMENTS = [
    "ALTER TABLE mine ADD COLUMN b int", "ALTER TABLE others ADD COLUMN b int", "ALTER TABLE in_turn ADD COLUMN b int",
    "DROP TABLE mine", "DROP TABLE others", "DROP TABLE own.held", "DROP INDEX others_a", "ALTER TABLE own.held ADD COLUMN b int",
    "CREATE INDEX ON mine (a)", "CREATE INDEX ON others (a)", "CREATE INDEX ON granted (a)",
    "CREATE TABLE new (id int)", "CREATE TABLE closed.new (id int)", "CREATE TABLE own.new (id int)",
    "CREATE TEMPORARY TABLE new (id int)", "CREATE TEMPORARY TABLE new AS SELECT 1", "CREATE TYPE closed.new AS ENUM ('a')",
    "CREATE SCHEMA new", "CREATE SCHEMA IF NOT EXISTS own", "CREATE SCHEMA IF NOT EXISTS new",
    "CREATE TABLE IF NOT EXISTS closed.there (id int)", "CREATE TABLE IF NOT EXISTS others (id int)",
    "CREATE TABLE IF NOT EXISTS closed.there AS SELECT 1", "CREATE SEQUENCE IF NOT EXISTS closed.counted",
    "CREATE INDEX IF NOT EXISTS others_a ON others (a)", "CREATE INDEX IF NOT EXISTS mine_pkey ON mine (a)",
    "ALTER TYPE theirs ADD VALUE IF NOT EXISTS 'sad'", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'sad'",
    "ALTER TABLE others ADD COLUMN IF NOT EXISTS a int", "ALTER TABLE mine ADD COLUMN IF NOT EXISTS a int",
    "DROP TABLE IF EXISTS others", "DROP TABLE IF EXISTS nothing",
    "ALTER TYPE mood ADD VALUE 'ok'", "ALTER TYPE theirs ADD VALUE 'ok'",
    "ALTER TABLE mine RENAME TO ours", "ALTER TABLE others RENAME COLUMN a TO b",
    "INSERT INTO granted (id) VALUES (1)", "UPDATE granted SET a = 1", "DELETE FROM granted", "DELETE FROM mine", "UPDATE others SET a = 1",
    "CREATE TRIGGER x BEFORE UPDATE ON granted FOR EACH ROW EXECUTE FUNCTION trg()",
    "CREATE TRIGGER x BEFORE UPDATE ON others FOR EACH ROW EXECUTE FUNCTION trg()",
    "GRANT SELECT ON granted TO team", "GRANT SELECT ON mine TO team", "GRANT SELECT ON others TO team",
    "CREATE POLICY x ON others USING (true)", "CREATE POLICY x ON mine USING (true)",
]  # fmt: skip


@pytest.fixture
def connection(database: str) -> Any:
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as opened:
        for role in ("team", "deployer"):
            opened.execute(f"CREATE ROLE {role}".encode())
        opened.execute(BASE.encode())
        opened.execute(RIGHTS.encode())
        yield opened
        opened.execute("DROP OWNED BY deployer, team CASCADE")
        opened.execute("DROP ROLE deployer, team")


def lacks(connection: psycopg.Connection[Any], sql: str) -> bool:
    """Whether the server refuses it to the role because a right is missing."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SET LOCAL ROLE deployer")
            connection.execute(sql.encode())
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_rights_are_as_the_server_has_them(connection: psycopg.Connection[Any]) -> None:
    asker = Database.asking(connection)
    version = connection.info.server_version // 10_000
    found, met = {}, {}
    for sql in STATEMENTS:
        circumstances = Circumstances(version, "UTC", is_live=True, role="deployer")
        ((_, prediction),) = predictions(list(read(sql)), circumstances, list(read(BASE)))
        settled = asker.settled(prediction)
        found[sql] = (settled.outcome, settled.sqlstate) == (Outcome.FAILS, "42501")
        met[sql] = lacks(connection, sql)
    assert found == met


def test_where_nobody_asks_a_right_leaves_nothing_open() -> None:
    circumstances = Circumstances(15, "UTC", is_live=True, role="deployer")
    ((_, prediction),) = predictions(list(read("ALTER TABLE others ADD COLUMN b int")), circumstances, list(read(BASE)))
    assert (prediction.outcome, prediction.because) == (Outcome.OK, ())

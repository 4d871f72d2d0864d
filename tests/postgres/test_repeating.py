"""Scripts that have run, run a second time: which certainly fail, compared with a real server too."""

import psycopg
import pytest

from shared.postgres.parse import parse
from shared.postgres.plan import fails_again
from tests.gather.production import run

BEFORE = "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TYPE mood AS ENUM ('low');"
FAILING = [
    pytest.param("CREATE TABLE n (id int)", id="table"),
    pytest.param("UPDATE t SET a = 1; CREATE INDEX t_a ON t (a)", id="after a change of rows"),
    pytest.param("ALTER TABLE t ADD COLUMN IF NOT EXISTS b int, ADD COLUMN c int", id="one of two columns is not guarded"),
    pytest.param("ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0)", id="constraint"),
    pytest.param("ALTER TYPE mood ADD VALUE 'high'", id="value of an enum"),
    pytest.param("CREATE SCHEMA s", id="schema"),
    pytest.param("CREATE TABLE IF NOT EXISTS n (id int); CREATE VIEW v AS SELECT 1 AS one", id="behind one that is guarded"),
    pytest.param("CREATE TABLE n (id int); ALTER TABLE t RENAME COLUMN a TO b", id="before another is renamed"),
]  # fmt: skip
REPEATABLE = [
    pytest.param("CREATE TABLE IF NOT EXISTS n (id int); CREATE INDEX IF NOT EXISTS n_id ON n (id)", id="IF NOT EXISTS"),
    pytest.param("CREATE OR REPLACE VIEW v AS SELECT 1 AS one", id="OR REPLACE"),
    pytest.param("ALTER TABLE t ADD COLUMN IF NOT EXISTS b int", id="column"),
    pytest.param("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'high'", id="value of an enum"),
    pytest.param("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", id="rows"),
    pytest.param("ALTER TABLE t ALTER COLUMN a SET NOT NULL", id="what may be said twice"),
    pytest.param("CREATE INDEX ON t (a)", id="the server chooses another name"),
    pytest.param("DROP INDEX IF EXISTS t_a; CREATE INDEX t_a ON t (a)", id="dropped and made again"),
    pytest.param("ALTER TABLE t DROP CONSTRAINT IF EXISTS p, ADD CONSTRAINT p CHECK (a > 0)", id="a constraint made again"),
    pytest.param("CREATE TABLE n (LIKE t); DROP TABLE t; ALTER TABLE n RENAME TO t", id="a table made again"),
    pytest.param(
        "ALTER TABLE t ADD COLUMN b text; ALTER TABLE t DROP COLUMN a; ALTER TABLE t RENAME COLUMN b TO a", id="a column made again",
    ),
    pytest.param("CREATE INDEX t_a ON t (a); ALTER TABLE t DROP COLUMN a, ADD COLUMN a int", id="an index that went with its column"),
    pytest.param("CREATE SCHEMA s; CREATE TABLE s.n (); DROP SCHEMA s CASCADE", id="a schema that is dropped at its end"),
    pytest.param("CREATE TABLE n (id int); DO $$ BEGIN DROP TABLE n; END $$", id="dropped by a block"),
    pytest.param(
        "DO $$ BEGIN CREATE TYPE kind AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        id="a block that guards itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize("script", FAILING)
def test_fails(script: str, database: str) -> None:
    run(database, BEFORE)
    run(database, script)
    with pytest.raises(psycopg.Error, match="already exists"):
        run(database, script)
    assert fails_again(parse(script))


@pytest.mark.parametrize("script", REPEATABLE)
def test_does_not_fail(script: str, database: str) -> None:
    run(database, BEFORE)
    run(database, script)
    run(database, script)
    assert not fails_again(parse(script))

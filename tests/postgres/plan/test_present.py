"""What exists before a pending run: the replay of the applied migrations is brought to the live catalog."""

import psycopg
import pytest

from shared.model.schema import Kind, Schema, Subject
from shared.postgres.difference import differences
from shared.postgres.parse import parse
from shared.postgres.plan.present import present
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema

MADE = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE parents (id int PRIMARY KEY, name text);
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL DEFAULT 1, b varchar(10), m mood, parent int REFERENCES parents (id));
CREATE INDEX t_b ON t (b);
CREATE VIEW v AS SELECT id, b FROM t;
CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT x';
"""
DRIFTS = {
    "nothing": "",
    "a column": "ALTER TABLE t ADD COLUMN z numeric(5, 2) NOT NULL DEFAULT 0",
    "a table": "CREATE TABLE extra (id bigint GENERATED ALWAYS AS IDENTITY, t int REFERENCES t (id)); CREATE INDEX ON extra (t)",
    "a view": "CREATE VIEW w AS SELECT a, count(*) AS n FROM t WHERE b <> '' GROUP BY a",
    "a view of a view": "CREATE VIEW w AS SELECT v.b AS other FROM v JOIN parents ON true",
    "a materialized view": "CREATE MATERIALIZED VIEW w AS SELECT b FROM t; CREATE UNIQUE INDEX w_b ON w (b)",
    "an index": "CREATE UNIQUE INDEX t_a ON t (a) WHERE b IS NOT NULL",
    "an enum value": "ALTER TYPE mood ADD VALUE 'happy' AFTER 'sad'",
    "another type": "ALTER TABLE t ALTER COLUMN a TYPE bigint",
    "another default, and nullable": "ALTER TABLE t ALTER COLUMN a SET DEFAULT 5, ALTER COLUMN a DROP NOT NULL",
    "no view": "DROP VIEW v",
    "no column": "DROP VIEW v; ALTER TABLE t DROP COLUMN b",
    "no table": "DROP TABLE t CASCADE",
    "a constraint less": "ALTER TABLE t DROP CONSTRAINT t_parent_fkey",
    "another constraint": "ALTER TABLE t DROP CONSTRAINT t_parent_fkey, ADD CONSTRAINT t_parent_fkey FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE NOT VALID",
    "a check": "ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0)",
    "a function": "CREATE FUNCTION g(text, VARIADIC y int[]) RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t'",
    "a trigger": "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION g()",
    "row security": "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (a > 1)",
    "partitions": "CREATE TABLE p (at date, x int) PARTITION BY RANGE (at); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    "a domain": "CREATE DOMAIN d AS text CHECK (VALUE <> ''); ALTER TABLE t ADD COLUMN e d",
    "another name": "ALTER TABLE t RENAME COLUMN b TO c",
}  # fmt: skip


def live(url: str, *scripts: str) -> Schema:
    with psycopg.connect(url, autocommit=True) as connection:
        for script in scripts:
            connection.execute(script.encode())
        return live_schema(connection)


@pytest.mark.parametrize("drift", DRIFTS.values(), ids=DRIFTS)
def test_the_replay_is_what_is_live(database: str, drift: str) -> None:
    there = live(database, MADE, drift)
    replay = Replay()
    replay.run_all(parse(MADE))
    found = present(replay, there)
    assert found.is_as_made is not bool(drift)
    assert set(found.known.objects) == set(there.objects)
    left = {str(each.subject): each.attributes for each in differences(replay.freeze(), there)}
    assert all(attributes in (("body",), ("body_digest",)) for attributes in left.values()), left
    assert found.vague == frozenset()


@pytest.mark.parametrize(
    ("drift", "needs"),
    [
        pytest.param(DRIFTS["a view"], {"a", "b"}, id="by its catalog entries"),
        pytest.param("CREATE VIEW w AS SELECT 1 AS one", set(), id="of no table"),
    ],
)
def test_what_a_view_needs_that_somebody_made_by_hand(database: str, drift: str, needs: set[str]) -> None:
    replay = Replay()
    replay.run_all(parse(MADE))
    found = present(replay, live(database, MADE, drift))
    view = found.known.objects[Subject(Kind.VIEW, ("public", "w"))]
    assert {each.name[2] for each in view.hangs_on if each.kind is Kind.COLUMN} == needs


@pytest.mark.parametrize(
    ("drift", "is_as_made"),
    [
        pytest.param("SELECT 1", True, id="none"),
        pytest.param("CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'", True, id="a body, which is not followed"),
        pytest.param("ALTER TABLE t ADD COLUMN e text", False, id="a column"),
    ],
)  # fmt: skip
def test_what_nobody_changed_is_as_made(database: str, drift: str, is_as_made: bool) -> None:
    function = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    replay = Replay()
    replay.run_all(parse(f"{MADE}; {function}"))
    assert present(replay, live(database, MADE, function, drift)).is_as_made is is_as_made


def test_what_cannot_be_followed_is_vague(database: str) -> None:
    there = live(database, MADE, "CREATE RULE r AS ON DELETE TO t DO INSTEAD SELECT 1")
    replay = Replay()
    replay.run_all(parse(MADE))
    found = present(replay, there)
    assert set(found.known.objects) == set(there.objects)
    assert found.vague == {("public", "t")}

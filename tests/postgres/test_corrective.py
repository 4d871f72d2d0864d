"""A corrective migration: right on the drifted database, on every other one, and nowhere else."""

import psycopg
import pytest

from shared.model.schema import Schema
from shared.postgres.canonical.sql import UNWRITTEN
from shared.postgres.difference import Difference, differences
from shared.postgres.difference.corrective import Corrections
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema
from tests.postgres.test_mutations import RICH

BASE = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE SEQUENCE ticket INCREMENT 10;
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE t (
    id serial PRIMARY KEY, parent_id int, a int NOT NULL DEFAULT 1, tags text[] DEFAULT ARRAY[]::text[],
    moods mood[] DEFAULT ARRAY['ok']::mood[], at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, note varchar(20) DEFAULT 'x',
    CONSTRAINT t_a_check CHECK (a > 0)
);
CREATE INDEX t_a_idx ON t (a DESC) WHERE a > 1;
CREATE UNIQUE INDEX t_note_key ON t (lower(note));
ALTER TABLE t ADD CONSTRAINT t_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE t ADD CONSTRAINT t_unique UNIQUE (parent_id, a);
CREATE POLICY own ON t FOR SELECT USING (a > 0);
CREATE TABLE gone (id int PRIMARY KEY, note text DEFAULT 'now');
"""


def schema_of(script: str) -> Schema:
    replay = Replay()
    replay.run_all(parse(script))
    return replay.freeze()


RELEASE = schema_of(BASE)


def run(connection: psycopg.Connection[tuple[object, ...]], script: str) -> None:
    for statement in parse(script):
        connection.execute(statement.sql.encode())


def found(url: str, *scripts: str) -> list[Difference]:
    with psycopg.connect(url, autocommit=True) as connection:
        for script in scripts:
            run(connection, script)
        return differences(RELEASE, live_schema(connection))


DRIFT = [
    pytest.param("ALTER TABLE t DROP COLUMN tags", "ALTER TABLE t DROP COLUMN tags; ALTER TABLE t ADD tags int", id="column"),
    pytest.param("ALTER TABLE t DROP COLUMN moods", "ALTER TABLE t ALTER moods SET DEFAULT ARRAY['sad']::mood[]", id="default of a column", marks=pytest.mark.long),
    pytest.param("ALTER TABLE t ALTER a DROP NOT NULL", "ALTER TABLE t ALTER a SET DEFAULT 2", id="not null", marks=pytest.mark.long),
    pytest.param("ALTER TABLE t ALTER at DROP DEFAULT", "ALTER TABLE t ALTER at SET DEFAULT '2020-01-01'", id="default"),
    pytest.param("ALTER TABLE t ALTER note TYPE varchar(10)", "ALTER TABLE t ALTER note TYPE varchar(30)", id="type", marks=pytest.mark.long),
    pytest.param("DROP INDEX t_a_idx", "DROP INDEX t_a_idx; CREATE INDEX t_a_idx ON t (a)", id="index"),
    pytest.param("DROP INDEX t_a_idx", "DROP INDEX t_a_idx; CREATE TABLE t_a_idx ()", id="index, its name a table's"),
    pytest.param("DROP INDEX t_note_key", "DROP INDEX t_note_key; CREATE INDEX t_note_key ON t (lower(note))", id="unique index", marks=pytest.mark.long),
    pytest.param("ALTER TABLE t DROP CONSTRAINT t_unique", "ALTER TABLE t DROP CONSTRAINT t_unique; ALTER TABLE t ADD CONSTRAINT t_unique UNIQUE (a)", id="unique", marks=pytest.mark.long),
    pytest.param("ALTER TABLE t DROP CONSTRAINT t_parent", "ALTER TABLE t DROP CONSTRAINT t_parent; ALTER TABLE t ADD CONSTRAINT t_parent FOREIGN KEY (parent_id) REFERENCES parent (id)", id="foreign key"),
    pytest.param("ALTER TABLE t DROP CONSTRAINT t_a_check", "ALTER TABLE t DROP CONSTRAINT t_a_check; ALTER TABLE t ADD CONSTRAINT t_a_check CHECK (a > 5)", id="check"),
    pytest.param("DROP POLICY own ON t", "DROP POLICY own ON t; CREATE POLICY own ON t USING (true)", id="policy"),
    pytest.param("DROP SEQUENCE ticket", "DROP SEQUENCE ticket; CREATE SEQUENCE ticket INCREMENT 5", id="sequence"),
    pytest.param("DROP DOMAIN positive", "DROP DOMAIN positive; CREATE DOMAIN positive AS int CHECK (VALUE > 1)", id="domain"),
    pytest.param("DROP TABLE gone", "DROP TABLE gone; CREATE TABLE gone (id int PRIMARY KEY)", id="table"),
    pytest.param("DROP TABLE gone", "DROP TABLE gone; CREATE VIEW gone AS SELECT 1 AS id, ''::text AS note", id="table, its name a view's"),
    pytest.param("CREATE INDEX extra ON t (a)", "CREATE INDEX extra ON t (note)", id="index too many"),
    pytest.param("ALTER INDEX t_a_idx RENAME TO other", "DROP INDEX t_a_idx; CREATE INDEX t_a_idx ON t (a)", id="renamed index"),
    pytest.param("ALTER TABLE t DROP CONSTRAINT t_a_check; ALTER TABLE t ADD CONSTRAINT t_a_check CHECK (a > 0) NOT VALID", "ALTER TABLE t DROP CONSTRAINT t_a_check; ALTER TABLE t ADD CONSTRAINT t_a_check CHECK (a > 5)", id="not validated", marks=pytest.mark.long),
]  # fmt: skip


@pytest.mark.parametrize(("drift", "other"), DRIFT)
def test_another_object_of_that_name_is_refused_and_left(drift: str, other: str, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        run(connection, BASE)
        [difference] = found(database, drift)
        assert difference.corrective
        run(connection, "\n".join(difference.corrective))
        assert differences(RELEASE, live_schema(connection)) == [], "right on the drifted database"
        run(connection, "\n".join(difference.corrective))
        assert differences(RELEASE, live_schema(connection)) == [], "right without drift, too"
        run(connection, other)
        before = live_schema(connection)
        for script in (difference.corrective, difference.concurrently[:1]):
            if script:
                with pytest.raises(psycopg.Error):
                    run(connection, "\n".join(script))
        assert live_schema(connection) == before


@pytest.mark.parametrize("script", [BASE, RICH], ids=["base", "rich"])
def test_every_guard_knows_its_object_as_the_migrations_made_it(script: str, database: str) -> None:
    expected = schema_of(script)
    corrections = Corrections(expected, Schema({}))
    with psycopg.connect(database, autocommit=True) as connection:
        run(connection, script)
        before = live_schema(connection)
        for subject, definition in expected.objects.items():
            missing = differences(expected, Schema({s: d for s, d in expected.objects.items() if s != subject}))
            for alone in (each for each in missing if each.subject == subject and each.wanted is definition):
                written = corrections.statements(alone)
                assert UNWRITTEN not in "".join(written)
                run(connection, "\n".join(written))
        assert live_schema(connection) == before


def test_what_is_renamed_beside_it_changes_no_word_of_a_constraint() -> None:
    key = "ALTER TABLE t ADD CONSTRAINT t_parent FOREIGN KEY (parent_id) REFERENCES parent (id)"
    drifted = schema_of(f"{BASE} ALTER TABLE t RENAME at TO since; ALTER TABLE t DROP CONSTRAINT t_parent; {key};")
    [changed] = [each for each in differences(RELEASE, drifted) if each.subject.name[-1] == "t_parent"]
    assert "drifted := 'FOREIGN KEY (parent_id) REFERENCES (id), table '" in "".join(changed.corrective)


def test_an_index_is_made_concurrently_by_two_migrations(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        run(connection, BASE)
        connection.execute("INSERT INTO t (note) VALUES ('a'), ('b')")
        [difference] = found(database, "DROP INDEX t_note_key")
        first, second = difference.concurrently
        assert second.startswith("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_note_key ON public.t ")
        assert len(parse(second)) == 1
        connection.execute("UPDATE t SET note = 'a'")
        run(connection, first)
        with pytest.raises(psycopg.errors.UniqueViolation):
            run(connection, second)
        connection.execute("UPDATE t SET note = id::text")
        run(connection, first)
        run(connection, second)
        assert differences(RELEASE, live_schema(connection)) == []
        run(connection, first)
        run(connection, second)
        assert differences(RELEASE, live_schema(connection)) == []

"""One statement by hand is one finding, whatever hangs on what it changes; and what is printed for it fixes it."""

from pathlib import Path

import psycopg
import pytest

from shared.model.schema import Schema
from shared.postgres.difference import Difference, differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.postgres.live import schema_within

RELEASE = (Path(__file__).parent / "single_changes.sql").read_text()
# Each with the one object that is named, and the attributes in which it differs.
USUAL = {
    "ALTER TABLE person SET SCHEMA other": "missing table public.person (name)",
    "ALTER TYPE mood SET SCHEMA other": "missing enum public.mood (name)",
    "ALTER STATISTICS person_stats SET SCHEMA other": "changed statistics public.person_stats (name)",
    "ALTER TABLE person RENAME TO human": "missing table public.person (name)",
    "ALTER TABLE person RENAME COLUMN name TO label": "missing column public.person.name (name)",
    "ALTER TABLE event RENAME COLUMN kind TO sort": "missing column public.event.kind (name)",
    "ALTER TABLE animal RENAME COLUMN name TO label": "missing column public.animal.name (name)",
    "ALTER TYPE mood RENAME VALUE 'ok' TO 'okay'": "changed enum public.mood (values)",
    "ALTER TABLE cat NO INHERIT animal": "changed table public.cat (inherits)",
    "ALTER TABLE lone INHERIT animal": "changed table public.lone (inherits)",
    "ALTER TABLE event DETACH PARTITION event_1": "changed table public.event_1 (bound, partition_of)",
    "ALTER TABLE event ATTACH PARTITION loose FOR VALUES FROM ('2025-03-01') TO ('2025-04-01')": "changed table public.loose (bound, partition_of)",
    "DROP TYPE mood CASCADE": "missing enum public.mood",
    "DROP DOMAIN email CASCADE": "missing domain public.email",
    "DROP COLLATION bytes CASCADE": "missing collation public.bytes",
    "DROP TABLE person CASCADE": "missing table public.person",
    "DROP FUNCTION is_ok(mood) CASCADE": "missing function public.is_ok(public.mood)",
    "ALTER TABLE person DROP COLUMN mood CASCADE": "missing column public.person.mood",
    "ALTER TABLE person DROP CONSTRAINT person_pkey CASCADE": "missing primary key public.person",
    "ALTER TABLE event ALTER COLUMN kind TYPE varchar(10)": "changed column public.event.kind (type)",
}  # fmt: skip
MORE = {
    "ALTER DOMAIN email SET SCHEMA other": "missing domain public.email (name)",
    "ALTER TYPE address SET SCHEMA other": "missing composite type public.address (name)",
    "ALTER TYPE span SET SCHEMA other": "missing range type public.span (name)",
    "ALTER COLLATION bytes SET SCHEMA other": "missing collation public.bytes (name)",
    "ALTER VIEW people SET SCHEMA other": "missing view public.people (name)",
    "ALTER MATERIALIZED VIEW counts SET SCHEMA other": "missing materialized view public.counts (name)",
    "ALTER FUNCTION touch() SET SCHEMA other": "missing function public.touch() (name)",
    "ALTER FUNCTION is_ok(mood) SET SCHEMA other": "missing function public.is_ok(public.mood) (name)",
    "ALTER TABLE event SET SCHEMA other": "missing table public.event (name)",
    "ALTER TABLE event_1 SET SCHEMA other": "missing table public.event_1 (name)",
    "ALTER TABLE animal SET SCHEMA other": "missing table public.animal (name)",
    'ALTER SCHEMA "Mixed" RENAME TO mixed': "missing schema Mixed (name)",
    "ALTER TABLE person RENAME COLUMN id TO person_id": "missing column public.person.id (name)",
    "ALTER TYPE mood RENAME TO feeling": "missing enum public.mood (name)",
    "ALTER DOMAIN email RENAME TO mail": "missing domain public.email (name)",
    "ALTER TYPE address RENAME ATTRIBUTE street TO line": "changed composite type public.address (attributes)",
    "ALTER COLLATION bytes RENAME TO octets": "missing collation public.bytes (name)",
    "ALTER SEQUENCE counter RENAME TO numbers": "changed sequence public.counter (name)",
    "ALTER VIEW people RENAME TO folks": "missing view public.people (name)",
    "ALTER VIEW people RENAME COLUMN mood TO feeling": "changed view public.people (columns)",
    "ALTER FUNCTION is_ok(mood) RENAME TO okay": "missing function public.is_ok(public.mood) (name)",
    "ALTER TABLE person RENAME CONSTRAINT person_pkey TO p": "changed primary key public.person (name)",
    "ALTER INDEX person_mood RENAME TO p": "changed index public.person_mood (name)",
    "ALTER TABLE event RENAME TO happening": "missing table public.event (name)",
    "ALTER TABLE animal RENAME TO beast": "missing table public.animal (name)",
    "ALTER TYPE mood ADD VALUE 'odd' BEFORE 'ok'": "changed enum public.mood (values)",
    "ALTER TABLE lone SET UNLOGGED": "changed table public.lone (unlogged)",
    "DROP TYPE address CASCADE": "missing composite type public.address",
    "DROP TABLE event": "missing table public.event",
    "DROP TABLE event_1": "missing table public.event_1",
    "DROP TABLE animal CASCADE": "missing table public.animal",
    "DROP SEQUENCE counter CASCADE": "changed column public.person.no (default)",
    "DROP VIEW people CASCADE": "missing view public.people",
    'DROP SCHEMA "Mixed" CASCADE': "missing schema Mixed",
    "ALTER TABLE person DROP COLUMN name CASCADE": "missing column public.person.name",
    "ALTER TABLE post DROP CONSTRAINT post_person_id_title_key": "missing unique public.post.post_person_id_title_key",
    "ALTER TABLE animal DROP COLUMN name": "missing column public.animal.name",
    "ALTER TABLE event DROP CONSTRAINT event_pkey": "missing primary key public.event",
    "ALTER TABLE animal ADD COLUMN extra int": "unexpected column public.animal.extra",
    "ALTER TABLE event ADD CONSTRAINT e_check CHECK (id > 0)": "unexpected check public.event.e_check",
    "ALTER TABLE event ALTER COLUMN kind SET NOT NULL": "changed column public.event.kind (nullable)",
    "ALTER TABLE animal ALTER COLUMN name DROP NOT NULL": "changed column public.animal.name (nullable)",
    "ALTER TABLE person ADD COLUMN n2 serial": "unexpected column public.person.n2",
    "ALTER TABLE person ADD COLUMN n4 int UNIQUE REFERENCES comment (id)": "unexpected column public.person.n4",
    "ALTER TABLE lone ADD PRIMARY KEY (claws)": "unexpected primary key public.lone",
    "ALTER TABLE comment ALTER COLUMN id TYPE bigint": "changed column public.comment.id (type)",
    "CREATE TABLE child () INHERITS (animal)": "unexpected table public.child",
    "DROP INDEX event_kind": "missing index public.event_kind",
}


@pytest.fixture
def production(any_database: str) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(any_database, autocommit=True)
    connection.execute(RELEASE.encode())
    return connection


def said(found: Difference) -> str:
    attributes = f" ({', '.join(sorted(found.attributes))})" if found.attributes else ""
    return f"{found.change} {found.subject}{attributes}"


def after(release: Schema, connection: psycopg.Connection[tuple[object, ...]], *scripts: str) -> list[Difference]:
    """What differs once the *scripts* have run, which is undone."""
    with connection.transaction(force_rollback=True):
        for each in scripts:
            connection.execute(each.encode())
        return differences(release, schema_within(connection))


@pytest.mark.parametrize(
    "changes", [pytest.param(USUAL, id="usual"), pytest.param(MORE, id="more", marks=pytest.mark.long)]
)
def test_one_statement_is_one_finding_and_its_fix_fixes_it(
    changes: dict[str, str], production: psycopg.Connection[tuple[object, ...]]
) -> None:
    replay = Replay()
    replay.run_all(parse(RELEASE))
    release, wrong = replay.freeze(), []
    with production:
        assert after(release, production) == []
        for change, expected in changes.items():
            found = after(release, production, change)
            if [said(each) for each in found] != [expected]:
                wrong.append(f"{change}: {[said(each) for each in found]}")
            fix = "\n".join(found[0].corrective) if found else ""
            if fix and "CONCURRENTLY" not in fix:
                wrong += [f"{change}, fixed: {said(each)}" for each in after(release, production, change, fix)]
                wrong += [f"{change}, its fix alone: {said(each)}" for each in after(release, production, fix)]
    assert wrong == []

"""Nothing unseen: every kind of change made by hand is one finding, the right one; and what mends it, mends it."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.postgres.live import live_schema
from shared.model.schema import Schema
from shared.postgres.difference import Difference, differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay

RICH = (Path(__file__).parent / "rich.sql").read_text()


@pytest.fixture(scope="module")
def release() -> Schema:
    replay = Replay()
    replay.run_all(parse(RICH))
    return replay.freeze()


@pytest.fixture(scope="module")
def template(new_database: Callable[..., str]) -> str:
    """The name of a database that ran the release."""
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(RICH)
    return url.rpartition("/")[2]


@pytest.fixture
def production(template: str, new_database: Callable[..., str]) -> str:
    return new_database(template)


def differ(release: Schema, url: str, by_hand: str = "") -> list[Difference]:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in filter(None, by_hand.split(";\n")):
            connection.execute(statement)
        return differences(release, live_schema(connection))


def test_no_change_is_no_finding(release: Schema, production: str) -> None:
    assert differ(release, production) == []
    assert not release.opaque


MUTATIONS = [
    # tables
    pytest.param("DROP TABLE note", "missing table public.note", (), id="table dropped"),
    pytest.param(
        'DROP TABLE "User" CASCADE', "missing table public.User", (), id="table dropped with all that hangs on it"
    ),
    pytest.param(
        "CREATE TABLE scratch (id serial PRIMARY KEY, a int UNIQUE CHECK (a > 0))",
        "unexpected table public.scratch",
        (),
        id="table made",
    ),
    pytest.param("ALTER TABLE note RENAME TO memo", "missing table public.note", ("name",), id="table renamed"),
    pytest.param(
        'ALTER TABLE "User" RENAME TO member',
        "missing table public.User",
        ("name",),
        id="table renamed, much of it named elsewhere",
    ),
    pytest.param(
        "ALTER TABLE post SET SCHEMA app", "missing table public.post", ("name",), id="table moved to another schema"
    ),
    pytest.param("ALTER TABLE note SET UNLOGGED", "changed table public.note", ("unlogged",), id="table unlogged"),
    pytest.param(
        "DROP TABLE note;\nCREATE VIEW note AS SELECT 1 AS label",
        "changed table public.note",
        ("kind",),
        id="view in a table's place",
    ),
    pytest.param(
        "ALTER TABLE event DETACH PARTITION event_2025",
        "changed table public.event_2025",
        ("bound", "partition_of"),
        id="partition detached",
    ),
    pytest.param("DROP TABLE event_2025", "missing table public.event_2025", (), id="partition dropped"),
    pytest.param(
        "CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
        "unexpected table public.event_2027",
        (),
        id="partition made",
    ),
    pytest.param(
        "ALTER TABLE event DETACH PARTITION event_2025;\nALTER TABLE event ATTACH PARTITION event_2025 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01')",
        "changed table public.event_2025",
        ("bound",),
        id="partition with other bounds",
    ),
    pytest.param(
        "CREATE TABLE parent ();\nALTER TABLE bare INHERIT parent;\nALTER TABLE bare NO INHERIT parent;\nDROP TABLE parent;\nALTER TABLE bare DROP COLUMN b",
        "missing column public.bare.b",
        (),
        id="column dropped after an inheritance",
    ),
    # columns
    pytest.param(
        "ALTER TABLE post DROP COLUMN body",
        "missing column public.post.body",
        (),
        id="column dropped, its index with it",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP COLUMN email CASCADE',
        "missing column public.User.email",
        (),
        id="column dropped, its constraint and view with it",
    ),
    pytest.param(
        "ALTER TABLE post ADD COLUMN extra text", "unexpected column public.post.extra", (), id="column added"
    ),
    pytest.param(
        "ALTER TABLE note ADD COLUMN serial serial",
        "unexpected column public.note.serial",
        (),
        id="serial column added",
    ),
    pytest.param(
        "ALTER TABLE note ADD COLUMN post_ref bigint REFERENCES post",
        "unexpected column public.note.post_ref",
        (),
        id="column added with a foreign key",
    ),
    pytest.param(
        "ALTER TABLE post RENAME COLUMN title TO headline",
        "missing column public.post.title",
        ("name",),
        id="column renamed, indexes over it",
    ),
    pytest.param(
        'ALTER TABLE "User" RENAME COLUMN id TO uid',
        "missing column public.User.id",
        ("name",),
        id="column renamed, keys and views over it",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN name TYPE varchar(80)',
        "changed column public.User.name",
        ("type",),
        id="column longer",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN name TYPE text',
        "changed column public.User.name",
        ("type",),
        id="column of another type",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN ratio TYPE numeric(5, 3)',
        "changed column public.User.ratio",
        ("type",),
        id="column of another scale",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN created_at TYPE timestamp(6)',
        "changed column public.User.created_at",
        ("type",),
        id="timestamp of another precision",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN created_at TYPE timestamptz(3)',
        "changed column public.User.created_at",
        ("type",),
        id="timestamp with time zone",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN email DROP NOT NULL',
        "changed column public.User.email",
        ("nullable",),
        id="not null dropped",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN name SET NOT NULL',
        "changed column public.User.name",
        ("nullable",),
        id="not null set",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN name DROP DEFAULT',
        "changed column public.User.name",
        ("default",),
        id="default dropped",
    ),
    pytest.param(
        "ALTER TABLE \"User\" ALTER COLUMN name SET DEFAULT 'anybody'",
        "changed column public.User.name",
        ("default",),
        id="default changed",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN email SET DEFAULT lower(current_user)',
        "changed column public.User.email",
        ("default",),
        id="default set",
    ),
    pytest.param(
        "ALTER TABLE \"User\" ALTER COLUMN role SET DEFAULT 'GUEST'",
        "changed column public.User.role",
        ("default",),
        id="enum default changed",
    ),
    pytest.param(
        "ALTER TABLE \"User\" ALTER COLUMN tags SET DEFAULT '{new}'",
        "changed column public.User.tags",
        ("default",),
        id="array default changed",
    ),
    pytest.param(
        "ALTER TABLE \"User\" ALTER COLUMN settings SET DEFAULT '{}'",
        "changed column public.User.settings",
        ("default",),
        id="jsonb default changed",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN created_at SET DEFAULT clock_timestamp()',
        "changed column public.User.created_at",
        ("default",),
        id="another clock",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN karma SET DEFAULT (0::bigint)', "", (), id="the same default with a cast"
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN name TYPE varchar(40) COLLATE "C"',
        "changed column public.User.name",
        ("collation",),
        id="collation changed",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN upper_name DROP EXPRESSION',
        "changed column public.User.upper_name",
        ("generated",),
        id="no longer generated",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP COLUMN upper_name;\nALTER TABLE "User" ADD COLUMN upper_name text GENERATED ALWAYS AS (lower(slug)) STORED',
        "changed column public.User.upper_name",
        ("generated",),
        id="generated otherwise",
    ),
    pytest.param(
        "ALTER TABLE post ALTER COLUMN id DROP IDENTITY",
        "changed column public.post.id",
        ("identity",),
        id="identity dropped",
    ),
    pytest.param(
        "ALTER TABLE post ALTER COLUMN id SET GENERATED BY DEFAULT",
        "changed column public.post.id",
        ("identity",),
        id="identity by default",
    ),
    pytest.param(
        "ALTER TABLE post ALTER COLUMN id SET INCREMENT 2",
        "changed column public.post.id",
        ("identity",),
        id="identity with another step",
    ),
    pytest.param(
        "ALTER TABLE bare ALTER COLUMN a SET NOT NULL;\nALTER TABLE bare ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY",
        "changed column public.bare.a",
        ("identity", "nullable"),
        id="identity added",
    ),
    pytest.param(
        'ALTER TABLE "User" ALTER COLUMN id DROP DEFAULT;\nDROP SEQUENCE "User_id_seq";\nALTER TABLE "User" ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY',
        "changed column public.User.id",
        ("default", "identity"),
        id="identity for serial",
    ),
    pytest.param(
        "ALTER TABLE event ALTER COLUMN kind SET NOT NULL",
        "changed column public.event.kind",
        ("nullable",),
        id="column changed in all partitions",
    ),
    pytest.param(
        "ALTER TABLE event ADD COLUMN extra text",
        "unexpected column public.event.extra",
        (),
        id="column added to all partitions",
    ),
    # keys and checks
    pytest.param(
        "ALTER TABLE event DROP CONSTRAINT event_pkey", "missing primary key public.event", (), id="primary key dropped"
    ),
    pytest.param(
        "ALTER TABLE post DROP CONSTRAINT post_pkey CASCADE",
        "missing primary key public.post",
        (),
        id="primary key dropped, foreign keys with it",
    ),
    pytest.param(
        "ALTER TABLE bare ADD PRIMARY KEY (a)",
        "unexpected primary key public.bare",
        (),
        id="primary key made, its column not null with it",
    ),
    pytest.param(
        "ALTER TABLE post RENAME CONSTRAINT post_pkey TO pk",
        "changed primary key public.post",
        ("name",),
        id="primary key renamed",
    ),
    pytest.param(
        "ALTER TABLE event DROP CONSTRAINT event_pkey;\nALTER TABLE event ADD PRIMARY KEY (at, id)",
        "changed primary key public.event",
        ("columns",),
        id="primary key in another order",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT "User_email_key"',
        "missing unique public.User.User_email_key",
        (),
        id="unique dropped",
    ),
    pytest.param(
        "ALTER TABLE note ADD UNIQUE (label)", "unexpected unique public.note.note_label_key", (), id="unique made"
    ),
    pytest.param(
        'ALTER TABLE "User" RENAME CONSTRAINT "User_email_key" TO email_once',
        "changed unique public.User.User_email_key",
        ("name",),
        id="unique renamed",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT "User_email_key";\nALTER TABLE "User" ADD CONSTRAINT "User_email_key" UNIQUE (email) DEFERRABLE',
        "changed unique public.User.User_email_key",
        ("deferral",),
        id="unique deferrable",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT "User_email_key";\nALTER TABLE "User" ADD CONSTRAINT "User_email_key" UNIQUE NULLS NOT DISTINCT (email)',
        "changed unique public.User.User_email_key",
        ("nulls_not_distinct",),
        id="unique with nulls not distinct",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT "User_email_key";\nCREATE UNIQUE INDEX "User_email_key" ON "User" (email)',
        "changed unique public.User.User_email_key",
        ("kind",),
        id="unique index for a unique constraint",
    ),
    pytest.param(
        'ALTER TABLE "User" ADD CONSTRAINT "User_slug_key" UNIQUE USING INDEX "User_slug_key"',
        "changed index public.User_slug_key",
        ("kind",),
        id="unique constraint for a unique index",
    ),
    pytest.param(
        "ALTER TABLE post DROP CONSTRAINT post_author_id_fkey",
        "missing foreign key public.post.post_author_id_fkey",
        (),
        id="foreign key dropped",
    ),
    pytest.param(
        'ALTER TABLE bare ADD FOREIGN KEY (a) REFERENCES "User"',
        "unexpected foreign key public.bare.bare_a_fkey",
        (),
        id="foreign key made",
    ),
    pytest.param(
        "ALTER TABLE post RENAME CONSTRAINT post_author_id_fkey TO fk",
        "changed foreign key public.post.post_author_id_fkey",
        ("name",),
        id="foreign key renamed",
    ),
    *(
        pytest.param(
            f'ALTER TABLE post DROP CONSTRAINT post_author_id_fkey;\nALTER TABLE post ADD CONSTRAINT post_author_id_fkey FOREIGN KEY (author_id) REFERENCES "User" (id) {clauses}',
            "changed foreign key public.post.post_author_id_fkey",
            (attribute,),
            id=f"foreign key: {attribute}",
        )
        for attribute, clauses in (
            ("on_delete", "ON DELETE SET NULL"),
            ("on_update", "ON DELETE CASCADE ON UPDATE CASCADE"),
            ("match", "MATCH FULL ON DELETE CASCADE"),
            ("deferral", "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"),
            ("validated", "ON DELETE CASCADE NOT VALID"),
        )
    ),
    pytest.param(
        "ALTER TABLE post ALTER CONSTRAINT post_author_id_fkey DEFERRABLE",
        "changed foreign key public.post.post_author_id_fkey",
        ("deferral",),
        id="foreign key altered",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT karma_check',
        "missing check public.User.karma_check",
        (),
        id="check dropped",
    ),
    pytest.param(
        "ALTER TABLE post ADD CHECK (author_id <> 7)",
        "unexpected check public.post.post_author_id_check",
        (),
        id="check made",
    ),
    pytest.param(
        'ALTER TABLE "User" RENAME CONSTRAINT karma_check TO karma_range',
        "changed check public.User.karma_check",
        ("name",),
        id="check renamed",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT karma_check;\nALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma BETWEEN 0 AND 99)',
        "changed check public.User.karma_check",
        ("expression",),
        id="check of something else",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT karma_check;\nALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma >= 0 AND karma <= 100)',
        "",
        (),
        id="the same check in other words",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT karma_check;\nALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma BETWEEN 0 AND 100) NOT VALID',
        "changed check public.User.karma_check",
        ("validated",),
        id="check not validated",
    ),
    pytest.param(
        'ALTER TABLE "User" DROP CONSTRAINT karma_check;\nALTER TABLE "User" ADD CONSTRAINT karma_check CHECK (karma BETWEEN 0 AND 100) NO INHERIT',
        "changed check public.User.karma_check",
        ("no_inherit",),
        id="check without inheritance",
    ),
    pytest.param(
        "ALTER TABLE post DROP CONSTRAINT post_during_excl",
        "missing exclusion public.post.post_during_excl",
        (),
        id="exclusion dropped",
    ),
    pytest.param(
        "ALTER TABLE post DROP CONSTRAINT post_during_excl;\nALTER TABLE post ADD CONSTRAINT post_during_excl EXCLUDE USING gist (during WITH -|-)",
        "changed exclusion public.post.post_during_excl",
        ("elements",),
        id="exclusion with another operator",
    ),
    pytest.param(
        "ALTER TABLE post DROP CONSTRAINT post_during_excl;\nALTER TABLE post ADD CONSTRAINT post_during_excl EXCLUDE USING gist (during WITH &&) WHERE (author_id > 3)",
        "changed exclusion public.post.post_during_excl",
        ("predicate",),
        id="exclusion of some rows",
    ),
    pytest.param(
        "ALTER TABLE note ADD EXCLUDE USING hash (label WITH =)",
        "unexpected exclusion public.note.note_label_excl",
        (),
        id="exclusion made",
    ),
    # indexes
    pytest.param("DROP INDEX post_title_idx", "missing index public.post_title_idx", (), id="index dropped"),
    pytest.param("CREATE INDEX by_hand ON post (body)", "unexpected index public.by_hand", (), id="index made"),
    pytest.param(
        "CREATE INDEX by_hand ON event (at, id)",
        "unexpected index public.by_hand",
        (),
        id="index made on all partitions",
    ),
    pytest.param(
        "CREATE INDEX by_hand ON event_2025 (at, id)",
        "unexpected index public.by_hand",
        (),
        id="index made on one partition",
    ),
    pytest.param(
        "ALTER INDEX post_title_idx RENAME TO by_title",
        "changed index public.post_title_idx",
        ("name",),
        id="index renamed",
    ),
    pytest.param(
        "DROP INDEX post_title_idx;\nCREATE INDEX post_title_idx ON note (label)",
        "changed index public.post_title_idx",
        ("keys", "table"),
        id="index on another table",
    ),
    *(
        pytest.param(
            f"DROP INDEX {name};\nCREATE {definition}",
            f"changed index public.{name}",
            (attribute,),
            id=f"index: {what}",
        )
        for what, name, attribute, definition in (
            ("unique", "post_title_idx", "unique", "UNIQUE INDEX post_title_idx ON post (title)"),
            ("another method", "post_title_idx", "method", "INDEX post_title_idx ON post USING hash (title)"),
            ("another column", "post_title_idx", "keys", "INDEX post_title_idx ON post (body)"),
            ("one column more", "post_title_idx", "keys", "INDEX post_title_idx ON post (title, body)"),
            (
                "other order of columns",
                "post_title_author_key",
                "keys",
                "UNIQUE INDEX post_title_author_key ON post (author_id, title)",
            ),
            ("descending", "post_title_idx", "keys", "INDEX post_title_idx ON post (title DESC)"),
            ("nulls first", "post_title_idx", "keys", "INDEX post_title_idx ON post (title NULLS FIRST)"),
            ("operator class", "post_title_idx", "keys", "INDEX post_title_idx ON post (title text_pattern_ops)"),
            ("collation", "post_title_idx", "keys", 'INDEX post_title_idx ON post (title COLLATE "C")'),
            ("included column", "post_title_idx", "include", "INDEX post_title_idx ON post (title) INCLUDE (body)"),
            ("another expression", "post_lower_idx", "keys", "INDEX post_lower_idx ON post (upper(title))"),
            (
                "another predicate",
                "post_partial_idx",
                "predicate",
                "INDEX post_partial_idx ON post (author_id) WHERE body IS NULL",
            ),
            ("no predicate", "post_partial_idx", "predicate", "INDEX post_partial_idx ON post (author_id)"),
            (
                "nulls not distinct",
                "post_title_author_key",
                "nulls_not_distinct",
                "UNIQUE INDEX post_title_author_key ON post (title, author_id) NULLS NOT DISTINCT",
            ),
        )
    ),
    pytest.param(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'post_title_author_key'::regclass",
        "changed index public.post_title_author_key",
        ("valid",),
        id="index invalid",
    ),
    # types
    pytest.param("DROP TYPE app.spare", "missing enum app.spare", (), id="enum dropped"),
    pytest.param("CREATE TYPE mood AS ENUM ('ok')", "unexpected enum public.mood", (), id="enum made"),
    pytest.param(
        "ALTER TYPE app.\"Role\" ADD VALUE 'ROOT'", "changed enum app.Role", ("values",), id="enum value added"
    ),
    pytest.param(
        "ALTER TYPE app.\"Role\" RENAME VALUE 'USER' TO 'MEMBER'",
        "changed enum app.Role",
        ("values",),
        id="enum value renamed, also a default",
    ),
    pytest.param(
        "DROP TYPE app.spare;\nCREATE TYPE app.spare AS ENUM ('b', 'a')",
        "changed enum app.spare",
        ("values",),
        id="enum in another order",
    ),
    pytest.param(
        'ALTER TYPE app."Role" RENAME TO part', "missing enum app.Role", ("name",), id="enum renamed, columns of it"
    ),
    pytest.param(
        'ALTER TYPE app."Role" SET SCHEMA public', "missing enum app.Role", ("name",), id="enum moved to another schema"
    ),
    pytest.param('DROP TYPE app."Role" CASCADE', "missing enum app.Role", (), id="enum dropped, columns with it"),
    pytest.param(
        "ALTER DOMAIN positive SET NOT NULL", "changed domain public.positive", ("nullable",), id="domain not null"
    ),
    pytest.param(
        "ALTER DOMAIN positive SET DEFAULT 2", "changed domain public.positive", ("default",), id="domain's default"
    ),
    pytest.param(
        "ALTER DOMAIN positive DROP CONSTRAINT positive_check",
        "changed domain public.positive",
        ("checks",),
        id="domain's check dropped",
    ),
    pytest.param(
        "ALTER DOMAIN positive RENAME TO natural_number",
        "missing domain public.positive",
        ("name",),
        id="domain renamed",
    ),
    pytest.param("CREATE DOMAIN short AS varchar(3)", "unexpected domain public.short", (), id="domain made"),
    pytest.param(
        "ALTER TYPE address ADD ATTRIBUTE city text",
        "changed composite type public.address",
        ("attributes",),
        id="composite type's attribute added",
    ),
    pytest.param(
        "ALTER TYPE address RENAME ATTRIBUTE zip TO code",
        "changed composite type public.address",
        ("attributes",),
        id="composite type's attribute renamed",
    ),
    pytest.param("CREATE TYPE pair AS (a int)", "unexpected composite type public.pair", (), id="composite type made"),
    # sequences
    pytest.param(
        "ALTER SEQUENCE ticket INCREMENT 5",
        "changed sequence public.ticket",
        ("options",),
        id="sequence with another step",
    ),
    pytest.param(
        "ALTER SEQUENCE ticket CYCLE", "changed sequence public.ticket", ("options",), id="sequence that cycles"
    ),
    pytest.param(
        "ALTER SEQUENCE ticket AS integer",
        "changed sequence public.ticket",
        ("options",),
        id="sequence of another type",
    ),
    pytest.param(
        'ALTER SEQUENCE ticket OWNED BY "User".ticket',
        "changed sequence public.ticket",
        ("owner",),
        id="sequence owned",
    ),
    pytest.param(
        "ALTER SEQUENCE ticket RENAME TO voucher",
        "changed sequence public.ticket",
        ("name",),
        id="sequence renamed, a default counts on it",
    ),
    pytest.param(
        "DROP SEQUENCE ticket CASCADE",
        "changed column public.User.ticket",
        ("default",),
        id="sequence dropped, the default with it",
    ),
    pytest.param("CREATE SEQUENCE spare", "unexpected sequence public.spare", (), id="sequence made"),
    # views
    pytest.param("DROP VIEW author", "missing view public.author", (), id="view dropped"),
    pytest.param('CREATE VIEW everyone AS SELECT * FROM "User"', "unexpected view public.everyone", (), id="view made"),
    pytest.param(
        'CREATE OR REPLACE VIEW author AS SELECT u.id, u.email, u.name FROM "User" u WHERE u.karma > 10',
        "changed view public.author",
        ("body", "columns"),
        id="view with another column",
    ),
    pytest.param(
        'CREATE OR REPLACE VIEW author AS SELECT u.id, u.email FROM "User" u WHERE u.karma > 20',
        "changed view public.author",
        ("body",),
        id="view of other rows",
    ),
    pytest.param(
        "ALTER VIEW author SET (security_barrier = true)",
        "changed view public.author",
        ("options",),
        id="view with an option",
    ),
    pytest.param(
        "ALTER VIEW author RENAME COLUMN email TO mail",
        "changed view public.author",
        ("columns",),
        id="view's column renamed",
    ),
    pytest.param("ALTER VIEW author RENAME TO writer", "missing view public.author", ("name",), id="view renamed"),
    pytest.param(
        "DROP MATERIALIZED VIEW totals",
        "missing materialized view public.totals",
        (),
        id="materialized view dropped, its index with it",
    ),
    pytest.param(
        "DROP MATERIALIZED VIEW totals;\nCREATE VIEW totals AS SELECT author_id, count(*) AS posts FROM post GROUP BY author_id",
        "changed materialized view public.totals",
        ("kind",),
        id="view for a materialized view",
    ),
    pytest.param(
        "DROP INDEX totals_idx", "missing index public.totals_idx", (), id="materialized view's index dropped"
    ),
    # routines
    pytest.param("DROP FUNCTION twice", "missing function public.twice(integer)", (), id="function dropped"),
    pytest.param(
        "DROP FUNCTION touch CASCADE", "missing function public.touch()", (), id="function dropped, its trigger with it"
    ),
    pytest.param(
        "CREATE FUNCTION thrice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 3'",
        "unexpected function public.thrice(integer)",
        (),
        id="function made",
    ),
    pytest.param(
        "CREATE FUNCTION twice(n bigint) RETURNS bigint LANGUAGE sql AS 'SELECT n * 2'",
        "unexpected function public.twice(bigint)",
        (),
        id="function overloaded",
    ),
    pytest.param(
        "CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n + n'",
        "changed function public.twice(integer)",
        ("body_md5",),
        id="function's body",
    ),
    pytest.param(
        "DROP FUNCTION twice;\nCREATE FUNCTION twice(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT n * 2'",
        "changed function public.twice(integer)",
        ("kind",),
        id="function with other arguments",
    ),
    pytest.param(
        "DROP FUNCTION twice;\nCREATE FUNCTION twice(n integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT n * 2'",
        "changed function public.twice(integer)",
        ("result",),
        id="function with another result",
    ),
    pytest.param(
        "ALTER FUNCTION twice RENAME TO doubled",
        "missing function public.twice(integer)",
        ("name",),
        id="function renamed",
    ),
    pytest.param(
        "ALTER FUNCTION touch RENAME TO touched",
        "missing function public.touch()",
        ("name",),
        id="function renamed, a trigger calls it",
    ),
    *(
        pytest.param(
            f"ALTER FUNCTION twice {clause}",
            "changed function public.twice(integer)",
            (attribute,),
            id=f"function: {attribute}",
        )
        for attribute, clause in (
            ("volatility", "VOLATILE"),
            ("strict", "STRICT"),
            ("security_definer", "SECURITY DEFINER"),
            ("leakproof", "LEAKPROOF"),
            ("parallel", "PARALLEL SAFE"),
            ("settings", "SET work_mem = '1MB'"),
        )
    ),
    pytest.param("DROP PROCEDURE tidy", "missing procedure public.tidy(integer)", (), id="procedure dropped"),
    pytest.param(
        "CREATE OR REPLACE PROCEDURE tidy(days integer DEFAULT 60) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM note; END $$",
        "changed procedure public.tidy(integer)",
        ("defaults",),
        id="procedure's default",
    ),
    # triggers, policies, rules
    pytest.param(
        'DROP TRIGGER touch_user ON "User"', "missing trigger public.User.touch_user", (), id="trigger dropped"
    ),
    pytest.param(
        "CREATE TRIGGER again AFTER INSERT ON post FOR EACH STATEMENT EXECUTE FUNCTION touch()",
        "unexpected trigger public.post.again",
        (),
        id="trigger made",
    ),
    pytest.param(
        'ALTER TABLE "User" DISABLE TRIGGER touch_user',
        "changed trigger public.User.touch_user",
        ("enabled",),
        id="trigger disabled",
    ),
    pytest.param(
        'ALTER TRIGGER touch_user ON "User" RENAME TO stamp',
        "changed trigger public.User.touch_user",
        ("name",),
        id="trigger renamed",
    ),
    *(
        pytest.param(
            f'DROP TRIGGER touch_user ON "User";\nCREATE TRIGGER touch_user {definition}',
            "changed trigger public.User.touch_user",
            attributes,
            id=f"trigger: {', '.join(attributes)}",
        )
        for attributes, definition in (
            (("timing",), 'AFTER UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touch()'),
            (("events",), 'BEFORE INSERT OR UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION touch()'),
            (("update_of",), 'BEFORE UPDATE OF email ON "User" FOR EACH ROW EXECUTE FUNCTION touch()'),
            (("for_each",), 'BEFORE UPDATE ON "User" FOR EACH STATEMENT EXECUTE FUNCTION touch()'),
            (("when",), 'BEFORE UPDATE ON "User" FOR EACH ROW WHEN (OLD.email <> NEW.email) EXECUTE FUNCTION touch()'),
            (("arguments",), "BEFORE UPDATE ON \"User\" FOR EACH ROW EXECUTE FUNCTION touch('x')"),
        )
    ),
    pytest.param(
        "ALTER TABLE post DISABLE ROW LEVEL SECURITY",
        "missing row security public.post",
        (),
        id="row security disabled",
    ),
    pytest.param(
        "ALTER TABLE post FORCE ROW LEVEL SECURITY",
        "changed row security public.post",
        ("forced",),
        id="row security forced",
    ),
    pytest.param(
        "ALTER TABLE note ENABLE ROW LEVEL SECURITY",
        "unexpected row security public.note",
        (),
        id="row security enabled",
    ),
    pytest.param("DROP POLICY own ON post", "missing policy public.post.own", (), id="policy dropped"),
    pytest.param(
        "CREATE POLICY others ON post USING (true)", "unexpected policy public.post.others", (), id="policy made"
    ),
    pytest.param(
        "ALTER POLICY own ON post USING (author_id > 1)",
        "changed policy public.post.own",
        ("using",),
        id="policy of other rows",
    ),
    pytest.param(
        "ALTER POLICY own ON post TO CURRENT_USER",
        "changed policy public.post.own",
        ("roles",),
        id="policy for another role",
    ),
    pytest.param(
        "ALTER POLICY own ON post RENAME TO mine", "changed policy public.post.own", ("name",), id="policy renamed"
    ),
    pytest.param(
        "DROP POLICY own ON post;\nCREATE POLICY own ON post AS RESTRICTIVE FOR SELECT USING (author_id > 0)",
        "changed policy public.post.own",
        ("permissive",),
        id="policy restrictive",
    ),
    pytest.param(
        "DROP POLICY own ON post;\nCREATE POLICY own ON post FOR DELETE USING (author_id > 0)",
        "changed policy public.post.own",
        ("command",),
        id="policy for another command",
    ),
    pytest.param("DROP RULE no_delete ON bare", "missing rule public.bare.no_delete", (), id="rule dropped"),
    pytest.param(
        "ALTER TABLE bare DISABLE RULE no_delete",
        "changed rule public.bare.no_delete",
        ("enabled",),
        id="rule disabled",
    ),
    pytest.param(
        "CREATE RULE no_update AS ON UPDATE TO bare DO INSTEAD NOTHING",
        "unexpected rule public.bare.no_update",
        (),
        id="rule made",
    ),
    # schemas, extensions
    pytest.param("DROP SCHEMA empty", "missing schema empty", (), id="schema dropped"),
    pytest.param("DROP SCHEMA app CASCADE", "missing schema app", (), id="schema dropped with all in it"),
    pytest.param(
        "CREATE SCHEMA other;\nCREATE TABLE other.t (id serial PRIMARY KEY)",
        "unexpected schema other",
        (),
        id="schema made",
    ),
    pytest.param("ALTER SCHEMA app RENAME TO application", "missing schema app", ("name",), id="schema renamed"),
    pytest.param("DROP EXTENSION fuzzystrmatch", "missing extension fuzzystrmatch", (), id="extension dropped"),
    pytest.param("CREATE EXTENSION btree_gist", "unexpected extension btree_gist", (), id="extension made"),
]


@pytest.mark.parametrize(("by_hand", "finding", "attributes"), MUTATIONS)
def test_one_change_is_one_finding_and_what_mends_it_mends_it(
    by_hand: str, finding: str, attributes: tuple[str, ...], release: Schema, production: str
) -> None:
    found = differ(release, production, by_hand)
    said = [f"{each.change} {each.subject}" for each in found]
    assert said == ([finding] if finding else []), found
    for difference in found:
        assert set(difference.attributes) == set(attributes)
        assert difference.expected != difference.actual
        if difference.corrective:
            assert differ(release, production, "\n".join(difference.corrective)) == []

"""What ``schema.prisma`` needs that no migration makes: every kind of change of it by hand, and what is none."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
import pytest

from shared.diagnose.prisma_schema import prisma_schema
from shared.model.diagnosis import Comparison
from shared.model.knowledge import Unavailable
from shared.model.release import Migration
from shared.model.value import replace
from tests.builders import facts, reading, release
from tests.diagnose.prisma_schema.changes import CHANGES, HERE, NOT_SEEN, SCHEMA, UNCHANGED, changed
from tests.tables import hold

BASE = (HERE / "lowered" / "comment.sql").read_bytes()
# Prisma writes a migration that PostgreSQL refuses: another key needs the one that is dropped (2BP01).
CANNOT_RUN = {"id_changed", "relation_many_added"}
# `@default(dbgenerated())` is lowered to no default at all, so one that only migrations have may be meant.
ONE_WAY = {"default_expression_added"}


def lowered(name: str) -> bytes:
    return (HERE / "lowered" / f"{name}.sql").read_bytes()


def missing(name: str) -> bytes:
    return (HERE / "missing" / f"{name}.sql").read_bytes()


def compared(schema_sql: bytes, *scripts: bytes, schema: str = "public") -> Comparison | Unavailable | None:
    migrations = (Migration(str(number), script) for number, script in enumerate(scripts, 1))
    shipped = replace(release(*migrations), schema_sql=schema_sql)
    return prisma_schema(facts(shipped, reading()), shipped, schema)


def differing(schema_sql: bytes, *scripts: bytes, schema: str = "public") -> set[str]:
    found = compared(schema_sql, *scripts, schema=schema)
    assert isinstance(found, Comparison), found
    return {f"{each.change} {each.subject}" for each in found.differences}


def test_each_change_by_hand_is_seen() -> None:
    """The objects that are named are kept as a golden file: they must be those that were changed."""
    found = {name: sorted(differing(lowered(name), BASE)) for name in CHANGES}
    assert found == json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    assert all(found.values())


def test_each_change_is_seen_in_the_other_direction() -> None:
    assert {name for name in CHANGES if not differing(BASE, lowered(name))} == ONE_WAY


def test_the_migration_that_prisma_writes_ends_each_difference() -> None:
    def ended(name: str) -> None:
        assert differing(lowered(name), BASE, missing(name)) == set()

    hold(ended, CHANGES.keys() - CANNOT_RUN)


def test_what_is_written_otherwise_is_no_difference() -> None:
    def equal(name: str) -> None:
        assert differing(lowered(name), BASE) == set()
        assert differing(BASE, lowered(name)) == set()

    hold(equal, UNCHANGED)


def test_what_prisma_cannot_say_is_not_compared() -> None:
    def unseen(name: str) -> None:
        assert differing(BASE, BASE, NOT_SEEN[name].encode()) == set()

    hold(unseen, NOT_SEEN)


@pytest.mark.parametrize(
    ("more", "there", "expected"),
    [
        pytest.param("", "CREATE INDEX part ON t (a) WHERE a > 0;", set(), id="without the preview feature"),
        pytest.param(
            "CREATE INDEX part ON t (a);", "CREATE INDEX part ON t (a) WHERE a > 0;", set(), id="condition by hand"
        ),
        pytest.param(
            "CREATE INDEX part ON t (a) WHERE a > 0;", "CREATE INDEX part ON t (a) WHERE (a > 0);", set(), id="the same"
        ),
        pytest.param(
            "CREATE INDEX part ON t (a) WHERE a > 0;", "", {"missing index public.part"}, id="no migration makes it"
        ),
        pytest.param(
            "CREATE INDEX part ON t (a) WHERE a > 0;",
            "CREATE INDEX part ON t (a) WHERE a > 1;",
            {"changed index public.part"},
            id="another condition",
        ),
    ],
)
def test_partial_indexes_count_where_schema_prisma_has_some(more: str, there: str, expected: set[str]) -> None:
    table = "CREATE TABLE t (a int);"
    assert differing(f"{table}{more}".encode(), f"{table}{there}".encode()) == expected


def test_schemas_that_schema_prisma_names_are_compared_and_no_others() -> None:
    lowered = b'CREATE SCHEMA IF NOT EXISTS "auth"; CREATE TABLE "auth"."a" (id int); CREATE TABLE "app"."b" (id int);'
    made = b"CREATE SCHEMA auth; CREATE TABLE auth.a (id int); CREATE TABLE auth.more (id int);"
    others = b"CREATE SCHEMA app; CREATE TABLE app.b (id int); CREATE TABLE watched (id int); CREATE SCHEMA x;"
    assert differing(lowered, made, others) == {"unexpected table auth.more"}
    assert differing(lowered + b"CREATE TABLE mine (id int);", made, others) == {
        "unexpected table auth.more",
        "missing table public.mine",
        "unexpected table public.watched",
    }
    assert differing(b"CREATE SCHEMA auth; CREATE TABLE t ();", b"CREATE TABLE t ();") == {"missing schema auth"}


def test_an_extension_that_schema_prisma_names_has_to_be_made() -> None:
    lowered, table = b'CREATE EXTENSION IF NOT EXISTS "citext" VERSION "1.6"; CREATE TABLE t ();', b"CREATE TABLE t ();"
    assert differing(lowered, table) == {"missing extension citext"}
    assert differing(lowered, b"CREATE EXTENSION citext;", table) == set()


def test_unqualified_names_are_in_the_watched_schema() -> None:
    file = b'CREATE SCHEMA IF NOT EXISTS "public"; CREATE TABLE t (id int);'
    assert differing(file, b"CREATE TABLE t (id int);", schema="app") == set()
    assert differing(file, b"CREATE TABLE public.t (id int);", schema="app") == {"missing table app.t"}


@pytest.mark.parametrize(
    ("file", "why"),
    [
        pytest.param(b"", "schema.sql creates nothing: the command that writes it failed", id="empty"),
        pytest.param(b"-- This is an empty migration.", "schema.sql creates nothing", id="of no model"),
        pytest.param(
            b"CREATE TABLE t (id int;", "PostgreSQL cannot parse schema.sql, line 1: syntax error", id="cut off"
        ),
        pytest.param(
            b"CREATE TABLE t ();\n\xe2\x94\x8c Update available 7.9 -> 7.10 \xe2\x94\x90",
            "PostgreSQL cannot parse schema.sql, line 2: syntax error",
            id="with a notice of npm",
        ),
        pytest.param("CREATE TABLE t ();".encode("utf-16"), "PostgreSQL cannot parse schema.sql", id="of PowerShell"),
        pytest.param(b"CREATE TABLE 'x", "PostgreSQL cannot parse schema.sql", id="quotes that do not end"),
    ],
)
def test_a_malformed_file_is_said_to_be_one(file: bytes, why: str) -> None:
    found = compared(file, b"CREATE TABLE t ();")
    assert isinstance(found, Unavailable)
    assert found.because.startswith(why)
    assert found.lasting


def test_a_byte_order_mark_is_none_of_the_schema() -> None:
    assert differing(b"\xef\xbb\xbfCREATE TABLE t ();", b"CREATE TABLE t ();") == set()


def test_without_the_file_nothing_is_compared() -> None:
    shipped = release("1")
    assert prisma_schema(facts(shipped, reading()), shipped, "public") is None


def test_a_migration_that_cannot_be_parsed_is_the_reason() -> None:
    found = compared(b"CREATE TABLE t ();", b"CREATE TABLE 't ();")
    assert isinstance(found, Unavailable)
    assert "1/migration.sql" in found.because


# With Prisma's own engine


Lower = Callable[[Sequence[tuple[str, str | None]]], list[dict[str, str]]]


@pytest.fixture
def lower(database: str) -> Lower:
    """What the engine, from the folder into which `make test-engine` installed it, makes of pairs (schema, before)."""
    folder = os.environ.get("ENGINE")
    if not folder:
        pytest.skip("needs Prisma's own engine: make test-engine")
    command = ["node", "--no-deprecation", str(Path(folder).resolve() / "lower.mjs"), database]
    path = {**os.environ, "PATH": f"{Path(folder).resolve()}:{os.environ['PATH']}"}

    def lowered_by_engine(pairs: Sequence[tuple[str, str | None]]) -> list[dict[str, str]]:
        lines = "".join(f"{json.dumps({'schema': schema, 'before': before})}\n" for schema, before in pairs)
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, env=path)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return lowered_by_engine


@pytest.mark.engine
def test_the_files_are_what_the_engine_makes(lower: Lower, request: pytest.FixtureRequest) -> None:
    changes = {**CHANGES, **UNCHANGED}
    answers = lower([(changed(each), SCHEMA) for each in changes.values()])
    for name, answer in zip(changes, answers, strict=True):
        if request.config.getoption("--update-golden"):
            (HERE / "lowered" / f"{name}.sql").write_text(answer["lowered"], encoding="utf-8")
            (HERE / "missing" / f"{name}.sql").write_text(answer["missing"], encoding="utf-8")
        assert (lowered(name).decode(), missing(name).decode()) == (answer["lowered"], answer["missing"]), name
    empty = {name for name in changes if missing(name).strip() == b"-- This is an empty migration."}
    assert empty == set(UNCHANGED)
    files = {path.stem for folder in ("lowered", "missing") for path in (HERE / folder).iterdir()}
    assert files == set(changes)


@pytest.mark.engine
def test_the_engine_does_not_compare_it_either(lower: Lower, database: str) -> None:
    def unseen(name: str) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("DROP SCHEMA IF EXISTS audit CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute(BASE)
            connection.execute(NOT_SEEN[name].encode())
        (answer,) = lower([(SCHEMA, None)])
        assert answer["missing"].strip() == "-- This is an empty migration."

    hold(unseen, NOT_SEEN)

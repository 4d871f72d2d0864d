"""What DO blocks guard by EXCEPTION, and what functions do that migrations call: as a real server has it, and no more.

Each script is run on a server and replayed: nothing may differ. Then something is changed by hand: that must be seen,
but for what the script itself leaves open.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FrameType

import psycopg
import pytest

from shared.model.progress import StatementState
from shared.model.schema import Kind, Schema, Subject
from shared.postgres import library
from shared.postgres.difference import compare
from shared.postgres.parse import parse
from shared.postgres.progress import Script, follow
from shared.postgres.replay import Replay
from shared.postgres.unknown_names import with_unknown_names
from tests.postgres.live import live_schema

MAKER = """
CREATE FUNCTION mk(n text DEFAULT 'z1', kind text DEFAULT 'int') RETURNS void LANGUAGE plpgsql AS
$$ BEGIN EXECUTE format('CREATE TABLE %I (id ' || kind || ')', n); END $$;
"""
# fmt: off
# The script, what it leaves open, a change by hand and what is found then.
CASES = [
    pytest.param("CREATE FUNCTION mk() RETURNS void LANGUAGE sql AS 'CREATE TABLE z1 (id int); CREATE INDEX zi ON z1 (id)'; SELECT mk();",
                 [], "DROP INDEX zi", ["missing index public.zi"], id="a function in SQL"),
    pytest.param(f"{MAKER} SELECT mk('z1'); SELECT mk('z2', 'text');", [], "DROP TABLE z2", ["missing table public.z2"], id="a function in PL/pgSQL"),
    pytest.param(f"{MAKER} SELECT mk();", [], "ALTER TABLE z1 ADD COLUMN b int", ["unexpected column public.z1.b"], id="by its defaults"),
    pytest.param(f"{MAKER} SELECT mk(kind => 'text', n => 'z1');", [], "ALTER TABLE z1 ALTER id TYPE varchar(9)", ["changed column public.z1.id"], id="by names"),
    pytest.param("CREATE FUNCTION mk(text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CREATE TABLE ' || quote_ident($1) || ' (id int)'; RETURN 1; END $$; SELECT mk('z1');",
                 [], "DROP TABLE z1", ["missing table public.z1"], id="by numbers"),
    pytest.param("CREATE PROCEDURE p(n text) LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE %I (id int)', n); END $$; CALL p('z1');",
                 [], "DROP TABLE z1", ["missing table public.z1"], id="a procedure"),
    pytest.param(f"{MAKER} DO $$ BEGIN PERFORM mk('z1'); END $$;", [], "DROP TABLE z1", ["missing table public.z1"], id="PERFORM"),
    pytest.param(f"{MAKER} CREATE FUNCTION outer_(m text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(m || '_x'); END $$; SELECT outer_('z');",
                 [], "DROP TABLE z_x", ["missing table public.z_x"], id="one within another"),
    pytest.param("CREATE FUNCTION mk(n text) RETURNS TABLE (x int) LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE %I (id int)', n); RETURN QUERY SELECT 1; END $$; SELECT * FROM mk('z1');",
                 [], "DROP TABLE z1", ["missing table public.z1"], id="in FROM"),
    pytest.param("CREATE TABLE z1 (id int, b int); CREATE FUNCTION rm() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE z1 DROP COLUMN b; END $$; SELECT rm();",
                 [], "ALTER TABLE z1 ADD COLUMN b int", ["unexpected column public.z1.b"], id="one that drops"),
    pytest.param("CREATE SCHEMA s; CREATE FUNCTION mk() RETURNS void LANGUAGE sql SET search_path = s AS 'CREATE TABLE z1 (id int)'; SELECT mk(); CREATE TABLE z2 (id int);",
                 [], "DROP TABLE s.z1", ["missing table s.z1"], id="with a search path of its own"),
    pytest.param(f"CREATE TABLE src (n text); INSERT INTO src VALUES ('z1'), ('z2'); {MAKER} SELECT mk(n) FROM src;",
                 ["schema public"], "DROP TABLE src", ["missing table public.src"], id="for rows"),
    pytest.param("CREATE FUNCTION loop_() RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF false THEN PERFORM loop_(); END IF; END $$; SELECT loop_(); CREATE TABLE z (id int);",
                 [], "DROP TABLE z", ["missing table public.z"], id="one that calls itself"),
    pytest.param("CREATE TABLE z (a int); DO $$ BEGIN CREATE EXTENSION nope; EXCEPTION WHEN OTHERS THEN NULL; END $$;",
                 ["extension nope"], "DROP TABLE z", ["missing table public.z"], id="an extension that does not exist"),
    pytest.param("CREATE TABLE z (a int); INSERT INTO z VALUES (1), (1); DO $$ BEGIN ALTER TABLE z ADD CONSTRAINT u UNIQUE (a); EXCEPTION WHEN unique_violation THEN NULL; END $$;",
                 ["unique public.z.u"], "ALTER TABLE z ALTER a SET DEFAULT 1", ["changed column public.z.a"], id="rows that violate"),
    pytest.param("CREATE TABLE z (a int); DO $$ BEGIN ALTER TABLE z ADD CONSTRAINT u UNIQUE (a); EXCEPTION WHEN unique_violation THEN NULL; END $$;",
                 ["unique public.z.u"], "ALTER TABLE z DROP CONSTRAINT u", [], id="rows that do not"),
    pytest.param("CREATE TABLE z (a int); DO $$ BEGIN ALTER TABLE z ADD CONSTRAINT u UNIQUE (a); EXCEPTION WHEN unique_violation THEN NULL; END $$;",
                 ["unique public.z.u"], "ALTER TABLE z DROP CONSTRAINT u; ALTER TABLE z ADD CONSTRAINT u UNIQUE (a) DEFERRABLE", ["changed unique public.z.u"], id="but nothing else of that name"),
    pytest.param("DO $$ BEGIN CREATE EXTENSION nope; CREATE TABLE y (id int); EXCEPTION WHEN OTHERS THEN CREATE TABLE x (id int); END $$; CREATE TABLE z (a int);",
                 ["column public.x.id", "column public.y.id", "extension nope", "table public.x", "table public.y"], "ALTER TABLE z ADD COLUMN b int", ["unexpected column public.z.b"], id="a handler that makes something"),
    pytest.param("CREATE TABLE z (a int); INSERT INTO z VALUES (NULL); DO $$ BEGIN ALTER TABLE z ALTER a SET NOT NULL; EXCEPTION WHEN not_null_violation THEN RAISE NOTICE 'no'; END $$;",
                 ["column public.z.a"], "ALTER TABLE z ALTER a TYPE bigint", ["changed column public.z.a"], id="one attribute"),
    pytest.param("CREATE TABLE z (a int); DO $$ BEGIN CREATE POLICY pp ON z TO nobody_here USING (true); EXCEPTION WHEN undefined_object THEN NULL; END $$;",
                 ["policy public.z.pp"], "DROP TABLE z", ["missing table public.z"], id="a role that does not exist"),
    pytest.param("CREATE TYPE m AS ENUM ('a'); DO $$ BEGIN CREATE TYPE m AS ENUM ('b'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
                 [], "ALTER TYPE m RENAME VALUE 'a' TO 'b'", ["changed enum public.m"], id="what exists already is known"),
    pytest.param("CREATE TABLE z (a int); DO $$ BEGIN ALTER TABLE z ADD CONSTRAINT u UNIQUE (a); EXCEPTION WHEN duplicate_object OR duplicate_table THEN NULL; END $$;",
                 [], "ALTER TABLE z DROP CONSTRAINT u", ["missing unique public.z.u"], id="and so is what does not"),
    pytest.param("DO $$ BEGIN CREATE TABLE z (a int); EXCEPTION WHEN OTHERS THEN NULL; END $$;",
                 [], "DROP TABLE z", ["missing table public.z"], id="a statement that no row can make fail"),
]
# fmt: on


def replayed(script: str) -> Schema:
    replay = Replay()
    replay.run_all(parse(script))
    return replay.freeze()


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(("script", "left_open", "by_hand", "finding"), CASES)
def test_what_ran_is_no_finding_and_what_changed_is(
    connection: psycopg.Connection[tuple[object, ...]],
    script: str,
    left_open: list[str],
    by_hand: str,
    finding: list[str],
) -> None:
    for statement in parse(script):
        connection.execute(statement.sql.encode())
    expected = replayed(script)
    assert [str(each.subject) for each in compare(expected, live_schema(connection)).differences] == []
    assert (sorted(map(str, expected.doubts)), dict(expected.opaque)) == (left_open, {})
    connection.execute(by_hand.encode())
    found = compare(expected, live_schema(connection)).differences
    assert [f"{each.change} {each.subject}" for each in found] == finding


@pytest.mark.parametrize("by_hand", ["", "DROP TABLE late"], ids=["ran", "half"])
def test_how_far_a_script_with_a_call_got_is_known(new_database: Callable[[], str], by_hand: str) -> None:
    before, script = MAKER, "SELECT mk('z1'); CREATE TABLE late (id int)"
    with psycopg.connect(new_database(), autocommit=True) as connection:
        connection.execute(f"{before}; {script}; {by_hand}".encode())
        live = live_schema(connection)
    followed = follow([Script(parse(before)), Script(parse(script), applied=False)], live, "public")
    assert [each.state for each in followed.progress[1].statements] == ["present", "absent" if by_hand else "present"]
    assert Subject(Kind.TABLE, ("public", "z1")) in followed.expected.objects


@pytest.mark.parametrize("language", ["plperl", "plpython3u", "sql", "plv8", "plp$x$gsql", '"PLpgSQL"', '"plpgsql "'])
@pytest.mark.parametrize("body", ["BEGIN CREATE TABLE z1 (id int); END", "return 1;", ""])
def test_a_block_in_another_language_may_do_anything(language: str, body: str) -> None:
    replay = Replay("public")
    replay.run_all(parse(f"CREATE TABLE t (id int); DO LANGUAGE {language} $body$ {body} $body$;"))
    why = replay.freeze().opaque[Subject(Kind.SCHEMA, ("public",))]
    assert why == "a DO block whose language is not PL/pgSQL"


# What a newer server takes, and the grammar here does not.
NEWER = "CREATE TABLE z (id int) NEWER x; ALTER TABLE t ADD COLUMN b int NEWER"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(f"DO $$ BEGIN {NEWER}; END $$", id="a block"),
        pytest.param(f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'z') THEN {NEWER}; END IF; END $$", id="behind a guard"),
        pytest.param(f"DO $$ BEGIN EXECUTE '{NEWER}'; END $$", id="a text that a block executes"),
        pytest.param(f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {NEWER}; END $$; SELECT f()", id="a function"),
        pytest.param(f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE '{NEWER}'; END $$; SELECT f()", id="a text that a function executes"),
        pytest.param(f"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ {NEWER} $$; SELECT f()", id="a function in SQL"),
        pytest.param(f"CREATE PROCEDURE f() LANGUAGE plpgsql AS $$ BEGIN {NEWER}; END $$; CALL f()", id="a procedure"),
    ],
)  # fmt: skip
def test_what_cannot_be_parsed_within_a_body_may_change_what_it_names_and_no_more(script: str) -> None:
    before = "CREATE TABLE t (a int); CREATE TABLE other (a int);"
    replay, server = Replay(), Replay()
    replay.run_all(parse(f"{before} {script}"))
    server.run_all(
        parse(
            f"{before} {script}; CREATE TABLE z (id int); ALTER TABLE t ADD COLUMN b int; ALTER TABLE other ADD COLUMN c int"
        )
    )
    live = server.freeze()
    expected = with_unknown_names(replay.freeze(), live.objects)
    found = compare(expected, replace(live, mentioned=(), opaque={})).differences
    assert [str(each.subject) for each in found] == ["column public.other.c"]
    assert Subject(Kind.SCHEMA, ("public",)) not in expected.opaque
    followed = follow([Script(parse(before)), Script(parse(script), applied=False)], live)
    last = followed.progress[1].statements[-1]
    assert last.state is StatementState.UNKNOWN
    assert "cannot be parsed by this monitor" in last.because


def test_a_body_that_cannot_be_parsed_and_executes_a_text_may_change_anything() -> None:
    replay = Replay()
    replay.run_all(parse(f"CREATE TABLE t (a int); DO $$ BEGIN EXECUTE x; {NEWER}; END $$"))
    why = replay.freeze().opaque[Subject(Kind.SCHEMA, ("public",))]
    assert why.startswith("a DO block cannot be parsed by this monitor: line 1: syntax error")


def test_a_block_that_rows_decide_is_read_once() -> None:
    """The block, its condition and its statement are each parsed once, though it is followed at both ends."""
    before = "CREATE TABLE t (id int PRIMARY KEY);"
    blocks = [
        f"DO $$ BEGIN IF (SELECT count(*) FROM t) > {n} THEN ALTER TABLE t ADD COLUMN c{n} int; END IF; END $$;"
        for n in range(20)
    ]
    replay = Replay()
    replay.run_all(parse(before))
    live = replay.freeze()
    scripts = [Script(parse(before)), Script(parse("".join(blocks)), applied=False)]
    calls = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is library.call.__code__

    sys.setprofile(count)
    try:
        followed = follow(scripts, live)
    finally:
        sys.setprofile(None)
    assert {each.state for each in followed.progress[1].statements} == {StatementState.UNKNOWN}
    assert calls == 3 * len(blocks)

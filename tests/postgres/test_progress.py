"""Which statements were applied: gaps, what was undone, extended or renamed later, broken indexes, what cannot be decided."""

from dataclasses import replace

import pytest

from shared.model.progress import Effects, Progress, StatementState
from shared.model.schema import Kind, Schema, Subject
from shared.postgres.difference import differences
from shared.postgres.parse import parse
from shared.postgres.progress import Followed, Script, fitting_prefix, follow
from shared.postgres.replay import Replay

BEFORE = """
CREATE TYPE role AS ENUM ('user');
CREATE TABLE users (id int PRIMARY KEY, name text, note text);
CREATE INDEX users_note ON users (note);
CREATE TABLE posts (id int PRIMARY KEY, author int CONSTRAINT posts_author REFERENCES users);
"""
FOLDERS = """CREATE TABLE folders (id int PRIMARY KEY, name text);
ALTER TABLE folders ADD COLUMN project_id int;
CREATE INDEX folders_project ON folders (project_id);
ALTER TABLE folders ADD CONSTRAINT folders_owner FOREIGN KEY (project_id) REFERENCES users (id);
INSERT INTO folders VALUES (1, 'a', 1);
ALTER TABLE users ADD COLUMN age int;
"""
LETTERS = {"present": "P", "absent": "a", "invalid": "I", "no-trace": "-", "cannot-tell": "?"}


def schema_of(*scripts: str) -> Schema:
    replay = Replay()
    for script in scripts:
        replay.run_all(parse(script))
    return replay.freeze()


def followed(script: str, *live: str, before: str = BEFORE, after: str = "") -> Followed:
    scripts = [Script(parse(before)), Script(parse(script), applied=False), Script(parse(after))]
    return follow(scripts, schema_of(before, *live))


def progress_of(script: str, *live: str, before: str = BEFORE, after: str = "") -> Progress:
    return followed(script, *live, before=before, after=after).progress[1]


def states(progress: Progress) -> str:
    return "".join(LETTERS[each.state] for each in progress.statements)


CASES = [
    # script, what the server has beyond BEFORE, later scripts, states
    pytest.param(FOLDERS, "", "", "aaaa-a", id="nothing ran"),
    pytest.param(FOLDERS, FOLDERS, "", "PPPP-P", id="all ran"),
    pytest.param(FOLDERS, "CREATE TABLE folders (id int PRIMARY KEY, name text);", "", "Paaa-a", id="the first ran: what needs the column is absent"),
    pytest.param(FOLDERS, "ALTER TABLE users ADD COLUMN age int;", "", "aaaa-P", id="a gap: only the last ran"),
    pytest.param(FOLDERS, FOLDERS.replace("CREATE INDEX folders_project ON folders (project_id);", ""), "", "PPaP-P", id="a gap within"),
    pytest.param(FOLDERS, "CREATE TABLE unrelated (id int); ALTER TABLE posts ADD COLUMN drift int;", "", "aaaa-a", id="drift elsewhere does not matter"),
    pytest.param("ALTER TABLE users ADD CHECK (id > 1);" * 40, "", "", "a" * 40, id="more unnamed checks than there are ways to try, none is there"),
    pytest.param("CREATE INDEX ON users (name);" * 40, "", "", "a" * 40, id="more unnamed indexes than there are ways to try, none is there"),
    pytest.param("CREATE INDEX ON users (name); CREATE INDEX ON users (name);", "CREATE INDEX ON users (name);", "", "--", id="one of two unnamed indexes that are alike: which one ran makes no difference"),
    pytest.param("ALTER TABLE users ADD CHECK (id > 1); ALTER TABLE users ADD CHECK (id > 2);", "ALTER TABLE users ADD CHECK (id > 2);", "", "aP", id="the second of two unnamed checks"),
    pytest.param("DROP INDEX users_note; ALTER TABLE users DROP COLUMN note", "", "", "aa", id="a drop that did not run"),
    pytest.param("DROP INDEX users_note; ALTER TABLE users DROP COLUMN note", "DROP INDEX users_note;", "", "Pa", id="absence is a drop's effect"),
    pytest.param("DROP INDEX users_note; ALTER TABLE users DROP COLUMN note", "ALTER TABLE users DROP COLUMN note;", "", "-P", id="the column took its index along"),
    pytest.param("ALTER TABLE posts DROP CONSTRAINT posts_author; DROP TABLE users", "ALTER TABLE posts DROP CONSTRAINT posts_author; DROP TABLE users;", "", "PP", id="without CASCADE the table could not have gone alone"),
    pytest.param("ALTER TABLE users RENAME name TO title; ALTER TABLE users ALTER title SET NOT NULL", "ALTER TABLE users RENAME name TO title;", "", "Pa", id="a column renamed, then not changed"),
    pytest.param("ALTER TABLE users RENAME name TO title; ALTER TABLE users ALTER title SET NOT NULL", "", "", "aa", id="a column not renamed"),
    pytest.param("ALTER TABLE users ALTER name SET DEFAULT 'a'; ALTER TABLE users ALTER name SET DEFAULT 'b'", "ALTER TABLE users ALTER name SET DEFAULT 'b';", "", "-P", id="changed twice: the first leaves no trace"),
    pytest.param("ALTER TABLE users ALTER name SET DEFAULT 'a'; ALTER TABLE users ALTER name DROP DEFAULT", "", "", "--", id="changed and changed back"),
    pytest.param("ALTER TABLE users ALTER name SET DEFAULT 'a'; ALTER TABLE users ALTER name DROP DEFAULT", "ALTER TABLE users ALTER name SET DEFAULT 'a';", "", "Pa", id="changed and not yet changed back"),
    pytest.param("CREATE TABLE tmp (a int); ALTER TABLE tmp ADD b int; DROP TABLE tmp; ALTER TABLE users ADD age int", "ALTER TABLE users ADD age int;", "", "---P", id="made and dropped in the same script"),
    pytest.param("CREATE TABLE tmp (a int); ALTER TABLE tmp ADD b int; DROP TABLE tmp", "CREATE TABLE tmp (a int);", "", "Paa", id="made and not yet dropped"),
    pytest.param("ALTER TYPE role ADD VALUE 'admin'; ALTER TYPE role ADD VALUE 'guest'", "ALTER TYPE role ADD VALUE 'guest';", "", "aP", id="values of an enum, one by one"),
    pytest.param("BEGIN; SET lock_timeout = 1; COMMENT ON TABLE users IS 'x'; UPDATE users SET name = 'x'; COMMIT", "", "", "-----", id="transactions, settings, comments, rows"),
    pytest.param("CREATE TABLE IF NOT EXISTS users (id int); ALTER TABLE users ADD COLUMN IF NOT EXISTS name text", "", "", "--", id="was there before"),
    pytest.param("ALTER TABLE users ADD a int, ADD b int", "ALTER TABLE users ADD a int;", "", "?", id="half of one statement is not by that statement"),
    pytest.param("ALTER TABLE users ADD a int", "ALTER TABLE users ADD a text;", "", "?", id="there, but not as the statement makes it"),
    pytest.param("ALTER TABLE users ALTER name TYPE varchar(40)", "ALTER TABLE users ALTER name TYPE varchar(80);", "", "?", id="neither as before nor as after"),
    pytest.param("ALTER TABLE auth.sessions ADD a int", "", "", "?", id="of a table that no script makes"),
    pytest.param("ALTER TABLE users ADD UNIQUE (name); ALTER TABLE users ADD UNIQUE (name)", "ALTER TABLE users ADD UNIQUE (name);", "", "--", id="either of two may have taken the name"),
    # later, applied scripts
    pytest.param(FOLDERS, FOLDERS + "ALTER TABLE folders RENAME TO dirs; ALTER TABLE dirs RENAME project_id TO project;", "ALTER TABLE folders RENAME TO dirs; ALTER TABLE dirs RENAME project_id TO project;", "PPPP-P", id="renamed later"),
    pytest.param(FOLDERS, "CREATE TABLE dirs (id int CONSTRAINT folders_pkey PRIMARY KEY, name text);", "ALTER TABLE folders RENAME TO dirs", "Paaa-a", id="the first ran, renamed later"),
    pytest.param(FOLDERS, FOLDERS + "ALTER TABLE folders ALTER name SET NOT NULL, ADD kind role;", "ALTER TABLE folders ALTER name SET NOT NULL, ADD kind role", "PPPP-P", id="extended later"),
    pytest.param(FOLDERS, FOLDERS + "DROP TABLE folders;", "DROP TABLE folders", "-----P", id="undone later"),
    pytest.param("ALTER TABLE users ADD age int", "ALTER TABLE users ADD age int;", "ALTER TABLE users ADD age int", "-", id="made again later"),
    pytest.param("ALTER TABLE users DROP COLUMN name", "ALTER TABLE users ALTER name SET NOT NULL;", "ALTER TABLE users ALTER name SET NOT NULL", "a", id="not dropped, and changed later"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "live", "after", "expected"), CASES)
def test_states(script: str, live: str, after: str, expected: str) -> None:
    assert states(progress_of(script, live, after=after)) == expected


@pytest.mark.parametrize("k", range(7))
def test_a_prefix_is_recognised(k: int) -> None:
    statements = parse(FOLDERS)
    progress = progress_of(FOLDERS, ";".join(each.sql for each in statements[:k]))
    # The INSERT leaves no trace: with it or without it is the same.
    assert progress.prefixes == {4: (4, 5), 5: (4, 5)}.get(k, (k,))


@pytest.mark.parametrize(
    ("states_wanted", "effects"),
    [("PP", Effects.ALL), ("P-", Effects.ALL), ("Pa", Effects.SOME), ("P?", Effects.SOME), ("I", Effects.SOME), ("aa", Effects.NONE),
     ("a-", Effects.NONE), ("a?", Effects.UNKNOWN), ("--", Effects.UNKNOWN), ("", Effects.UNKNOWN)],
)  # fmt: skip
def test_effects(states_wanted: str, effects: Effects) -> None:
    by_letter = {letter: StatementState(state) for state, letter in LETTERS.items()}
    one = progress_of("SELECT 1").statements[0]
    assert Progress(tuple(replace(one, state=by_letter[each]) for each in states_wanted), ()).effects is effects


def test_a_broken_index_is_invalid() -> None:
    script = "CREATE UNIQUE INDEX CONCURRENTLY users_name ON users (name)"
    whole = schema_of(BEFORE, script)
    subject = Subject(Kind.INDEX, ("public", "users_name"))
    broken = Schema({**whole.objects, subject: replace(whole.objects[subject], valid=False)})  # type: ignore[call-arg]  # an Index
    result = follow([Script(parse(BEFORE)), Script(parse(script), applied=False)], broken)
    (statement,) = result.progress[1].statements
    assert (states(result.progress[1]), statement.because) == ("I", "index public.users_name exists but is invalid")
    assert statement.undo is not None
    assert statement.undo.sql == "DROP INDEX public.users_name;"
    assert [str(each.subject) for each in differences(result.expected, broken)] == ["index public.users_name"]


def test_reasons_say_what_was_seen() -> None:
    progress = progress_of(FOLDERS, "CREATE TABLE folders (id int PRIMARY KEY, name text);")
    assert [each.because for each in progress.statements] == [
        "table public.folders exists",
        "column public.folders.project_id does not exist",
        "index public.folders_project does not exist",
        "foreign key public.folders.folders_owner does not exist",
        "INSERT leaves no trace in the catalog",
        "column public.users.age does not exist",
    ]


def test_several_scripts_in_doubt_are_followed_through() -> None:
    scripts = [
        BEFORE,
        "CREATE TABLE a (id int)",
        "ALTER TABLE a ADD b int",
        "ALTER TABLE a RENAME TO c; ALTER TABLE c ADD d int",
    ]
    live = schema_of(BEFORE, "CREATE TABLE c (id int, b int)")
    result = follow([Script(parse(each), applied=each in (BEFORE, scripts[2])) for each in scripts], live)
    assert {number: states(each) for number, each in result.progress.items()} == {1: "P", 3: "Pa"}
    assert differences(result.expected, live) == []


@pytest.mark.parametrize(
    "live", ["", "CREATE TABLE folders (id int PRIMARY KEY, name text);", FOLDERS, "ALTER TABLE users ADD age int;"]
)
def test_what_a_script_left_behind_is_no_drift(live: str) -> None:
    actual = schema_of(BEFORE, live)
    assert differences(followed(FOLDERS, live).expected, actual) == []


def test_what_cannot_be_decided_is_no_drift_but_the_rest_is() -> None:
    live = "ALTER TABLE users ADD a text; ALTER TABLE posts ADD drift int;"
    result = followed("ALTER TABLE users ADD a int", live)
    assert [str(each.subject) for each in differences(result.expected, schema_of(BEFORE, live))] == [
        "column public.posts.drift"
    ]


@pytest.mark.parametrize(
    ("ran", "expected"),
    [(0, 0), (1, 1), (2, 2), (3, 2), (4, 4)],
    ids=["nothing", "one", "two", "a script without a trace is not taken to have run", "all"],
)
def test_fitting_prefix(ran: int, expected: int) -> None:
    scripts = [BEFORE, "ALTER TABLE users ADD age int", "INSERT INTO users VALUES (1)", "DROP INDEX users_note"]
    assert fitting_prefix([parse(each) for each in scripts], schema_of(*scripts[:ran])) == expected


def test_fitting_prefix_leaves_out_a_script_that_ran_in_part() -> None:
    parsed = [parse(BEFORE), parse(FOLDERS)]
    live = schema_of(BEFORE, FOLDERS.replace("ALTER TABLE users ADD COLUMN age int;", ""))
    assert fitting_prefix(parsed, live) == 1


@pytest.mark.parametrize(
    ("script", "more", "undo"),
    [
        pytest.param("CREATE TABLE t (id serial PRIMARY KEY)", "", ("DROP TABLE public.t;", ("table public.t",)), id="table"),
        pytest.param("ALTER TABLE users ADD a int, ADD b int UNIQUE", "", ("ALTER TABLE public.users DROP COLUMN a, DROP COLUMN b;", ("table public.users",)), id="columns"),
        pytest.param("CREATE INDEX i ON users (name)", "", ("DROP INDEX public.i;", ()), id="index"),
        pytest.param("CREATE TYPE t AS ENUM ('a')", "", ("DROP TYPE public.t;", ()), id="type"),
        pytest.param("ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0)", "", ("ALTER TABLE public.users DROP CONSTRAINT c;", ()), id="constraint"),
        pytest.param("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "", ("DROP FUNCTION public.f(integer);", ()), id="function"),
        pytest.param("CREATE CAST (text AS role) WITH INOUT", "", ("DROP CAST (text AS public.role);", ()), id="cast"),
        pytest.param("CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)", "", ("DROP OPERATOR public.=== (integer, integer);", ()), id="operator"),
        pytest.param("CREATE OPERATOR CLASS c FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(int)", "", ("DROP OPERATOR FAMILY public.c USING hash;", ()), id="operator class with its family"),
        pytest.param("ALTER TABLE users CLUSTER ON users_note", "", None, id="a cluster mark"),
        pytest.param("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)", "", None, id="a subscription"),
        pytest.param("CREATE TABLE t (id int)", "ALTER TABLE t ADD by_hand int;", None, id="a table that holds more by now"),
        pytest.param("ALTER TABLE users ADD a int", "CREATE INDEX by_hand ON users (a);", None, id="a column with an index by hand"),
        pytest.param("CREATE TABLE IF NOT EXISTS t (id int)", "", None, id="may have been there before"),
        pytest.param("CREATE OR REPLACE VIEW v AS SELECT 1 AS one", "", None, id="may have replaced another"),
        pytest.param("CREATE EXTENSION citext", "", None, id="an extension"),
        pytest.param("ALTER TABLE users ALTER name SET NOT NULL", "", None, id="a change"),
        pytest.param("ALTER TYPE role ADD VALUE 'b'", "", None, id="a value of an enum"),
        pytest.param("DROP INDEX users_note", "", None, id="a drop"),
    ],
)  # fmt: skip
def test_undo(script: str, more: str, undo: tuple[str, tuple[str, ...]] | None) -> None:
    progress = progress_of(script, f"{script};", more)
    assert states(progress) == "P"
    found = progress.statements[0].undo
    assert (None if found is None else (found.sql, tuple(map(str, found.tables)))) == undo


def test_undo_of_a_whole_script_goes_backwards() -> None:
    script = "CREATE TABLE t (id int); ALTER TABLE t ADD a int; CREATE INDEX i ON t (a)"
    undo = progress_of(script, script).undo
    assert undo is not None
    assert [each.sql for each in undo] == [
        "DROP INDEX public.i;",
        "ALTER TABLE public.t DROP COLUMN a;",
        "DROP TABLE public.t;",
    ]
    assert (
        progress_of(
            f"{script}; ALTER TABLE users ALTER name SET NOT NULL",
            f"{script}; ALTER TABLE users ALTER name SET NOT NULL",
        ).undo
        is None
    )


COLUMN_ADDED_AND_DROPPED = "ALTER TABLE users ADD COLUMN age int; ALTER TABLE users DROP COLUMN age;" * 20
DEFAULTS = "".join(f"ALTER TABLE users ALTER COLUMN name SET DEFAULT '{number}';" for number in range(40))
VIEWS = "".join(f"CREATE OR REPLACE VIEW v AS SELECT id FROM users WHERE id > {number};" for number in range(40))


@pytest.mark.parametrize(
    ("script", "live", "expected"),
    [
        pytest.param(COLUMN_ADDED_AND_DROPPED, "", {"absent"}, id="a column that is added and dropped"),
        pytest.param(DEFAULTS, "", {"absent"}, id="defaults"),
        pytest.param(VIEWS, "", {"absent"}, id="a view"),
        pytest.param(VIEWS, "CREATE VIEW v AS SELECT id FROM users WHERE id > 7;", {"cannot-tell"}, id="a view, one is there"),
        pytest.param("DROP INDEX IF EXISTS other;" * 20 + DEFAULTS, "", {"no-trace", "absent"}, id="some do nothing"),
    ],
)  # fmt: skip
def test_more_ways_than_can_be_tried_of_a_script_that_was_not_begun(script: str, live: str, expected: set[str]) -> None:
    scripts = [Script(parse(BEFORE)), Script(parse(script), applied=False, begun=False)]
    progress = follow(scripts, schema_of(BEFORE, live)).progress[1]
    assert {str(each.state) for each in progress.statements} == expected


def test_more_ways_than_can_be_tried_of_a_script_that_was_begun() -> None:
    assert states(progress_of(VIEWS)) == "?" * 40

"""What ends with its session, and what may be run twice: nobody is asked whether such statements ran."""

import pytest

from shared.postgres.parse import parse
from shared.postgres.progress.session_objects import names_of_session
from shared.remedies import commands
from tests.remedies.test_replaced_later import found, psql

BASE = "CREATE TABLE users (id int, mail text); CREATE TABLE posts (id int, mail text); CREATE SEQUENCE n;"
MAP, TABLE = "CREATE TEMP TABLE map AS SELECT id, mail FROM users;", "CREATE TABLE w (id int);"
FILLED, USED = (
    "UPDATE map SET mail = lower(mail);",
    "UPDATE posts SET mail = map.mail FROM map WHERE map.id = posts.id;",
)
PREPARED, EXECUTED = "PREPARE p(text) AS UPDATE posts SET mail = $1;", "EXECUTE p('x');"
DEFAULTS = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;"
RECORD = commands.resolve_applied("2")


@pytest.mark.parametrize(
    ("script", "about"),
    [
        (f"{MAP} CREATE INDEX ON map (id); {FILLED} TRUNCATE map; ANALYZE map; DROP TABLE map;", 6),
        ("CREATE TABLE pg_temp.map (id int); INSERT INTO pg_temp.map VALUES (1); DROP TABLE pg_temp.map;", 3),
        ("SELECT 1 AS id INTO TEMP map; CREATE TEMP SEQUENCE s; CREATE TEMP VIEW v AS SELECT 1;", 3),
        (f"{PREPARED} DEALLOCATE p; DECLARE c CURSOR WITH HOLD FOR SELECT 1; FETCH c; CLOSE c;", 5),
        # A table of that name in a schema, or beside another one, is another one.
        (f"{MAP} DROP TABLE public.map;", 1),
        (f"{MAP} TRUNCATE map, users;", 1),
        (f"{FILLED} {TABLE} DEALLOCATE ALL;", 0),
        # Rows of others change within it, or when it is executed.
        (f"{MAP} WITH gone AS (DELETE FROM posts RETURNING *) INSERT INTO map SELECT * FROM gone;", 1),
        (f"{MAP} {USED} {PREPARED} {EXECUTED}", 2),
    ],
)
def test_what_is_about_nothing_else(script: str, about: int) -> None:
    assert len(names_of_session(parse(script))) == about


def steps(script: str, *there: str) -> list[tuple[str, str | None, bool]]:
    """The printed steps of *script*, which the history does not know, where *there* exists."""
    findings = found(script, "", [BASE, *there], base=BASE)
    (finding,) = (each for each in findings if each.subject == "2" and each.code.startswith("migration-"))
    return [
        (step.text, step.command, step.asks)
        for step in finding.remedy
        if not step.choice and step.command not in (commands.DEPLOY, RECORD)
    ]


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        pytest.param(f"{MAP} {FILLED} {USED} DROP TABLE map; {TABLE}", psql(MAP, FILLED, USED), id="a temporary table"),
        pytest.param(f"{PREPARED} {EXECUTED} DEALLOCATE p; {TABLE}", psql(PREPARED, EXECUTED), id="a prepared statement"),
        pytest.param(f"{MAP} UPDATE posts SET id = 1; {TABLE}", psql("UPDATE posts SET id = 1;"), id="it is not used"),
    ],
)  # fmt: skip
def test_it_is_made_again_where_it_is_used_and_never_asked_about(script: str, printed: str) -> None:
    ((text, command, asks),) = [each for each in steps(script, TABLE) if not each[0].startswith("Check whether")]
    assert (command, asks) == (printed, True)
    assert text.startswith("Find out whether line 1 (")


def test_it_is_not_made_again_of_rows_that_have_changed_since() -> None:
    changing = "UPDATE users SET mail = NULL;"
    texts = [text for text, _, _ in steps(f"{MAP} {changing} {USED} {TABLE}", TABLE)]
    assert texts[-1].endswith(
        "it uses map, which ended with its session, and line 1 (UPDATE users SET mail = NULL) has changed what that is made of."
    )


@pytest.mark.parametrize(
    "statement",
    [
        DEFAULTS, "ALTER TABLE users OWNER TO CURRENT_USER;", "ALTER SEQUENCE n OWNER TO CURRENT_USER;", "REINDEX TABLE users;", "CLUSTER users;", "CHECKPOINT;",
    ],
)  # fmt: skip
def test_what_changes_nothing_a_second_time_is_run_again(statement: str) -> None:
    ((text, command, asks),) = steps(f"{TABLE} {statement}", TABLE)
    assert text == "Run these statements again: a second run changes nothing, and nothing shows whether they ran."
    assert (command, asks) == (psql(statement), False)


def test_default_privileges_do_not_reach_what_was_made_before_them() -> None:
    run, grant = steps(f"{DEFAULTS}\n{TABLE}\nCREATE TABLE v (id int);", TABLE)
    assert run[1] == psql(DEFAULTS, "CREATE TABLE v (id int);")
    assert grant[0].endswith("if line 1 had not run before line 2, grant the same to what line 2 made.")
    assert grant[1:] == (None, False), "a script asks about it"
    assert len(steps(f"{TABLE} {DEFAULTS}", TABLE)) == 1, "nothing was made after it"


POLICIES = (
    "ALTER TABLE w ENABLE ROW LEVEL SECURITY;",
    "CREATE POLICY p ON w USING (true);",
    "DROP POLICY IF EXISTS p ON w;",
    "CREATE POLICY p ON w USING (id > 0);",
)
OTHER = "CREATE TABLE v (id int);"


def test_what_works_on_a_missing_table_has_not_run() -> None:
    ((text, command, _),) = steps(" ".join([OTHER, TABLE, *POLICIES]), OTHER)
    assert text.startswith("Run the 4 missing statements, and 1 more that may have run already")
    assert command == psql(TABLE, *POLICIES), "an answer for each alone made a policy twice"


def test_what_is_made_and_dropped_again_runs_in_order_without_a_question() -> None:
    ((text, command, _),) = steps(" ".join([TABLE, *POLICIES]), TABLE)
    assert text.startswith("Run the 2 missing statements, and 2 more that may have run already")
    assert command == psql(*POLICIES)


def test_one_that_rows_may_refuse_is_asked_about() -> None:
    unique = (
        "CREATE UNIQUE INDEX k ON users (id); INSERT INTO users VALUES (1) ON CONFLICT (id) DO NOTHING; DROP INDEX k;"
    )
    assert [asks for _, _, asks in steps(f"{TABLE} {unique}", TABLE)][:2] == [True, True]


@pytest.mark.parametrize(
    ("made", "lost"),
    [
        ("CREATE INDEX k ON users (id);", "Nothing else is lost."),
        ("CREATE TABLE k (id int);", "Nothing else is lost: its tables have no rows."),
    ],
)
def test_undoing_names_rows_only_where_tables_are_dropped(made: str, lost: str) -> None:
    rows = frozenset({("public", "k")})
    findings = found(f"{made} {TABLE}", "", [BASE, made], base=BASE, empty=rows)
    (said,) = [step.text for each in findings for step in each.remedy if "drop what the migration made" in step.text]
    assert said == f"Or, instead of these steps: drop what the migration made. {lost}"

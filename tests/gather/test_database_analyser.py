"""Questions to the server's own analyser: right answers, nothing run, nothing left behind."""

import time
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres, private_postgres
from shared.gather.attempt import GatherError
from shared.gather.database import analyser
from shared.gather.database.analyser import analysed, ask_analyser
from shared.model.knowledge import Unavailable
from shared.model.question import Accepted, Answer, AnsweredColumn, Question, Refused
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.patience import LONG, SECONDS
from tests.postgres.servers import servers, version
from tests.throwaway import in_memory

SCHEMA = """
CREATE SCHEMA app;
CREATE TYPE app."Mood" AS ENUM ('happy');
CREATE TABLE t (id integer PRIMARY KEY, b varchar(20), mood app."Mood", prices numeric(5,2)[]);
CREATE TABLE app.t (only_in_app integer);
-- Says so when it is run: a lock of the session is allowed even where nothing may be written.
CREATE FUNCTION seen(anyelement) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_lock(42); RETURN true; END';
CREATE DOMAIN d AS integer CHECK (seen(VALUE));
CREATE TYPE comp AS (a d);
CREATE TABLE of_domains (one d, many d[]);
"""

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module", params=servers(), ids=version)
def server(request: pytest.FixtureRequest) -> Iterator[PrivatePostgres]:
    with private_postgres(request.param, in_memory()) as started:
        with psycopg.connect(started.url(), autocommit=True) as owner:
            owner.execute(SCHEMA.encode())
        yield started


@pytest.fixture
def connection(server: PrivatePostgres) -> Iterator[Connection]:
    with psycopg.connect(server.url(), autocommit=True) as opened:
        yield opened


def ask(connection: Connection, *questions: str, path: tuple[str, ...] = ("public",)) -> list[Answer]:
    answers = analysed(connection, [Question(sql, path) for sql in questions], time.monotonic() + SECONDS)
    return [answers[Question(sql, path)] for sql in questions]


def columns(**types: str) -> Accepted:
    return Accepted(tuple(AnsweredColumn(name, type_) for name, type_ in types.items()))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            "SELECT * FROM t",
            columns(id="integer", b="character varying(20)", mood='app."Mood"', prices="numeric(5,2)[]"),
            id="the columns of a table",
        ),
        pytest.param(
            'WITH "n"("b") AS (SELECT NULL::character varying(7)) SELECT b, count(*), b || NULL AS more FROM n GROUP BY 1',
            columns(b="character varying(7)", count="bigint", more="text"),
            id="a table that does not exist, in front",
        ),
        pytest.param("SELECT one, ARRAY[one] AS many FROM of_domains", columns(one="integer", many="public.d[]"), id="a domain"),
        pytest.param("CREATE TABLE nowhere.x (a integer)", columns(), id="DDL that the grammar takes"),
        pytest.param("", columns(), id="nothing"),
        pytest.param(
            "UPDATE t SET missing = 1",
            Refused("42703", 'column "missing" of relation "t" does not exist', 14),
            id="a column that does not exist",
        ),
        pytest.param(
            "SELECT 'gloomy'::app.\"Mood\"",
            Refused("22P02", 'invalid input value for enum app."Mood": "gloomy"', 8),
            id="a literal that is not of the type",
        ),
        pytest.param("CREATE TABLE x (a ~)", Refused("42601", 'syntax error at or near "~"', 19), id="no SQL"),
        pytest.param(
            "SELECT 1; DROP TABLE t",
            Refused("42601", "cannot insert multiple commands into a prepared statement"),
            id="two statements",
        ),
        pytest.param("SELECT 'ä', nope", Refused("42703", 'column "nope" does not exist', 13), id="characters, not bytes"),
    ],
)  # fmt: skip
def test_an_answer(connection: Connection, sql: str, expected: Answer) -> None:
    assert ask(connection, sql) == [expected]


def test_one_that_is_refused_hurts_no_other(connection: Connection) -> None:
    first, refused, last = ask(connection, "SELECT 1 AS a", "SELECT nope", "SELECT 2 AS b")
    assert (first, last) == (columns(a="integer"), columns(b="integer"))
    assert isinstance(refused, Refused)


def test_names_lead_where_the_question_says(connection: Connection) -> None:
    assert ask(connection, "SELECT * FROM t", path=("app",)) == [columns(only_in_app="integer")]
    assert isinstance(ask(connection, "SELECT * FROM t", path=('no "such" schema',))[0], Refused)


def test_nothing_stays_behind(connection: Connection) -> None:
    before = settings(connection)
    ask(connection, "SELECT * FROM t", "SELECT nope", path=("app",))
    assert settings(connection) == before
    assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
    connection.execute("CREATE TABLE written (); DROP TABLE written")


def settings(connection: Connection) -> object:
    names = ("search_path", "lock_timeout", "transaction_read_only", "default_transaction_read_only")
    return [connection.execute(f"SHOW {name}".encode()).fetchone() for name in names]


def test_another_client_s_temporary_table_is_not_found(connection: Connection) -> None:
    connection.execute("CREATE TEMPORARY TABLE t (planted integer)")
    assert ask(connection, "SELECT id FROM t") == [columns(id="integer")]


def test_no_right_on_any_table_is_needed(server: PrivatePostgres, connection: Connection) -> None:
    connection.execute("CREATE ROLE asker LOGIN PASSWORD 'only-asks'; REVOKE ALL ON SCHEMA app FROM public")
    try:
        with psycopg.connect(server.url(user="asker", password="only-asks"), autocommit=True) as asker:
            seen, hidden = ask(asker, "SELECT id FROM t", "SELECT * FROM app.t")
    finally:
        connection.execute("DROP ROLE asker")
    assert seen == columns(id="integer")
    assert hidden == Unavailable("the server could not be asked: the monitor's role may not use a schema that it names")


def test_a_locked_table_is_waited_for_only_shortly(server: PrivatePostgres, connection: Connection) -> None:
    with psycopg.connect(server.url()) as migrating:
        migrating.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        locked, shadowed = ask(connection, "SELECT id FROM t", 'WITH "t"("id") AS (SELECT NULL::text) SELECT id FROM t')
    assert locked == Unavailable(
        "the server could not be asked: a table that it names is locked: the database is busy, probably migrating"
    )
    assert shadowed == columns(id="text")


# What POSTGRES.md calls the one trap: reading a literal runs the CHECK of a domain within.
@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        pytest.param("SELECT '{1}'::d[]", True, id="a literal of an array of a domain"),
        pytest.param("SELECT '(1)'::comp", True, id="a literal of a composite with a domain"),
        pytest.param("SELECT one FROM of_domains WHERE many = '{1}'", True, id="a literal compared with such a column"),
        pytest.param("SELECT NULL::d[], NULL::comp, NULL::d", False, id="NULL"),
        pytest.param("SELECT one FROM of_domains WHERE many = NULL", False, id="NULL compared with such a column"),
        pytest.param("SELECT '1'::d, 1::d, seen(1)", False, id="the domain itself, and a call"),
        pytest.param("INSERT INTO of_domains VALUES ('1', ARRAY[1]::d[])", False, id="rows"),
        pytest.param("CREATE TABLE x AS SELECT 1::d, seen(2)", False, id="a table made of a query"),
    ],
)
def test_what_is_run(server: PrivatePostgres, connection: Connection, sql: str, runs: bool) -> None:
    (answer,) = ask(connection, sql)
    assert isinstance(answer, Accepted)
    with psycopg.connect(server.url()) as onlooker:
        held = onlooker.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert held == (int(runs),)


def test_only_so_many_are_asked(connection: Connection) -> None:
    few = [f"SELECT {n} AS n" for n in range(analyser.MOST_QUESTIONS)]
    *answered, refused = ask(connection, *few, "SELECT 'one too many'")
    assert answered == [columns(n="integer")] * len(few)
    assert refused == Unavailable("the server was not asked: more than 200 questions, or 1024 KiB")


def test_only_so_much_is_asked(connection: Connection) -> None:
    half = "SELECT '%s' AS n"
    texts = [half % (letter * 700_000) for letter in "ab"]
    first, second, small = ask(connection, *texts, "SELECT 1 AS n")
    assert (first, small) == (columns(n="text"), columns(n="integer"))
    assert isinstance(second, Unavailable)


def test_no_question_is_no_round_trip(connection: Connection) -> None:
    connection.close()
    assert analysed(connection, [], 0.0) == {}


def test_without_time_nothing_is_asked(connection: Connection) -> None:
    with pytest.raises(GatherError, match="longer than the time allowed"):
        analysed(connection, [Question("SELECT 1", ("public",))], time.monotonic())
    assert ask(connection, "SELECT 1 AS n") == [columns(n="integer")]


def test_a_connection_that_is_lost(server: PrivatePostgres, connection: Connection) -> None:
    with psycopg.connect(server.url(), autocommit=True) as admin:
        backend = [connection.info.backend_pid]
        admin.execute("SELECT pg_terminate_backend(%s)", backend)
        while admin.execute("SELECT FROM pg_stat_activity WHERE pid = %s", backend).fetchone() is not None:
            pass  # the backend ends when it has handled the signal
    with pytest.raises(GatherError, match="the connection was lost"):
        ask(connection, "SELECT 1")


def test_asked_over_a_connection_of_its_own(server: PrivatePostgres) -> None:
    question = Question("SELECT id FROM t", ("public",))
    reached = DatabaseSettings(url=Secret("env:DATABASE_URL", server.url()))
    assert ask_analyser(reached, [question], LONG) == {question: columns(id="integer")}


def test_a_server_that_cannot_be_reached(server: PrivatePostgres) -> None:
    nobody = DatabaseSettings(url=Secret("env:DATABASE_URL", server.url(user="nobody")))
    with pytest.raises(GatherError, match="password"):
        ask_analyser(nobody, [Question("SELECT 1", ("public",))], timedelta(seconds=10))

"""Types that only the server knows: asked of its analyser, equal to those of what it then makes, and nothing is run."""

import time

import psycopg
import pytest

from shared.gather.database.analyser import analysed
from shared.model.question import Answers
from shared.model.schema import Column, Schema
from shared.postgres.difference import differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.patience import SECONDS
from tests.postgres.live import live_schema

Connection = psycopg.Connection[tuple[object, ...]]

TABLES = """
CREATE TYPE "Mood" AS ENUM ('sad', 'happy');
-- Says so when it is run: a lock of the session is allowed even where nothing may be written.
CREATE FUNCTION seen(integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_lock(42); RETURN true; END';
CREATE DOMAIN cents AS integer CHECK (seen(VALUE));
CREATE DOMAIN codes AS text[];
CREATE TYPE pair AS (a integer, b cents);
CREATE FUNCTION doubled(integer) RETURNS bigint LANGUAGE sql AS 'SELECT $1 * 2::bigint';
CREATE TABLE "User" (id serial PRIMARY KEY, name varchar(20), mood "Mood", at timestamptz(3), price numeric(10,2), due cents,
    tags text[], spent cents[], kept codes, duo pair);
CREATE TABLE post (id bigint PRIMARY KEY, "userId" int REFERENCES "User", title text, body jsonb);
"""


def replayed(script: str, answers: Answers | None = None) -> Schema:
    replay = Replay("public", answers or {})
    replay.run_all(parse(script))
    return replay.freeze()


def asked_about(schema: Schema, connection: Connection) -> Answers:
    return analysed(connection, schema.questions, time.monotonic() + SECONDS)


def types_of(schema: Schema, table: str) -> dict[str, str]:
    return {
        subject.name[2]: column.type
        for subject, column in schema.objects.items()
        if isinstance(column, Column) and subject.name[1] == table
    }


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT id + 1 AS a, name || 'x' AS b, at - now() AS c, price * 2 AS d, -price AS e FROM \"User\"", id="operators"),
        pytest.param("SELECT upper(name) AS a, coalesce(name, 'none') AS b, CASE WHEN id > 1 THEN price ELSE 0 END AS c, nullif(name, '') AS d FROM \"User\"", id="functions, CASE"),
        pytest.param('SELECT u.due, u.due + 1 AS more, coalesce(u.due, 0) AS some, max(u.due) AS most FROM "User" u GROUP BY 1, 2, 3', id="domains"),
        pytest.param("SELECT (SELECT due FROM \"User\" LIMIT 1) AS a, ARRAY[due] AS b, spent[1] AS c, (duo).b AS d, kept || ARRAY['x'] AS e, nullif(kept, '{}') AS f FROM \"User\"", id="arrays, domains over arrays, composites"),
        pytest.param("SELECT count(*) AS n, sum(p.id) AS s, avg(id) AS a, array_agg(title ORDER BY id) AS t, max(title) m FROM public.post AS p", id="aggregates"),
        pytest.param("SELECT row_number() OVER w AS r, lag(title, 1, 'x') OVER w AS l, sum(id) OVER w s FROM post WINDOW w AS (PARTITION BY \"userId\" ORDER BY id)", id="windows"),
        pytest.param("SELECT post.title, public.\"User\".mood, body ->> 'a' AS a, body #> '{b}' AS b FROM public.\"User\" JOIN post ON post.\"userId\" = public.\"User\".id", id="qualified names"),
        pytest.param("WITH old AS (SELECT id, at::date AS day FROM \"User\" WHERE at < timestamptz '2026-01-01'), n AS (SELECT 1.5 AS x) SELECT day, day + 1 AS next, x * 2 AS y FROM old, n", id="its own WITH"),
        pytest.param("SELECT x.a, x.b, e.key, e.value FROM (VALUES (1, 'a'), (2, 'b')) AS x(a, b), jsonb_each('{}'::jsonb) AS e", id="VALUES and functions in FROM"),
        pytest.param("SELECT id, NULL AS nothing, 'x' AS text, 1.5 AS n FROM post UNION ALL SELECT 1.5, 'a', 'b', 2 FROM post", id="UNION"),
        pytest.param("SELECT EXTRACT(year FROM at) AS y, date_trunc('day', at) AS d, at AT TIME ZONE 'UTC' AS z, interval '1 day' AS i FROM \"User\"", id="special syntax"),
        pytest.param("SELECT doubled(id) AS a, mood::text || E'\\n' AS b, mood = 'sad' AS c, $$x$$ || name AS d FROM \"User\"", id="own functions, enums, other quotes"),
        pytest.param("SELECT lateral_.n, p.* FROM post p CROSS JOIN LATERAL (SELECT length(p.title) AS n) AS lateral_", id="LATERAL, star"),
        pytest.param('SELECT name COLLATE "C" AS n, upper(name COLLATE "C") AS u FROM "User"', id="COLLATE"),
    ],
)  # fmt: skip
def test_an_asked_type_is_the_one_that_the_server_makes(database: str, statement: str) -> None:
    script = f"{TABLES} CREATE TABLE made AS {statement} WITH NO DATA"
    before = replayed(script)
    assert before.questions, "nothing is asked"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        answers = asked_about(before, connection)
        assert connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)
        connection.execute(f"CREATE TABLE made AS {statement} WITH NO DATA".encode())
        after, live = replayed(script, answers), live_schema(connection)
    assert (types_of(after, "made"), after.questions) == (types_of(live, "made"), ())
    assert differences(after, live) == []
    if "COLLATE" not in statement:
        assert not after.doubts


CHAIN = f"""{TABLES}
CREATE VIEW spans AS SELECT id, at - now() AS span, due FROM "User";
CREATE TABLE one AS SELECT id, span * 2 AS twice, due * 1 AS due FROM spans;
ALTER TABLE one RENAME COLUMN twice TO "two times";
ALTER TABLE one RENAME TO first;
SELECT "two times" + '1 day' AS more, max(due) AS most INTO TEMPORARY gone FROM first GROUP BY 1;
SELECT "two times" + '1 day' AS more, max(due) AS most INTO second FROM public.first GROUP BY 1;
ALTER TABLE second ADD COLUMN note text;
CREATE MATERIALIZED VIEW third AS SELECT more / 2 AS half, most FROM second;
CREATE TABLE fourth (LIKE second);
DO $$ BEGIN CREATE TABLE fifth AS SELECT half * 2 AS again FROM third; EXECUTE 'CREATE TABLE sixth AS SELECT -again AS minus FROM fifth'; END $$;
"""


def test_questions_build_on_each_other_and_travel_together(database: str) -> None:
    before = replayed(CHAIN)
    assert len(before.questions) == 4
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        answers = asked_about(before, connection)
        for statement in parse(CHAIN.removeprefix(TABLES)):
            connection.execute(statement.sql.encode())
        after, live = replayed(CHAIN, answers), live_schema(connection)
    assert (after.questions, dict(after.doubts)) == ((), {})
    assert types_of(after, "fourth") == {"more": "interval", "most": "integer", "note": "text"}
    assert differences(after, live) == []


@pytest.mark.parametrize(
    ("script", "asks"),
    [
        pytest.param("CREATE TABLE t (id int); CREATE TABLE c AS SELECT id FROM t", 0, id="all types are known"),
        pytest.param("CREATE TABLE t (id int); CREATE VIEW v AS SELECT id + 1 AS n FROM t", 0, id="nothing needs a view's types"),
        pytest.param("CREATE TABLE t (id int); CREATE TABLE c AS WITH t AS (SELECT id + 1 AS n FROM t) SELECT n + 1 AS m FROM t", 0, id="a name of two meanings"),
        pytest.param("CREATE TYPE r AS (a int); CREATE TABLE c AS SELECT r '(1)' AS x, 1 + 1 AS y", 0, id="a literal of an own type in prefix form"),
        pytest.param("CREATE TABLE c AS SELECT * FROM unknown_function() AS f", 0, id="a star over a function of an extension"),
        pytest.param("CREATE TABLE c AS SELECT f.a FROM unknown_function() AS f(a)", 1, id="a column of such a function"),
        pytest.param("CREATE TABLE c AS SELECT * FROM generate_series(1, 2) AS n", 1, id="a star over a function of one column"),
        pytest.param("CREATE TABLE c AS SELECT x.* FROM unknown_function x", 0, id="a star over something unknown"),
    ],
)  # fmt: skip
def test_what_is_asked(script: str, asks: int) -> None:
    assert len(replayed(script).questions) == asks


def test_a_question_holds_no_string_of_the_migration() -> None:
    (question,) = replayed(
        f"{TABLES} CREATE TABLE c AS SELECT 'secret'::text || name || E'\\x' || $a$secret$a$ AS a FROM \"User\" WHERE duo = '(1,2)'"
    ).questions
    assert "'" not in question.sql
    assert "secret" not in question.sql


def test_a_type_that_the_server_does_not_say_stays_in_doubt(database: str) -> None:
    script = "CREATE TABLE t (id int); CREATE TABLE c AS SELECT nobody(id) AS a, id FROM t"
    with psycopg.connect(database, autocommit=True) as connection:
        after = replayed(script, asked_about(replayed(script), connection))
    assert after.questions == ()
    assert [str(subject) for subject in after.doubts] == ["column public.c.a"]

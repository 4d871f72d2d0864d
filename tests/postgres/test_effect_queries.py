"""The query for a statement, asked of a real server before the statement ran and after it."""

import psycopg
import pytest

from shared.postgres.effect_queries import EffectQuery, effect_query
from shared.postgres.live import Live
from shared.postgres.parse import parse
from shared.postgres.query_names import runs
from shared.postgres.replay import Replay
from tests.tables import hold

TABLES = """\
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, x text, "Z z" text, n int, now mood, tags text[], doc jsonb, at timestamptz, ok boolean);
CREATE TABLE o (id int PRIMARY KEY, x text, t_id int);
INSERT INTO t VALUES (1, 'a', NULL, 1, 'sad', '{}', '{}', '2020-01-01', NULL), (2, 'b', 'q', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO o VALUES (1, 'other', 1), (2, 'more', 2);
"""

SHOWN = [
    pytest.param("UPDATE t SET x = 'filled'", "SELECT count(*) FROM t WHERE t.x IS DISTINCT FROM ('filled');", 0, id="every row"),
    pytest.param(
        "UPDATE t SET x = 'it''s -- odd', n = 7 WHERE id = 1 -- the first; of them\n;",
        "SELECT count(*) FROM t WHERE (id = 1) AND (t.x IS DISTINCT FROM ('it''s -- odd') OR t.n IS DISTINCT FROM (7));", 0, id="two columns",
    ),
    pytest.param(
        'UPDATE public.t AS u SET "Z z" = o.x FROM o WHERE o.t_id = u.id RETURNING u.id',
        'SELECT count(*) FROM public.t AS u, o WHERE (o.t_id = u.id) AND u."Z z" IS DISTINCT FROM (o.x);', 0, id="from another table",
    ),
    pytest.param(
        "UPDATE t SET x = o.x FROM o WHERE o.t_id = t.id",
        "SELECT count(*) FROM t, o WHERE (o.t_id = t.id) AND t.x IS DISTINCT FROM (o.x);", 0, id="a column of the same name",
    ),
    pytest.param("UPDATE t SET x = NULL WHERE x IS DISTINCT FROM 'b'", "SELECT count(*) FROM t WHERE (x IS DISTINCT FROM 'b') AND t.x IS DISTINCT FROM (NULL);", 0, id="is distinct from"),
    pytest.param("UPDATE t SET now = 'ok'::mood", "SELECT count(*) FROM t WHERE t.now IS DISTINCT FROM ('ok'::mood);", 0, id="an enum"),
    pytest.param("UPDATE t SET tags = ARRAY['a', 'b'], doc = '{\"a\": [1, 2]}'", "SELECT count(*) FROM t WHERE t.tags IS DISTINCT FROM (ARRAY['a', 'b']) OR t.doc IS DISTINCT FROM ('{\"a\": [1, 2]}');", 0, id="commas inside"),
    pytest.param(
        "UPDATE t SET \"Z z\" = coalesce(lower(x), 'none') || '!' WHERE id IN (SELECT t_id FROM o)",
        "SELECT count(*) FROM t WHERE (id IN (SELECT t_id FROM o)) AND t.\"Z z\" IS DISTINCT FROM (coalesce(lower(x), 'none') || '!');", 0, id="computed",
    ),
    pytest.param("UPDATE t SET n = CASE WHEN x = 'a' THEN 1 ELSE 2 END WHERE ok IS NOT TRUE", "SELECT count(*) FROM t WHERE (ok IS NOT TRUE) AND t.n IS DISTINCT FROM (CASE WHEN x = 'a' THEN 1 ELSE 2 END);", 0, id="by cases"),
    pytest.param("DELETE FROM t WHERE x = 'a'", "SELECT count(*) FROM t WHERE x = 'a';", 0, id="deleted"),
    pytest.param("DELETE FROM o", "SELECT count(*) FROM o;", 0, id="all deleted"),
    pytest.param("DELETE FROM t USING o WHERE o.t_id = t.id AND o.x = 'more'", "SELECT count(*) FROM t, o WHERE o.t_id = t.id AND o.x = 'more';", 0, id="deleted by another table"),
    pytest.param("INSERT INTO t (x, id) VALUES ('a (b), c', 7), ('d', 8)", "SELECT count(*) FROM t WHERE id IN (7, 8);", 2, id="inserted by id"),
    pytest.param(
        "INSERT INTO t (id, x) VALUES (3, 'x') ON CONFLICT (id) DO NOTHING", "SELECT count(*) FROM t WHERE id IN (3);", 1, id="on conflict",
    ),
    pytest.param("INSERT INTO public.o (t_id, x, id) VALUES (NULL, 'n', 9)", "SELECT count(*) FROM public.o WHERE id IN (9);", 1, id="qualified"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "query", "count"), SHOWN)
def test_the_query_distinguishes_a_statement_that_ran_from_one_that_did_not(
    sql: str, query: str, count: int, database: str
) -> None:
    assert effect_query(sql) == EffectQuery(query, count)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        before = connection.execute(query.encode()).fetchone()
        connection.execute(sql.encode())
        after = connection.execute(query.encode()).fetchone()
    assert before is not None
    assert before[0] != count
    assert after == (count,)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("UPDATE t SET n = n + 1", id="it adds to what was there"),
        pytest.param("UPDATE t SET n = id, id = t.n", id="it swaps"),
        pytest.param("UPDATE t SET (n, x) = (SELECT 1, 'a')", id="several at once"),
        pytest.param("UPDATE t SET tags[1] = 'a'", id="an element"),
        pytest.param("UPDATE t SET n = 1.5", id="rounded"),
        pytest.param("UPDATE t SET x = DEFAULT", id="a default"),
        pytest.param("UPDATE t SET x = gen_random_uuid()", id="another value each time"),
        pytest.param("UPDATE t SET x = f(1)", id="a function of somebody's"),
        pytest.param("UPDATE t SET x = s.lower('A')", id="a function with the name of the server's"),
        pytest.param("UPDATE t SET n = 1 WHERE pg_terminate_backend(id)", id="it does more than read"),
        pytest.param("UPDATE t SET n = 1 WHERE id = (SELECT setval('s', 1))", id="it writes within"),
        pytest.param("UPDATE t SET n = 1 WHERE x OPERATOR(s.=) 'a'", id="an operator of somebody's"),
        pytest.param("UPDATE t SET at = CURRENT_TIMESTAMP", id="now"),
        pytest.param("DELETE FROM t WHERE at < now()", id="before now"),
        pytest.param("WITH o AS (DELETE FROM o RETURNING id) DELETE FROM t USING o WHERE o.id = t.id", id="with"),
        pytest.param("DELETE FROM t WHERE id IN (SELECT id FROM o FOR UPDATE)", id="it locks"),
        pytest.param("INSERT INTO t SELECT * FROM o", id="of a query"),
        pytest.param("INSERT INTO t VALUES (1, 'a')", id="without the names of columns"),
        pytest.param("INSERT INTO t (id, x) VALUES (nextval('s'), 'a')", id="a new key each time"),
        pytest.param("INSERT INTO t DEFAULT VALUES", id="of defaults"),
        pytest.param("TRUNCATE t", id="truncated"),
        pytest.param("DO $$ BEGIN DELETE FROM t; END $$", id="a block"),
        pytest.param("UPDATE t SET x = 'a'; DELETE FROM t", id="two statements"),
        pytest.param("UPDATE t SET", id="no SQL"),
    ],
)
def test_no_query_is_written_where_it_could_write_or_would_not_distinguish(sql: str) -> None:
    assert effect_query(sql) is None


def test_rows_without_a_key_are_found_by_all_their_values() -> None:
    assert effect_query("INSERT INTO t (a, b) VALUES (1, NULL), (2, 'x')") == EffectQuery(
        "SELECT count(*) FROM t WHERE (a = 1 AND b IS NULL) OR (a = 2 AND b = 'x');", 2
    )


# Statements, and what later ones did to what they name.
LATER = [
    ("UPDATE t SET x = 'filled' WHERE id = 1", ""),
    ("UPDATE t SET x = 'filled'", "ALTER TABLE t DROP x"),
    ("UPDATE t SET x = 'filled' WHERE n = 1", "ALTER TABLE t RENAME n TO m"),
    ("DELETE FROM o WHERE x = 'other'", "DROP TABLE o"),
    ("DELETE FROM o WHERE x = 'other'", "ALTER TABLE o RENAME TO others"),
    ("DELETE FROM o WHERE x = 'other'", "CREATE SCHEMA s; ALTER TABLE o SET SCHEMA s"),
    ("UPDATE t SET x = o.x FROM o WHERE o.t_id = t.id", ""),
    ("UPDATE t SET x = o.x FROM o WHERE o.t_id = t.id", "ALTER TABLE o DROP x"),
    ("UPDATE t AS u SET x = v.x FROM o AS v WHERE v.t_id = u.id", "ALTER TABLE o DROP x"),
    ('UPDATE public.t AS u SET "Z z" = o.x FROM o WHERE o.t_id = u.id', ""),
    ("UPDATE t SET x = 'a' FROM o WHERE t_id = n", ""),
    ("UPDATE t SET x = 'a' FROM o WHERE t_id = n", "ALTER TABLE o ADD n int"),
    ("UPDATE t SET n = 1 WHERE id IN (SELECT t_id FROM o WHERE id > 1)", ""),
    ("UPDATE t SET x = 'a' WHERE EXISTS (SELECT 1 FROM o WHERE t_id = n)", "ALTER TABLE o ADD n int"),
    ("UPDATE t SET x = 'a' WHERE EXISTS (SELECT 1 FROM o JOIN t AS u ON u.id = o.t_id WHERE o.x = u.x)", ""),
    ("UPDATE t SET x = 'a' WHERE EXISTS (SELECT 1 FROM o JOIN t AS u ON u.id = o.t_id WHERE o.x = u.x)", "ALTER TABLE o DROP x"),
    ("DELETE FROM t WHERE now = 'sad'", ""),
    ("DELETE FROM t WHERE now = 'sad'", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'"),
    ("DELETE FROM t WHERE now IN ('ok', 'sad')", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'"),
    ("UPDATE t SET now = 'sad'", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'"),
    ("UPDATE t SET now = 'sad'::mood", ""),
    ("UPDATE t SET now = 'sad'::mood", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'"),
    ("UPDATE t SET now = 'sad'::mood", "ALTER TYPE mood RENAME TO feeling"),
    ("INSERT INTO t (now, n) VALUES ('sad', 1)", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'"),
    ("DELETE FROM t WHERE x = 'a'", "ALTER TABLE t ALTER x TYPE int USING 1"),
    ("DELETE FROM t WHERE x = '12'", "ALTER TABLE t ALTER x TYPE int USING 1"),
    ("DELETE FROM t WHERE x = '12'", "ALTER TABLE t ALTER x TYPE uuid USING NULL"),
    ("DELETE FROM t WHERE x = 'yes'", "ALTER TABLE t ALTER x TYPE boolean USING NULL"),
    ("DELETE FROM t WHERE x = 'maybe'", "ALTER TABLE t ALTER x TYPE boolean USING NULL"),
    ("DELETE FROM t WHERE x LIKE 'a%'", ""),
    ("DELETE FROM t WHERE x LIKE 'a%'", "ALTER TABLE t ALTER x TYPE mood USING NULL"),
    ("DELETE FROM t WHERE x LIKE 'a%'", "ALTER TABLE t ALTER x TYPE varchar(9)"),
    ("DELETE FROM t WHERE n = 5", "ALTER TABLE t ALTER n TYPE text"),
    ("DELETE FROM t WHERE n = 5", "ALTER TABLE t ALTER n TYPE bigint"),
    ("DELETE FROM t WHERE n BETWEEN 1 AND 5", "ALTER TABLE t ALTER n TYPE text"),
    ("DELETE FROM t WHERE n BETWEEN 1 AND 5", "ALTER TABLE t ALTER n TYPE numeric(9, 2)"),
    ("DELETE FROM t USING o WHERE o.t_id = t.id", "ALTER TABLE o ALTER t_id TYPE text"),
    ("DELETE FROM t USING o WHERE o.t_id = t.id", "ALTER TABLE o ALTER t_id TYPE bigint"),
    ("UPDATE t SET x = n WHERE id = 2", ""),
    ('UPDATE t SET x = "Z z"', "ALTER TABLE t ALTER x TYPE varchar(3)"),
    ("UPDATE t SET ok = true", ""),
    ("UPDATE t SET ok = true", "ALTER TABLE t ALTER ok TYPE text"),
    ("DELETE FROM t WHERE at < '2020-01-01'", ""),
    ("DELETE FROM t WHERE at < '2020-01-01'", "ALTER TABLE t ALTER at TYPE date"),
    ("INSERT INTO t (id, x) VALUES (1, 'a'), (2, 'b')", ""),
]  # fmt: skip


def test_a_query_is_printed_only_where_it_still_runs(database: str) -> None:
    """It is, too, where a later statement has changed nothing that matters to it."""

    def holds(given: tuple[str, str]) -> None:
        sql, later = given
        query = effect_query(sql)
        assert query is not None
        replay = Replay()
        replay.run_all(parse(f"{TABLES}{later}"))
        fails = ""
        with psycopg.connect(database) as connection:
            connection.execute(f"{TABLES}{later}".encode())
            try:
                connection.execute(query.sql.encode())
            except psycopg.Error as error:
                fails = str(error)
            connection.rollback()
        assert runs(query.sql, Live(replay.freeze().objects, "public", 15), ()) is not bool(fails), fails

    hold(holds, LATER)


@pytest.mark.parametrize(
    ("sql", "before"),
    [
        pytest.param("UPDATE t SET z = 'filled'", ["ALTER TABLE t ADD z text"], id="a column"),
        pytest.param(
            "UPDATE t SET n = 1 WHERE m = 5",
            ["ALTER TABLE t RENAME n TO m", "ALTER TABLE t ADD n int"],
            id="another name",
        ),
        pytest.param("UPDATE t SET n = 'many'", ["ALTER TABLE t ALTER n TYPE text"], id="another type"),
        pytest.param("DELETE FROM t WHERE now = 'new'", ["ALTER TYPE mood ADD VALUE 'new'"], id="a value"),
        pytest.param("DELETE FROM w WHERE id = 1", ["CREATE TABLE w (id int PRIMARY KEY)"], id="a table"),
    ],
)
def test_what_comes_before_the_query_makes_what_it_needs(sql: str, before: list[str]) -> None:
    replay = Replay()
    replay.run_all(parse(TABLES))
    live, query = Live(replay.freeze().objects, "public", 15), effect_query(sql)
    assert query is not None
    assert (runs(query.sql, live, ()), runs(query.sql, live, before)) == (False, True)

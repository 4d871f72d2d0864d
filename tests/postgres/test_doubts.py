"""What is known of an object is compared; only what is in doubt is left out, and named."""

import psycopg
import pytest

from shared.model.schema import Kind, Operator, Schema
from shared.postgres.difference import differences
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema
from tests.tables import hold


def made_by(*scripts: str) -> Schema:
    replay = Replay()
    for script in scripts:
        replay.run_all(parse(script))
    return replay.freeze()


def found(release: str, production: str) -> list[str]:
    return [
        f"{each.change} {each.subject} {','.join(each.attributes)}".strip()
        for each in differences(made_by(release), made_by(production))
    ]


MADE_OF_A_QUERY = "CREATE TABLE t (id int, at timestamp); CREATE TABLE c AS SELECT id, at - at AS span FROM t"
DATED = "CREATE TABLE t (d timestamp)"
PARTITIONED = (
    "CREATE TABLE whole (id int PRIMARY KEY);"
    "CREATE TABLE log (at date, whole int REFERENCES whole (id)) PARTITION BY RANGE (at)"
)
AS_A_SERVER_MAKES_IT = "CREATE TABLE t (id int, at timestamp); CREATE TABLE c (id int, span interval{})"


@pytest.mark.parametrize(
    ("release", "production", "expected"),
    [
        pytest.param(MADE_OF_A_QUERY, AS_A_SERVER_MAKES_IT.format(""), [], id="as it was made"),
        pytest.param(
            MADE_OF_A_QUERY, AS_A_SERVER_MAKES_IT.format(" NOT NULL"), ["changed column public.c.span nullable"], id="nullability"
        ),
        pytest.param(
            MADE_OF_A_QUERY, AS_A_SERVER_MAKES_IT.format(" DEFAULT '1 day'"), ["changed column public.c.span default"], id="default"
        ),
        pytest.param(
            MADE_OF_A_QUERY, AS_A_SERVER_MAKES_IT.format("); ALTER TABLE c DROP COLUMN span; SELECT (1"),
            ["missing column public.c.span"], id="existence"
        ),
        pytest.param(
            f"{MADE_OF_A_QUERY}; ALTER TABLE c ALTER span TYPE text; ",
            AS_A_SERVER_MAKES_IT.format(""), ["changed column public.c.span type"], id="a type that a later statement sets"
        ),
        pytest.param(
            f"{MADE_OF_A_QUERY}; ALTER TABLE c RENAME span TO took; ALTER TABLE c RENAME TO d",
            AS_A_SERVER_MAKES_IT.format("); ALTER TABLE c RENAME span TO took; ALTER TABLE c RENAME TO d; SELECT (1"),
            [], id="the doubt follows renames"
        ),
        pytest.param(
            f"{MADE_OF_A_QUERY}; ALTER TABLE c DROP COLUMN span; ALTER TABLE c ADD span text",
            AS_A_SERVER_MAKES_IT.format(""), ["changed column public.c.span type"], id="the doubt goes with its column"
        ),
        pytest.param("CREATE TABLE t (a riddle NOT NULL)", "CREATE TABLE t (a riddle)", ["changed column public.t.a nullable"],
                     id="a type that no migration makes"),
        pytest.param(
            "CREATE TABLE auth.mine (id int)", "CREATE SCHEMA auth; CREATE TABLE auth.mine (id int); CREATE TABLE auth.users (id int)",
            [], id="the platform's schema holds others"
        ),
        pytest.param(
            "CREATE TABLE auth.mine (id int)", "CREATE SCHEMA auth; CREATE TABLE auth.mine (id bigint)",
            ["changed column auth.mine.id type"], id="what the migrations make in the platform's schema is compared"
        ),
        pytest.param("IMPORT FOREIGN SCHEMA s FROM SERVER v INTO public", "CREATE FOREIGN TABLE f (a int) SERVER v", [],
                     id="foreign tables that another server has"),
        pytest.param("IMPORT FOREIGN SCHEMA s FROM SERVER v INTO public", "CREATE TABLE f (a int)", ["unexpected table public.f"],
                     id="a table among foreign tables that another server has"),
        pytest.param("CREATE FOREIGN TABLE f (a riddle) SERVER v", "CREATE FOREIGN TABLE f (a int) SERVER v", [],
                     id="a foreign table with a type that no migration makes"),
        pytest.param(f"{PARTITIONED}; ALTER TABLE log DISABLE TRIGGER ALL", PARTITIONED, [],
                     id="foreign keys of a partitioned table stay on in PostgreSQL 13 and 14"),
        pytest.param(
            f"{PARTITIONED}; ALTER TABLE log DISABLE TRIGGER ALL; ALTER TABLE log ENABLE TRIGGER ALL",
            f"{PARTITIONED}; ALTER TABLE whole DISABLE TRIGGER ALL",
            ["changed foreign key public.log.log_whole_fkey enforced"], id="foreign keys of a partitioned table that are on again"
        ),
        pytest.param(f"{DATED}; CREATE INDEX ON t (EXTRACT(year FROM d))", f"{DATED}; CREATE INDEX t_date_part_idx ON t (EXTRACT(year FROM d))",
                     [], id="an unnamed index that PostgreSQL 13 made"),
        pytest.param(
            f"{DATED}; CREATE INDEX ON t (EXTRACT(year FROM d))", f"{DATED}; CREATE INDEX t_date_part_idx ON t (EXTRACT(day FROM d))",
            ["unexpected index public.t_date_part_idx", "missing index public.t_extract_idx"], id="another index by the name that PostgreSQL 13 gives"
        ),
    ],
)  # fmt: skip
def test_what_is_known_is_compared(release: str, production: str, expected: list[str]) -> None:
    assert found(release, production) == expected


UNKNOWN_STARS = """
CREATE TABLE t (id int, body jsonb);
CREATE VIEW v AS SELECT * FROM t, jsonb_each(body);
CREATE MATERIALIZED VIEW m AS SELECT e.* FROM t, jsonb_each(body) AS e;
CREATE VIEW w AS SELECT * FROM pg_stat_database;
CREATE TABLE made AS SELECT * FROM jsonb_array_elements('[]');
"""


def test_a_star_over_what_is_not_known_is_no_drift(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(UNKNOWN_STARS.encode())
        live = live_schema(connection)
    expected = made_by(UNKNOWN_STARS)
    assert differences(expected, live) == []
    of_views = sorted(str(subject) for subject in expected.doubts if subject.kind is not Kind.COLUMN)
    assert of_views == ["materialized view public.m", "view public.v", "view public.w"]
    assert list(map(str, expected.opaque)) == ["table public.made"]
    assert made_by(UNKNOWN_STARS, "CREATE OR REPLACE VIEW v AS SELECT id FROM t").doubts.keys() < expected.doubts.keys()


def test_no_sql_is_printed_that_would_have_to_guess_a_type() -> None:
    (missing,) = differences(made_by(MADE_OF_A_QUERY), made_by("CREATE TABLE t (id int, at timestamp)"))
    assert (str(missing.subject), missing.corrective) == ("table public.c", ())
    (column,) = differences(
        made_by(MADE_OF_A_QUERY), made_by("CREATE TABLE t (id int, at timestamp); CREATE TABLE c (id int)")
    )
    assert (column.expected, column.corrective) == ("a type that is not known", ())


TABLES = "CREATE TABLE a (id int PRIMARY KEY, x text); CREATE TABLE b (id int, CHECK (id > 0));"
LOOP = "DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM pg_tables LOOP EXECUTE {}; END LOOP; END $$;"


def by_text(text: str) -> str:
    """A release whose block executes *text*, put together from rows, and whose later migration is checked all the same."""
    return f"{TABLES} {LOOP.format(text)} CREATE TABLE later (id int);"


ROW_SECURITY = by_text("format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', r.schemaname, r.tablename)")
DROPS = by_text("'DROP TABLE ' || quote_ident(r.tablename)")
DEFAULTS = by_text("format('ALTER TABLE a ALTER COLUMN x SET DEFAULT %L', r.tablename)")
INDEXES = by_text("format('CREATE INDEX %I ON %I (id)', r.tablename || '_idx', r.tablename)")
PARTITIONS = by_text("format('CREATE TABLE %I (LIKE a)', 'a_' || r.tablename)")
CHECKS = by_text("'ALTER TABLE b DROP CONSTRAINT ' || r.conname")
ON = "ALTER TABLE {} ENABLE ROW LEVEL SECURITY;"


@pytest.mark.parametrize(
    ("release", "production", "expected"),
    [
        pytest.param(ROW_SECURITY, TABLES + ON.format("a") + ON.format("b"), ["missing table public.later"], id="as a server runs it, and a later table gone"),
        pytest.param(ROW_SECURITY, TABLES + "CREATE TABLE later (id int)", [], id="nothing of it"),
        pytest.param(ROW_SECURITY, "CREATE TABLE b (id int, CHECK (id > 0)); CREATE TABLE later (id int)", ["missing table public.a"], id="a table gone that it bears on"),
        pytest.param(ROW_SECURITY, f"{TABLES} CREATE TABLE later (id int); ALTER TABLE a ADD y int", ["unexpected column public.a.y"], id="a column of such a table"),
        pytest.param(ROW_SECURITY, f"{TABLES} CREATE TABLE later (id int); {ON.format('later')}", ["unexpected row security public.later"], id="a table made later"),
        pytest.param(DROPS, "CREATE TABLE b (id int, CHECK (id > 0)); CREATE TABLE later (id int)", [], id="what may have been dropped"),
        pytest.param(DROPS, f"{TABLES} CREATE TABLE later (id bigint)", ["changed column public.later.id type"], id="what may have been dropped is there"),
        pytest.param(DROPS, "CREATE TABLE a (id bigint PRIMARY KEY, x text); CREATE TABLE later (id int)", ["changed column public.a.id type"], id="existing objects are compared"),
        pytest.param(DEFAULTS, "CREATE TABLE a (id int PRIMARY KEY, x text DEFAULT 'b' NOT NULL); CREATE TABLE b (id int, CHECK (id > 0)); CREATE TABLE later (id int)", ["changed column public.a.x nullable"], id="a default from a row"),
        pytest.param(INDEXES, f"{TABLES} CREATE TABLE later (id int); CREATE INDEX a_idx ON a (id); CREATE INDEX mine ON later (id)", ["unexpected index public.mine"], id="indexes under names from rows"),
        pytest.param(PARTITIONS, f"{TABLES} CREATE TABLE later (id int); CREATE TABLE a_b (id int, x text); CREATE INDEX mine ON later (id)", ["unexpected index public.mine"], id="tables under names from rows"),
        pytest.param(CHECKS, "CREATE TABLE a (id int PRIMARY KEY, x text); CREATE TABLE b (id int); CREATE TABLE later (id int)", [], id="constraints under names from rows"),
        pytest.param(
            "CREATE TABLE t (id int); DO $$ BEGIN IF EXISTS (SELECT FROM t) THEN RETURN; END IF; ALTER TABLE t ADD x int; END $$;",
            "CREATE TABLE t (id int)", [], id="a block that may have returned before"
        ),
        pytest.param(
            "CREATE TABLE t (id int); DO $$ BEGIN IF EXISTS (SELECT FROM t) THEN DROP TABLE t; END IF; END $$; CREATE TABLE IF NOT EXISTS t (id int, y int)",
            "CREATE TABLE t (id int, y int)", [], id="what may have been dropped is made again"
        ),
    ],
)  # fmt: skip
def test_only_what_a_text_from_rows_can_touch_is_in_doubt(release: str, production: str, expected: list[str]) -> None:
    assert found(release, production) == expected


ALL_KINDS = """
CREATE TABLE a (id serial PRIMARY KEY, x text);
CREATE SEQUENCE s; CREATE SEQUENCE other;
CREATE VIEW v AS SELECT id FROM a;
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';
"""
# Each text, what it does where a server runs it, and a change to what it touches that is drift all the same.
IDIOMS = [
    ("format('ALTER SEQUENCE %I OWNER TO app', r.n)", "", "DROP SEQUENCE s", "missing sequence public.s"),
    ("format('ALTER SEQUENCE %I RESTART WITH %s', r.n, r.m)", "ALTER SEQUENCE s RESTART WITH 9", "ALTER SEQUENCE s CYCLE", "changed sequence public.s options"),
    ("format('ALTER SEQUENCE %I RESTART', r.n)", "ALTER SEQUENCE s RESTART", "ALTER SEQUENCE s CYCLE", "changed sequence public.s options"),
    ("format('ALTER SEQUENCE %I OWNED BY %I.%I', r.n, r.t, r.c)", "ALTER SEQUENCE s OWNED BY a.id", "ALTER SEQUENCE s CYCLE", "changed sequence public.s options"),
    ("format('ALTER SEQUENCE %I OWNED BY NONE', r.n)", "ALTER SEQUENCE a_id_seq OWNED BY NONE", "ALTER SEQUENCE a_id_seq CYCLE", "changed sequence public.a_id_seq options"),
    ("format('ALTER SEQUENCE %I.%I AS bigint', r.o, r.n)", "ALTER SEQUENCE a_id_seq AS bigint", "DROP SEQUENCE s", "missing sequence public.s"),
    ("format('SELECT setval(%L, %s)', r.n, r.m)", "", "DROP SEQUENCE s", "missing sequence public.s"),
    ("format('ALTER VIEW %I SET (security_invoker = true)', r.n)", "ALTER VIEW v SET (security_invoker = true)", "DROP VIEW v", "missing view public.v"),
    ("format('ALTER VIEW %I OWNER TO app', r.n)", "", "DROP VIEW v", "missing view public.v"),
    ("format('ALTER FUNCTION %I.%I(%s) SET search_path = %L', r.o, r.n, r.p, '')", "ALTER FUNCTION f(int) SET search_path = ''", "DROP FUNCTION g()", "missing function public.g()"),
    ("format('ALTER FUNCTION %s SECURITY INVOKER', r.oid::regprocedure)", "", "ALTER FUNCTION g() IMMUTABLE", "changed function public.g() volatility"),
    ("format('ALTER FUNCTION %I(int) IMMUTABLE', r.n)", "ALTER FUNCTION f(int) IMMUTABLE", "ALTER FUNCTION g() STRICT", "changed function public.g() strict"),
    ("format('ALTER FUNCTION %I.%I OWNER TO app', r.o, r.n)", "", "DROP FUNCTION g()", "missing function public.g()"),
    ("'DROP FUNCTION ' || r.oid::regprocedure", "DROP FUNCTION f(int)", "ALTER FUNCTION g() STRICT", "changed function public.g() strict"),
    ("format('DROP FUNCTION IF EXISTS %I.%I(%s) CASCADE', r.o, r.n, r.p)", "DROP FUNCTION f(int)", "DROP SEQUENCE s", "missing sequence public.s"),
    ("format('ALTER TABLE %I OWNER TO app', r.n)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
    ("format('GRANT SELECT ON %I TO app', r.n)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
    ("format('COMMENT ON TABLE %I IS %L', r.n, r.c)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
    ("format('REINDEX TABLE %I', r.n)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
    ("format('ANALYZE %I', r.n)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
    ("format('TRUNCATE %I CASCADE', r.n)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
    ("format('DROP TRIGGER IF EXISTS %I ON %I', r.g, r.n)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
    ("format('DROP POLICY IF EXISTS %I ON %I', r.g, r.n)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
    ("format('REFRESH MATERIALIZED VIEW %I', r.n)", "", "ALTER TABLE a DROP x", "missing column public.a.x"),
]  # fmt: skip


def test_what_the_usual_loops_touch_and_nothing_else_is_in_doubt() -> None:
    def asserts(idiom: tuple[str, str, str, str]) -> None:
        text, does, drifts, expected = idiom
        release = f"{ALL_KINDS} {LOOP.format(text)} CREATE TABLE later (id int);"
        as_run = f"{ALL_KINDS} {does};"
        assert found(release, as_run) == ["missing table public.later"]
        assert found(release, f"{as_run} CREATE TABLE later (id int);") == []
        assert found(release, f"{as_run} CREATE TABLE later (id int); {drifts};") == [expected]

    hold(asserts, IDIOMS)


ONE_FIRST = """
CREATE FUNCTION above(int, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION above(text, int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR >>> (LEFTARG = int, RIGHTARG = text, FUNCTION = above, COMMUTATOR = <<<);
CREATE OPERATOR <<< (LEFTARG = text, RIGHTARG = int, FUNCTION = above);
"""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param("", [], id="restored"),
        pytest.param("DROP OPERATOR >>> (int, text);", ["missing operator public.>>>(integer, text)"], id="dropped"),
    ],
)
def test_operators_that_one_alone_links_may_be_linked_or_not(change: str, expected: list[str]) -> None:
    functions, _, operators = ONE_FIRST.partition("CREATE OPERATOR >>>")
    first, _, second = operators.partition(";")
    as_restored = f"{functions}{second} CREATE OPERATOR >>>{first};"
    linked = [
        definition.commutator is not None
        for definition in made_by(as_restored).objects.values()
        if isinstance(definition, Operator)
    ]
    assert linked == [True, True]
    assert found(ONE_FIRST, as_restored + change) == expected
    assert found(as_restored, ONE_FIRST + change) == expected

from decimal import Decimal

import psycopg
import pytest

from shared.model.recorded_error import RecordedError
from shared.model.schema import Column, Kind, Subject
from shared.postgres.live import Live
from shared.postgres.parse import parse
from shared.postgres.violations import InTheWay, enums_made, query_for_violations
from tests.postgres.live import live_schema

NOTHING = Live({}, "public", 16)

TABLES = """
CREATE TABLE "Parent" (id int PRIMARY KEY);
CREATE TABLE child (id int, "parentId" int, slug text);
INSERT INTO "Parent" VALUES (1);
INSERT INTO child VALUES (1, 1, 'a'), (2, 7, 'a'), (3, NULL, NULL);
"""


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        pytest.param("CREATE UNIQUE INDEX ON child (slug)", [("a", 2)], id="unique index"),
        pytest.param("CREATE UNIQUE INDEX CONCURRENTLY ON child (slug)", [("a", 2)], id="unique index, concurrently"),
        pytest.param("CREATE UNIQUE INDEX ON child (lower(slug) text_pattern_ops DESC, (id - id))", [("a", 0, 2)], id="unique index of expressions"),
        pytest.param("CREATE UNIQUE INDEX ON child USING btree (slug COLLATE \"C\") WHERE slug > ''", [("a", 2)], id="unique index with a condition"),
        pytest.param('CREATE UNIQUE INDEX "(" ON child ((slug IS NULL)) -- (\n;', [(False, 2)], id="unique index of a test"),
        pytest.param("ALTER TABLE child ADD CONSTRAINT u UNIQUE (slug)", [("a", 2)], id="unique constraint"),
        pytest.param("ALTER TABLE child ALTER slug SET NOT NULL", [(1,)], id="not null"),
        pytest.param("ALTER TABLE child ADD COLUMN x int NOT NULL", [(3,)], id="new column without a default"),
        pytest.param('ALTER TABLE child ADD FOREIGN KEY ("parentId") REFERENCES "Parent" (id)', [(7, 1)], id="foreign key"),
        pytest.param('ALTER TABLE child ADD PRIMARY KEY (id, "parentId")', [(1,)], id="null in a primary key"),
        pytest.param('ALTER TABLE child ADD CONSTRAINT e EXCLUDE USING btree (slug COLLATE "C" DESC WITH =)', [("a", 2)], id="exclusion"),
        pytest.param("ALTER TABLE child ADD EXCLUDE USING gist (box(point(id, 1), point(id + 1, 1)) WITH OPERATOR(pg_catalog.&&)) WHERE (id > 1), ADD CHECK (id > 0)", [("(3,1),(2,1)", 1), ("(4,1),(3,1)", 1)], id="exclusion of an expression"),
    ],
)  # fmt: skip
def test_the_query_finds_the_rows_that_stood_in_the_way(
    statement: str, rows: list[tuple[object, ...]], database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        with pytest.raises(psycopg.errors.IntegrityError) as caught:
            connection.execute(statement.encode())
        found = query_for_violations(statement, RecordedError(str(caught.value), caught.value.sqlstate), NOTHING)
        assert found is not None
        assert found.query is not None
        assert connection.execute(found.query.encode()).fetchall() == rows


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        pytest.param('ALTER TABLE child VALIDATE CONSTRAINT "id < 3"', [(3, 1)], id="a check that the catalog has"),
        pytest.param("ALTER TABLE child VALIDATE CONSTRAINT fk", [(7, 1)], id="a foreign key that the catalog has"),
        pytest.param("ALTER DOMAIN word ADD CONSTRAINT c CHECK (VALUE <> 'a' AND VALUE <> ')')", [("a", 2)], id="a check of a domain"),
        pytest.param("ALTER DOMAIN word SET NOT NULL", [(1,)], id="a domain without NULL"),
    ],
)  # fmt: skip
def test_constraints_that_are_elsewhere_find_their_rows(
    statement: str, rows: list[tuple[object, ...]], database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        connection.execute(
            'CREATE DOMAIN word AS text; ALTER TABLE child ALTER slug TYPE word, ADD CONSTRAINT "id < 3" CHECK (id < 3) NOT VALID,'
            'ADD CONSTRAINT fk FOREIGN KEY ("parentId") REFERENCES "Parent" (id) NOT VALID'
        )
        with pytest.raises(psycopg.errors.IntegrityError) as caught:
            connection.execute(statement.encode())
        said = caught.value.diag
        error = RecordedError(str(caught.value), caught.value.sqlstate, table=said.table_name, column=said.column_name)
        live = Live.of(live_schema(connection), "public", str(connection.info.server_version // 10000))
        found = query_for_violations(statement, error, live)
        assert found is not None
        assert found.query is not None
        assert connection.execute(found.query.encode()).fetchall() == rows


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    [
        pytest.param("CREATE TABLE child ()", "42P07", id="another error"),
        pytest.param("ALTER TABLE child ADD FOREIGN KEY (a) REFERENCES p", "23503", id="no columns named"),
        pytest.param("FROB", "23505", id="no SQL"),
        pytest.param("CREATE UNIQUE INDEX ON child (slug)", None, id="no error known"),
    ],
)
def test_where_no_likely_query_is_known_there_is_none(statement: str, sqlstate: str | None) -> None:
    assert query_for_violations(statement, RecordedError("x", sqlstate), NOTHING) is None


VALUES = """
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
CREATE TABLE odd (id int, n text, "Big" bigint, d numeric, u text, b text, long text, mood text, k int);
INSERT INTO odd VALUES
  (1, ' 42 ', 1, 1.4, '6ecd8c99-4036-403d-bf84-cf8400f67836', ' TRUE', 'ab    ', 'sad', 1),
  (2, '4x2', 3000000000, 99999, 'no', 'maybe', 'abc', 'glad', -1),
  (3, '4x2', -3000000000, -99999, '{6ecd8c99-4036-403d-bf84-cf8400f67836}', 'of', 'ünü', 'it''s ok', NULL),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0);
"""


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        pytest.param("ALTER TABLE odd ALTER n TYPE int USING n::int", {("4x2", 2)}, id="22P02, a number"),
        pytest.param("ALTER TABLE odd ALTER n TYPE numeric USING (n::numeric)", {("4x2", 2)}, id="22P02, a decimal"),
        pytest.param("ALTER TABLE odd ALTER u TYPE uuid USING u::uuid", {("no", 1)}, id="22P02, a uuid"),
        pytest.param("ALTER TABLE odd ALTER b TYPE boolean USING b::boolean", {("maybe", 1)}, id="22P02, a boolean"),
        pytest.param("ALTER TABLE odd ALTER mood TYPE mood USING mood::text::mood", {("glad", 1)}, id="22P02, an enum"),
        pytest.param('ALTER TABLE odd ALTER "Big" TYPE int', {(3000000000, 1), (-3000000000, 1)}, id="22003, an integer"),
        pytest.param("ALTER TABLE odd ALTER d TYPE smallint", {(Decimal(99999), 1), (Decimal(-99999), 1)}, id="22003, a decimal"),
        pytest.param("ALTER TABLE odd ALTER long TYPE varchar(2)", {("abc", 1), ("ünü", 1)}, id="22001, varchar"),
        pytest.param("ALTER TABLE odd ALTER long TYPE char(2)", {("abc", 1), ("ünü", 1)}, id="22001, char"),
        pytest.param("ALTER TABLE odd ADD CONSTRAINT c CHECK (k >= 0 AND n <> ')')", {(-1, "4x2", 1)}, id="23514"),
        pytest.param("ALTER TABLE odd ADD CHECK (id > 0), ADD CONSTRAINT c CHECK (k >= 0)", {(-1, 1)}, id="23514, the second of two"),
        pytest.param('ALTER TABLE odd ALTER k TYPE "Mood" USING k::text::"Mood"', {("type", "public", "mood")}, id="42704, in another case"),
    ],
)  # fmt: skip
def test_the_query_finds_just_the_values_that_do_not_fit(
    statement: str, rows: set[tuple[object, ...]], any_database: str
) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute(VALUES.encode())
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(statement.encode())
        diag = caught.value.diag
        error = RecordedError(diag.message_primary or "", diag.sqlstate, constraint=diag.constraint_name)
        live = Live.of(live_schema(connection), "public", str(connection.info.server_version // 10000))
        found = query_for_violations(statement, error, live)
        assert found is not None
        assert found.query is not None
        assert set(connection.execute(found.query.encode()).fetchall()) == rows


def test_the_labels_of_an_enum_that_was_rolled_back_with_the_rest_come_from_the_script() -> None:
    script = parse('CREATE TYPE "New" AS ENUM (\'a\', \'b\');\nALTER TABLE t ALTER c TYPE "New" USING c::text::"New";')
    live = Live({Subject(Kind.COLUMN, ("public", "t", "c")): Column('public."Old"')}, "public", 15)
    found = query_for_violations(script[1].sql, RecordedError("x", "22P02"), live, enums_made(script))
    assert found is not None
    assert found.query == "SELECT c, count(*) FROM t WHERE c::text NOT IN ('a', 'b') GROUP BY c ORDER BY count(*) DESC;"


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    [
        pytest.param("ALTER TABLE t ALTER c TYPE int USING f(c)", "22P02", id="another expression"),
        pytest.param("ALTER TABLE t ALTER c TYPE date USING c::time::date", "22007", id="another cast between"),
        pytest.param("ALTER TABLE t ALTER c TYPE int USING c::date", "22007", id="a cast to another type"),
        pytest.param("ALTER TABLE t ALTER c TYPE d USING c::d", "22P02", id="an unknown type"),
        pytest.param("ALTER TABLE t ALTER nowhere TYPE date USING nowhere::date", "22007", id="no such column"),
        pytest.param(
            "ALTER TABLE t ALTER c TYPE varchar(2) USING c::varchar(2)", "22001", id="a cast that cuts in silence"
        ),
        pytest.param("INSERT INTO t VALUES ('x')", "22P02", id="rows that are written"),
        pytest.param("ALTER TABLE t ADD CHECK (true)", "23514", id="a check of no column"),
    ],
)
def test_no_query_is_guessed(statement: str, sqlstate: str) -> None:
    live = Live({Subject(Kind.COLUMN, ("public", "t", "c")): Column("text")}, "public", 16)
    assert query_for_violations(statement, RecordedError("x", sqlstate), live) is None


def test_where_the_server_has_no_function_for_it_that_is_said() -> None:
    statement = 'ALTER TABLE "T" ALTER c TYPE date USING c::date'
    live = Live({Subject(Kind.COLUMN, ("public", "T", "c")): Column("text")}, "public", 15)
    assert query_for_violations(statement, RecordedError("x", "22007"), live) == InTheWay(
        None,
        'Find the values of "T".c that are not a valid date. No query is printed for that: PostgreSQL before 16 has no '
        "function that tests a value (pg_input_is_valid).",
    )
    newer = Live(live.objects, "public", 16)
    assert query_for_violations(statement, RecordedError("x", "22007"), newer) == InTheWay(
        "SELECT c, count(*) FROM \"T\" WHERE NOT pg_input_is_valid(c, 'date') GROUP BY c ORDER BY count(*) DESC;"
    )


def test_of_several_columns_the_one_whose_type_the_message_names_comes_first() -> None:
    statement = "ALTER TABLE t ALTER a TYPE int USING a::int, ALTER b TYPE uuid USING b::uuid"
    columns = {Subject(Kind.COLUMN, ("public", "t", name)): Column("text") for name in "ab"}
    error = RecordedError('ERROR: invalid input syntax for type uuid: "x"', "22P02")
    found = query_for_violations(statement, error, Live(columns, "public", 16))
    assert found is not None
    assert found.query == (
        "SELECT b, count(*) FROM t WHERE NOT pg_input_is_valid(b, 'uuid') GROUP BY b ORDER BY count(*) DESC;"
    )

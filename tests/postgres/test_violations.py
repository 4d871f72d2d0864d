import psycopg
import pytest

from shared.postgres.violations import query_for_violations

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
        pytest.param("ALTER TABLE child ADD CONSTRAINT u UNIQUE (slug)", [("a", 2)], id="unique constraint"),
        pytest.param("ALTER TABLE child ALTER slug SET NOT NULL", [(1,)], id="not null"),
        pytest.param("ALTER TABLE child ADD COLUMN x int NOT NULL", [(3,)], id="new column without a default"),
        pytest.param('ALTER TABLE child ADD FOREIGN KEY ("parentId") REFERENCES "Parent" (id)', [(7, 1)], id="foreign key"),
    ],
)  # fmt: skip
def test_the_query_finds_the_rows_that_stood_in_the_way(
    statement: str, rows: list[tuple[object, ...]], database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        with pytest.raises(psycopg.errors.IntegrityError) as caught:
            connection.execute(statement.encode())
        query = query_for_violations(statement, caught.value.sqlstate)
        assert query is not None
        assert connection.execute(query.encode()).fetchall() == rows


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    [
        pytest.param("CREATE UNIQUE INDEX ON child (lower(slug))", "23505", id="an expression"),
        pytest.param("CREATE UNIQUE INDEX ON child (slug) WHERE slug > ''", "23505", id="a condition"),
        pytest.param("CREATE TABLE child ()", "42P07", id="another error"),
        pytest.param("ALTER TABLE child ADD FOREIGN KEY (a) REFERENCES p", "23503", id="no columns named"),
        pytest.param("FROB", "23505", id="no SQL"),
        pytest.param("CREATE UNIQUE INDEX ON child (slug)", None, id="no error known"),
    ],
)
def test_where_no_likely_query_is_known_there_is_none(statement: str, sqlstate: str | None) -> None:
    assert query_for_violations(statement, sqlstate) is None

"""A table with an INVALID unique index: what rewrites the table builds it again, and meets the rows for which it failed."""

from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest

from shared.postgres.parse import read
from tests.postgres.plan.over_rows import Database, verdict

TABLE = "CREATE TABLE t (id integer PRIMARY KEY, n integer, s text); INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'A'), (3, 2, 'b');"
INDEXES = {
    "n": "CREATE UNIQUE INDEX i ON t (n)",
    "expression": "CREATE UNIQUE INDEX i ON t (lower(s))",
    "partial": "CREATE UNIQUE INDEX i ON t (n) WHERE s <> 'a'",
    "id": "CREATE UNIQUE INDEX i ON t (id)",
    "outside": "CREATE UNIQUE INDEX i ON t (n) WHERE id < 2",
}
REWRITE = "ALTER TABLE t ADD COLUMN g integer GENERATED ALWAYS AS (id * 2) STORED"
DUPLICATES = "23505"


@pytest.mark.parametrize(
    ("index", "script", "ends"),
    [
        ("n", REWRITE, DUPLICATES),
        ("expression", REWRITE, DUPLICATES),
        ("partial", REWRITE, DUPLICATES),
        ("id", REWRITE, None),
        ("outside", REWRITE, None),
        ("n", "ALTER TABLE t ADD COLUMN g uuid DEFAULT gen_random_uuid()", DUPLICATES),
        ("n", "ALTER TABLE t ALTER id TYPE bigint", DUPLICATES),
        ("n", "ALTER TABLE t ALTER n TYPE bigint", DUPLICATES),
        ("n", "ALTER TABLE t ALTER n TYPE bigint USING id", None),
        ("n", "ALTER TABLE t SET UNLOGGED", DUPLICATES),
        ("n", "ALTER TABLE t ADD COLUMN g integer DEFAULT 1", None),
        ("n", "UPDATE t SET n = id; " + REWRITE, None),
        ("n", "DROP INDEX i; " + REWRITE, None),
    ],
)
def test_a_rewrite_ends_as_the_rows_decide(
    new_database: Callable[..., str], index: str, script: str, ends: str | None
) -> None:
    with psycopg.connect(new_database(), autocommit=True) as connection:
        connection.execute(TABLE.encode(), prepare=False)
        with suppress(psycopg.errors.UniqueViolation):
            connection.execute(INDEXES[index].replace("INDEX", "INDEX CONCURRENTLY").encode())
        # Of those that could be built, one whose build was cancelled.
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass")
        there = Database.reading(connection, f"{TABLE} {INDEXES[index]};")
        found = verdict(list(there.predicted(list(read(script)), in_block=False)))
        met = None
        try:
            connection.execute(script.encode(), prepare=False)
        except psycopg.errors.UniqueViolation as error:
            met = error.sqlstate
    assert (found[1], met) == (ends, ends)

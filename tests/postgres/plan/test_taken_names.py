"""Names that no object of the model has: ranges and their multiranges, foreign tables, made by hand or by migrations.

Each statement is predicted, and then run by the server.
"""

import psycopg
import pytest

from shared.postgres.parse import read
from tests.postgres.plan.outcomes import Ending, ending, sent
from tests.postgres.plan.over_rows import Database

MODELLED = "CREATE TABLE t (a int); CREATE TYPE e AS ENUM ('a'); CREATE SEQUENCE sq;"
OTHERS = """
CREATE TYPE r AS RANGE (subtype = integer);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE ft (a int) SERVER s;
"""
NAMES = ("r", "r_multirange", "ft", "e", "t", "free", "sq")
# Before 14 a sequence has a type of its name, too, and a range no multirange: neither is followed.
OTHER_BEFORE_14 = frozenset({"sq", "r_multirange"})
STATEMENTS = (
    "CREATE TABLE {} (a int)",
    "CREATE TABLE IF NOT EXISTS {} (a int)",
    "CREATE TABLE {} AS SELECT 1 AS a",
    "CREATE VIEW {} AS SELECT 1 AS a",
    "CREATE MATERIALIZED VIEW {} AS SELECT 1 AS a",
    "CREATE SEQUENCE {}",
    "CREATE INDEX {} ON t (a)",
    "CREATE TYPE {} AS ENUM ('b')",
    "CREATE TYPE {} AS (a int)",
    "CREATE TYPE {} AS RANGE (subtype = text)",
    "CREATE DOMAIN {} AS int",
    "ALTER TABLE t RENAME TO {}",
    "ALTER TYPE e RENAME TO {}",
    "ALTER TABLE t ADD CONSTRAINT {} UNIQUE (a)",
    "CREATE TABLE u (a {})",
    "DROP TYPE r; CREATE TABLE {} (a int)",
    "DROP FOREIGN TABLE ft; CREATE VIEW {} AS SELECT 1 AS a",
    "ALTER TYPE r RENAME TO q; CREATE SEQUENCE {}",
    "SET LOCAL search_path TO nowhere, public; CREATE TABLE {} (a int)",
)


@pytest.mark.parametrize("by_hand", [False, True], ids=["by migrations", "by hand"])
def test_a_name_that_is_taken_is_refused_as_the_server_does(by_hand: bool, database: str) -> None:
    wrong = []
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((MODELLED + OTHERS).encode())
        made = Database.reading(connection, MODELLED if by_hand else MODELLED + OTHERS)
        for name in (each for each in NAMES if made.version >= 14 or each not in OTHER_BEFORE_14):
            for each in STATEMENTS:
                script = each.format(name)
                expected = ending(list(made.predicted(list(read(script)), in_block=True)))
                connection.execute(b"BEGIN")
                done, sqlstate = sent(connection, script)
                connection.execute(b"ROLLBACK")
                met = Ending() if sqlstate is None else Ending(done, sqlstate)
                if expected != met:
                    wrong.append(f"{script}: {expected}, met {met}")
    assert wrong == []


def test_what_somebody_has_dropped_takes_no_name(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((MODELLED + OTHERS + "DROP TYPE r; DROP FOREIGN TABLE ft").encode())
        left = Database.reading(connection, MODELLED + OTHERS)
        script = "CREATE TABLE r (a int); CREATE TABLE ft (a int)"
        assert ending(list(left.predicted(list(read(script)), in_block=True))) == Ending()
        assert not left.present.is_as_made

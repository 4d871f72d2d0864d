"""NOT NULL is a constraint with a name since PostgreSQL 18: the one that is written, or one of the table's and column's.

Its name stays when they are renamed, and goes to the tables below. Older servers forget it.
"""

from collections.abc import Iterator

import psycopg
import pytest

from shared.postgres.parse import read
from tests.postgres.plan.over_rows import Database, verdict

OWN = "CREATE TABLE t (x int CONSTRAINT own NOT NULL, y int)"
PLAIN = "CREATE TABLE t (x int NOT NULL, y int)"
# The statements that ran, and the pending ones.
PARTITIONS = "CREATE TABLE t (x int) PARTITION BY RANGE (x); CREATE TABLE u PARTITION OF t DEFAULT"
ATTACHED = (
    "CREATE TABLE t (x int CONSTRAINT own NOT NULL) PARTITION BY RANGE (x); CREATE TABLE u (x int NOT NULL);"
    " ALTER TABLE t ATTACH PARTITION u DEFAULT"
)
AGAIN = "ALTER x DROP NOT NULL; ALTER TABLE {0} ALTER x SET NOT NULL"
# The statements that ran, and a name that a NOT NULL of a table may have.
NAMES = [
    (OWN, "t", "own"),
    (OWN, "t", "t_x_not_null"),
    (PLAIN, "t", "t_x_not_null"),
    (f"{PLAIN}; ALTER TABLE t RENAME TO u", "u", "t_x_not_null"),
    (f"{PLAIN}; ALTER TABLE t RENAME TO u", "u", "u_x_not_null"),
    (f"{PLAIN}; ALTER TABLE t RENAME TO u; CREATE TABLE t (x int NOT NULL)", "t", "t_x_not_null"),
    (f"{PLAIN}; ALTER TABLE t RENAME x TO z", "t", "t_x_not_null"),
    (f"{PLAIN}; ALTER TABLE t RENAME x TO z", "t", "t_z_not_null"),
    (f"{PLAIN}; ALTER TABLE t RENAME x TO z; ALTER TABLE t ADD x int NOT NULL", "t", "t_x_not_null1"),
    (f"{OWN}; ALTER TABLE t RENAME x TO z", "t", "own"),
    (f"{PLAIN}; ALTER TABLE t RENAME TO u; ALTER TABLE u {AGAIN.format('u')}", "u", "u_x_not_null"),
    (f"{OWN}; ALTER TABLE t {AGAIN.format('t')}", "t", "t_x_not_null"),
    (f"{OWN}; ALTER TABLE t ALTER x SET NOT NULL", "t", "own"),
    (f"{OWN}; ALTER TABLE t ALTER x TYPE bigint", "t", "own"),
    (f"{OWN}; CREATE TABLE u (LIKE t)", "u", "own"),
    (f"{PLAIN}; CREATE TABLE u (LIKE t INCLUDING ALL)", "u", "t_x_not_null"),
    (f"{OWN}; CREATE TABLE u () INHERITS (t)", "t", "own"),
    (f"{OWN}; CREATE TABLE u () INHERITS (t)", "u", "own"),
    (f"{PLAIN}; CREATE TABLE u () INHERITS (t)", "u", "u_x_not_null"),
    (f"{OWN}; CREATE TABLE u (x int NOT NULL) INHERITS (t)", "u", "u_x_not_null"),
    (f"{PARTITIONS}; ALTER TABLE t ALTER x SET NOT NULL", "u", "t_x_not_null"),
    (ATTACHED, "u", "u_x_not_null"),
    ("CREATE TABLE t (x int PRIMARY KEY)", "t", "t_x_not_null"),
    ("CREATE TABLE t (x serial CONSTRAINT own NOT NULL)", "t", "own"),
    ("CREATE TABLE t (x int GENERATED ALWAYS AS IDENTITY)", "t", "t_x_not_null"),
    ("CREATE TABLE t (x int CONSTRAINT own NULL)", "t", "own"),
    ("CREATE TABLE t (x int NOT NULL, CONSTRAINT t_x_not_null CHECK (x > 0))", "t", "t_x_not_null1"),
    ("CREATE TABLE t (x int, CONSTRAINT t_x_not_null CHECK (x > 0)); ALTER TABLE t ALTER x SET NOT NULL", "t",
     "t_x_not_null1"),
    ("CREATE TABLE t (x int); ALTER TABLE t ADD z int CONSTRAINT own NOT NULL", "t", "own"),
]  # fmt: skip
VERBS = (("VALIDATE", ""), ("DROP", ""), ("DROP", " CASCADE"), ("RENAME", " TO other"))
# The statements that ran, and the pending ones.
CASES = [
    *((before, f"ALTER TABLE {table} {verb} CONSTRAINT {name}{rest}")
      for before, table, name in NAMES for verb, rest in VERBS),
    (f"{OWN}; CREATE TABLE u () INHERITS (t)", "ALTER TABLE u ALTER x DROP NOT NULL"),
    (f"{PARTITIONS}; ALTER TABLE t ALTER x SET NOT NULL", "ALTER TABLE u ALTER x DROP NOT NULL"),
    (PLAIN, "ALTER TABLE t ADD CONSTRAINT t_x_not_null CHECK (x > 0)"),
    (OWN, "ALTER TABLE t ADD CONSTRAINT own CHECK (x > 0)"),
    (OWN, "ALTER TABLE t ADD CONSTRAINT own UNIQUE (x)"),
    (OWN, "ALTER TABLE t ADD CONSTRAINT t_x_not_null CHECK (x > 0)"),
    (OWN, "ALTER TABLE t DROP CONSTRAINT IF EXISTS own; ALTER TABLE t ALTER x SET NOT NULL"),
    (OWN, "ALTER TABLE t DROP CONSTRAINT IF EXISTS t_x_not_null"),
    (OWN, "ALTER TABLE t DROP CONSTRAINT own; INSERT INTO t (y) VALUES (1)"),
    (OWN, "ALTER TABLE t RENAME CONSTRAINT own TO other; ALTER TABLE t DROP CONSTRAINT other"),
    (OWN, "ALTER TABLE t ADD CONSTRAINT c CHECK (y > 0); ALTER TABLE t RENAME CONSTRAINT c TO own"),
]  # fmt: skip


@pytest.fixture
def connection(any_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(any_database, autocommit=True, prepare_threshold=None) as found:
        yield found


@pytest.mark.parametrize("is_pending", [False, True], ids=["before the run", "in the run"])
def test_a_not_null_is_found_by_its_name(connection: psycopg.Connection, is_pending: bool) -> None:
    expected, met = {}, {}
    pending: dict[str, list[str]] = {}
    for before, sql in CASES:
        pending.setdefault("" if is_pending else before, []).append(f"{before}; {sql}" if is_pending else sql)
    for before, scripts in pending.items():
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public", prepare=False)
        database = Database(connection, before)
        for script in scripts:
            outcome, sqlstate, _ = verdict(list(database.predicted(list(read(script)), in_block=False)))
            # Of a partition that was attached before 18 some names are not known: then the possible error is said.
            expected[before, script] = sqlstate if outcome in ("fails", "depends") else outcome
            met[before, script] = _met(connection, script)
    assert expected == met


def test_a_server_that_was_upgraded_has_names_of_its_own(connection: psycopg.Connection) -> None:
    """An older server forgot the name: the upgrade gives the column's NOT NULL the one that it has by default."""
    if connection.info.server_version < 180_000:
        return
    database = Database(connection, OWN)
    connection.execute("ALTER TABLE t RENAME CONSTRAINT own TO t_x_not_null")
    database = Database.reading(connection, OWN)
    found = {
        sql: verdict(list(database.predicted(list(read(sql)), in_block=False)))[:2]
        for sql in ("ALTER TABLE t DROP CONSTRAINT own", "ALTER TABLE t DROP CONSTRAINT t_x_not_null")
    }
    assert found == {
        "ALTER TABLE t DROP CONSTRAINT own": ("fails", "42704"),
        "ALTER TABLE t DROP CONSTRAINT t_x_not_null": ("ok", None),
    }


def _met(connection: psycopg.Connection, script: str) -> str | None:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(script.encode(), prepare=False)
    except psycopg.Error as error:
        return error.sqlstate
    return "ok"

"""What a statement does otherwise where TimeZone is not UTC: a server runs it under both."""

import psycopg
import pytest

from shared.diagnose.plan import Tools, plan_of
from shared.model.release import Migration
from shared.model.session_limits import SessionLimits, SetFor, TimeZone

ZONE = "America/New_York"
TABLE = "CREATE TABLE t (id int PRIMARY KEY, a text, l timestamp(3), z timestamptz(3), d date);"
ROW = "INSERT INTO t VALUES (1, 'x', '2024-07-01 12:00', '2024-07-01 12:00+00', '2024-07-01');"

# A statement, and whether it does otherwise.
CASES = [
    ("ALTER TABLE t ALTER COLUMN l TYPE timestamptz", True),
    ("ALTER TABLE t ALTER COLUMN l SET DATA TYPE TIMESTAMPTZ(3)", True),
    ("ALTER TABLE t ALTER COLUMN l TYPE timestamptz USING l AT TIME ZONE 'UTC'", False),
    ("ALTER TABLE t ALTER COLUMN l TYPE timestamp(6)", False),
    ("ALTER TABLE t ALTER COLUMN z TYPE timestamp(3)", True),
    ("ALTER TABLE t ALTER COLUMN z TYPE timestamptz(6)", False),
    ("ALTER TABLE t ADD COLUMN n TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP", True),
    ("ALTER TABLE t ADD COLUMN n timestamp DEFAULT now()", True),
    ("ALTER TABLE t ADD COLUMN n timestamp DEFAULT (now() AT TIME ZONE 'utc')", False),
    ("ALTER TABLE t ADD COLUMN n timestamp DEFAULT LOCALTIMESTAMP", True),
    ("ALTER TABLE t ADD COLUMN n timestamptz DEFAULT now()", False),
    ("ALTER TABLE t ADD COLUMN n timestamptz DEFAULT '2024-07-01 00:00:00'", True),
    ("ALTER TABLE t ADD COLUMN n timestamptz DEFAULT '2024-07-01'::timestamptz", True),
    ("ALTER TABLE t ADD COLUMN n timestamptz DEFAULT '2024-07-01 00:00:00Z'", False),
    ("ALTER TABLE t ADD COLUMN n timestamptz DEFAULT '2024-07-01 00:00:00+02'", False),
    ("ALTER TABLE t ADD COLUMN n timestamp DEFAULT '2024-07-01 00:00:00'", False),
    ("ALTER TABLE t ADD COLUMN n int DEFAULT 0", False),
    ("UPDATE t SET l = now()", True),
    ("UPDATE t SET l = '2024-07-01'", False),
    ("UPDATE t SET z = now(), a = 'y'", False),
    ("UPDATE t SET z = '2024-07-01 10:00'", True),
    ("INSERT INTO t (id, l) VALUES (2, '2024-07-01'), (3, CURRENT_TIMESTAMP)", True),
    ("INSERT INTO t VALUES (2, 'x', NULL, '2024-07-01')", True),
    ("INSERT INTO t (id, z) SELECT 2, now()", False),
    ("INSERT INTO t (id, l) SELECT 2, statement_timestamp()", True),
    ("CREATE INDEX i ON t (l)", False),
]  # fmt: skip


def left_by(connection: psycopg.Connection, statement: str, zone: str) -> list[tuple[object, ...]]:
    """What the statement leaves in the table, with the times as they are stored, in the same transaction each time."""
    with connection.transaction(force_rollback=True):
        connection.execute(f"SET LOCAL TimeZone = '{zone}'".encode())
        connection.execute(statement.encode())
        connection.execute("SET LOCAL TimeZone = 'UTC'")
        return connection.execute("SELECT t::text FROM t ORDER BY id").fetchall()


def said_of(statement: str, zone: str = ZONE, before: str = "") -> tuple[str, ...]:
    limits = SessionLimits("app", "shop", time_zone=TimeZone(zone, SetFor.ROLE))
    made, later = Migration("1", TABLE.encode()), Migration("2", f"{before}{statement};".encode())
    planned = plan_of([made], [later], "public", Tools(17, limits=limits)).statements[-1]
    return tuple(each.does for each in planned.by_setting)


def test_what_a_time_zone_changes(database: str) -> None:
    wrong = []
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((TABLE + ROW).encode())
        for statement, differs in CASES:
            with connection.transaction(force_rollback=True):  # in which the present time stays
                is_other = left_by(connection, statement, "UTC") != left_by(connection, statement, ZONE)
            if not is_other is differs is bool(said_of(statement)):
                wrong.append((statement, is_other, said_of(statement)))
    assert wrong == []


def test_nothing_is_said_of_utc() -> None:
    assert [each for each, _ in CASES if said_of(each, "UTC")] == []


SHIFTS = "ALTER TABLE t ALTER COLUMN l TYPE timestamptz"


@pytest.mark.parametrize(
    ("before", "says"),
    [
        pytest.param("", True, id="the role's"),
        pytest.param("SET TimeZone = 'UTC';", False, id="the file sets it"),
        pytest.param("SET TIME ZONE 'UTC'; RESET ALL;", True, id="reset"),
        pytest.param("SET TIME ZONE 'UTC'; SET TIME ZONE DEFAULT;", True, id="the default again"),
        pytest.param("SELECT set_config('TimeZone', 'UTC', false);", False, id="a function may have set it"),
    ],
)
def test_what_the_file_sets_counts(before: str, says: bool) -> None:
    assert bool(said_of(SHIFTS, before=before)) is says


def test_the_sentence_names_the_setting_and_what_prevents_it() -> None:
    (said,) = said_of(SHIFTS)
    assert said == (
        "it takes the values of l for times of America/New_York, and Prisma's client wrote them in UTC: TimeZone is "
        "America/New_York (set for role app); ALTER ROLE app SET TimeZone = 'UTC' prevents that"
    )


@pytest.mark.parametrize(("zone", "rewrites"), [("UTC", False), ("Europe/Zurich", True)])
def test_only_in_utc_the_rows_are_kept(zone: str, rewrites: bool, database: str) -> None:
    limits = SessionLimits("app", "shop", time_zone=TimeZone(zone, SetFor.ROLE))
    (statement,) = plan_of(
        [Migration("1", TABLE.encode())], [Migration("2", SHIFTS.encode())], "public", Tools(15, limits=limits)
    ).statements
    assert bool(statement.prediction.effects.rewrites) is rewrites
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((TABLE + ROW).encode())
        connection.execute(f"SET TimeZone = '{zone}'".encode())
        files = "SELECT pg_relation_filenode('t')"
        before = connection.execute(files.encode()).fetchone()
        connection.execute(SHIFTS.encode())
        assert (connection.execute(files.encode()).fetchone() != before) is rewrites

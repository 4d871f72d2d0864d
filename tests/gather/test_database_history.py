from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from shared.model.database import DatabaseReading, History, HistoryRow
from shared.model.knowledge import Unavailable
from tests.gather.production import HISTORY, read, run, session, watcher

NEEDED = "id, migration_name, checksum, started_at, finished_at, rolled_back_at"
DAY = datetime(2025, 9, 5, tzinfo=UTC)
DISTANT_PAST, DISTANT_FUTURE = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)


def rows(reading: DatabaseReading) -> tuple[HistoryRow, ...]:
    assert isinstance(reading.history, History), reading.history
    return reading.history.rows


def because(reading: DatabaseReading, *, lasting: bool = True) -> str:
    assert isinstance(reading.history, Unavailable), reading.history
    assert reading.history.lasting is lasting
    return reading.history.because


def test_rows_as_prisma_left_them_oldest_first(database: str) -> None:
    run(
        database,
        HISTORY
        + """
        INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, rolled_back_at, logs) VALUES
            ('c', 'sum c', '20250905_failed', '2025-09-05 02:00+02', NULL, NULL, 'A migration failed to apply'),
            ('b', 'sum b', '20250904 with "quotes" 🎉', '2025-09-05', NULL, '2025-09-05', NULL),
            ('a', 'sum a', '20250903_applied', '2025-09-04 00:00Z', '2025-09-05 00:00Z', NULL, 'a row''s secret');
        """,
    )
    run(
        database,
        "UPDATE _prisma_migrations SET started_at = '2025-09-05 00:00Z', rolled_back_at = '2025-09-05 00:00Z' WHERE id = 'b'",
    )
    assert rows(read(database)) == (
        HistoryRow("a", "20250903_applied", "sum a", datetime(2025, 9, 4, tzinfo=UTC), DAY, None, None),
        HistoryRow("b", '20250904 with "quotes" 🎉', "sum b", DAY, None, DAY, None),
        HistoryRow("c", "20250905_failed", "sum c", DAY, None, None, "A migration failed to apply"),
    )


def test_long_logs_are_cut(database: str) -> None:
    run(database, HISTORY + "INSERT INTO _prisma_migrations VALUES ('a', 'c', NULL, 'm', repeat('é', 30000))")
    assert rows(read(database))[0].logs == "é" * 20_000


def test_absurd_values_survive(database: str) -> None:
    run(
        database,
        """
        CREATE TABLE _prisma_migrations (
            id int, checksum text, finished_at timestamptz, migration_name text, logs text, rolled_back_at timestamp,
            started_at timestamptz
        );
        INSERT INTO _prisma_migrations VALUES
            (NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (1, '', 'infinity', '', '', '-infinity', '0044-03-15 BC'),
            (2, 'c', '294276-12-31 00:00Z', 'm', '', NULL, 'infinity');
        """,
    )
    assert rows(read(database)) == (
        HistoryRow("", "", "", None, None, None, None),
        HistoryRow("1", "", "", DISTANT_PAST, DISTANT_FUTURE, DISTANT_PAST, None),
        HistoryRow("2", "m", "c", DISTANT_FUTURE, DISTANT_FUTURE, None, None),
    )


def test_ten_thousand_rows(database: str) -> None:
    run(
        database,
        HISTORY
        + "INSERT INTO _prisma_migrations SELECT n, repeat('c', 64), now(), 'm' || n FROM generate_series(1, 10000) n",
    )
    assert len(rows(read(database))) == 10_000


@pytest.mark.parametrize(
    ("script", "history"),
    [
        pytest.param("", History(exists=False), id="empty database"),
        pytest.param("CREATE TABLE t ()", History(exists=False, schema_has_tables=True), id="tables without a history"),
        pytest.param("CREATE SCHEMA app; CREATE TABLE app.t ()", History(exists=False), id="tables elsewhere"),
        pytest.param(
            "CREATE SCHEMA z; CREATE SCHEMA app; CREATE TABLE z._prisma_migrations (); CREATE TEMP TABLE _prisma_migrations"
            " (); CREATE VIEW app._prisma_migrations AS SELECT; CREATE TYPE pg_temp.t AS (a int)",
            History(exists=False, elsewhere=("app", "z")),
            id="histories elsewhere",
        ),
        pytest.param("DROP SCHEMA public", History(exists=False, schema_exists=False), id="no such schema"),
        pytest.param("CREATE TYPE _prisma_migrations AS (a int)", History(exists=False), id="a type of that name"),
        pytest.param(HISTORY, History(exists=True, schema_has_tables=True), id="no rows"),
        pytest.param(
            "CREATE SCHEMA prisma_contract;" + HISTORY,
            History(exists=True, schema_has_tables=True),
            id="Prisma 8 arrived later",
        ),
    ],
)
def test_no_rows(database: str, script: str, history: History) -> None:
    run(database, script + ";")
    assert read(database).history == history


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(
            "CREATE TABLE _prisma_migrations (id int, logs text, finished_at timestamptz, started_at timestamptz)",
            "public._prisma_migrations is not Prisma's: it lacks migration_name, checksum, rolled_back_at",
            id="other columns",
        ),
        pytest.param(
            "CREATE TABLE _prisma_migrations ()",
            "public._prisma_migrations is not Prisma's: it lacks id, migration_name, checksum, started_at, finished_at,"
            " rolled_back_at, logs",
            id="no columns",
        ),
        pytest.param(
            HISTORY + "ALTER TABLE _prisma_migrations ALTER finished_at TYPE text",
            "public._prisma_migrations is not Prisma's: finished_at is text",
            id="another type",
        ),
        pytest.param(
            HISTORY
            + "ALTER TABLE _prisma_migrations RENAME TO old; CREATE VIEW _prisma_migrations AS SELECT * FROM old",
            "public._prisma_migrations is not read: it is a view, so code of its owner would run with the monitor's rights",
            id="a view",
        ),
        pytest.param(
            "CREATE SCHEMA prisma_contract",
            "Prisma 8 keeps the history here (schema prisma_contract), in a form that is not read yet",
            id="Prisma 8",
        ),
    ],
)
def test_what_is_not_prismas(database: str, script: str, reason: str) -> None:
    run(database, script)
    assert because(read(database)) == reason


@pytest.mark.parametrize(
    ("grants", "missing"),
    [
        pytest.param(["GRANT SELECT ON app._prisma_migrations TO {}", "GRANT USAGE ON SCHEMA app TO {}"], None, id="all"),
        pytest.param([f"GRANT USAGE ON SCHEMA app TO {{}}; GRANT SELECT ({NEEDED}) ON app._prisma_migrations TO {{}}"], None, id="enough"),
        pytest.param(["GRANT USAGE ON SCHEMA app TO {}"], f"GRANT SELECT ({NEEDED}) ON app._prisma_migrations", id="no SELECT"),
        pytest.param(
            ["GRANT SELECT ON app._prisma_migrations TO {}"], "GRANT USAGE ON SCHEMA app", id="no USAGE"
        ),
        pytest.param(
            ["GRANT USAGE ON SCHEMA app TO {}; GRANT SELECT (id, logs) ON app._prisma_migrations TO {}"],
            f"GRANT SELECT ({NEEDED}) ON app._prisma_migrations",
            id="too few columns",
        ),
    ],
)  # fmt: skip
def test_missing_rights_and_the_grant_that_gives_them(database: str, grants: list[str], missing: str | None) -> None:
    run(database, "CREATE SCHEMA app; SET search_path = app;" + HISTORY)
    url = watcher(database, *(single for grant in grants for single in grant.split("; ")))
    reading = read(url, schema="app")
    if missing is None:
        assert rows(reading) == ()
        return
    role = f'"watcher of {reading.name}"'
    assert because(reading) == f"{role} may not read app._prisma_migrations; fix it with: {missing} TO {role}"
    run(database, because(reading).partition("fix it with: ")[2])
    assert rows(read(url, schema="app")) == ()


def test_logs_that_may_not_be_read(database: str) -> None:
    run(database, HISTORY + "INSERT INTO _prisma_migrations VALUES ('a', 'c', NULL, 'm', 'a row''s secret')")
    url = watcher(database, f"GRANT SELECT ({NEEDED}) ON _prisma_migrations TO {{}}")
    history = read(url).history
    assert isinstance(history, History)
    assert (history.logs_readable, history.rows[0].logs) == (False, None)


def test_rows_hidden_by_a_policy_are_no_empty_history(database: str) -> None:
    run(database, HISTORY + "ALTER TABLE _prisma_migrations ENABLE ROW LEVEL SECURITY")
    url = watcher(database, "GRANT SELECT ON _prisma_migrations TO {}")
    assert "row-level security hides rows of public._prisma_migrations" in because(read(url))
    run(database, f'ALTER ROLE "watcher of {read(url).name}" BYPASSRLS')
    assert rows(read(url)) == ()


def test_a_locked_history_is_busy(database: str) -> None:
    run(database, HISTORY)
    with session(database) as deploy, deploy.transaction():
        deploy.execute("LOCK TABLE _prisma_migrations")
        reading = read(database, lock_timeout=timedelta(milliseconds=50))
    assert because(reading, lasting=False) == (
        "public._prisma_migrations cannot be read: the table is locked: the database is busy, probably migrating"
    )


def test_who_reads_its_own_history_has_deployed(database: str) -> None:
    run(database, HISTORY)
    reader = watcher(database, "GRANT SELECT ON _prisma_migrations TO {}")
    assert (owned_as(reader), owned_as(database)) == (None, None)  # no owner, and one whose rights have no limits
    with session(reader) as connection:
        (role,) = connection.execute("SELECT current_user::text").fetchone() or ("",)
    run(database, f'ALTER TABLE _prisma_migrations OWNER TO "{role}"')
    assert owned_as(reader) == role


def owned_as(url: str) -> str | None:
    history = read(url).history
    assert isinstance(history, History), history
    return history.owned_as


def test_which_transaction_last_wrote_a_row_is_a_right_of_its_own(database: str) -> None:
    run(database, HISTORY + "INSERT INTO _prisma_migrations VALUES ('a', 'c', NULL, 'm')")
    few = watcher(database, f"GRANT SELECT ({NEEDED}) ON _prisma_migrations TO {{}}")
    history = read(few).history
    assert isinstance(history, History)
    assert history.rows[0].xmin is None
    run(database, f'GRANT SELECT (xmin) ON _prisma_migrations TO "watcher of {read(few).name}"')
    with psycopg.connect(database) as connection:
        (xmin,) = connection.execute("SELECT xmin::text::int FROM _prisma_migrations").fetchone() or (0,)
    history = read(few).history
    assert isinstance(history, History)
    assert history.rows[0].xmin == xmin

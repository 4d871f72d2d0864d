"""What a REINDEX CONCURRENTLY leaves that was interrupted, as a real server leaves it: named as that, with its step."""

import threading
from contextlib import closing

import psycopg
import pytest

from shared.model.schema import Schema
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.checks.test_schema import outcome_of
from tests.patience import SECONDS, until
from tests.postgres.live import live_schema

_LONG = "a_name_of_an_index_that_is_as_long_as_any_name_can_be_in_a_data"
RELEASE = f"""
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
CREATE UNIQUE INDEX t_a ON t (a);
CREATE INDEX {_LONG} ON t (b);
"""
# What has a snapshot is waited for before the new index is used; what has a lock, before the old one is dropped.
NEW = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1"
OLD = "BEGIN; SELECT FROM t"


def expected() -> Schema:
    replay = Replay()
    replay.run_all(parse(RELEASE))
    return replay.freeze()


def interrupt(url: str, index: str, in_the_way: str) -> None:
    """Run REINDEX until it waits for a session that runs *in_the_way*, and cancel it there."""
    with (
        closing(psycopg.connect(url, autocommit=True)) as other,
        closing(psycopg.connect(url, autocommit=True)) as session,
        closing(psycopg.connect(url, autocommit=True)) as admin,
    ):
        other.execute(in_the_way)
        ended: list[psycopg.Error] = []

        def rebuild() -> None:
            try:
                session.execute(f"REINDEX INDEX CONCURRENTLY {index}")
            except psycopg.Error as error:
                ended.append(error)

        thread = threading.Thread(target=rebuild, daemon=True)
        thread.start()
        waits = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
        until(lambda: admin.execute(waits, [session.info.backend_pid]).fetchone() == (True,))
        admin.execute("SELECT pg_cancel_backend(%s)", [session.info.backend_pid])
        thread.join(SECONDS)
        assert isinstance(ended[0], psycopg.errors.QueryCanceled)


@pytest.mark.parametrize(
    ("index", "in_the_way", "left", "said"),
    [
        pytest.param("t_a", NEW, "t_a_ccnew", "what an interrupted REINDEX CONCURRENTLY of t_a was building", id="new"),
        pytest.param("t_a", OLD, "t_a_ccold", "the old t_a that a REINDEX CONCURRENTLY replaced and could not drop", id="old"),
        pytest.param("t_pkey", NEW, "t_pkey_ccnew", "what an interrupted REINDEX CONCURRENTLY of t_pkey was building", id="a key's"),
        pytest.param(_LONG, NEW, f"{_LONG[:57]}_ccnew", f"what an interrupted REINDEX CONCURRENTLY of {_LONG} was building", id="a name that is cut"),
    ],
)  # fmt: skip
def test_it_is_named_with_the_step_that_drops_it(
    index: str, in_the_way: str, left: str, said: str, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(RELEASE.encode())
        interrupt(database, index, in_the_way)
        (finding,) = outcome_of(expected(), live_schema(connection)).findings
        assert (finding.key, finding.severity) == (f"index-invalid:index public.{left}", "warning")
        assert finding.summary == f"index public.{left} is {said}: no query uses it, and it slows every write."
        (step,) = finding.remedy
        assert f'DROP INDEX CONCURRENTLY "public"."{left}";' in str(step.command)
        connection.execute(f'DROP INDEX CONCURRENTLY "public"."{left}"'.encode())
        assert outcome_of(expected(), live_schema(connection)).findings == ()


def test_a_second_one_has_a_number(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(RELEASE.encode())
        for _ in range(2):
            interrupt(database, "t_a", NEW)
        found = outcome_of(expected(), live_schema(connection)).findings
    assert [each.subject for each in found] == ["index public.t_a_ccnew", "index public.t_a_ccnew1"]
    assert all("REINDEX CONCURRENTLY of t_a " in each.summary for each in found)


def test_an_index_of_such_a_name_beside_no_other_is_one_that_failed(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(b"CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY t_a_ccnew ON t (a)")
        replay = Replay()
        replay.run_all(parse("CREATE TABLE t (a int)"))
        (finding,) = outcome_of(replay.freeze(), live_schema(connection)).findings
    assert (finding.severity, "its CREATE INDEX CONCURRENTLY failed" in finding.summary) == ("critical", True)

"""What is read on a standby."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.checks.replica import without_stale_data
from shared.demo.private_postgres import PrivatePostgres, private_postgres
from shared.gather.database.probes import AROUND_A_DEPLOYMENT, probe_rows
from shared.model.database import DatabaseReading, Replica
from shared.model.knowledge import Unavailable
from shared.model.plan import Access, Found, NotProbed, Probe
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Report, Trigger, Verdict
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.report.json import as_document
from shared.report.wording import circumstances
from shared.run import run as run_check
from tests.builders import checksum, reading
from tests.gather.production import HISTORY, read, run
from tests.gather.standby import standby_of
from tests.patience import LONG, SECONDS
from tests.throwaway import in_memory

INIT, SCRIPT = "20250901000000_init", b"CREATE TABLE base (id int PRIMARY KEY);\n"
PATIENCE = timedelta(minutes=15)


@pytest.fixture(scope="module")
def primary() -> Iterator[PrivatePostgres]:
    """One of its own: a standby copies all of it."""
    with private_postgres(within=in_memory()) as server:
        run(server.url(), HISTORY + SCRIPT.decode())
        ran = (
            f"INSERT INTO _prisma_migrations VALUES ('1', '{checksum(SCRIPT)}', now(), '{INIT}', NULL, NULL, now(), 1)"
        )
        run(server.url(), ran)
        yield server


@pytest.fixture(scope="module")
def standby(primary: PrivatePostgres) -> Iterator[PrivatePostgres]:
    with standby_of(primary) as server:
        yield server


def _until(server: PrivatePostgres, holds: Callable[[Replica], bool]) -> Replica:
    deadline = time.monotonic() + SECONDS
    while True:
        replica = read(server.url()).replica
        assert isinstance(replica, Replica)
        if holds(replica):
            return replica
        assert time.monotonic() < deadline, replica


def _check(server: PrivatePostgres, folder: Path) -> Report:
    (folder / INIT).mkdir()
    (folder / INIT / "migration.sql").write_bytes(SCRIPT)
    return run_check(
        Target(
            name="standby",
            releases=(ReleaseSettings("folder", str(folder)),),
            database=DatabaseSettings(Secret("env:DATABASE_URL", server.url())),
            privileges=False,
        ),
        Trigger.TERMINAL,
    )


def test_a_primary_is_no_replica(primary: PrivatePostgres) -> None:
    reading = read(primary.url())
    assert reading.replica is None
    assert reading.system_identifier is not None
    assert not reading.pooled


def test_a_standby_that_keeps_up_is_checked_and_named(
    primary: PrivatePostgres, standby: PrivatePostgres, tmp_path: Path
) -> None:
    replica = _until(standby, lambda each: each.caught_up and each.receives)
    assert not replica.replay_paused
    assert read(standby.url()).system_identifier == read(primary.url()).system_identifier
    report = _check(standby, tmp_path)
    verdicts = {check.name: check.verdict for check in report.checks}
    assert (verdicts["history"], verdicts["schema"]) == (Verdict.PASSED, Verdict.PASSED)
    assert "a standby with all received changes replayed" in " · ".join(circumstances(report))
    document = as_document(report)["database"]
    assert isinstance(document, dict)
    written = document["replica"]
    assert isinstance(written, dict)
    assert (written["caught_up"], written["receives"], written["replay_paused"]) == (True, True, False)


def test_the_rows_of_a_standby_are_not_probed(primary: PrivatePostgres, standby: PrivatePostgres) -> None:
    _until(standby, lambda each: each.caught_up)
    base = Probe('SELECT FROM "public"."base"', (("public", "base"),), Access.SCAN)
    asked = [
        probe_rows(
            DatabaseSettings(Secret("env:DATABASE_URL", server.url())),
            [base],
            AROUND_A_DEPLOYMENT,
            LONG,
        )[base]
        for server in (primary, standby)
    ]
    assert isinstance(asked[0], Found)
    assert asked[1] == NotProbed("this is a standby")


def test_a_standby_whose_replay_is_paused_is_unknown(
    primary: PrivatePostgres, standby: PrivatePostgres, tmp_path: Path
) -> None:
    _until(standby, lambda each: each.caught_up)
    run(standby.url(), "SELECT pg_wal_replay_pause()")
    try:
        run(primary.url(), "CREATE TABLE later ()")
        assert _until(standby, lambda each: not each.caught_up).replay_paused
        report = _check(standby, tmp_path)
        reasons = {check.name: check.unknown_because or "" for check in report.checks}
        for check in ("history", "schema", "activity"):
            assert reasons[check].startswith("postgres is read on a standby: replay is paused"), reasons
        assert report.verdict is Verdict.UNKNOWN
    finally:
        run(standby.url(), "SELECT pg_wal_replay_resume()")


def test_a_standby_that_nothing_streams_to_is_unknown(primary: PrivatePostgres) -> None:
    with standby_of(primary) as alone:
        _until(alone, lambda each: each.receives)
        run(alone.url(), "ALTER SYSTEM SET primary_conninfo = ''")
        run(alone.url(), "SELECT pg_reload_conf()")
        replica = _until(alone, lambda each: not each.receives)
        reading = without_stale_data(read(alone.url()), PATIENCE)
    assert isinstance(reading, DatabaseReading)
    assert not replica.receives
    assert isinstance(reading.history, Unavailable)
    assert "nothing streams changes to it" in reading.history.because


OK = Replica(replay_paused=False, receives=True, caught_up=True, since_last_replay=timedelta(seconds=2))


@pytest.mark.parametrize(
    ("replica", "because"),
    [
        pytest.param(None, None, id="a primary"),
        pytest.param(OK, None, id="keeps up"),
        pytest.param(replace(OK, since_last_replay=timedelta(days=3)), None, id="keeps up with an idle primary"),
        pytest.param(replace(OK, since_last_replay=None), None, id="has replayed no transaction yet"),
        pytest.param(replace(OK, caught_up=False), None, id="behind for less than patience"),
        pytest.param(
            replace(OK, caught_up=False, since_last_replay=timedelta(hours=3)),
            "it has received changes that it has not replayed; the last change it replayed is 3 h old",
            id="behind for longer",
        ),
        pytest.param(replace(OK, caught_up=False, since_last_replay=None), "it has received changes that it has not replayed", id="behind, since an unknown time"),
        pytest.param(replace(OK, replay_paused=True), "replay is paused; the last change it replayed is 2 s old", id="paused"),
        pytest.param(replace(OK, receives=False), "nothing streams changes to it (no WAL receiver); the last change it replayed is 2 s old", id="no receiver"),
        pytest.param(Unavailable("refused"), "refused", id="cannot be written"),
    ],
)  # fmt: skip
def test_what_a_standby_is_checked_for(replica: Replica | Unavailable | None, because: str | None) -> None:
    found = replace(reading(), replica=replica)
    checked = without_stale_data(found, PATIENCE)
    assert isinstance(checked, DatabaseReading)
    stale = None if because is None else Unavailable(f"{found.name} is read on a standby: {because}")
    assert checked == (
        found
        if stale is None
        else replace(found, history=stale, catalog=stale, activity=stale, empty_tables=frozenset())
    )

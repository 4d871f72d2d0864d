"""A run in a process that has run before, as in the function app: our own processor time, and round trips."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import psycopg

from benchmarks.application import deploy, mixed
from benchmarks.measured import Compared, Line, Measured
from demo.private_postgres import PrivatePostgres, private_postgres
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Trigger, Verdict
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.run import run
from tests.gather.production import Relay

_MIGRATIONS, _TABLES = 470, 100
_RUNS = 15
_MOST_MILLISECONDS = 150
_MOST_TRIPS = 3


def measure() -> Iterator[Line]:
    with TemporaryDirectory(prefix="mm-") as folder, private_postgres() as server:
        release = Path(folder) / "migrations"
        url = deploy(mixed(_MIGRATIONS, _TABLES), server, "warm", release)
        look(url, release)
        taken = Measured(
            f"a run in a warm process, {_MIGRATIONS} migrations, {_TABLES} tables: processor",
            [_cpu_seconds(url, release) for _ in range(_RUNS)],
        )
        yield taken
        yield Compared("  of that", taken.median * 1000, _MOST_MILLISECONDS, unit="ms")
        connecting = _turns(server, url, lambda by_relay: psycopg.connect(by_relay).close())
        trips = _turns(server, url, lambda by_relay: look(by_relay, release)) - connecting
        yield Compared("  round trips once connected", trips, _MOST_TRIPS, unit="")


def _turns(server: PrivatePostgres, url: str, use: Callable[[str], None]) -> int:
    with Relay(server.port) as relay:
        use(f"{url.replace(str(server.port), str(relay.port))}?sslmode=disable")
    return relay.turns


def look(url: str, release: Path) -> None:
    """Check once, in this process."""
    database = DatabaseSettings(url=Secret("env:DATABASE_URL", url))
    report = run(
        Target("warm", (ReleaseSettings("folder", str(release)),), database, privileges=False), Trigger.SCHEDULE
    )
    if report.verdict is not Verdict.PASSED:
        raise AssertionError(f"the database is not in step with its own release: {report.verdict}")


def _cpu_seconds(url: str, release: Path) -> float:
    started = process_time()
    look(url, release)
    return process_time() - started

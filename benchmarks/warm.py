"""A run in a process that has run before, as in the function app: our own processor time, and round trips."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Literal

import psycopg

from benchmarks.application import deploy, mixed, write
from benchmarks.measured import Compared, Line, Measured
from shared.demo.private_postgres import PrivatePostgres, private_postgres
from shared.model.plan import Plan
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
_BEFORE, _PENDING = 600, 20
_MOST_MILLISECONDS_OF_PLAN = 60
_WITH_AND_WITHOUT: tuple[Literal["deploy", "off"], ...] = ("deploy", "off")


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
        yield from _plan(server, Path(folder) / "pending")


def _plan(server: PrivatePostgres, release: Path) -> Iterator[Line]:
    """What the plan of pending migrations takes beside all else that a run does, in turn with runs without a plan."""
    migrations = mixed(_BEFORE + _PENDING, _TABLES)
    url = deploy(migrations[:_BEFORE], server, "pending", release)
    write(migrations[_BEFORE:], release)
    for plan in _WITH_AND_WITHOUT:
        look(url, release, plan=plan)
    pairs = [[_cpu_seconds(url, release, plan) for plan in _WITH_AND_WITHOUT] for _ in range(_RUNS)]
    taken = Measured(
        f"the plan of {_PENDING} pending migrations after {_BEFORE}: processor",
        [with_plan - without for with_plan, without in pairs],
    )
    yield taken
    yield Compared("  of that", taken.median * 1000, _MOST_MILLISECONDS_OF_PLAN, unit="ms")


def _turns(server: PrivatePostgres, url: str, use: Callable[[str], None]) -> int:
    with Relay(server.port) as relay:
        use(f"{url.replace(str(server.port), str(relay.port))}?sslmode=disable")
    return relay.turns


def look(url: str, release: Path, plan: Literal["off", "deploy"] | None = None) -> None:
    """Check once, in this process. With a *plan*, migrations are pending."""
    database = DatabaseSettings(url=Secret("env:DATABASE_URL", url))
    sources = (ReleaseSettings("folder", str(release)),)
    report = run(Target("warm", sources, database, privileges=False, plan=plan or "deploy"), Trigger.SCHEDULE)
    if plan is None and report.verdict is not Verdict.PASSED:
        raise AssertionError(f"the database does not match its own release: {report.verdict}")
    if (plan == "deploy") != isinstance(report.plan, Plan):
        raise AssertionError(f"there is to be a plan where migrations are pending, and it is wanted: {report.plan}")


def _cpu_seconds(url: str, release: Path, plan: Literal["off", "deploy"] | None = None) -> float:
    started = process_time()
    look(url, release, plan)
    return process_time() - started

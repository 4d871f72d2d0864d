"""The demo: the plan of the deployment, one that is watched, the incident and its report; then do as it says.

At the end it writes the status page of the incident, and that of its fix.
"""

import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from types import FrameType
from typing import NoReturn

from ..alerts.channels.teams.settings import TeamsChannel
from ..alerts.delivery.deliver import Delivery
from ..alerts.messages.text import as_plain_text
from ..alerts.notifier import notify
from ..memory import MemoryFile
from ..model.alerts import AlertSettings, Channel
from ..model.endpoint import EndpointExpectation
from ..model.message import Message
from ..model.plan import Plan
from ..model.release_settings import ReleaseSettings
from ..model.report import Report, Trigger, Verdict
from ..model.seed import SeedExpectation
from ..model.setting_types import PrismaVersion, Secret
from ..model.settings import DatabaseSettings, RemedySettings, Target
from ..model.value import dataclass, replace
from ..report.html.page import Remembered, target_page
from ..report.json import as_document
from ..report.watching import as_screen
from ..report.wording import headline
from ..run import run
from .api import serving
from .fixing import fix
from .incident import DATABASE, FIX, MIGRATIONS, break_it, build, fixed_copy
from .private_postgres import ENDING, NoPostgresError, PrivatePostgres, private_postgres, temporary_folder
from .watching import watched_deployment

_GET_URL = (
    'export DATABASE_URL="$(az keyvault secret show --vault-name usasset-kv '
    '--name database-connection-string --query value -o tsv)"'
)
_EVENING = """\
The evening before 2025-09-05, on a private PostgreSQL: 3 migrations are
pending. `migration-monitor plan`, which writes nothing, predicts their deployment:
"""
_FIXED = f"""
Rows that a test left behind make line 5 fail. The plan of a copy of that
production, after `{FIX}`:
"""
_WATCHED = """
That copy is deployed now, and a report that nobody ended is in the way of it.
`migration-monitor watch`, which also only reads, shows the deployment:
"""
_MORNING = """
Nobody ran the plan. The morning of 2025-09-05: the deployment stopped in the
middle of the first migration, somebody repaired it with psql in part, the seed
script failed, and nobody was notified. This is the monitor's report:
"""
_MESSAGE = "\nAnd this is what the team reads in Teams, minutes after the deployment:\n"
_NEXT = "The next check, five minutes later, sends:\n{}\n"
_NOTHING = "(nothing: the team was notified, and nothing has changed)"
_FIXING = """\
Now every step that the report prints is done, causes first, and the monitor
checks again after each round:
"""
_PAGES = """
The status page, at the incident and after its fix, for any browser:
  {}
  {}"""
_RESOLVED = "\nAnd the team reads:\n"
_TEAM = TeamsChannel("team", url=Secret("env:TEAMS_WEBHOOK_URL", "https://teams.example.com/"))
# As `incident.deploy` deploys: each statement in its own transaction.
_PRISMA = PrismaVersion(7, 4)
# A failed migration, what waited behind it, the seeds: each is a round of its own.
_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Terminal:
    """Prints reports and plans; *width* is None where there is no terminal."""

    print_report: Callable[[Report], None]
    print_plan: Callable[[Plan], None]
    width: int | None


def show(terminal: Terminal) -> int:
    """Print the incident; 0 if that could be done. Nothing but two pages is left behind, also when interrupted."""
    for ending in ENDING:
        # Under nohup a closed terminal is to be ignored.
        if signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, _interrupt)
    try:
        with private_postgres() as server, temporary_folder() as folder:
            _plan(server, terminal)
            reader_url = break_it(server)
            with serving(server.url(DATABASE)) as api:
                memory = MemoryFile(folder, "production")
                _show(_Watch(target(reader_url, api), memory, terminal.width), server, terminal)
    except NoPostgresError as error:
        print(f"The demo needs a PostgreSQL server: {error}", file=sys.stderr)
        return 1
    return 0


def _plan(server: PrivatePostgres, terminal: Terminal) -> None:
    """Print what the deployment will do, before the rows that are in its way are removed, and after."""
    build(server)
    print(_EVENING)
    terminal.print_plan(_plan_of(server.url(DATABASE)))
    print(_FIXED)
    copy = fixed_copy(server)
    terminal.print_plan(_plan_of(copy))
    print(_WATCHED)
    watched = deployment(copy)
    seen = watched_deployment(copy, watched)
    print(as_screen(seen, watched.name, watched.max_block, width=terminal.width))


def _plan_of(url: str) -> Plan:
    plan = run(deployment(url), Trigger.TERMINAL).plan
    assert isinstance(plan, Plan), plan  # migrations are pending, and everything can be read
    return plan


def _show(watch: "_Watch", server: PrivatePostgres, terminal: Terminal) -> None:
    print(_MORNING)
    report, message = watch.check()
    terminal.print_report(report)
    print(_MESSAGE)
    print(message)
    incident = watch.page(report)
    _, next_message = watch.check()
    print(_NEXT.format(next_message or _NOTHING))
    print(_FIXING)
    for _ in range(_MOST_ROUNDS):
        if report.verdict is Verdict.PASSED:
            break
        for done in fix(report, server.url(DATABASE), server.programs):
            print(f"  {done}")
        report, message = watch.check()
        print(f"  checked again: {headline(report)}")
        if report.verdict is not Verdict.PASSED:
            print(f"  the team reads: {message.partition(chr(10))[0]}")
    print(_RESOLVED)
    print(message)
    terminal.print_report(report)
    folder = Path(mkdtemp(prefix="migration-monitor-demo-"))
    pages = {folder / "incident.html": incident, folder / "fixed.html": watch.page(report)}
    for path, page in pages.items():
        path.write_text(page, encoding="utf-8")
    print(_PAGES.format(*pages))


class _Watch:
    """Checks the target several times, and keeps the messages instead of sending them."""

    def __init__(self, watched: Target, memory: MemoryFile, width: int | None) -> None:
        self._target, self._memory, self._width = watched, memory, width
        self._alerts = AlertSettings(channels=(_TEAM,), weekly=False)

    def check(self) -> tuple[Report, str]:
        sent: list[str] = []

        def keep(message: Message, channels: Sequence[Channel], _report: object) -> list[Delivery]:
            sent.append(as_plain_text(message, self._width))
            return [Delivery(channel.name, taken=True, said="shown") for channel in channels]

        report = run(self._target, Trigger.SCHEDULE, last_seen=self._memory.load().last_seen)
        return notify(report, self._target, self._alerts, self._memory, send=keep).report, "\n".join(sent)

    def page(self, report: Report) -> str:
        state = Remembered(self._target.name, as_document(report), self._memory.load())
        return target_page(state, datetime.now(UTC))


def deployment(url: str) -> Target:
    """The database and the release, which are all that a plan needs."""
    return Target(
        name="production",
        releases=(ReleaseSettings("folder", str(MIGRATIONS)),),
        database=DatabaseSettings(Secret("env:DATABASE_URL", url)),
        prisma=_PRISMA,
    )


def target(reader_url: str, api: str) -> Target:
    """The settings that the team would have had that morning."""

    def endpoint(name: str, *tables: str, min_items: int | None = None) -> EndpointExpectation:
        return EndpointExpectation(
            name, f"{api}/api/{name}", min_items=min_items, tables=tables, pause=timedelta(milliseconds=200)
        )

    return replace(
        deployment(reader_url),
        seeds=(SeedExpectation("users", exact=6), SeedExpectation("pipeline_rules", min=4)),
        endpoints=(
            endpoint("health"),
            endpoint("folders", "folders", min_items=1),
            endpoint("pipeline-rules", "pipeline_rules", min_items=1),
        ),
        remedy=RemedySettings(
            folder="apps/backend",
            before=(_GET_URL,),
        ),
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End like Ctrl-C does, so that everything is cleaned up; a second signal must not cut that short."""
    for ending in ENDING:
        # Not SIG_IGN: of one that has come already, Python would complain that nobody takes it.
        signal.signal(ending, lambda _signal, _frame: None)
    raise KeyboardInterrupt

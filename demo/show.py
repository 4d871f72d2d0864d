"""The demo: rebuild the incident, look at it as the monitor would, print what it says."""

import signal
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NoReturn

from demo.api import serving
from demo.incident import DATABASE, MIGRATIONS, rebuild
from demo.private_postgres import NoPostgresError, private_postgres
from demo.repair import repair
from shared.memory import MemoryFile
from shared.model.alerts import AlertSettings, Channel
from shared.model.endpoint import EndpointExpectation
from shared.model.message import Message
from shared.model.report import Report, Trigger
from shared.model.seed import SeedExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, ReleaseSettings, RemedySettings, Target
from shared.notify.deliver import Delivery
from shared.report.message.text import as_plain_text
from shared.run import run
from shared.tell import tell

_GET_URL = (
    'export DATABASE_URL="$(az keyvault secret show --vault-name usasset-kv '
    '--name database-connection-string --query value -o tsv)"'
)
_INTRODUCTION = """\
The morning of 2025-09-05, rebuilt on a private PostgreSQL: a deployment stopped half-way
through a migration, somebody repaired it with psql in part, seeding died, and nobody was told.
This is what the monitor says about it:
"""
_TOLD = "And this is what the team would have read in Teams, minutes after the deployment:\n"
_NEXT = "Five minutes later it looks again, and says:"
_NOTHING = "(nothing: it was told, and nothing has changed)"
_MENDED = "Then somebody follows the steps above, and it says:"
_TEAM = Channel("team", "teams", url=Secret("env:TEAMS_WEBHOOK_URL", "https://teams.example.com/"))


def show(print_report: Callable[[Report], None]) -> int:
    """Have the report of the incident printed; 0 if it could be. Nothing is left behind, also when interrupted."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with private_postgres() as server, TemporaryDirectory(prefix="migration-monitor-") as folder:
            reader_url = rebuild(server)
            with serving(server.url(DATABASE)) as api:
                watch = _Watch(target(reader_url, api), MemoryFile(Path(folder), "production"))
                report, told = watch.look()
                _, told_again = watch.look()
                repair(server)
                _, told_at_last = watch.look()
    except NoPostgresError as error:
        print(f"The demo needs a PostgreSQL server: {error}", file=sys.stderr)
        return 1
    print(_INTRODUCTION)
    print_report(report)
    print(f"\n{_TOLD}\n{told}\n{_NEXT}\n\n{told_again or _NOTHING}\n\n{_MENDED}\n\n{told_at_last}", end="")
    return 0


class _Watch:
    """Looks again and again, and keeps what people would be told instead of sending it."""

    def __init__(self, watched: Target, memory: MemoryFile) -> None:
        self._target, self._memory = watched, memory
        self._alerts = AlertSettings(channels=(_TEAM,), error_lines=True, weekly=False)

    def look(self) -> tuple[Report, str]:
        told: list[str] = []

        def keep(message: Message, channels: Sequence[Channel], _report: object) -> list[Delivery]:
            told.append(as_plain_text(message))
            return [Delivery(channel.name, taken=True, said="shown") for channel in channels]

        report = run(self._target, Trigger.SCHEDULE, last_seen=self._memory.load().last_seen)
        return tell(report, self._target, self._alerts, self._memory, send=keep).report, "\n".join(told)


def target(reader_url: str, api: str) -> Target:
    """The settings that the team would have had that morning."""

    def endpoint(name: str, *tables: str, min_items: int | None = None) -> EndpointExpectation:
        return EndpointExpectation(
            name, f"{api}/api/{name}", min_items=min_items, tables=tables, pause=timedelta(milliseconds=200)
        )

    return Target(
        name="production",
        release=ReleaseSettings("folder", str(MIGRATIONS)),
        database=DatabaseSettings(Secret("env:DATABASE_URL", reader_url)),
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
    """End like Ctrl-C does, so that everything is cleaned up."""
    raise KeyboardInterrupt

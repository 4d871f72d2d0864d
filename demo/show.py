"""The demo: rebuild the incident, look at it as the monitor would, print what it says."""

import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import NoReturn

from demo.api import serving
from demo.incident import DATABASE, MIGRATIONS, rebuild
from demo.private_postgres import NoPostgresError, private_postgres
from shared.model.endpoint import EndpointExpectation
from shared.model.report import Report, Trigger
from shared.model.seed import SeedExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, ReleaseSettings, RemedySettings, Target
from shared.run import run

_GET_URL = (
    'export DATABASE_URL="$(az keyvault secret show --vault-name usasset-kv '
    '--name database-connection-string --query value -o tsv)"'
)
_INTRODUCTION = """\
The morning of 2025-09-05, rebuilt on a private PostgreSQL: a deployment stopped half-way
through a migration, somebody repaired it with psql in part, seeding died, and nobody was told.
This is what the monitor says about it:
"""


def show(print_report: Callable[[Report], None]) -> int:
    """Have the report of the incident printed; 0 if it could be. Nothing is left behind, also when interrupted."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with private_postgres() as server:
            reader_url = rebuild(server)
            with serving(server.url(DATABASE)) as api:
                report = run(target(reader_url, api), Trigger.TERMINAL)
    except NoPostgresError as error:
        print(f"The demo needs a PostgreSQL server: {error}", file=sys.stderr)
        return 1
    print(_INTRODUCTION)
    print_report(report)
    return 0


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

"""The demo: rebuild the incident, print what the monitor says about it, do as it says, look again."""

import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import NoReturn

from demo.api import serving
from demo.incident import DATABASE, MIGRATIONS, rebuild
from demo.mend import mend
from demo.private_postgres import ENDING, NoPostgresError, PrivatePostgres, private_postgres
from shared.model.endpoint import EndpointExpectation
from shared.model.report import Report, Trigger, Verdict
from shared.model.seed import SeedExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, ReleaseSettings, RemedySettings, Target
from shared.report.wording import headline
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
_MENDING = """
Now its advice is followed to the letter, causes first, and it looks again after each round:
"""
# A failed migration, what waited behind it, the seeds: each is a round of its own.
_MOST_ROUNDS = 4


def show(print_report: Callable[[Report], None]) -> int:
    """Have the report of the incident printed; 0 if it could be. Nothing is left behind, also when interrupted."""
    for ending in ENDING:
        # Under nohup a closed terminal is to be ignored.
        if signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, _interrupt)
    try:
        with private_postgres() as server:
            reader_url = rebuild(server)
            with serving(server.url(DATABASE)) as api:
                _tell(target(reader_url, api), server, print_report)
    except NoPostgresError as error:
        print(f"The demo needs a PostgreSQL server: {error}", file=sys.stderr)
        return 1
    return 0


def _tell(production: Target, server: PrivatePostgres, print_report: Callable[[Report], None]) -> None:
    print(_INTRODUCTION)
    report = run(production, Trigger.TERMINAL)
    print_report(report)
    print(_MENDING)
    for _ in range(_MOST_ROUNDS):
        if report.verdict is Verdict.PASSED:
            break
        for done in mend(report, server.url(DATABASE), server.programs):
            print(f"  {done}")
        report = run(production, Trigger.TERMINAL)
        print(f"  looked again: {headline(report)}")
    print()
    print_report(report)


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
    """End like Ctrl-C does, so that everything is cleaned up; a second signal must not cut that short."""
    for ending in ENDING:
        # Not SIG_IGN: of one that has come already, Python would complain that nobody takes it.
        signal.signal(ending, lambda _signal, _frame: None)
    raise KeyboardInterrupt

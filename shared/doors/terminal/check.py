"""``monitor.py check``: look once, and report."""

from argparse import Namespace, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING

from shared.doors.terminal.exits import exit_status
from shared.doors.terminal.options import add_target_options, settings_of, targets
from shared.doors.terminal.output import add_output_options, progress, write
from shared.doors.terminal.telling import Telling, add_notify_option
from shared.model.report import Report, Trigger
from shared.model.settings import Target
from shared.run import run

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

_DESCRIPTION = """\
Compare production with its release now: the migration history, seeded rows, API
endpoints and what goes on in the database. Nothing is written anywhere.
"""
_EPILOGUE = """\
examples:
  monitor.py check                                    the only target of monitor.toml
  monitor.py check --target production --format json  one of several, for a machine
  monitor.py check --migrations prisma/migrations --seed 'users=6' \\
                   --endpoint https://api.example.com/health
"""


def register(commands: "_SubParsersAction[ArgumentParser]") -> None:
    parser = commands.add_parser(
        "check",
        help="compare production with its release now",
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_target_options(parser)
    parser.add_argument("--all", action="store_true", help="every target of the settings file, one after the other")
    add_notify_option(parser)
    add_output_options(parser)
    parser.set_defaults(run=_check)


def _check(options: Namespace) -> int:
    settings = settings_of(options)
    telling = Telling(options, settings)
    reports = []
    for target in targets(options, settings):
        with telling.over(target):
            reports.append(telling.told(_look_at(target, telling), target))
    write(reports, options)
    return telling.ended(exit_status(reports, strict=options.strict))


def _look_at(target: Target, telling: Telling) -> Report:
    waiting = {"release", "database"} | ({"endpoints"} if target.endpoints else set())
    with progress(_words(target, waiting)) as show:

        def on_read(source: str) -> None:
            waiting.discard(source)
            show(_words(target, waiting))

        return run(target, Trigger.TERMINAL, last_seen=telling.last_seen(target), on_read=on_read)


def _words(target: Target, waiting: set[str]) -> str:
    return f"{target.name}: reading {', '.join(sorted(waiting))} …" if waiting else f"{target.name}: judging …"

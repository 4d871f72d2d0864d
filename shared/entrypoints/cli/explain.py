"""``migration-monitor explain NAME``: one migration, statement by statement; or what a code means."""

from argparse import ArgumentParser, Namespace

from ...model.codes import CODES
from ...model.diagnosis import MigrationStatus
from ...model.progress import Progress
from ...model.report import Report, Trigger
from ...run import run
from .exits import PASSED, UNKNOWN, UsageError
from .options import add_target_options, one_target
from .output import progress, terminal_style, write_text

# How many names are listed where none or several match.
_NEWEST = 10
_DESCRIPTION = """\
Show which statements of one migration were applied, and how that is known. For a
pending migration, also show what the next deployment does with each of them, as
`migration-monitor plan` predicts it. A part of the name is enough if it is unique.
For the code of a finding, show what it means, where to look first, and how to fix it.
"""
_EPILOGUE = """\
examples:
  migration-monitor explain fix_folders --migrations prisma/migrations
  migration-monitor explain migration-failed
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    parser.add_argument("name", metavar="NAME", help="the migration, a part of its name, or the code of a finding")
    add_target_options(parser)
    parser.set_defaults(run=_explain)


def _explain(options: Namespace) -> int:
    if options.name in CODES:
        from ...report.respond import in_terminal  # noqa: PLC0415  # a migration needs none of it

        write_text(in_terminal(options.name), None)
        return PASSED
    target = one_target(options)
    with progress(f"{target.name}: reading …"):
        report = run(target, Trigger.TERMINAL)
    status = meant(report, options.name)
    from ...report.explanation import as_explanation  # noqa: PLC0415  # it brings rich

    width, colour = terminal_style()
    write_text(as_explanation(status, report.plan, width=width, colour=colour), None)
    return UNKNOWN if status.progress is not None and not isinstance(status.progress, Progress) else PASSED


def meant(report: Report, name: str) -> MigrationStatus:
    """Give the migration called *name*, or the only one with it in its name. `UsageError` lists the newest."""
    if not report.migrations:
        reasons = [check.unknown_because for check in report.checks if check.unknown_because]
        raise UsageError(reasons[0] if reasons else "the release has no migrations")
    exact = [status for status in report.migrations if status.name == name]
    found = exact or [status for status in report.migrations if name in status.name]
    if len(found) == 1:
        return found[0]
    among = found or report.migrations
    newest = "".join(f"\n  {status.name}" for status in reversed(among[-_NEWEST:]))
    more = f"\n  and {len(among) - _NEWEST} older" if len(among) > _NEWEST else ""
    many = f"{len(found)} migration names contain {name!r}" if found else f"no migration name contains {name!r}"
    raise UsageError(f"{many}. The newest first:{newest}{more}")

"""``monitor.py plan --migrations DIR``: what a pull request's migrations will do, without a database."""

from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shared.doors.terminal.exits import COULD_NOT_TELL, IN_STEP, NOT_IN_STEP, UsageError
from shared.doors.terminal.options import add_prisma_version, release_at
from shared.doors.terminal.output import add_output_file, write_text
from shared.gather.attempt import GatherError
from shared.model.knowledge import NotKnownError
from shared.model.plan import Plan
from shared.model.release import Migration, Release
from shared.model.report import Verdict

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

_DESCRIPTION = """\
Predict what `prisma migrate deploy` will do, statement by statement: locks, table
rewrites and scans, what is blocked meanwhile, and failures that the schema alone
shows. The earlier migrations are replayed in memory; no database is read, so that
what rows decide is "depends", and durations and row counts are not known.
"""
_EPILOGUE = """\
outcomes:
  ok       the statement runs
  fails    the statement fails, with the SQLSTATE shown
  depends  the rows, the server or the way Prisma runs the file decide
  unknown  the statement runs code that is not judged
Statements after one that fails are predicted as if it had been fixed and had run.

exit status:
  0  nothing fails (with warnings: a statement that blocks a table while it is
     rewritten or scanned, or that loses data)
  2  a statement fails; with --strict, also where there are warnings
  1  with --strict: an outcome depends or is unknown; or the call is wrong

examples:
  monitor.py plan --migrations prisma/migrations            the newest migration
  monitor.py plan --migrations prisma/migrations --since 20250904160000_roles
  monitor.py plan --migrations prisma/migrations --format markdown --output plan.md
"""
_POSTGRES_VERSIONS = range(13, 19)
# What `--postgres` means where it is not given: nothing but a few locks differs between versions.
_USUAL_POSTGRES = 17


def register(commands: "_SubParsersAction[ArgumentParser]") -> None:
    parser = commands.add_parser(
        "plan",
        help="predict what pending migrations will lock, rewrite and break; without a database",
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--migrations", type=Path, metavar="PATH", required=True, help="prisma/migrations, or a .zip or .tar.gz with it"
    )
    parser.add_argument(
        "--since",
        metavar="NAME",
        help="the last migration that is deployed, or a part of its name: all after it are planned "
        "(default: the newest migration alone is planned)",
    )
    parser.add_argument("--schema", metavar="NAME", help="the schema that unqualified names mean (default: public)")
    parser.add_argument(
        "--postgres",
        type=int,
        choices=_POSTGRES_VERSIONS,
        default=_USUAL_POSTGRES,
        metavar="MAJOR",
        help=f"the server's major version, 13 to 18 (default: {_USUAL_POSTGRES})",
    )
    add_prisma_version(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")
    add_output_file(output)
    output.add_argument(
        "--strict", action="store_true", help="end with 2 on warnings, with 1 where something depends or is unknown"
    )
    parser.set_defaults(run=_plan)


def _plan(options: Namespace) -> int:
    from shared.diagnose.plan import Tools, plan_of, verdict  # noqa: PLC0415  # `--help` needs none of it
    from shared.gather.release import read_release  # noqa: PLC0415  # as above

    try:
        release = read_release((release_at(options.migrations),))
    except GatherError as error:
        raise UsageError(str(error)) from None
    _insist_on_postgresql(release)
    earlier, pending = _split(release.migrations, options.since)
    try:
        plan = plan_of(earlier, pending, options.schema or "public", Tools(options.postgres, options.prisma))
    except NotKnownError as error:
        raise UsageError(error.unavailable.because) from None
    write_text(_rendered(plan, options.format), options.output)
    return _status(verdict(plan), plan, strict=options.strict)


def _status(found: Verdict, plan: Plan, *, strict: bool) -> int:
    if found is Verdict.FAILED or (strict and found is Verdict.WARNING):
        return NOT_IN_STEP
    return COULD_NOT_TELL if strict and not plan.is_certain else IN_STEP


def _rendered(plan: Plan, form: str) -> str:
    from shared.report.plan.json import plan_as_json  # noqa: PLC0415  # as above
    from shared.report.plan.markdown import plan_as_markdown  # noqa: PLC0415
    from shared.report.plan.text import plan_as_text  # noqa: PLC0415

    return {"json": plan_as_json, "markdown": plan_as_markdown, "text": plan_as_text}[form](plan)


def _insist_on_postgresql(release: Release) -> None:
    if release.provider not in (None, "postgresql"):
        raise UsageError(f"migration_lock.toml is for {release.provider or 'no provider'}, not for postgresql")


def _split(migrations: Sequence[Migration], since: str | None) -> tuple[Sequence[Migration], Sequence[Migration]]:
    """The migrations that are deployed, and those to plan."""
    if since is None:
        return migrations[:-1], migrations[-1:]
    names = [migration.name for migration in migrations]
    found = [name for name in names if name == since] or [name for name in names if since in name]
    if len(found) != 1:
        listed = ", ".join((found or names)[-10:])
        what = "several migrations have that in their names" if found else "no migration has that in its name"
        raise UsageError(f"--since {since}: {what}; there is {listed}")
    at = names.index(found[0]) + 1
    return migrations[:at], migrations[at:]

"""``migration-monitor plan``: what pending migrations will do, to a production or, without one, in a pull request."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from ...model.knowledge import Unavailable
from ...model.plan import Plan
from ...model.report import ServerSummary, Trigger, Verdict
from ...model.value import dataclass, replace
from .called import called
from .exits import FAILED, PASSED, UNKNOWN, UsageError
from .options import add_prisma_schema, add_target_options, one_target
from .output import progress, say
from .outputs import add_outputs, write_forms

_DESCRIPTION = """\
Predict what `prisma migrate deploy` will do, statement by statement: locks, table
rewrites and scans, what is blocked and for how long, what is lost, and what fails.

With a database (from the settings, or --database-url, or --live) the pending
migrations are planned from the live catalog, and rows in the way are counted in
short read-only queries. Nothing is written.

With --migrations alone no database is read: the earlier migrations are replayed
in memory. What rows decide is "depends", and durations and row counts are not known.
With --facts, the facts of a production (`migration-monitor facts`, or GET /api/facts/TARGET)
say what is pending there, and how long it takes and blocks.
"""
_EPILOGUE = """\
outcomes:
  ok       the statement runs
  fails    the statement fails, with the SQLSTATE shown
  depends  the rows, the server or the way Prisma runs the file decide
  unknown  the statement runs code that is not analysed
Statements after one that fails are predicted as if it had been fixed and had run.

exit status:
  0  nothing fails (with warnings: a statement that blocks a table while it is
     rewritten or scanned, or that loses data)
  2  a statement fails, or a failed migration stops the deployment; with
     --strict, also where there are warnings
  1  with --strict: an outcome depends or is unknown; or the call is wrong

examples:
  migration-monitor plan --target production                       what is pending there
  migration-monitor plan --live --migrations prisma/migrations     in the database of DATABASE_URL
  migration-monitor plan --migrations prisma/migrations            the newest migration
  migration-monitor plan --migrations prisma/migrations --since 20250904160000_roles
  migration-monitor plan --migrations prisma/migrations --deployed main/prisma/migrations
  migration-monitor plan --migrations prisma/migrations --facts production.json
  migration-monitor plan --migrations prisma/migrations --format markdown --output plan.md
"""
_POSTGRES_VERSIONS = range(13, 19)
# What `--postgres` means where it is not given: nothing but a few locks differs between versions.
_USUAL_POSTGRES = 17


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    add_target_options(parser)
    parser.add_argument("--live", action="store_true", help="with --migrations: read the database of DATABASE_URL")
    offline = parser.add_argument_group("without a database")
    offline.add_argument(
        "--since",
        metavar="NAME",
        help="the last migration that is deployed, or a part of its name: all after it are planned "
        "(default: the newest migration alone is planned)",
    )
    offline.add_argument(
        "--deployed",
        type=Path,
        metavar="PATH",
        help="the release that is deployed, a folder or an archive: all migrations that it does not have are planned",
    )
    offline.add_argument(
        "--postgres",
        type=int,
        choices=_POSTGRES_VERSIONS,
        metavar="MAJOR",
        help=f"the server's major version, 13 to 18 (default: {_USUAL_POSTGRES})",
    )
    offline.add_argument(
        "--facts",
        type=Path,
        metavar="FILE",
        help="the facts of a production: all migrations that it has not applied are planned",
    )
    offline.add_argument(
        "--scratch-url",
        nargs="?",
        const="",
        metavar="URL",
        help="a scratch PostgreSQL, for whose role the migrations are also run in a new database, which is dropped "
        "(without URL: that of SCRATCH_URL in the environment; embedded: a server that is started for it)",
    )
    add_prisma_schema(offline)
    add_outputs(parser, ("text", "json", "markdown", "junit", "sarif"))
    parser.add_argument(
        "--strict", action="store_true", help="end with 2 on warnings, with 1 where something depends or is unknown"
    )
    parser.set_defaults(run=_plan)


def _plan(options: Namespace) -> int:
    from ...diagnose.plan import verdict  # noqa: PLC0415  # `--help` needs none of it

    without_database = options.migrations is not None and options.database_url is None and not options.live
    found = _of_files(options) if without_database else _of_production(options)
    if found is None:
        return UNKNOWN
    plan = found.plan
    write_forms(found.render, options)
    return _status(verdict(plan), plan, strict=options.strict)


@dataclass(frozen=True, slots=True)
class _Found:
    """A *plan*, the *server* in Azure that it is for, and where the *folder* of its migrations is."""

    plan: Plan
    folder: str
    server: ServerSummary | None = None

    def render(self, form: str, width: int | None, colour: bool) -> Sequence[str]:
        # A form's libraries are imported only where that form is asked for.
        match form:
            case "json":
                from ...report.plan.json import plan_as_json  # noqa: PLC0415

                return [plan_as_json(self.plan)]
            case "markdown":
                from ...report.plan.markdown import plan_as_markdown  # noqa: PLC0415

                return [plan_as_markdown(self.plan, self.server)]
            case "junit":
                from ...report.plan.junit import plan_as_junit  # noqa: PLC0415

                return [plan_as_junit(self.plan)]
            case "sarif":
                from ...report.sarif.plan import plan_as_sarif  # noqa: PLC0415

                return [plan_as_sarif(self.plan, self.folder)]
            case _:
                from ...report.plan.text import plan_as_text  # noqa: PLC0415

                return [plan_as_text(self.plan, self.server, width=width, colour=colour)]


def _of_files(options: Namespace) -> _Found:
    from .plan_of_files import plan_of_files  # noqa: PLC0415  # as above

    return _Found(*plan_of_files(options, _USUAL_POSTGRES))


def _of_production(options: Namespace) -> _Found | None:
    """The plan of what is pending in a database, and its server in Azure; None, and the reason printed, without one."""
    from ...report.sarif.log import folder_of  # noqa: PLC0415  # as above
    from ...run import run  # noqa: PLC0415

    offline = ("since", "deployed", "postgres", "facts", "scratch_url", "prisma_schema")
    if given := [f"--{name.replace('_', '-')}" for name in offline if getattr(options, name) is not None]:
        raise UsageError(
            f"{', '.join(given)}: for a plan without a database, by --migrations alone: a database shows what is "
            "pending"
        )
    target = one_target(options)
    # All that a plan needs: the database, the release, what the app's clients know, the server's disk and backups.
    reduced = replace(target.without_privileges(), plan="deploy", seeds=(), endpoints=(), compare_schema=True)
    with progress(f"{target.name}: reading …"):
        report = run(reduced, Trigger.TERMINAL, deploying=True)
    folder = "" if report.release is None else folder_of(report.release)
    failed = tuple(finding.subject for finding in report.findings if finding.code == "migration-failed")
    if isinstance(report.plan, Plan):
        return _Found(_stopped(report.plan, failed), folder, report.server)
    reasons = [check.unknown_because for check in report.checks if check.unknown_because]
    if isinstance(report.plan, Unavailable):
        reasons.insert(0, report.plan.because)
    if reasons:
        say(f"{target.name}: there is no plan: {reasons[0]}")
        return None
    return _Found(_stopped(Plan((), ()), failed), folder, report.server)


def _stopped(plan: Plan, failed: tuple[str, ...]) -> Plan:
    """Give *plan* with the *failed* migrations: what is pending is planned as if they were resolved."""
    notes = tuple(
        f"{name} failed: a deployment stops at once (P3009) until that is resolved: {called()} explain {name}"
        for name in failed
    )
    return replace(plan, notes=(*plan.notes, *notes), stops_at=failed)


def _status(found: Verdict, plan: Plan, *, strict: bool) -> int:
    if found is Verdict.FAILED or (strict and found is Verdict.WARNING):
        return FAILED
    return UNKNOWN if strict and not plan.is_certain else PASSED

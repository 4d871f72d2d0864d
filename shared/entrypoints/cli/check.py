"""``migration-monitor check``: look once, and report."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ...model.knowledge import Unavailable
from ...model.progress import Progress, StatementState
from ...model.report import Report, Trigger, Verdict
from ...model.setting_types import Duration
from ...model.settings import BrokenTarget, Settings, Target
from ...model.value import replace
from ...net.background import side_by_side
from ...run import report_on_broken, run
from .exits import FAILED, PASSED, UNKNOWN, UsageError, exit_status
from .notifying import Notifying, add_notify_option
from .options import (
    add_prisma_schema,
    add_target_options,
    every_target,
    insist_on_all,
    is_direct,
    lowering_of,
    one_target,
    require_release,
    settings_of,
)
from .output import progress, say
from .outputs import add_report_outputs, write_reports

if TYPE_CHECKING:
    from ...run.lowering import Lowering

# A check mostly waits for servers; each job has a few threads and one connection to a database.
_JOBS, _MOST_JOBS = 8, 64
_USUAL, _SHORTEST = timedelta(seconds=30), timedelta(seconds=1)
_DESCRIPTION = """\
Compare a database with its release now: the migration history, the schema itself,
seeded rows, API endpoints and the activity in the database. Nothing is written.
"""
_EPILOGUE = """\
examples:
  migration-monitor check                                    the only target of monitor.toml
  migration-monitor check --target production --format json  one of several, for a machine
  migration-monitor check --all --jobs 16                    all of them, and a table at the end
  migration-monitor check --output junit=report.xml --output sarif=report.sarif
                                                      text here, and two files
  migration-monitor check --migrations prisma/migrations --seed 'users=6' \\
                   --endpoint https://api.example.com/health
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    add_target_options(parser)
    parser.add_argument(
        "--expect",
        action="append",
        metavar="KEY",
        help="end with 0 only if exactly these findings are open, info aside (for scripts; repeatable)",
    )
    parser.add_argument(
        "--expect-progress",
        metavar="DIGEST",
        help="with --expect: and only if each statement of each migration is as it was (for scripts)",
    )
    parser.add_argument(
        "--expect-applied",
        metavar="NAME",
        help="end with 0 only if no statement of this migration is known to be missing",
    )
    add_prisma_schema(parser)
    parser.add_argument("--no-schema", action="store_true", help="do not compare the schema")
    parser.add_argument("--all", action="store_true", help="every target of the settings file, several at a time")
    parser.add_argument(
        "--jobs",
        type=_jobs,
        metavar="N",
        help=f"with --all: how many at a time (default: {_JOBS}, at most {_MOST_JOBS})",
    )
    parser.add_argument(
        "--watch",
        type=_every,
        nargs="?",
        const=_USUAL,
        metavar="TIME",
        help="check again after that time (default: 30s) until Ctrl-C; a terminal shows the last report",
    )
    add_notify_option(parser)
    add_report_outputs(parser)
    parser.set_defaults(run=_check)


def _check(options: Namespace) -> int:
    if options.all:
        insist_on_all(options)
        if options.prisma_schema is not None:
            raise UsageError("--prisma-schema is of one release: name a target")
    elif options.jobs is not None:
        raise UsageError("--jobs needs --all: one target is checked by one job")
    settings = settings_of(options)
    if options.watch is None:
        return _checked_once(options, settings, lambda reports, _status: write_reports(reports, options))
    from .rechecking import recheck  # noqa: PLC0415  # most checks are made once

    return recheck(lambda show: _checked_once(options, settings, show), options)


def _checked_once(options: Namespace, settings: Settings | None, show: Callable[[Sequence[Report], int], None]) -> int:
    """Check what *options* name, *show* the reports and what follows from them, and give the exit status."""
    notifying = Notifying(options, settings)
    if options.all:
        reports = _reports_on_all(every_target(options, settings), options, notifying)
        notifying.flush()
    else:
        target = one_target(options, settings)
        with progress(_words(target, _sources(target)), quiet=_is_quiet(options)) as on_source:
            reports = [report_on(target, options, notifying, on_source)]
        if is_direct(options) and reports[0].release is None:
            require_release(target)
    status = _status(reports, options)
    show(reports, status)
    if is_direct(options) and options.watch is None:
        _warn_of_powers(reports[0])
    return notifying.ended(status)


def _status(reports: Sequence[Report], options: Namespace) -> int:
    if options.expect_applied is not None:
        return _is_applied(reports, options.expect_applied)
    if options.expect is not None:
        return _as_expected(reports, options.expect, options.expect_progress)
    return exit_status(reports, strict=options.strict)


def _is_quiet(options: Namespace) -> bool:
    """Say whether no progress is shown: with --watch, the last report stays on the terminal meanwhile."""
    return options.quiet or options.watch is not None


def _warn_of_powers(report: Report) -> None:
    """The owner of a table may find a way to run code with the rights of the role that reads it."""
    powers = report.database.role_powers if report.database else None
    if powers:
        say(f"the database role {powers}: read with a role that may only read")


def _as_expected(reports: Sequence[Report], keys: Sequence[str], progress: str | None) -> int:
    """Say whether exactly the findings *keys* are open. What is unknown is not.

    A digest of the *progress* also says which checks were unknown: with it they may still be unknown.
    """
    from ...report.script import expected_keys, progress_digest  # noqa: PLC0415  # only scripts ask

    needed = {"history", "schema"} if progress else None
    if any(check.unknown and (needed is None or check.name in needed) for each in reports for check in each.checks):
        return UNKNOWN
    if progress is not None and [progress_digest(report) for report in reports] != [progress]:
        return FAILED
    found = {key for report in reports for key in expected_keys(report)}
    return PASSED if found == set(keys) else FAILED


def _is_applied(reports: Sequence[Report], name: str) -> int:
    """Say whether no statement of the migration *name* is known to be missing."""
    statuses = [status for report in reports for status in report.migrations if status.name == name]
    if not statuses or any(isinstance(status.progress, Unavailable) for status in statuses):
        return UNKNOWN
    missing = {StatementState.ABSENT, StatementState.INVALID}
    progress = [status.progress for status in statuses if isinstance(status.progress, Progress)]
    return FAILED if any(each.state in missing for one in progress for each in one.statements) else PASSED


def _reports_on_all(
    targets: Sequence[Target | BrokenTarget], options: Namespace, notifying: Notifying
) -> Sequence[Report]:
    """Check all of them, several at a time; give the reports in the order of the settings."""
    verdicts = Counter[Verdict]()
    with progress(_words_of_all(verdicts, len(targets)), quiet=_is_quiet(options)) as show:

        def on_done(report: Report) -> None:
            verdicts[report.verdict] += 1
            show(_words_of_all(verdicts, len(targets)))

        return side_by_side(
            targets, lambda target: report_on(target, options, notifying), options.jobs or _JOBS, on_done
        )


def report_on(
    target: Target | BrokenTarget,
    options: Namespace,
    notifying: Notifying,
    show: Callable[[str], None] = lambda _words: None,
) -> Report:
    """Check *target*, notify as *notifying* has it, and give the report."""
    with notifying.over(target):
        if isinstance(target, BrokenTarget):
            return notifying.notified(report_on_broken(target, Trigger.TERMINAL), target)
        checked = replace(target, compare_schema=False) if options.no_schema else target
        lowering = lowering_of(options)
        return notifying.notified(_checked(checked, notifying, show, lowering), target)


def _checked(target: Target, notifying: Notifying, show: Callable[[str], None], lowering: "Lowering | None") -> Report:
    waiting = _sources(target)

    def on_read(source: str) -> None:
        waiting.discard(source)
        show(_words(target, waiting))

    last_seen, deploying = notifying.last_seen(target), notifying.deploying(target)
    return run(
        target,
        Trigger.TERMINAL,
        last_seen=last_seen,
        deploying=deploying,
        on_read=on_read,
        lowering=lowering,
        read_seen_before=partial(notifying.seen_before, target),
    )


def _sources(target: Target) -> set[str]:
    asked_for = {
        "endpoints": bool(target.endpoints),
        "server": target.server is not None,
        "app": target.app is not None,
    }
    return {"release", "database", *(source for source, wanted in asked_for.items() if wanted)}


def _words(target: Target, waiting: set[str]) -> str:
    return f"{target.name}: reading {', '.join(sorted(waiting))} …" if waiting else f"{target.name}: checking …"


def _words_of_all(verdicts: Mapping[Verdict, int], count: int) -> str:
    """``37 of 200 checked: 2 failed, 1 unknown``: what passed needs no number."""
    bad = {"failed": verdicts.get(Verdict.FAILED, 0), "unknown": verdicts.get(Verdict.UNKNOWN, 0)}
    counts = ", ".join(f"{number} {word}" for word, number in bad.items() if number)
    return f"{sum(verdicts.values())} of {count} checked" + (f": {counts}" if counts else " …")


def _every(text: str) -> timedelta:
    try:
        every = Duration.parse(text)
    except ValueError:
        every = timedelta(0)
    if every < _SHORTEST:
        raise UsageError(f"--watch takes a time such as 30s or 5m, at least {_SHORTEST.seconds}s")
    return every


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_JOBS:
        raise UsageError(f"--jobs takes a whole number, 1 to {_MOST_JOBS}")
    return int(text)

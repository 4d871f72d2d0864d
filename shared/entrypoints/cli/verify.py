"""``migration-monitor verify``: after a deployment, wait for what heals by itself, and answer."""

from argparse import ArgumentParser, Namespace
from datetime import timedelta
from functools import partial
from pathlib import Path

from ...alerts.answers import call_off
from ...memory import RememberError, memory_of
from ...model.report import Report, Trigger
from ...model.settings import Settings, Target
from ...model.value import replace
from ...prisma.release import LOCK_FILE, SCRIPT_FILE
from ...report.wording import headline
from ...run import run_until_settled
from ...settings import database_url, environment
from .exits import PASSED, UsageError, exit_status
from .notifying import Notifying, add_notify_option
from .options import (
    add_target_options,
    is_direct,
    is_written_as_path,
    no_such_release,
    one_target,
    release_at,
    require_release,
    settings_are_there,
    settings_of,
)
from .output import progress, say
from .outputs import add_report_outputs, write_reports

_LONGEST_WAIT = 3600
_DESCRIPTION = """\
Answer a pipeline whether a deployment succeeded. The command waits for findings that
resolve themselves (pending migrations, an application that is starting, seeds), and
answers at once if one does not.
"""
_EPILOGUE = """\
examples:
  migration-monitor verify --release v1.42.0 --wait 300     that version must be deployed
  migration-monitor verify --release dist/release.tar.gz    compared with that archive
  migration-monitor verify --release v1.42.0 --phase before --notify
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    parser.add_argument(
        "--release",
        metavar="RELEASE",
        help="a version that the target's source knows, or the path of a migrations folder or archive",
    )
    parser.add_argument(
        "--phase",
        choices=("before", "after", "aborted"),
        default="after",
        help="before checks a release that is to be deployed, and with --notify holds back the alerts "
        "that its deployment brings; after ends that (default), and so does aborted",
    )
    parser.add_argument(
        "--wait", type=_seconds, default=timedelta(0), metavar="SECONDS", help="how long to wait at most (default: 0)"
    )
    add_target_options(parser)
    add_notify_option(parser)
    add_report_outputs(parser)
    parser.set_defaults(run=_verify)


def _seconds(text: str) -> timedelta:
    if not text.isdecimal() or int(text) > _LONGEST_WAIT:
        raise UsageError(f"--wait takes whole seconds, 0 to {_LONGEST_WAIT}")
    return timedelta(seconds=int(text))


def _verify(options: Namespace) -> int:
    release: str | None = options.release
    path = Path(release) if release is not None and Path(release).exists() else None
    if release is not None and path is None and is_written_as_path(release):
        raise no_such_release(release)
    if (
        path is not None
        and options.migrations is None
        and (is_direct(options) or _nothing_but_the_environment(options))
    ):
        options.migrations = path
    settings = settings_of(options)
    target = one_target(options, settings)
    if release is not None and path is None and "/" in release and _knows_no_slash(target):
        raise no_such_release(release)
    if options.phase == "aborted":
        return _aborted(target, settings)
    if path is not None:
        target = _with_release_at(path, target)
    if is_direct(options):
        # Before the wait: it would be for nothing.
        require_release(target)
    notifying = Notifying(options, settings)
    with progress(f"{target.name}: checking …", quiet=options.quiet) as show:

        def on_report(report: Report) -> None:
            show(f"{headline(report)} Waiting …")

        report = run_until_settled(
            target,
            Trigger.VERIFY,
            # A candidate is checked as it is: nothing about it heals before its deployment.
            timedelta(0) if options.phase == "before" else options.wait,
            release=None if path else release,
            phase=options.phase,
            last_seen=notifying.last_seen(target),
            deploying=notifying.deploying(target),
            read_seen_before=partial(notifying.seen_before, target),
            on_report=on_report,
        )
    report = notifying.notified(report, target)
    if options.notify and target.commit_status is not None:
        notifying.write_commit_status(report, target.commit_status, None if path else release)
    write_reports([report], options)
    return notifying.ended(exit_status([report], strict=options.strict))


def _aborted(target: Target, settings: Settings | None) -> int:
    if settings is None:
        raise UsageError("--phase aborted needs a target of a settings file: without one, no alerts are held back")
    try:
        call_off(memory_of(target.name, settings.memory))
    except RememberError as error:
        raise UsageError(str(error)) from None
    say(f"{target.name}: alerts are no longer held back")
    return PASSED


def _knows_no_slash(target: Target) -> bool:
    """Say whether no source of *target* has releases with ``/`` in their names, as tags and blobs may have."""
    return all(source.source in {"folder", "archive"} for source in target.releases)


def _nothing_but_the_environment(options: Namespace) -> bool:
    """Say whether only ``DATABASE_URL`` names the database."""
    return not (options.target or settings_are_there(options)) and database_url(environment()) is not None


def _with_release_at(path: Path, target: Target) -> Target:
    """Give *target* with the release at *path*, in which its migrations lie where the settings say.

    Unless *path* leads to the migrations themselves.
    """
    migrations = None if _holds_migrations(path) else target.releases[0].migrations
    return replace(target, releases=(replace(release_at(path), migrations=migrations),))


def _holds_migrations(path: Path) -> bool:
    return (path / LOCK_FILE).is_file() or any(path.glob(f"*/{SCRIPT_FILE}"))

"""``migration-monitor watch``: a deployment while it runs, redrawn once a second, or a line of JSON a second."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from ...model.knowledge import Unavailable
from ...model.report import Report, Trigger
from ...model.setting_types import Duration
from ...model.settings import Settings, Target
from ...model.watching import Phase, Seen, Watched
from ...net.background import Started
from ...run import run
from .exits import FAILED, UNKNOWN, UsageError, exit_status
from .notifying import Notifying, add_notify_option
from .options import add_target_options, is_direct, one_target, require_release, settings_of
from .output import progress, say

if TYPE_CHECKING:
    from .screen import Screen

_DESCRIPTION = """\
Show a deployment (`prisma migrate deploy`) while it runs: the running statement with
its file and line, how far it is, what it waits for, which sessions wait behind it, how
to stop it, and what stopping leaves. It ends when the deployment has ended, and then
prints what came of it.

It reads the release and the database once, and then the server's statistics once a
second, in one round trip without a lock. Only the release's own SQL is shown: never
the text of other sessions.
"""
_EPILOGUE = """\
exit status:
  0  the deployment has ended, and the database matches its release
  2  the deployment has ended, and it does not; or, where the time was up first, more
     than queue_alert sessions waited behind it for longer than max_block
  1  unknown: the time was up first, or the database cannot be read

examples:
  migration-monitor watch --target production
  migration-monitor watch --migrations prisma/migrations             the database of DATABASE_URL
  migration-monitor watch --target production --notify --for 30m | tee watched.jsonl
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    add_target_options(parser)
    until = parser.add_mutually_exclusive_group()
    until.add_argument("--for", dest="length", metavar="TIME", help="end after that time at the latest: 90s, 30m, 2h")
    until.add_argument("--until", metavar="WHEN", help="end then: 2026-12-01T08:00+01:00; without an offset it is UTC")
    add_notify_option(parser)
    parser.add_argument(
        "--format", choices=("text", "json"), help="default: text on a terminal, else a line of JSON a second"
    )
    parser.set_defaults(run=_watch)


def _watch(options: Namespace) -> int:
    from ...run.watching import CannotWatchError, deployment_of, ticks  # noqa: PLC0415  # `--help` needs none of it
    from .screen import Screen  # noqa: PLC0415  # as above

    end = _end(options)
    settings = settings_of(options)
    target = one_target(options, settings)
    if is_direct(options):
        require_release(target)
    notifying = _Notifications(options, settings, target)
    screen = Screen(options.format, target)
    with progress(f"{target.name}: reading …"):
        try:
            deployment = deployment_of(target)
        except CannotWatchError as error:
            say(f"{target.name}: {error}")
            return UNKNOWN
    last: Seen | None = None
    with screen:
        for seen in ticks(deployment):
            last = seen
            screen.show(seen)
            notifying.heed(seen)
            if _is_over(seen) or (end is not None and datetime.now(UTC) >= end):
                break
    return notifying.ended(_concluded(target, last, screen))


def _is_over(seen: Seen) -> bool:
    """Say whether trying again will not help, as with a wrong password."""
    return isinstance(seen.watched, Unavailable) and seen.watched.lasting


def _end(options: Namespace) -> datetime | None:
    now = datetime.now(UTC)
    try:
        if options.length is not None:
            return now + Duration.parse(options.length)
        if options.until is None:
            return None
        moment = datetime.fromisoformat(options.until)
    except (ValueError, OverflowError):
        raise UsageError("write --for like 90s, 30m, 2h, or --until like 2026-12-01T08:00+01:00") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _concluded(target: Target, last: Seen | None, screen: "Screen") -> int:
    """Print what came of the deployment, and give the exit status."""
    watched = None if last is None else last.watched
    if not isinstance(watched, Watched):
        if watched is not None:
            say(f"{target.name}: {watched.because}")
        return UNKNOWN
    if watched.phase is not Phase.ENDED:
        running = "no deployment was seen" if watched.phase is Phase.NONE else "the deployment is still running"
        say(f"{target.name}: {running} when the time was up")
        return FAILED if watched.is_urgent else UNKNOWN
    report = _afterwards(target)
    screen.conclude(report)
    return exit_status([report], strict=False)


def _afterwards(target: Target) -> Report:
    """Check the migrations and the schema: what starts only now, as the application, is not the deployment's."""
    from ...run.watching import without_surroundings  # noqa: PLC0415  # as above

    return run(without_surroundings(target), Trigger.TERMINAL)


class _Notifications:
    """With ``--notify`` a run that notifies, whenever a long queue is seen, and once it is gone.

    It runs beside the screen, which is drawn meanwhile. There is one at a time: what changes during a run is in the
    next one.
    """

    def __init__(self, options: Namespace, settings: Settings | None, target: Target) -> None:
        self._notifying, self._target, self._notifies = Notifying(options, settings), target, options.notify
        self._is_urgent = self._was_urgent = False
        self._running: Started[None] | None = None

    def heed(self, seen: Seen) -> None:
        if self._notifies and isinstance(seen.watched, Watched):
            self._is_urgent = seen.watched.is_urgent
            self._go_on(timedelta(0))

    def _go_on(self, within: timedelta | None) -> None:
        """Begin a run where there is something new, once the one before has ended, for which it waits *within*."""
        if self._running is not None:
            if not self._running.has_ended(within):
                return
            self._running.outcome()
            self._running = None
        if self._is_urgent != self._was_urgent:
            self._was_urgent = self._is_urgent
            self._running = Started(self._notify)

    def _notify(self) -> None:
        with self._notifying.over(self._target):
            report = run(
                self._target,
                Trigger.TERMINAL,
                last_seen=self._notifying.last_seen(self._target),
                deploying=self._notifying.deploying(self._target),
                read_seen_before=partial(self._notifying.seen_before, self._target),
            )
            self._notifying.notified(report, self._target)

    def ended(self, status: int) -> int:
        while self._running is not None:
            self._go_on(None)
        return self._notifying.ended(status)

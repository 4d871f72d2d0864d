"""``migration-monitor silence``: somebody is on it."""

import getpass
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta

from ...alerts.decide.silences import NothingToSilenceError, silenced
from ...memory import RememberError
from ...model.news import Silence
from ...model.setting_types import Duration
from ...report.wording import printable
from .exits import PASSED, UsageError
from .options import add_named_target_options, named_target_of

_LONGEST = timedelta(days=90)
_DESCRIPTION = """\
Send no more messages about the incidents that are open now, because somebody works on
them. Every report still shows them, marked as silenced. Messages are sent again if an
incident gets worse or changes, and when the time is up. New incidents, and the end of
a silenced one, are always notified.
"""
_EPILOGUE = """\
examples:
  migration-monitor silence 'migration 20250905_fix_folders' --for 4h --because 'running the rest by hand'
  migration-monitor silence --for 90m --because 'restoring the backup'        all that is open now
  migration-monitor silence seed-collapsed:users --until 2026-12-01T08:00+01:00 --because 'meant: test users removed'
"""


def register(parser: ArgumentParser) -> None:
    parser.description, parser.epilog = _DESCRIPTION, _EPILOGUE
    parser.add_argument("incident", nargs="?", help="the incident, as messages name it; without it, all open ones")
    add_named_target_options(parser)
    until = parser.add_mutually_exclusive_group()
    until.add_argument("--for", dest="length", metavar="TIME", help="for how long: 30m, 4h, 2d (default: 4h)")
    until.add_argument("--until", metavar="WHEN", help="2026-12-01T08:00+01:00; without an offset it is UTC")
    parser.add_argument("--because", required=True, metavar="WHY", help="what is being done about it")
    parser.add_argument("--who", help="who is on it (default: your user name)")
    parser.set_defaults(run=_silence)


def _silence(options: Namespace) -> int:
    now = datetime.now(UTC)
    until = _until(options, now)
    if not now < until <= now + _LONGEST:
        raise UsageError(f"a silence ends later than now, and within {_LONGEST.days} days")
    silence = Silence(options.incident, options.who or _user(), options.because, until)
    _target, place = named_target_of(options)
    try:
        with place.alone():
            place.save(silenced(place.load(), silence, now))
    except (NothingToSilenceError, RememberError) as error:
        raise UsageError(printable(str(error))) from None
    what = silence.incident or "all that is open"
    print(printable(f"Silenced until {until:%Y-%m-%d %H:%M} UTC: {what} ({silence.who}: {silence.because})"))  # noqa: T201  # this is the terminal
    return PASSED


def _until(options: Namespace, now: datetime) -> datetime:
    try:
        if options.until is None:
            return now + Duration.parse(options.length or "4h")
        moment = datetime.fromisoformat(options.until)
    except (ValueError, OverflowError):
        raise UsageError("write --for like 30m, 4h, 2d, or --until like 2026-12-01T08:00+01:00") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        raise UsageError("say who is on it: --who") from None

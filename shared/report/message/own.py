"""What the monitor tells of itself: that it crashed, that a check was given up, that a channel works."""

from datetime import datetime

from shared.model.alerts import AlertSettings
from shared.model.finding import Severity, Step
from shared.model.message import Item, Kind, Message
from shared.report.message.fold import Draft, folded
from shared.report.message.parts import headline, item, links, moment, step_item

_SAMPLE = "20250904_160000_fix_folders_and_files_schema"


def crash(target: str, kind: str, place: str, alerts: AlertSettings, now: datetime) -> Message:
    """Say that a run ended in a bug: the exception's class and place. Its text is left out: it may hold anything."""
    at = moment(now, now)
    return _of_itself(
        target,
        "the monitor crashed and cannot see. This is NOT an all-clear.",
        item(f"{kind} in {place}, at {at}.", kind, place),
        f"The log of {at} has the traceback. The next run tries again by itself.",
        alerts=alerts,
        now=now,
    )


def forgetful(target: str, because: str, alerts: AlertSettings, now: datetime) -> Message:
    """Say that a run looked and told, and could not remember it; *because* is a sentence without secrets."""
    return _of_itself(
        target,
        "the monitor cannot remember what it tells.",
        item(f"{because[:1].upper()}{because[1:]}."),
        "See whether that place is up, and whether the monitor may write there. Until then it looks and tells on, "
        "and may tell a thing twice, or late.",
        alerts=alerts,
        now=now,
        thread="memory",
    )


def poisoned(target: str, alerts: AlertSettings, now: datetime) -> Message:
    """Say that the queue gave up on a check after several attempts."""
    at = moment(now, now)
    return _of_itself(
        target,
        "a check was given up after several attempts. This is NOT an all-clear.",
        item(f"By {at} no attempt had come to its end: each crashed, or was cut off."),
        f"The log before {at} says why. The schedule queues the next check by itself.",
        alerts=alerts,
        now=now,
    )


def _of_itself(
    target: str, what: str, how: Item, mend: str, *, alerts: AlertSettings, now: datetime, thread: str = "crash"
) -> Message:
    return Message(
        kind=Kind.CRASH,
        target=target,
        severities=(Severity.CRITICAL,),
        headline=headline(f"{target}: {what}"),
        sections=folded((Draft("WHAT", (how,)), Draft("MEND", (item(mend),)))),
        written_at=now,
        links=links(alerts),
        threads=(f"{thread} {target}",),
    )


def sample(channel: str, alerts: AlertSettings, now: datetime) -> Message:
    """Give a marked sample with everything that a real message has."""
    steps = Step("In earnest, the steps stand here, with commands to paste:", "npx prisma migrate status")
    return Message(
        kind=Kind.TEST,
        target="test",
        severities=(),
        headline=headline(f"TEST of the channel {channel}: nothing is wrong"),
        sections=folded(
            (
                Draft("CAUSE", (item(f"TEST: {_SAMPLE} would be named here.", severity=Severity.INFO),)),
                Draft("MEND", (step_item(steps),)),
                Draft("NEXT", (item("Nothing follows: somebody ran monitor.py test-alert."),)),
            )
        ),
        written_at=now,
        links=links(alerts),
        threads=(f"test {channel}",),
    )

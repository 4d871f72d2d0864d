"""Messages about the monitor itself: that it crashed, that a check was given up, that a channel works."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ...model.alerts import AlertSettings
from ...model.finding import Severity, Step
from ...model.memory import Incident, Refusing
from ...model.message import Change, Event, Item, Kind, Message
from ...model.news import Jump
from ...model.phrases import counted, listed
from ...model.value import replace
from .fold import Draft, folded
from .parts import headline, item, links, moment, plain_name, span, step_item

_SAMPLE = "20250904_160000_fix_folders_and_files_schema"


def crash(target: str, kind: str, place: str, alerts: AlertSettings, now: datetime) -> Message:
    """Say that a run ended in a bug: the exception's class and place. Its text is left out: it may hold anything."""
    at = moment(now, now)
    return _of_itself(
        target,
        "the monitor crashed and checked nothing. This is NOT an all-clear.",
        item(f"{kind} in {place}, at {at}.", kind, place),
        f"The log of {at} has the traceback. The next run tries again by itself.",
        alerts=alerts,
        now=now,
    )


def unsaved(
    target: str, because: str, incidents: Iterable[Incident] | None, alerts: AlertSettings, now: datetime
) -> Message:
    """Say that the state is saved nowhere, and how things are; *because* is a sentence without secrets.

    No end of an incident is sent meanwhile: what is no longer found is listed here instead. *incidents* is None
    where they are not known.
    """
    known = list(incidents or ())
    is_open = [incident for incident in known if incident.is_open]
    is_gone = [incident for incident in known if not incident.is_open and incident.notified is not None]
    nothing = (item("No incident is open."),) if incidents is not None and not is_gone else ()
    return _of_itself(
        target,
        "the monitor could not save its state",
        item(f"{because[:1].upper()}{because[1:]}."),
        "Check that the storage is available and has free space, and that the monitor may write there. Until then "
        "the monitor goes on checking. It may send a message twice, and it reports no incident as resolved.",
        Draft("OPEN NOW", tuple(_of(incident, now) for incident in is_open) or nothing, most=5, open=True),
        Draft("NO LONGER FOUND", tuple(_of(incident, now) for incident in is_gone), most=4, open=True),
        alerts=alerts,
        now=now,
        thread="memory",
    )


def _of(incident: Incident, now: datetime) -> Item:
    since = f"{plain_name(incident.name)}, since {moment(incident.since, now)}."
    return item(since, severity=incident.severity if incident.is_open else None)


def jumped(target: str, jump: Jump, alerts: AlertSettings, now: datetime) -> Message:
    """Say that the clock went back, or that nothing ran for so long, which looks like a jump of the clock."""
    if jump.direction == "back":
        what = f"the clock of the monitor went back by {span(jump.by)}"
        how = f"The last run is dated {jump.since:%Y-%m-%d %H:%M} UTC. It is {now:%Y-%m-%d %H:%M} UTC now."
        fix = "Check the clock of the machine that runs the monitor."
    else:
        what = f"no check ran for {span(jump.by)}"
        how = f"The last run was at {jump.since:%Y-%m-%d %H:%M} UTC. The monitor was stopped, or its clock jumped."
        fix = "Check the schedule and the clock of the machine that runs the monitor."
    note = "No alert is delayed by this: reminders, silences and deployment windows count from the new time."
    return replace(
        _of_itself(target, what, item(f"{how} {note}"), fix, alerts=alerts, now=now, thread="clock"),
        severities=(Severity.WARNING,),
    )


def refusing(
    target: str,
    refusals: Mapping[str, str],
    given_up: Sequence[str],
    alerts: AlertSettings,
    now: datetime,
    *,
    since: Mapping[str, datetime],
) -> Message:
    """Say which other channels refuse messages and what they answer, and where messages were *given_up*.

    *since* has those that other channels know of already.
    """
    names = sorted({*refusals, *given_up})
    said = [item(f"{name} refuses: {refusals[name]}.", name, severity=Severity.WARNING) for name in sorted(refusals)]
    lost = [
        item(f"{name}: {counted(given_up.count(name), 'message')} given up after a day.", name)
        for name in sorted({*given_up})
    ]
    what = f"{listed(names)} {'refuses' if len(names) == 1 else 'refuse'} messages"
    return Message(
        kind=Kind.CRASH,
        target=target,
        severities=(Severity.WARNING,),
        headline=headline(f"{target}: {what}"),
        sections=folded(
            (
                Draft("WHAT", (*said, *lost), open=True),
                Draft(
                    "FIX",
                    (
                        item(
                            "Check the address and the secret of the channel in the settings. Messages are kept for "
                            "it and tried again for a day."
                        ),
                    ),
                ),
            )
        ),
        written_at=now,
        links=links(alerts),
        threads=tuple(map(_of_channel, names)),
        events=tuple(
            _event(name, Change.CHANGED if name in since else Change.OPENED, since.get(name, now)) for name in names
        ),
    )


def accepting(target: str, ended: Refusing, alerts: AlertSettings, now: datetime) -> Message:
    """Say that a channel takes messages again, which other channels know to have refused them."""
    name = ended.channel
    what = f"It refused messages for {span(now - ended.since)}. Those of the last day are sent to it late."
    return Message(
        kind=Kind.RESOLVED,
        target=target,
        severities=(Severity.WARNING,),
        headline=headline(f"{target}: {name} accepts messages again"),
        sections=folded((Draft("WHAT", (item(what, name),), open=True),)),
        written_at=now,
        links=links(alerts),
        threads=(_of_channel(name),),
        events=(_event(name, Change.RESOLVED, ended.since),),
    )


def _of_channel(name: str) -> str:
    """Give the thread of what is said of a channel, which is also what machines know it by."""
    return f"channel {name}"


def _event(channel: str, change: Change, since: datetime) -> Event:
    return Event(_of_channel(channel), change, Severity.WARNING, since, _of_channel(channel))


def poisoned(target: str, alerts: AlertSettings, now: datetime) -> Message:
    """Say that the queue gave up on a check after several attempts."""
    at = moment(now, now)
    return _of_itself(
        target,
        "a check was given up after several attempts. This is NOT an all-clear.",
        item(f"Every attempt until {at} crashed or was stopped."),
        f"The log before {at} says why. The schedule queues the next check by itself.",
        alerts=alerts,
        now=now,
    )


def _of_itself(
    target: str,
    what: str,
    how: Item,
    fix: str,
    *more: Draft,
    alerts: AlertSettings,
    now: datetime,
    thread: str = "crash",
) -> Message:
    return Message(
        kind=Kind.CRASH,
        target=target,
        severities=(Severity.CRITICAL,),
        headline=headline(f"{target}: {what}"),
        sections=folded((Draft("WHAT", (how,)), *more, Draft("FIX", (item(fix),), steps=True))),
        written_at=now,
        links=links(alerts),
        threads=(f"{thread} {target}",),
    )


def sample(channel: str, alerts: AlertSettings, now: datetime) -> Message:
    """Give a marked sample with everything that a real message has."""
    steps = Step("In a real alert, the steps appear here, with commands to paste:", "npx prisma migrate status")
    return Message(
        kind=Kind.TEST,
        target="test",
        severities=(),
        headline=headline(f"TEST of the channel {channel}: nothing is wrong"),
        sections=folded(
            (
                Draft("CAUSE", (item(f"TEST: {_SAMPLE} would be named here.", severity=Severity.INFO),)),
                Draft("FIX", (step_item(steps),)),
                Draft("NEXT CHECK", (item("None: this message was sent by migration-monitor test-alert."),)),
            )
        ),
        written_at=now,
        links=links(alerts),
        threads=(f"test {channel}",),
    )

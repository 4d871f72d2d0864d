"""A message a week: it proves that a week without alerts was a week without incidents."""

from collections.abc import Iterator
from datetime import datetime

from ...model.alerts import AlertSettings
from ...model.message import Item, Kind, Link, Message
from ...model.news import Week
from ...model.phrases import counted
from ..links import Purpose
from .fold import Draft, folded
from .parts import headline, item, links, moment, plain_name, signed_page, span


def weekly_card(week: Week, alerts: AlertSettings, now: datetime, channel: str | None = None) -> Message:
    """Write the week's message: it goes to every channel, and proves that each of them works.

    Where people read the *channel*, and links can be signed, one of them confirms that: "I see this".
    """
    seen = None if channel is None else signed_page(alerts, Purpose.WEEK, week.target, now, channel)
    open_now = counted(len(week.open), "open incident") if week.open else "no open incident"
    return Message(
        kind=Kind.WEEKLY,
        target=week.target,
        severities=(),
        headline=headline(f"{week.target}, week until {week.ends:%Y-%m-%d}: {counted(week.runs, 'run')}, {open_now}"),
        sections=folded(_drafts(week, channel, now)),
        written_at=now,
        links=(*(() if seen is None else (Link("I see this", seen),)), *links(alerts, week.target, now)),
        threads=(f"weekly {week.target}",),
    )


def _drafts(week: Week, channel: str | None, now: datetime) -> Iterator[Draft]:
    runs = f"{counted(week.runs, 'run')}, {week.failed_runs} of them with the verdict failed."
    unknown = f"Some check was unknown for {span(week.unknown_for)}." if week.unknown_for else "No check was unknown."
    yield Draft("RUNS", (item(f"{runs} {unknown} {counted(week.messages, 'message')} sent."),))
    yield Draft("OPEN", tuple(_open(i.incident, i.since, now) for i in week.open), most=4, open=True)
    silences = [
        item(f"{plain_name(s.incident or 'the whole target')}, by {s.who} until {moment(s.until, now)}: {s.because}.")
        for s in week.silences
    ]
    yield Draft("SILENCED", tuple(silences), most=3, open=True)
    yield Draft("SCHEMA CHANGED THIS WEEK", tuple(item(f"{each}.") for each in week.schema_changes), most=6)
    if week.accepted:
        yield Draft("ACCEPTED", (item(f"{counted(week.accepted, 'finding')}, by entries of the settings."),))
    # Who does not read a channel cannot be asked there; where there is no other, it is said there all the same.
    others = {name: since for name, since in week.unseen.items() if name != channel} or week.unseen
    unseen = tuple(
        item(f"Nobody confirmed the weekly message of {name} since {since:%Y-%m-%d}. Does anybody read {name}?", name)
        for name, since in others.items()
    )
    yield Draft("NOT CONFIRMED", unseen, most=4, open=True)


def _open(incident: str, since: datetime, now: datetime) -> Item:
    return item(f"{plain_name(incident)}, since {moment(since, now)}.")

"""A message a week: it proves that a week without alerts was a week without incidents."""

from collections.abc import Iterator
from datetime import datetime

from ...model.alerts import AlertSettings
from ...model.message import Item, Kind, Message
from ...model.news import Week
from .fold import Draft, folded
from .parts import counted, headline, item, links, moment, plain_name, span


def weekly_card(week: Week, alerts: AlertSettings, now: datetime) -> Message:
    """Write the week's message: it goes to every channel, and proves that each of them works."""
    well = "nothing is open" if not week.open else f"{counted(len(week.open), 'incident')} open"
    return Message(
        kind=Kind.WEEKLY,
        target=week.target,
        severities=(),
        headline=headline(f"{week.target}, the week until {week.ends:%Y-%m-%d}: watched, {well}"),
        sections=folded(_drafts(week, now)),
        written_at=now,
        links=links(alerts),
        threads=(f"weekly {week.target}",),
    )


def _drafts(week: Week, now: datetime) -> Iterator[Draft]:
    runs = f"{counted(week.runs, 'run')}, {week.failed_runs} of them failed."
    unknown = f"Checks were unknown for {span(week.unknown_for)}." if week.unknown_for else "No check was unknown."
    yield Draft("WATCHED", (item(f"{runs} {unknown} {counted(week.messages, 'message')} sent."),))
    yield Draft("OPEN", tuple(_open(i.incident, i.since, now) for i in week.open), most=4, open=True)
    silences = [
        item(f"{plain_name(s.incident or 'the whole target')}, by {s.who} until {moment(s.until, now)}: {s.because}.")
        for s in week.silences
    ]
    yield Draft("SILENCED", tuple(silences), most=3, open=True)
    if week.accepted:
        yield Draft("ACCEPTED", (item(f"{counted(week.accepted, 'known difference')}, reviewed in the settings."),))


def _open(incident: str, since: datetime, now: datetime) -> Item:
    return item(f"{plain_name(incident)}, since {moment(since, now)}.")

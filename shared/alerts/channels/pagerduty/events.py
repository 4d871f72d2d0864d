"""What of a message pages somebody: events of PagerDuty's Events API v2, an alert for each incident."""

import json
from collections.abc import Iterator
from datetime import datetime

from ....model.digest import digest
from ....model.finding import Json, Severity
from ....model.message import Change, Event, Kind, Message
from ....model.news import UNKNOWN_CHECK
from ....model.phrases import clipped, listed
from ...messages.fit import fitting
from ...messages.parts import plain_name
from ...messages.text import as_plain_text

# https://developer.pagerduty.com/docs/send-alert-event
LONGEST_KEY, LONGEST_SUMMARY, LARGEST = 255, 1024, 512 * 1024
# The routing key is added later.
_SPACE = LARGEST - 1024
_CLIENT = "Migration Monitor"
_MOST_SOURCES = 5
_PAGES = frozenset({Change.OPENED, Change.CHANGED})


def events_of(message: Message) -> tuple[dict[str, Json], ...]:
    """Give the events that *message* is for PagerDuty, at most one for an alert; none where nobody is to be paged.

    Reminders page nobody, and the weekly message does not. A check that is unknown pages only where all of them are.
    """
    events = {str(event["dedup_key"]): event for event in _events(message)}
    return tuple(events.values())


def _events(message: Message) -> Iterator[dict[str, Json]]:
    if message.kind is Kind.TEST:
        key = _key(f"{message.target} {' '.join(message.threads)}")
        yield _trigger(message, key, message.headline, Severity.INFO, message.written_at)
    elif message.kind is Kind.CRASH and not message.events:
        # About the monitor itself: a person closes it, as no later run can know that all is well.
        key = _key(f"{message.target} {' '.join(message.threads)}")
        yield _trigger(message, key, message.headline, message.severity or Severity.CRITICAL, message.written_at)
    pages = [
        event for event in message.events if event.change in _PAGES and not event.incident.startswith(UNKNOWN_CHECK)
    ]
    for event in message.events:
        if event.incident.startswith(UNKNOWN_CHECK):
            yield from _unknown_check(message, event)
        elif event.change is Change.RESOLVED:
            yield {"event_action": "resolve", "dedup_key": message.key_of(event)}
        elif event.change is Change.ACKNOWLEDGED:
            yield {"event_action": "acknowledge", "dedup_key": message.key_of(event)}
        # Of a verification that failed, its incidents page: nothing would ever resolve one of its own beside them.
        elif event in pages or (event.change is Change.VERIFICATION and not pages):
            # The headline is about the first.
            is_first = event in pages[:1] or not pages
            summary = message.headline if is_first else f"{message.target}: {plain_name(event.incident)}"
            yield _trigger(message, message.key_of(event), summary, event.severity, event.since)


def _unknown_check(message: Message, event: Event) -> Iterator[dict[str, Json]]:
    """All checks unknown are one alert of their own, which ends as soon as one of them works."""
    key = _key(f"{message.target} no check works")
    if event.change is Change.RESOLVED:
        yield {"event_action": "resolve", "dedup_key": key}
    elif event.total and event.change is not Change.REMINDER:
        yield _trigger(message, key, message.headline, Severity.CRITICAL, event.since)


def _trigger(message: Message, key: str, summary: str, severity: Severity, since: datetime) -> dict[str, Json]:
    kept = fitting(message, lambda shorter: _size(_as_trigger(shorter, key, summary, severity, since)) <= _SPACE)
    return _as_trigger(kept, key, summary, severity, since)


def _as_trigger(message: Message, key: str, summary: str, severity: Severity, since: datetime) -> dict[str, Json]:
    line = clipped(summary, LONGEST_SUMMARY)
    event: dict[str, Json] = {
        "event_action": "trigger",
        "dedup_key": key,
        "payload": {
            "summary": line,
            "source": _source(message),
            # The names of severities are PagerDuty's own.
            "severity": severity.value,
            "timestamp": since.isoformat(timespec="seconds"),
            "custom_details": {"message": as_plain_text(message)},
        },
        "links": [{"href": link.url, "text": link.text} for link in message.links],
        "client": _CLIENT,
    }
    if message.links:
        event["client_url"] = message.links[0].url
    return event


def _source(message: Message) -> str:
    """Give the targets that the alert is about."""
    names = [each.target for each in message.targets if each.state == "open"]
    return listed(names, _MOST_SOURCES) if names else message.target


def resolved(event: dict[str, Json]) -> dict[str, Json]:
    """Give what ends the alert of *event*."""
    return {"event_action": "resolve", "dedup_key": event["dedup_key"]}


def _size(event: dict[str, Json]) -> int:
    return len(json.dumps(event))


def _key(text: str) -> str:
    """A hash: names of migrations and targets may be longer than `LONGEST_KEY`."""
    return digest(text)

"""A message as JSON, for webhooks: version 1 may grow fields, and never loses or changes one."""

from datetime import datetime

from ....model.finding import Json
from ....model.message import Event, Item, Message, Section, TargetLine


def as_json(message: Message) -> dict[str, Json]:
    return {
        "id": message.id,
        "kind": message.kind.value,
        "target": message.target,
        "severity": None if message.severity is None else message.severity.value,
        "headline": message.headline,
        "sections": [_section(section) for section in message.sections],
        "links": [{"text": link.text, "url": link.url} for link in message.links],
        "incidents": list(message.threads),
        "events": [_event(message, event) for event in message.events],
        "written_at": _moment(message.written_at),
        "late_since": None if message.late is None else _moment(message.late),
        # Only a message about several targets has them.
        **({"targets": [_target(each) for each in message.targets]} if message.targets else {}),
    }


def _target(line: TargetLine) -> Json:
    return {
        "target": line.target,
        "state": line.state,
        "severity": line.severity.value,
        "since": _moment(line.since),
        "problems": list(line.problems),
        "because": line.because,
    }


def _event(message: Message, event: Event) -> Json:
    return {
        "key": message.key_of(event),
        "incident": event.incident,
        "change": event.change.value,
        "severity": event.severity.value,
        "since": _moment(event.since),
    }


def _section(section: Section) -> Json:
    return {
        "title": section.title,
        "items": [_item(item) for item in section.items],
        "more": section.more,
        "folded": section.folded,
        "about": "".join(span.text for span in section.about) or None,
    }


def _item(item: Item) -> Json:
    return {
        "text": item.text,
        "command": item.command,
        "severity": None if item.severity is None else item.severity.value,
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")

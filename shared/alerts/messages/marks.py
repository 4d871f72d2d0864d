"""How bad it is, in a word and a sign: for the first line of every form, and for each item."""

from ...model.finding import Severity
from ...model.message import Change, Item, Kind, Message

_MARKS = {
    Kind.CANNOT_CHECK: "❔",
    Kind.WEEKLY: "🗓",
    Kind.CRASH: "❔",
    Kind.TEST: "🔔",
}


def title(message: Message) -> str:
    """``⛔ production: …``. What could not be delivered in time says so, for it may no longer be so."""
    late = "" if message.late is None else f"LATE (written {message.late:%Y-%m-%d %H:%M} UTC): "
    return f"{_mark(message)} {late}{message.headline}"


def with_severity(item: Item) -> str:
    """``critical: users holds 2 rows``: a colour alone says nothing to people who do not distinguish colours."""
    return item.text if item.severity is None else f"{item.severity}: {item.text}"


def _mark(message: Message) -> str:
    if is_relief(message):
        return "✅"
    if message.events and all(event.change is Change.ACKNOWLEDGED for event in message.events):
        return "🔕"
    if message.kind in _MARKS:
        return _MARKS[message.kind]
    return "⛔" if gravity(message) is Severity.CRITICAL else "⚠️"


def is_relief(message: Message) -> bool:
    """Say whether *message* may be shown in green: all that ended was fixed, and nothing critical is open."""
    return message.kind is Kind.RESOLVED and {Severity.CRITICAL, Severity.INFO}.isdisjoint(_shown(message))


def gravity(message: Message) -> Severity | None:
    """Give the worst severity that is still open: a message about a warning may say that a critical incident ended."""
    return min(_shown(message), key=lambda severity: severity.rank, default=message.severity)


def _shown(message: Message) -> list[Severity]:
    items = [item for section in message.sections for item in section.items]
    return [item.severity for item in items if item.severity is not None]

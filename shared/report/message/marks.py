"""What every form shows beside the words: a sign for how bad it is, and that it comes late."""

from shared.model.finding import Severity
from shared.model.message import Kind, Message

_MARKS = {
    Kind.RESOLVED: "✅",
    Kind.CANNOT_SEE: "❔",
    Kind.WEEKLY: "🗓",
    Kind.CRASH: "❔",
    Kind.TEST: "🔔",
}


def mark(message: Message) -> str:
    if message.kind in _MARKS:
        return _MARKS[message.kind]
    return "⛔" if message.severity is Severity.CRITICAL else "⚠️"


def late_note(message: Message) -> str | None:
    """Say that it could not be delivered in time; what it says was so then."""
    if message.late is None:
        return None
    return f"LATE: written at {message.late:%Y-%m-%d %H:%M} UTC, when no channel took it. It may no longer be so."

"""What people receive, as a value: words and their order, before any channel gives them a form."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Literal

from .digest import digest
from .finding import Severity
from .value import dataclass


class Kind(StrEnum):
    INCIDENT = "incident"
    RESOLVED = "resolved"
    CANNOT_CHECK = "cannot see"
    REMINDER = "reminder"
    WEEKLY = "weekly"
    CRASH = "crash"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence; *code* for names and commands, which no form may take for markup or wrap."""

    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One thing said, shortened away whole or not at all: a sentence, and the *command* to paste beneath it."""

    spans: tuple[Span, ...]
    command: str | None = None
    severity: Severity | None = None

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Section:
    """Items beneath a *title* (``CAUSE``, ``FIX``).

    *more* counts those that did not fit. What is *folded* comes after what must be seen
    at first sight. *about* is the name of the finding that they are about; of a message with one finding, or of what
    is about none, it is empty. Neighbours with the same name are one group, which has it above.
    """

    title: str
    items: tuple[Item, ...]
    more: int = 0
    folded: bool = False
    about: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


class Change(StrEnum):
    """What became of an incident, for machines. A *verification* is of one moment, and nothing ends it.

    *acknowledged*, by a silence, is only for channels of that kind.
    """

    OPENED = "opened"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    VERIFICATION = "verification"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Event:
    """One incident in a message; *thread* is the same from its beginning to its end.

    *total*: it is an unknown check, and all other checks are unknown too.
    """

    incident: str
    change: Change
    severity: Severity
    since: datetime
    thread: str
    total: bool = False


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One target in the message of an incident group: its *problems*, or why it is no longer open there."""

    target: str
    state: Literal["open", "resolved", "silenced"]
    severity: Severity
    since: datetime
    problems: tuple[str, ...] = ()
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Handle:
    """What *channel* itself calls the *thread* of an incident."""

    channel: str
    thread: str
    handle: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message to people about one target, in words and not yet formed for a channel.

    *headline* says what, where and since when. *severities* are those of its incidents and decide
    which channels take it; where there are none, all do. *threads* names the incidents it is about,
    each with its beginning, so that what is said of one incident stays together. *late* is when it
    should have gone out, where that failed. *abridged* is one that says no more than its headline.
    *events* says of each incident what became of it, *handles* what channels call their threads.
    *targets* are those of an incident group; *target* is then the one that opened it. *edition* is another one for
    channels that get something else of that group at the same moment.
    """

    kind: Kind
    target: str
    severities: tuple[Severity, ...]
    headline: str
    sections: tuple[Section, ...]
    written_at: datetime
    links: tuple[Link, ...] = ()
    threads: tuple[str, ...] = ()
    late: datetime | None = None
    abridged: bool = False
    events: tuple[Event, ...] = ()
    handles: tuple[Handle, ...] = ()
    targets: tuple[TargetLine, ...] = ()
    edition: int = 0

    def groups(self, *, folded: bool) -> Sequence[tuple[tuple[Span, ...], Sequence[Section]]]:
        """Give the sections of the first screen, or those that are *folded*: each name and its sections."""
        shown = (section for section in self.sections if section.folded is folded)
        return [(about, list(sections)) for about, sections in groupby(shown, key=lambda section: section.about)]

    def key_of(self, event: Event) -> str:
        """Give a key that is the same from the beginning of an incident to its end, and of no other incident."""
        return digest(f"{self.target} {event.thread}")

    @property
    def severity(self) -> Severity | None:
        """The worst of its incidents."""
        return min(self.severities, key=lambda severity: severity.rank, default=None)

    @property
    def id(self) -> str:
        """The same for the same message however often it is sent, so that a receiver can recognise a repetition."""
        parts = (self.kind, self.target, self.headline, self.written_at.isoformat(), *self.threads)
        identity = "\n".join(parts)
        identity += f"\nedition {self.edition}" if self.edition else ""
        identity += "\nabridged" * self.abridged
        return digest(identity)

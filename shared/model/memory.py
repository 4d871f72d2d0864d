"""What is remembered of one target from run to run: one document, replaced as a whole.

Long texts are documents of their own beside it, known by a digest of what they say: reports, and whole messages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, field
from datetime import datetime, timedelta
from typing import Any, Literal

from .finding import Finding, Severity
from .groups import IncidentGroup
from .last_seen import LastSeen
from .message import Handle, Message
from .news import Silence
from .report import MigrationDay, Verdict
from .value import dataclass


def stored_as(key: str, default: Any = MISSING) -> Any:
    """Give a field that the stored documents hold under the name *key*."""
    return field(default=default, metadata={"key": key})


@dataclass(frozen=True, slots=True)
class Notified:
    """What people know of an incident: that it is open, as bad as *severity* and with this content.

    *worst* is the worst severity sent, *times* how often it was sent, *at* the last time.
    """

    at: datetime
    severity: Severity
    worst: Severity
    digest: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Incident:
    """What people follow over time. *notified* is None while they know nothing of it, or know of its end.

    *checks* are those that saw it: it ends only where all of them have a result without it.
    *check* is set where it is not a finding but a check that has no result, *because*.
    *begun* is set once people surely received it. *unsure* is set where two runs notified people of
    this at the same time: what was received last is not known.
    *ended* are its ends within the last day; three make it *flapping*, until nothing has changed
    for a while since *changed_at*. *acknowledged* is set while the channels know that it is silenced.
    *group* is the key of the incident group that notifies people of it, where one does, and *says* what that says of
    it: what is wrong, or why it ended.
    """

    name: str
    since: datetime
    changed_at: datetime
    severity: Severity
    digest: str
    checks: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    check: str | None = None
    because: str | None = None
    is_open: bool = True
    notified: Notified | None = stored_as("told", None)
    ended: tuple[datetime, ...] = ()
    flapping: bool = False
    begun: bool = False
    unsure: bool = False
    acknowledged: bool = False
    group: str | None = None
    says: str | None = None


@dataclass(frozen=True, slots=True)
class PastIncident:
    """An incident that people were notified of and that ended; *severity* is the worst that was sent.

    *summary* is what was wrong in one sentence, without an error line of the database, which may quote rows.
    """

    name: str
    since: datetime
    ended_at: datetime
    severity: Severity
    checks: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Covered:
    """An incident as it was when it was silenced: worse than that, or another content, is news again."""

    incident: str
    severity: Severity
    digest: str


@dataclass(frozen=True, slots=True)
class SilenceInForce:
    silence: Silence
    since: datetime
    covers: tuple[Covered, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A deployment is under way: what passes by itself is held back.

    One that a ``verify`` opened ends with another; one opened by Prisma's lock ends a while after
    *last_sign_at*. *release* is the version that is being deployed, where it is known.
    """

    opened_at: datetime
    by: Literal["verify", "lock"]
    last_sign_at: datetime
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that *channel* has not accepted yet; it goes out with a later run.

    *message* is its first line; all of it, and the report of its moment, is the document of the digest *whole*.
    *received* is whether another channel has accepted all that it says. *tried_for* is how long it has been tried,
    added up from run to run: no jump of a clock makes that a day.
    """

    channel: str
    message: Message
    whole: str | None = None
    received: bool = stored_as("heard", False)
    tried_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class NotReceived:
    """The beginning of *thread* was given up on *channel*, which refused it for a day: its end is not sent there."""

    channel: str
    thread: str


@dataclass(frozen=True, slots=True)
class Refusing:
    """*channel* refuses messages *since* then; the channels *notified* of that are to be notified of its end."""

    channel: str
    since: datetime
    notified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    """What is left of several runs: how many there were, how many *failed*, and how long a check was unknown."""

    runs: int
    failed: int
    unknown_for: timedelta = stored_as("blind")


@dataclass(frozen=True, slots=True)
class Run:
    """One run, for the status page and the weekly card; *unknown* says by check why it has no result.

    *number* counts the runs of a target in the order in which they were written. *unreachable* is 1 where the
    database's server could not be reached. Of old runs several become one: it is the worst of them, at the time of the
    first, and *unreachable* is how many of them could not reach it.
    """

    at: datetime
    verdict: Verdict
    took: timedelta
    critical: int = 0
    warnings: int = 0
    unknown: Mapping[str, str] = field(default_factory=dict)
    messages: int = 0
    number: int = 0
    several: Several | None = None
    unreachable: int = 0

    @property
    def count(self) -> int:
        """Of how many runs this is the worst."""
        return 1 if self.several is None else self.several.runs

    @property
    def count_failed(self) -> int:
        return int(self.verdict is Verdict.FAILED) if self.several is None else self.several.failed


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured by the run at *at*; None where there was nothing to measure."""

    at: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """What the runs measured of one seed (rows) or endpoint (milliseconds), oldest first: the last, and one a day."""

    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class SeenSchema:
    """The schema that the run at *at* read last: *document* is the digest of its text, beside the memory."""

    at: datetime
    document: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a pipeline asks under the *id* of its own choice; *asked* is a digest of all else that it asks."""

    id: str
    asked: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a pipeline was answered at *at*: it gets the same when it asks again, and nobody is alerted twice.

    While it is still waiting, *until* says for how long and there is no *document*, which is the digest of what
    was answered. *verdict* is None where there was nothing to check.
    """

    question: Question
    at: datetime
    until: datetime | None = None
    verdict: Verdict | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class UsedForm:
    """A form of the status page that was sent: its *nonce* is taken no second time *until* it ends by itself."""

    nonce: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """All of it.

    It is written before people are notified, as if all of *undelivered* were still to be sent, and once more
    afterwards: what a run that died left there goes out with the next, as the same messages. *number* is
    that of the last run. *last_report* is the digest of its report, *week_sent* when the last weekly card was
    written, *jumps* by direction the number of the run that noticed one of the clock.

    *check_asked* is when somebody last asked for a check from the status page. *weeks_seen* by channel is when somebody
    last confirmed the weekly message, or since when that is waited for.

    *lost* is never written: it says why an empty memory was read. Nor is *out_of_reach*: that memory may be
    sound, and only could not be read. Nor is *unsaved*: when people were last notified that it cannot be saved.

    *groups* and *flushed_at*, when their messages were last sent, are only in the memory of the incident groups, which
    is a document of its own beside those of the targets.

    *past* are the incidents that ended in the last 30 days. *series* are by what was measured: ``seed users``,
    ``endpoint folders``. *migration_days* are those of the last 30 days, as the history was last read.

    *schema* is what the database's schema was, *schema_changes* the digest of the document with what changed in it.
    """

    target: str
    number: int = 0
    incidents: tuple[Incident, ...] = ()
    silences: tuple[SilenceInForce, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    not_received: tuple[NotReceived, ...] = stored_as("unheard", ())
    refusing: tuple[Refusing, ...] = ()
    handles: tuple[Handle, ...] = ()
    window: Window | None = None
    last_seen: LastSeen = field(default_factory=LastSeen)
    runs: tuple[Run, ...] = ()
    next_run_at: datetime | None = None
    week_sent: datetime | None = stored_as("week_told", None)
    last_report: str | None = None
    answers: tuple[Answer, ...] = ()
    jumps: Mapping[str, int] = field(default_factory=dict)
    unsaved: datetime | None = None
    used_forms: tuple[UsedForm, ...] = ()
    check_asked: datetime | None = None
    weeks_seen: Mapping[str, datetime] = field(default_factory=dict)
    groups: tuple[IncidentGroup, ...] = ()
    flushed_at: datetime | None = None
    past: tuple[PastIncident, ...] = ()
    series: Mapping[str, Series] = field(default_factory=dict)
    migration_days: tuple[MigrationDay, ...] = ()
    schema: SeenSchema | None = None
    schema_changes: str | None = None
    lost: str | None = None
    out_of_reach: bool = False
    version: int = 1

    def documents(self) -> Iterator[str]:
        """Give the digests of the documents beside this one that it refers to."""
        if self.last_report is not None:
            yield self.last_report
        if self.schema is not None:
            yield self.schema.document
        if self.schema_changes is not None:
            yield self.schema_changes
        yield from (answer.document for answer in self.answers if answer.document is not None)
        yield from (each.whole for each in self.undelivered if each.whole is not None)

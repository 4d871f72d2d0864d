"""What one run has to send and to save, before anything of it is done. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from ..memory.document import packed
from ..model.alerts import AlertSettings, Channel
from ..model.digest import digest
from ..model.groups import TargetState
from ..model.memory import Answer, Memory, Question, Undelivered
from ..model.message import Message
from ..model.news import Jump, News, Week
from ..model.report import Report, Trigger
from ..model.settings import BrokenTarget, Target
from ..model.value import dataclass, replace
from ..report.json import as_document, bounded, dumps
from .decide import channels_of, decide, routed, rules_of, week_due, with_readers
from .decide.answers import with_answer
from .decide.clock import jump_of
from .decide.grouping import group_keys, known_keys, own_news, target_state, with_groups
from .dispatch import warned
from .messages import acknowledgement, compose, discreet, jumped, weekly_card
from .outbox import left_over, still_not_received
from .schema_changes import TextOf, changes_of, in_words, no_text, with_schema

_UNSAVED = (
    "The monitor could not save its state: it may send this message again, or may not report that the incident is "
    "resolved."
)


@dataclass(frozen=True, slots=True)
class Round:
    """One run that has checked and now decides: *found* is the memory as it was found, *began* as in `notify`.

    *grouped*: people are notified of what other targets may have too by incident groups; where these cannot be
    written, of what they *know* only. *notes* are about the monitor itself.
    """

    report: Report
    target: Target | BrokenTarget
    alerts: AlertSettings
    found: Memory
    now: datetime
    began: int | None = None
    question: Question | None = None
    grouped: Literal["new", "known"] | None = None
    notes: tuple[str, ...] = ()
    # Gives the documents beside *found*.
    text: TextOf = no_text

    @property
    def channels(self) -> tuple[Channel, ...]:
        return channels_of(rules_of(self.target), self.alerts)


@dataclass(frozen=True, slots=True)
class Plan:
    """*memory* is as it is once this is decided, with all that is still to be sent.

    *new* are the messages of this run by the digests of their documents, *texts* all documents that *memory*
    refers to and that were not written before. *report* marks what is silenced. *state* is for incident groups,
    which notify people of the incidents *grouped*.
    """

    report: Report
    memory: Memory
    new: Mapping[str, Message]
    texts: Mapping[str, str]
    state: TargetState
    grouped: Sequence[str]


def planned(this: Round, *, can_save: bool = True) -> Plan:
    """Decide, and put into words and documents what follows."""
    outcome = decide(this.report, this.found, this.alerts, this.target, this.now, began=this.began, can_save=can_save)
    news, after, week = outcome.news, outcome.memory, None  # type: tuple[News, Memory, Week | None]
    news = replace(news, notes=(*news.notes, *this.notes))
    after, schema_texts = with_schema(after, this.report.schema, this.report.started_at, this.text)
    if can_save:
        after, week = _with_week(after, this, schema_texts)
    else:
        news = replace(news, notes=(*news.notes, _UNSAVED))
    jump = jump_of(this.found, this.report, this.now)
    if jump is not None:
        after = replace(after, jumps={**after.jumps, jump.direction: after.number})
    going_along = bounded(as_document(discreet(news.report, this.alerts)))
    new, texts, outbox = dict[str, Message](), dict(schema_texts), list(left_over(after.undelivered, this.channels))
    keys = _keys(news, this)
    after = with_groups(after, news, keys)
    state = target_state(outcome, after, this.channels, this.now)
    for message, takers in _addressed(own_news(news, keys), week, jump, this):
        text = packed(message, going_along)
        name = digest(text)
        new[name], texts[name] = message, text
        line = replace(message, sections=())
        outbox += [Undelivered(channel.name, line, name) for channel in takers]
    last = dumps(bounded(as_document(news.report)))
    name = digest(last)
    texts[name] = last
    after = replace(after, undelivered=tuple(outbox), last_report=name)
    if this.question is not None:
        after = with_answer(after, Answer(this.question, this.now, verdict=this.report.verdict, document=name))
    return Plan(news.report, after, new, texts, state, tuple(keys))


def _keys(news: News, this: Round) -> Mapping[str, str]:
    match this.grouped:
        case "new":
            return group_keys(news, this.found, _server_of(this.target))
        case "known":
            return known_keys(news, this.found)
    return {}


def _addressed(
    news: News, week: Week | None, jump: Jump | None, this: Round
) -> Iterator[tuple[Message, Sequence[Channel]]]:
    """Give each new message with the channels that it is for, at least one."""
    if not this.channels:
        return
    if jump is not None:
        yield jumped(this.target.name, jump, this.alerts, this.now), warned(this.channels)
    for received, takers in routed(news, this.channels, still_not_received(this.found)):
        yield compose(received, this.alerts, this.now), takers
    for message, channel in _acknowledgements(news, this):
        yield message, (channel,)
    if week is not None:
        yield from _weekly(week, this)


def _weekly(week: Week, this: Round) -> Iterator[tuple[Message, Sequence[Channel]]]:
    """Give the week's message: one for all channels, or where readers confirm it one for each that people read."""
    confirming = _confirming(this)
    others = [channel for channel in this.channels if channel not in confirming]
    if others:
        yield weekly_card(week, this.alerts, this.now), others
    for edition, channel in enumerate(confirming, 1):
        yield replace(weekly_card(week, this.alerts, this.now, channel.name), edition=edition), (channel,)


def _confirming(this: Round) -> Sequence[Channel]:
    """Give the channels whose readers can confirm the weekly message: by a signed link."""
    alerts = this.alerts
    can_sign = alerts.pages and alerts.status_page is not None and alerts.link_key is not None
    return [channel for channel in this.channels if can_sign and channel.has_readers]


def _acknowledgements(news: News, this: Round) -> Iterator[tuple[Message, Channel]]:
    of_groups = {incident.name for incident in this.found.incidents if incident.group}
    for channel in this.channels:
        silenced = [
            each
            for each in news.acknowledged
            if each.severity.value in channel.severities and each.incident not in of_groups
        ]
        if silenced:
            yield acknowledgement(this.target.name, silenced, this.alerts, this.now), channel


def _server_of(target: Target | BrokenTarget) -> str | None:
    """Give what names the server of *target* in Azure."""
    server = target.server if isinstance(target, Target) else None
    return None if server is None else server.resource_id.casefold()


def _with_week(memory: Memory, this: Round, new: Mapping[str, str]) -> tuple[Memory, Week | None]:
    if this.report.trigger is not Trigger.SCHEDULE or not this.alerts.weekly:
        return memory, None
    coverage = this.report.coverage
    week = week_due(memory, coverage.accepted if coverage else 0, this.now)
    if week is None:
        return memory, None
    changes = changes_of(memory, lambda digest: new.get(digest) or this.text(digest))
    week = replace(week, schema_changes=tuple(in_words(each) for each in changes if each.at >= week.begins))
    readers = [channel.name for channel in _confirming(this)]
    return replace(with_readers(memory, readers, this.now), week_sent=this.now), week

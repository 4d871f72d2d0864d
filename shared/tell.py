"""After a run: decide, tell people, remember.

Told first, remembered second: a crash may repeat a message, and never loses one. That there is
something to tell is noted before: else an end that was told by a run which then died, and a new
beginning before the next run, would look like nothing at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

from shared.memory import MemoryPlace, RememberError
from shared.model.alerts import AlertSettings, Channel
from shared.model.finding import Json
from shared.model.memory import Answer, Memory, Question, Undelivered
from shared.model.message import Message
from shared.model.news import News
from shared.model.report import Report, Trigger
from shared.model.settings import BrokenTarget, Target
from shared.model.value import dataclass
from shared.notify.deliver import Delivery, deliver
from shared.report.decide import channels_of, decide, routed, rules_of, week_to_tell
from shared.report.decide.answers import answer_to, with_answer
from shared.report.json import as_document, dumps
from shared.report.message import discreet, weekly_card, word

Deliver = Callable[[Message, Sequence[Channel], Mapping[str, Json] | None], Sequence[Delivery]]
# A channel that takes nothing for months must not fill the memory; what still stands is reminded of anyway.
_MOST_UNDELIVERED = 100


class NobodyToldError(Exception):
    """There was something to tell, and no channel took it. It is kept, and goes out with the next run."""


@dataclass(frozen=True, slots=True)
class Told:
    """*report* marks what is silenced; *lost* says what became of a memory that could not be read."""

    report: Report
    deliveries: tuple[Delivery, ...]
    lost: str | None = None


def tell(
    report: Report,
    target: Target | BrokenTarget,
    alerts: AlertSettings,
    place: MemoryPlace,
    *,
    question: Question | None = None,
    send: Deliver = deliver,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Told:
    """Tell the channels what is news in *report*, and what they missed before; then remember it in *place*.

    *report* is remembered as the answer to *question*; where that has been answered meanwhile, nobody
    is told anything.

    Afterwards raises `NobodyToldError` where no channel took something, and `RememberError` where it
    could not be remembered: such a run must end loudly.
    """
    channels = channels_of(rules_of(target), alerts)
    with place.alone():
        memory, now = place.load(), clock()
        if question is not None and _is_answered(question, memory, now):
            return Told(report, ())
        outcome = decide(report, memory, alerts, target, now)
        after, weekly = _with_week(outcome.memory, report, alerts, now)
        outbox = [
            *_late(memory.undelivered, channels),
            *_new(_worded(outcome.news, channels, alerts, now)),
            *_new((message, channels) for message in weekly),
        ]
        if outcome.telling:
            # Where this cannot be written the save below says so, once people have been told.
            with suppress(RememberError):
                place.save(replace(memory, telling=outcome.telling))
        going_along = as_document(discreet(outcome.news.report, alerts))
        sent = list(_sent(outbox, channels, going_along, send))
        kept = list(_kept(sent))
        if question is not None:
            document = dumps(as_document(outcome.news.report))
            after = with_answer(after, Answer(question, now, verdict=report.verdict, document=document))
        place.save(replace(after, undelivered=tuple(kept[-_MOST_UNDELIVERED:])))
    deliveries = tuple(delivery for _, delivery in sent if delivery is not None)
    unheard = next((each.message for each in kept if not each.heard), None)
    if unheard is not None:
        why = "; ".join(dict.fromkeys(delivery.said for delivery in deliveries if not delivery.taken))
        raise NobodyToldError(f"nobody was told {unheard.headline!r}: {why}")
    return Told(outcome.news.report, deliveries, memory.lost)


def call_off(place: MemoryPlace, answer: Answer | None = None) -> None:
    """Note that the deployment under way was aborted: nothing is held back for it any more.

    Unless that is what *answer* told already: a repetition must not call off the next deployment.
    """
    with place.alone():
        memory = place.load()
        if answer is None:
            place.save(replace(memory, window=None))
        elif not _is_answered(answer.question, memory, answer.at):
            place.save(with_answer(replace(memory, window=None), answer))


def keep_waiting(place: MemoryPlace, answer: Answer) -> None:
    """Note that what *answer* is about is still waited for, unless that was noted or answered meanwhile."""
    with place.alone():
        memory = place.load()
        if answer_to(answer.question, memory, answer.at) is None:
            place.save(with_answer(memory, answer))


def _is_answered(question: Question, memory: Memory, now: datetime) -> bool:
    answer = answer_to(question, memory, now)
    return answer is not None and answer.document is not None


def _with_week(memory: Memory, report: Report, alerts: AlertSettings, now: datetime) -> tuple[Memory, list[Message]]:
    if report.trigger is not Trigger.SCHEDULE or not alerts.weekly:
        return memory, []
    week = week_to_tell(memory, report.coverage.accepted if report.coverage else 0, now)
    if week is None:
        return memory, []
    return replace(memory, week_told=now), [weekly_card(week, alerts, now)]


def _worded(
    news: News, channels: Sequence[Channel], alerts: AlertSettings, now: datetime
) -> Iterator[tuple[Message, Sequence[Channel]]]:
    for heard, takers in routed(news, channels):
        yield word(heard, alerts, now), takers


def _new(messages: Iterable[tuple[Message, Sequence[Channel]]]) -> Iterator[Undelivered]:
    for message, takers in messages:
        for channel in takers:
            yield Undelivered(channel.name, message)


def _late(undelivered: Iterable[Undelivered], channels: Sequence[Channel]) -> Iterator[Undelivered]:
    """Give what was kept, marked late. What nobody heard, kept for a channel that is gone, goes to all there are."""
    names = [channel.name for channel in channels]
    for each in undelivered:
        late = replace(each, message=replace(each.message, late=each.message.written_at))
        if each.channel in names:
            yield late
        elif not each.heard:
            yield from (replace(late, channel=name) for name in names)


def _sent(
    outbox: Iterable[Undelivered], channels: Sequence[Channel], report: Mapping[str, Json], send: Deliver
) -> Iterator[tuple[Undelivered, Delivery | None]]:
    """Send message by message, each to its channels at once.

    A channel that cannot take one now is not asked again in this run: it must hear of an incident
    before it hears of its end.
    """
    by_name = {channel.name: channel for channel in channels}
    stuck: set[str] = set()
    for message, group in groupby(outbox, lambda each: each.message):
        waiting = list(group)
        ready = [by_name[each.channel] for each in waiting if each.channel not in stuck]
        deliveries = {each.channel: each for each in send(message, ready, report)} if ready else {}
        stuck |= {each.channel for each in deliveries.values() if each.passing and not each.taken}
        yield from ((each, deliveries.get(each.channel)) for each in waiting)


def _kept(sent: Sequence[tuple[Undelivered, Delivery | None]]) -> Iterator[Undelivered]:
    """Give what must go out with a later run: what time may mend, and what nobody has heard.

    And what comes after that on the same channel: heard late, a beginning must not be the last word.
    """
    taken = [each.message for each, delivery in sent if delivery is not None and delivery.taken]
    behind: set[str] = set()
    for each, delivery in sent:
        if delivery is not None and delivery.taken:
            continue
        heard = each.heard or any(_tells_all(message, each.message) for message in taken)
        is_refused = delivery is not None and not delivery.passing
        if each.channel in behind or not (is_refused and heard):
            behind.add(each.channel)
            yield replace(each, message=replace(each.message, late=None), heard=heard)


def _tells_all(one: Message, other: Message) -> bool:
    """Say whether who got *one* knows all that *other* tells: of one run, one channel hears more than another."""
    return one.written_at == other.written_at and set(other.threads) <= set(one.threads)

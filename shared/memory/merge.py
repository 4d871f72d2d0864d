"""Two memories of one target made one, where two runs wrote at the same time. Pure.

Both are compared with what both had read, as version control does it: what only one has changed is
as that one has it, also where it took something away. Where both have, people may be notified of a thing
twice; what nobody has received is never taken for sent.
"""

from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from ..model.groups import IncidentGroup, Member
from ..model.last_seen import LastSeen
from ..model.memory import (
    Answer,
    Incident,
    Memory,
    NotReceived,
    PastIncident,
    Run,
    Series,
    SilenceInForce,
    Undelivered,
    Window,
)
from ..model.value import dataclass, replace

T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")
# What was before, what the run that began earlier made of it, and the later one; None where it is not.
Settle = Callable[[T | None, T | None, T | None], T | None]
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def merged(base: Memory, one: Memory, other: Memory) -> Memory:
    """Give what is so after both *one* and *other*, which were made from *base*; their order means nothing."""
    if one == base:
        return other
    if other in (base, one):
        return one
    sides = _Sides(base, *sorted((one, other), key=_age))
    return Memory(
        target=base.target,
        # A run that began before must see that others have written since.
        number=max(one.number, other.number) + (one.number != base.number != other.number),
        incidents=_each(sides.of(lambda memory: memory.incidents), _name, _incident),
        silences=_each(sides.of(lambda memory: memory.silences), lambda each: each.silence.incident, _silence),
        undelivered=_each(sides.of(lambda memory: memory.undelivered), _delivery, _undelivered),
        window=_settled(sides.of(lambda memory: memory.window), _window),
        last_seen=_last_seen(sides.of(lambda memory: memory.last_seen)),
        not_received=_each(sides.of(lambda memory: memory.not_received), _same, _latest),
        refusing=_each(sides.of(lambda memory: memory.refusing), lambda each: each.channel, _latest),
        handles=_each(sides.of(lambda memory: memory.handles), lambda each: (each.channel, each.thread), _latest),
        runs=tuple(sorted(_each(sides.of(lambda memory: memory.runs), _moment, _latest), key=_order)),
        next_run_at=_settled(sides.of(lambda memory: memory.next_run_at), _sooner),
        week_sent=_settled(sides.of(lambda memory: memory.week_sent), _latest_moment),
        last_report=_settled(sides.of(lambda memory: memory.last_report), _latest),
        answers=tuple(sorted(_each(sides.of(lambda memory: memory.answers), _question, _answer), key=_answered)),
        jumps=_by_key(sides.of(lambda memory: memory.jumps), _highest),
        unsaved=_settled(sides.of(lambda memory: memory.unsaved), _latest_moment),
        used_forms=_each(sides.of(lambda memory: memory.used_forms), lambda each: each.nonce, _latest),
        check_asked=_settled(sides.of(lambda memory: memory.check_asked), _latest_moment),
        weeks_seen=_by_key(sides.of(lambda memory: memory.weeks_seen), _latest_moment),
        groups=_each(sides.of(lambda memory: memory.groups), lambda each: each.thread, _group),
        flushed_at=_settled(sides.of(lambda memory: memory.flushed_at), _latest_moment),
        past=tuple(sorted(_each(sides.of(lambda memory: memory.past), _past, _latest), key=lambda each: each.ended_at)),
        series=_by_key(sides.of(lambda memory: memory.series), _series),
        migration_days=_settled(sides.of(lambda memory: memory.migration_days), _latest) or (),
        schema=_settled(sides.of(lambda memory: memory.schema), _latest),
        schema_changes=_settled(sides.of(lambda memory: memory.schema_changes), _latest),
    )


@dataclass(frozen=True, slots=True)
class _Sides(Generic[T]):
    was: T
    earlier: T
    later: T

    def of(self, part: Callable[[T], U]) -> "_Sides[U]":
        return _Sides(part(self.was), part(self.earlier), part(self.later))


def _age(memory: Memory) -> tuple[datetime, str]:
    """Order memories by their last run; where that is the same their text decides, so that it is never by chance."""
    return memory.runs[-1].at if memory.runs else _BEFORE_ALL, repr(memory)


def _settled(sides: _Sides[T | None], settle: Settle[T]) -> T | None:
    """Give what only one side has changed, and what both have as *settle* says."""
    if sides.earlier == sides.was:
        return sides.later
    if sides.later in (sides.was, sides.earlier):
        return sides.earlier
    return settle(sides.was, sides.earlier, sides.later)


def _each(sides: _Sides[tuple[T, ...]], key: Callable[[T], Hashable], settle: Settle[T]) -> tuple[T, ...]:
    return tuple(_by_key(sides.of(lambda side: {key(each): each for each in side}), settle).values())


def _by_key(sides: _Sides[Mapping[K, T]], settle: Settle[T]) -> dict[K, T]:
    found = {key: _settled(sides.of(_at(key)), settle) for key in {**sides.later, **sides.earlier}}
    return {key: each for key, each in found.items() if each is not None}


def _at(key: K) -> Callable[[Mapping[K, T]], T | None]:
    return lambda side: side.get(key)


def _name(incident: Incident) -> str:
    return incident.name


def _delivery(each: Undelivered) -> tuple[str, str]:
    return each.channel, each.message.id


def _question(answer: Answer) -> str:
    return answer.question.id


def _answered(answer: Answer) -> datetime:
    return answer.at


def _moment(run: Run) -> tuple[datetime, timedelta]:
    return run.at, run.took


def _order(run: Run) -> tuple[int, datetime, timedelta]:
    return run.number, run.at, run.took


def _past(incident: PastIncident) -> tuple[str, datetime]:
    return incident.name, incident.since


def _series(_was: Series | None, earlier: Series | None, later: Series | None) -> Series | None:
    """With the points of both; the next run leaves out what is too much."""
    if earlier is None or later is None:
        return earlier or later
    points = {point.at: point for point in (*earlier.points, *later.points)}
    return Series(tuple(sorted(points.values(), key=lambda point: point.at)))


def _same(each: NotReceived) -> NotReceived:
    return each


def _highest(_was: int | None, earlier: int | None, later: int | None) -> int | None:
    return max(number for number in (earlier, later) if number is not None)


def _latest(_was: T | None, earlier: T | None, later: T | None) -> T | None:
    return earlier if later is None else later


def _sooner(_was: datetime | None, earlier: datetime | None, later: datetime | None) -> datetime | None:
    return min(moment for moment in (earlier, later) if moment is not None)


def _latest_moment(_was: datetime | None, earlier: datetime | None, later: datetime | None) -> datetime | None:
    return max(moment for moment in (earlier, later) if moment is not None)


def _incident(_was: Incident | None, earlier: Incident | None, later: Incident | None) -> Incident | None:
    """As the later run saw it. Where both sent it, or one sent it and one forgot it, it is sent once more.

    What people received last is not known then: its end, or that it is open.
    """
    if earlier is None or later is None:
        kept = earlier or later
        return kept and replace(kept, unsure=kept.unsure or kept.notified is not None)
    since = min(earlier.since, later.since)
    if _belief(earlier) == _belief(later):
        return replace(later, since=since)
    return replace(
        later,
        since=since,
        notified=later.notified or earlier.notified,
        begun=earlier.begun or later.begun,
        ended=tuple(sorted({*earlier.ended, *later.ended})),
        unsure=True,
    )


def _belief(incident: Incident) -> tuple[object, ...]:
    return incident.is_open, incident.notified, incident.ended, incident.flapping, incident.begun, incident.unsure


def _silence(
    was: SilenceInForce | None, earlier: SilenceInForce | None, later: SilenceInForce | None
) -> SilenceInForce | None:
    """The one that was put last. Of one and the same, only what is still covered on both sides is kept quiet.

    One that was ended on either side does not return.
    """
    if earlier is None or later is None:
        kept = earlier or later
        is_new = kept is not None and (was is None or kept.since > was.since)
        return kept if is_new else None
    if earlier.since != later.since:
        return max(earlier, later, key=lambda each: each.since)
    covers = tuple(covered for covered in later.covers if covered in earlier.covers)
    return replace(later, covers=covers) if covers else None


def _undelivered(
    _was: Undelivered | None, earlier: Undelivered | None, later: Undelivered | None
) -> Undelivered | None:
    """Gone where either side has delivered it; a message that only one has kept stays."""
    if earlier is None or later is None:
        return None
    return replace(later, received=earlier.received or later.received)


def _group(
    was: IncidentGroup | None, earlier: IncidentGroup | None, later: IncidentGroup | None
) -> IncidentGroup | None:
    """With the members of both; one that has ended on either side goes on where the other has changed it."""
    if earlier is None or later is None:
        return earlier or later
    sides = _Sides(() if was is None else was.members, earlier.members, later.members)
    members = _each(sides, lambda each: each.target, _member)
    return replace(
        later,
        members=members,
        most=max(earlier.most, later.most, sum(bool(each.incidents) for each in members)),
        sent_at=max((each for each in (earlier.sent_at, later.sent_at) if each), default=None),
        news_since=min((each for each in (earlier.news_since, later.news_since) if each), default=None),
        acknowledged=earlier.acknowledged and later.acknowledged,
    )


def _member(was: Member | None, earlier: Member | None, later: Member | None) -> Member | None:
    """As the run left it that changed its incidents; and known to the channels as the one says that sent messages."""
    if earlier is None or later is None:
        return earlier or later
    is_of_the_earlier = was is not None and (later.incidents, later.ended) == (was.incidents, was.ended)
    newest = earlier if is_of_the_earlier else later
    sending = earlier if was is not None and later.listed == was.listed else later
    return replace(newest, listed=sending.listed)


def _window(was: Window | None, earlier: Window | None, later: Window | None) -> Window | None:
    """The one that was opened last; closed by either it stays so, for it holds alarms back."""
    newest = max((each for each in (earlier, later) if each), key=lambda each: (each.opened_at, each.last_sign_at))
    is_closed = earlier is None or later is None
    return None if is_closed and was is not None and newest.opened_at <= was.opened_at else newest


def _answer(_was: Answer | None, earlier: Answer | None, later: Answer | None) -> Answer | None:
    """What a pipeline was answered stays so: the first answer there is, before one that is still waited for."""
    return min((each for each in (earlier, later) if each), key=lambda each: (each.document is None, each.at))


def _last_seen(sides: _Sides[LastSeen]) -> LastSeen:
    return LastSeen(
        history=_settled(sides.of(lambda seen: seen.history), _latest),
        seeds=_by_key(sides.of(lambda seen: seen.seeds), _latest),
        first_seen=_by_key(sides.of(lambda seen: seen.first_seen), _sooner),
        deployed=_settled(sides.of(lambda seen: seen.deployed), _latest),
        server=_settled(sides.of(lambda seen: seen.server), _latest),
        analysed=_settled(sides.of(lambda seen: seen.analysed), _latest),
        rows=_by_key(sides.of(lambda seen: seen.rows), _latest),
        releases=_by_key(sides.of(lambda seen: seen.releases), _latest),
        own_runs=_settled(sides.of(lambda seen: seen.own_runs), _latest),
        attributed=_settled(sides.of(lambda seen: seen.attributed), _latest),
        rules=_settled(sides.of(lambda seen: seen.rules), _latest) or {},
    )

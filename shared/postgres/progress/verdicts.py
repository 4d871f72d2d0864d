"""From evidence to the state of a statement, and to the reason for it."""

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate

from ...model.progress import StatementState as State
from ...model.schema import Subject
from ...model.value import dataclass
from ..parse import UNREAD, unread
from .candidates import Candidate, Candidates
from .evidence import Evidence, Live, Reading, containers
from .ground import Effect, refused, tolerated
from .steps import TRACELESS, Step, mentions, words
from .superseded import changes_no_rows

_PRESUMED = "the history has no record of it, and nothing in the schema needs it"
# The names that they mention do not show what they do.
_UNFORESEEABLE = frozenset({"CallStmt", "DoStmt", "DropOwnedStmt", "ExecuteStmt", "SelectStmt", UNREAD})
# More would not be read; the rest is counted.
_MOST_LISTED = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """*superseded*: later statements have replaced or removed what it makes, so that no trace is left of it.

    *part* and *person* are as in `StatementProgress`.
    """

    state: State
    because: str
    superseded: bool = False
    part: str = ""
    person: str = ""


TRANSIENT = Verdict(State.NO_TRACE, "the object that it works on was removed again, or never made")


def evidence_of(effect: Effect, live: Live) -> list[Evidence]:
    """What each object that a statement changes says of it."""
    return [live.evidence(subject, *change) for subject, change in effect.objects.items()]


def alone(step: Step, effect: Effect, live: Live, evidence: Sequence[Evidence]) -> Verdict:
    """The state of a statement that shares nothing with others, by all that it changes: *evidence* is of that."""
    if not effect.objects:
        return _without_effect(step, effect)
    said = {each.reading: [one for one in evidence if one.reading is each.reading] for each in evidence}
    if Reading.WITH in said and Reading.WITHOUT in said:
        both = (_listed(said[reading], live) for reading in (Reading.WITH, Reading.WITHOUT))
        return Verdict(State.UNKNOWN, ", yet ".join(both))
    if Reading.WITH in said:
        broken = [each for each in said[Reading.WITH] if each.broken]
        return Verdict(State.INVALID if broken else State.PRESENT, _listed(broken or said[Reading.WITH], live))
    if Reading.WITHOUT in said:
        return Verdict(State.ABSENT, _listed(said[Reading.WITHOUT], live))
    for reading in (Reading.NEITHER, Reading.HIDDEN):
        if reading in said:
            return Verdict(State.UNKNOWN, _listed(said[reading], live))
    return Verdict(State.NO_TRACE, "its change makes no visible difference")


def is_absent_anyhow(step: Step, evidence: Iterable[Evidence]) -> bool:
    """Say whether a statement that shares nothing with others and is absent by *evidence* is so after any of them.

    It is where something that the statement itself names is as without it: whatever ran before, the statement makes,
    drops or alters that, and no other one does.
    """
    kind = step.statement.kind
    if kind in _UNFORESEEABLE:
        return False
    found = words(step.statement)
    return any(
        each.reading is Reading.WITHOUT
        and (kind == "AlterTableStmt" or None in each.change)
        and mentions(found, each.subject)
        for each in evidence
    )


def dependent(step: Step, usual: Effect, effect: Effect, live: Live) -> Verdict:
    """The state of a statement that only affects what others, which did not run, would have made or changed."""
    if effect.refusal is None or tolerated(step.statement, effect.refusal):
        return alone(step, effect, live, evidence_of(effect, live))
    made = [each for each in evidence_of(usual, live) if usual.objects[each.subject][0] is None]
    there = [each for each in made if each.reading is Reading.WITH]
    needs = f"it needs {effect.refusal.what}, which does not exist"
    if there:
        return Verdict(State.UNKNOWN, f"{needs}, yet {_listed(there, live)}")
    return Verdict(State.ABSENT, _listed(made, live) if made else needs)


def either(full: Verdict, here: Verdict) -> Verdict:
    """Combine two verdicts on one statement: with all others run (*full*), and with those that did (*here*)."""
    sure = [each for each in (here, full) if each.state not in (State.UNKNOWN, State.NO_TRACE)]
    if not sure:
        return here
    if len({each.state for each in sure}) > 1:
        return Verdict(State.UNKNOWN, f"{here.because}; but {full.because}")
    return sure[0]


def _without_effect(step: Step, effect: Effect) -> Verdict:
    if effect.refusal is not None and effect.refusal.exists and not tolerated(step.statement, effect.refusal):
        return Verdict(State.UNKNOWN, f"an earlier script makes {effect.refusal.what} already")
    if effect.refusal is not None and not effect.refusal.exists:
        return Verdict(State.UNKNOWN, f"it refers to {effect.refusal.what}, which no script makes")
    if effect.opaque:
        return Verdict(State.UNKNOWN, "; ".join(f"{subject}: {why}" for subject, why in effect.opaque.items()))
    if effect.unread is not None:
        error = unread(step.statement)
        return Verdict(State.UNKNOWN, f"this monitor cannot parse it: {error.message}" if error else effect.unread)
    if step.statement.kind in TRACELESS:
        return Verdict(State.NO_TRACE, f"{_command(step)} leaves no trace in the catalog")
    return Verdict(State.NO_TRACE, "its effect is not compared, or was there before")


def _command(step: Step) -> str:
    return step.statement.sql.split(None, 1)[0].upper().rstrip(";")


def together(
    step: Step, effect: Effect, live: Live, *, at: int, candidates: Candidates, own: Collection[Subject]
) -> Verdict:
    """The state of a statement of a cluster: what all fitting candidates say, if its *own* objects do not deny it."""
    if not candidates.fitting:
        seen = _listed([Evidence(subject, Reading.NEITHER, change) for subject, change in effect.objects.items()], live)
        return Verdict(State.UNKNOWN, "; ".join(filter(None, (candidates.because, seen))))
    ran = candidates.ran(at)
    if ran is False and refused(step.statement, effect):
        return _without_effect(step, effect)
    if ran is not None:
        if at in candidates.presumed:
            return Verdict(State.ABSENT, _picked(effect, live, Reading.WITHOUT, _PRESUMED))
        verdict = _exists(effect, live) if ran else _is_missing(effect, live)
        denied = [
            each
            for each in evidence_of(effect, live)
            if each.subject in own and each.reading is (Reading.WITHOUT if ran else Reading.WITH)
        ]
        return Verdict(State.UNKNOWN, f"{verdict.because}, yet {_listed(denied, live)}") if denied else verdict
    ignored = [why for subject, why in candidates.ignored.items() if subject in effect.objects]
    if ignored or effect.opaque:
        return Verdict(State.UNKNOWN, "; ".join(ignored[:_MOST_LISTED] or effect.opaque.values()))
    same = "with the statements around it, the catalog is the same whether it ran or not"
    return Verdict(State.NO_TRACE, same, superseded=bool(effect.objects) and changes_no_rows(step.statement))


def _exists(effect: Effect, live: Live) -> Verdict:
    broken = [each for each in evidence_of(effect, live) if each.broken]
    if broken:
        return Verdict(State.INVALID, _listed(broken, live))
    return Verdict(State.PRESENT, _picked(effect, live, Reading.WITH, "the schema could not be so without it"))


def _is_missing(effect: Effect, live: Live) -> Verdict:
    return Verdict(State.ABSENT, _picked(effect, live, Reading.WITHOUT, "it did not run"))


def _picked(effect: Effect, live: Live, reading: Reading, otherwise: str) -> str:
    """The direct evidence; otherwise the conclusion, and from what it follows."""
    evidence = evidence_of(effect, live)
    direct = [each for each in evidence if each.reading is reading]
    return _listed(direct, live) if direct else f"{otherwise}: {_listed(evidence, live)}"


def _listed(evidence: Sequence[Evidence], live: Live) -> str:
    """*evidence* in words, without the parts of what is named already."""
    subjects = {each.subject for each in evidence}
    whole = [each for each in evidence if subjects.isdisjoint(containers(each.subject))] or list(evidence)
    more = len(whole) - _MOST_LISTED
    named = dict.fromkeys(map(live.words, whole[:_MOST_LISTED]))
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")


def prefixes(
    count: int,
    alone_states: Iterable[tuple[int, State]],
    clusters: Iterable[tuple[Sequence[tuple[int, int]], Candidates]],
) -> tuple[int, ...]:
    """Every k of 0 … *count* which no statement on its own and no cluster excludes.

    *alone_states* are by the statement's number; *clusters* give position and number of the members that are of this
    script, and the candidates that fit.
    """
    first, last = 0, count
    for number, state in alone_states:
        if state is State.PRESENT:
            first = max(first, number + 1)
        elif state is State.INVALID:
            first = max(first, number)
        elif state is State.ABSENT:
            last = min(last, number)
    allowing = [0] * (count + 2)  # how many clusters begin to allow k there, less those that end to
    deciding = 0
    for members, candidates in clusters:
        if candidates.fitting:
            deciding += 1
            for begin, end in _merged(_allowed(candidate, members, count) for candidate in candidates.fitting):
                allowing[begin] += 1
                allowing[end + 1] -= 1
    allowed = accumulate(allowing)
    return tuple(k for k, by in zip(range(count + 1), allowed, strict=False) if first <= k <= last and by == deciding)


def _allowed(candidate: Candidate, members: Sequence[tuple[int, int]], count: int) -> tuple[int, int]:
    """The first and the last k by *candidate*."""
    after = max((number + 1 for at, number in members if at in candidate.ran), default=0)
    missing = (number for at, number in members if at not in candidate.ran and at not in candidate.idle)
    return after, min(missing, default=count)


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """*ranges*, both ends included, without overlaps and without empty ones."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if begin > end:
            continue
        if found and begin <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found

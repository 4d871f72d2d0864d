"""Candidate executions: every way in which the statements of one cluster can have run, compared with the live schema.

A candidate is a choice of statements in their order. What no later statement can change is compared at once, so that
whole families of candidates are refuted early: the search is linear where the live schema is clear. docs/progress.md
explains it by an example.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import field

from ...model.schema import Subject
from ...model.value import dataclass, replace
from ..replay import Mark
from .clusters import Cluster
from .evidence import Aspects, Live
from .ground import Effect, Ground
from .steps import Step

# Statements run and objects changed for one cluster before its other ways are given up, some 100 µs each; and how often
# at least all of the cluster can be gone through.
_BUDGET, _COURSES = 8_000, 2
# Of more statements, all ways can only be gone through where the live schema rules most of them out.
_FEW = 12
# Checks that no candidate passes are drift; without them other candidates may fit.
_ROUNDS = 4
_Check = tuple[Subject, Aspects]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate execution: the positions that *ran*. Those *idle* may have run, without effect (IF NOT EXISTS)."""

    ran: frozenset[int]
    idle: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates that the live schema does not refute. *ignored*: objects that were not compared, and why.

    *presumed*: statements that ran in some other fitting candidates, though nothing shows it.
    """

    fitting: tuple[Candidate, ...]
    ignored: Mapping[Subject, str] = field(default_factory=dict)
    because: str = ""  # why there are none
    presumed: frozenset[int] = frozenset()
    spent: bool = False  # there are none since there were too many to go through

    def without(self, unbegun: Collection[int]) -> "Candidates":
        """Only those in which none of *unbegun* ran, if there are any."""
        kept = tuple(candidate for candidate in self.fitting if candidate.ran.isdisjoint(unbegun))
        if not kept or len(kept) == len(self.fitting):
            return self
        presumed = frozenset(at for candidate in self.fitting for at in candidate.ran).intersection(unbegun)
        return replace(self, fitting=kept, presumed=presumed)

    def ran(self, at: int) -> bool | None:
        """Whether the statement ran, if all candidates agree."""
        said = {at in candidate.ran for candidate in self.fitting}
        if said == {False} and any(at in candidate.idle for candidate in self.fitting):
            return None
        return said.pop() if len(said) == 1 else None


@dataclass(frozen=True, slots=True)
class Course:
    """All relevant statements, their effects in full order, and those that *certainly* ran.

    Those *unbegun* count as not run, unless nothing else explains the schema.
    """

    steps: Sequence[Step]
    effects: Mapping[int, Effect]
    unbegun: Set[int]
    certain: Collection[int] = ()


# Positions, the last first: longer chains share their beginnings.
_Chain = tuple[int, "_Chain"] | None


@dataclass(frozen=True, slots=True)
class _Next:
    """Where to go on: at *place* of the path; with *back_to* once its statement is undone, then *without* it or not."""

    place: int
    ran: _Chain
    idle: _Chain
    back_to: tuple[Mark, int] | None = None
    without: bool = False


def _chained(chain: _Chain) -> Iterator[int]:
    while chain is not None:
        at, chain = chain
        yield at


class _SpentError(Exception):
    """There are too many ways."""


def fitting_candidates(
    ground: Ground, course: Course, cluster: Cluster, between: Collection[int], live: Live
) -> Candidates:
    """The candidates of *cluster* that fit *live*. *ground* is in the state before its first member.

    *between* are positions of other statements that the members need; they count as run. Where many members
    have not begun, it is first checked whether the schema is as without them: then no other candidate counts.
    """
    # An existing object that holds others may have been made another way.
    is_new = not (cluster.coarse and any(live.find(subject) for subject in cluster.subjects))
    may_be_unrun = is_new and course.unbegun >= set(cluster.members)
    if may_be_unrun and len(cluster.members) > _FEW:
        found = _unrun(ground, course, cluster, between, live) or _fitting(ground, course, cluster, between, live)
    else:
        found = _fitting(ground, course, cluster, between, live)
        if found.spent and may_be_unrun:
            found = _unrun(ground, course, cluster, between, live) or found
    return found


def _unrun(ground: Ground, course: Course, cluster: Cluster, between: Collection[int], live: Live) -> Candidates | None:
    """The candidate in which no member ran, if it fits; None if not."""
    search = _Search(ground, course, cluster, between, live)
    mark = ground.mark()
    candidate = search.without_members()
    ground.undo(mark)
    if candidate is None:
        return None
    return Candidates((candidate,), search.ignored, presumed=frozenset(cluster.members) - candidate.idle)


def _fitting(ground: Ground, course: Course, cluster: Cluster, between: Collection[int], live: Live) -> Candidates:
    search = _Search(ground, course, cluster, between, live)
    mark = ground.mark()
    try:
        for _ in range(_ROUNDS):
            if (found := search.explore()) or not search.leave_out_drift():
                break
    except _SpentError:
        ground.undo(mark)
        return Candidates((), search.ignored, "these statements could have run in too many ways", spent=True)
    because = "" if found else "the schema fits no way in which these statements could have run"
    return Candidates(tuple(found), search.ignored, because)


class _Search:
    def __init__(self, ground: Ground, course: Course, cluster: Cluster, between: Collection[int], live: Live) -> None:
        self._ground = ground
        self._course = course
        self._settled = cluster.settled
        self._lasting = cluster.lasting
        self._path = sorted({*cluster.path, *between})
        self._members = frozenset(cluster.members)
        self._restrict = not cluster.coarse
        self._live = live
        self.ignored: dict[Subject, str] = {}
        self._passed: dict[_Check, bool] = {}
        self._left = max(_BUDGET, _COURSES * sum(map(self._cost, self._path)))

    def explore(self) -> list[Candidate]:
        self._passed = {}
        # As chains, which share their beginnings, until it is certain that there are not too many.
        found = list(self._candidates())
        return list(
            dict.fromkeys(Candidate(frozenset(_chained(ran)), frozenset(_chained(idle))) for ran, idle in found)
        )

    def without_members(self) -> Candidate | None:
        """The candidate in which no member did anything, if the live schema does not refute it."""
        idle: set[int] = set()
        for at in self._path:
            mark = self._ground.mark()
            effect = self._ground.attempt(self._course.steps[at], self._course.effects[at], restrict=self._restrict)
            if at not in self._members:
                if effect is None and at in self._course.certain:
                    return None
                if effect is not None and not self._is_possible(effect):
                    return None
            elif effect is not None and effect.objects:
                self._ground.undo(mark)
            elif effect is not None:
                idle.add(at)
            if not self._holds_after(at):
                return None
        return Candidate(frozenset(), frozenset(idle))

    def leave_out_drift(self) -> bool:
        """Ignore the objects that no candidate explains; False if there are none."""
        drifted = {subject for (subject, _), passed in self._passed.items() if not passed} - self.ignored.keys()
        for subject in drifted:
            self.ignored[subject] = f"{self._live.plain(subject)}, which none of these statements leaves"
        return bool(drifted)

    def _candidates(self) -> Iterator[tuple[_Chain, _Chain]]:
        """Depth first, and not by recursion: a path may be thousands of statements long."""
        waiting: list[_Next] = [_Next(0, None, None)]
        while waiting:
            here = waiting.pop()
            if here.place == len(self._path):
                yield here.ran, here.idle
                continue
            at = self._path[here.place]
            if here.back_to is not None:
                self._ground.undo(here.back_to)
                if here.without and self._holds_after(at):
                    waiting.append(_Next(here.place + 1, here.ran, here.idle))
                continue
            mark = self._ground.mark()
            effect = self._run(at)
            if effect is None and at in self._course.certain:
                continue
            in_doubt = at in self._members
            is_idle = effect is not None and not effect.objects
            has_run = in_doubt and effect is not None and not is_idle
            waiting.append(_Next(here.place, here.ran, here.idle, mark, without=has_run))
            if (effect is None or self._is_possible(effect)) and self._holds_after(at):
                ran = (at, here.ran) if has_run else here.ran
                idle = (at, here.idle) if in_doubt and is_idle else here.idle
                waiting.append(_Next(here.place + 1, ran, idle))

    def _run(self, at: int) -> Effect | None:
        usual = self._course.effects[at]
        self._left -= self._cost(at)
        if self._left < 0:
            raise _SpentError
        return self._ground.attempt(self._course.steps[at], usual, restrict=self._restrict)

    def _cost(self, at: int) -> int:
        return 1 + len(self._course.effects[at].objects)

    def _holds_after(self, at: int) -> bool:
        """Say whether everything that is settled after *at* is as in the live schema."""
        said = [self._agrees(check) for check in self._settled.get(at, ())]
        return all(said)

    def _is_possible(self, effect: Effect) -> bool:
        """Say whether the live schema has what the statement has just made, as far as nothing changes it again."""
        made = (subject for subject, (before, _) in effect.objects.items() if before is None)
        said = [self._agrees((subject, None)) for subject in made if subject in self._lasting]
        return all(said)

    def _agrees(self, check: _Check) -> bool:
        """Say whether the live schema agrees with the ground, or the subject is ignored."""
        subject, wanted = check
        if subject in self.ignored:
            return True
        value = self._ground.current(subject)
        if (reason := self._live.hidden(subject, value)) is not None:
            self.ignored[subject] = reason
            return True
        agrees = self._live.agrees(subject, value, wanted)
        self._passed[check] = self._passed.get(check, False) or agrees
        return agrees

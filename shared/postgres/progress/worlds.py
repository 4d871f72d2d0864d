"""Every way in which the statements of one cluster can have run, tried out against the live schema.

A world is a choice of statements in their order. What can change no more after a statement is compared at once, so that
whole families of worlds are refuted early: the search stays linear wherever the live schema speaks plainly.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import field, replace

from ...model.schema import Subject
from ...model.value import dataclass
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
# Checks that no world passes are drift; taking them out may bring out others.
_ROUNDS = 4
_Check = tuple[Subject, Aspects]


@dataclass(frozen=True, slots=True)
class World:
    """Positions of the statements that *ran*; those *idle* may have run, and did nothing (IF NOT EXISTS)."""

    ran: frozenset[int]
    idle: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Worlds:
    """The worlds that the live schema does not refute. *unheard*: what was left out of account, and why.

    *presumed*: of these statements others of such worlds say that they ran, which nothing shows.
    """

    fitting: tuple[World, ...]
    unheard: Mapping[Subject, str] = field(default_factory=dict)
    because: str = ""  # why there are none
    presumed: frozenset[int] = frozenset()
    spent: bool = False  # there are none since there were too many to go through

    def without(self, unbegun: Collection[int]) -> "Worlds":
        """Only those in which none of *unbegun* ran, if there are any."""
        kept = tuple(world for world in self.fitting if world.ran.isdisjoint(unbegun))
        if not kept or len(kept) == len(self.fitting):
            return self
        presumed = frozenset(at for world in self.fitting for at in world.ran).intersection(unbegun)
        return replace(self, fitting=kept, presumed=presumed)

    def ran(self, at: int) -> bool | None:
        """Whether the statement ran, if all worlds agree."""
        said = {at in world.ran for world in self.fitting}
        if said == {False} and any(at in world.idle for world in self.fitting):
            return None
        return said.pop() if len(said) == 1 else None


@dataclass(frozen=True, slots=True)
class Course:
    """All statements that matter, their effects in full order, and those of which it is *certain* that they ran.

    Those *unbegun* have not run unless nothing else explains what is there.
    """

    steps: Sequence[Step]
    effects: Mapping[int, Effect]
    unbegun: Set[int]
    certain: Collection[int] = ()


# Positions, the last first: a longer chain shares what it began with.
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


def fitting_worlds(ground: Ground, course: Course, cluster: Cluster, between: Collection[int], live: Live) -> Worlds:
    """The worlds of *cluster* that fit *live*. *ground* stands before its first member, all others before it run.

    *between* are positions of other statements that the members need; they are taken to have run. Where many
    members have not begun, it is first asked whether all is as without them: no other way counts then.
    """
    # What is there and holds others may have been made another way.
    is_new = not (cluster.coarse and any(live.find(subject) for subject in cluster.subjects))
    may_be_unrun = is_new and course.unbegun >= set(cluster.members)
    if may_be_unrun and len(cluster.members) > _FEW:
        found = _unrun(ground, course, cluster, between, live) or _fitting(ground, course, cluster, between, live)
    else:
        found = _fitting(ground, course, cluster, between, live)
        if found.spent and may_be_unrun:
            found = _unrun(ground, course, cluster, between, live) or found
    return found


def _unrun(ground: Ground, course: Course, cluster: Cluster, between: Collection[int], live: Live) -> Worlds | None:
    """The world in which no member ran, if it fits; None if not."""
    search = _Search(ground, course, cluster, between, live)
    mark = ground.mark()
    world = search.without_members()
    ground.undo(mark)
    if world is None:
        return None
    return Worlds((world,), search.unheard, presumed=frozenset(cluster.members) - world.idle)


def _fitting(ground: Ground, course: Course, cluster: Cluster, between: Collection[int], live: Live) -> Worlds:
    search = _Search(ground, course, cluster, between, live)
    mark = ground.mark()
    try:
        for _ in range(_ROUNDS):
            if (found := search.explore()) or not search.leave_out_drift():
                break
    except _SpentError:
        ground.undo(mark)
        return Worlds((), search.unheard, "these statements could have run in too many ways", spent=True)
    because = "" if found else "what is there fits no way in which these statements could have run"
    return Worlds(tuple(found), search.unheard, because)


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
        self.unheard: dict[Subject, str] = {}
        self._passed: dict[_Check, bool] = {}
        self._left = max(_BUDGET, _COURSES * sum(map(self._cost, self._path)))

    def explore(self) -> list[World]:
        self._passed = {}
        # As chains, which share what they began with, until it is certain that there are not too many.
        found = list(self._worlds())
        return list(dict.fromkeys(World(frozenset(_chained(ran)), frozenset(_chained(idle))) for ran, idle in found))

    def without_members(self) -> World | None:
        """The world in which no member did anything, if the live schema does not refute it."""
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
            if not self._stands(at):
                return None
        return World(frozenset(), frozenset(idle))

    def leave_out_drift(self) -> bool:
        """Leave out of account what no world explained; False if there is no such thing."""
        drifted = {subject for (subject, _), passed in self._passed.items() if not passed} - self.unheard.keys()
        for subject in drifted:
            self.unheard[subject] = f"{self._live.plain(subject)}, as none of these statements leaves it"
        return bool(drifted)

    def _worlds(self) -> Iterator[tuple[_Chain, _Chain]]:
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
                if here.without and self._stands(at):
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
            if (effect is None or self._is_possible(effect)) and self._stands(at):
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

    def _stands(self, at: int) -> bool:
        """Say whether all that is settled after *at* is as the live schema has it."""
        said = [self._agrees(check) for check in self._settled.get(at, ())]
        return all(said)

    def _is_possible(self, effect: Effect) -> bool:
        """Say whether the live schema has what the statement has just made, as far as nothing changes it again."""
        made = (subject for subject, (before, _) in effect.objects.items() if before is None)
        said = [self._agrees((subject, None)) for subject in made if subject in self._lasting]
        return all(said)

    def _agrees(self, check: _Check) -> bool:
        """Say whether the live schema agrees with the ground, or what is asked is left out of account."""
        subject, wanted = check
        if subject in self.unheard:
            return True
        value = self._ground.current(subject)
        if (reason := self._live.hidden(subject, value)) is not None:
            self.unheard[subject] = reason
            return True
        agrees = self._live.agrees(subject, value, wanted)
        self._passed[check] = self._passed.get(check, False) or agrees
        return agrees

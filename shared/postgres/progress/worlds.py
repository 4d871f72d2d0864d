"""Every way in which the statements of one cluster can have run, tried out against the live schema.

A world is a choice of statements in their order. What can change no more after a statement is compared at once, so that
whole families of worlds are refuted early: the search stays linear wherever the live schema speaks plainly.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.model.schema import Subject
from shared.postgres.progress.clusters import Cluster
from shared.postgres.progress.evidence import Aspects, Live
from shared.postgres.progress.ground import Effect, Ground
from shared.postgres.progress.steps import Step

# Statements run for one cluster before its other ways are given up, some 50 µs each.
_BUDGET = 6_000
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
    """The worlds that the live schema does not refute. *unheard*: what was left out of account, and why."""

    fitting: tuple[World, ...]
    unheard: Mapping[Subject, str] = field(default_factory=dict)
    because: str = ""  # why there are none


class _SpentError(Exception):
    """There are too many ways."""


def fitting_worlds(
    ground: Ground,
    steps: Sequence[Step],
    effects: Sequence[Effect],
    cluster: Cluster,
    between: Sequence[int],
    live: Live,
) -> Worlds:
    """The worlds of *cluster* that fit *live*. *ground* stands before its first member, all others before it run.

    *between* are positions of other statements that the members need; they are taken to have run.
    """
    search = _Search(ground, steps, effects, cluster, between, live)
    try:
        for _ in range(_ROUNDS):
            if (found := search.explore()) or not search.leave_out_drift():
                break
    except _SpentError:
        return Worlds((), search.unheard, "these statements could have run in too many ways")
    because = "" if found else "what is there fits no way in which these statements could have run"
    return Worlds(tuple(found), search.unheard, because)


class _Search:
    def __init__(
        self,
        ground: Ground,
        steps: Sequence[Step],
        effects: Sequence[Effect],
        cluster: Cluster,
        between: Sequence[int],
        live: Live,
    ) -> None:
        self._ground = ground
        self._steps = steps
        self._effects = effects
        self._cluster = cluster
        self._path = sorted({*cluster.members, *between})
        self._members = frozenset(cluster.members)
        self._live = live
        self.unheard: dict[Subject, str] = {}
        self._passed: dict[_Check, bool] = {}
        self._left = _BUDGET

    def explore(self) -> list[World]:
        self._passed = {}
        return list(dict.fromkeys(self._from(0, frozenset(), frozenset())))

    def leave_out_drift(self) -> bool:
        """Leave out of account what no world explained; False if there is no such thing."""
        drifted = {subject for (subject, _), passed in self._passed.items() if not passed} - self.unheard.keys()
        for subject in drifted:
            found = self._live.find(subject)
            self.unheard[subject] = self._live.worded(subject, found, found) + ", as no statement leaves it"
        return bool(drifted)

    def _from(self, place: int, ran: frozenset[int], idle: frozenset[int]) -> Iterator[World]:
        if place == len(self._path):
            yield World(ran, idle)
            return
        at = self._path[place]
        step = self._steps[at]
        mark = self._ground.mark()
        effect = self._run(step, at)
        in_doubt = step.optional and at in self._members
        is_idle = effect is not None and not effect.objects
        if self._stands(at):
            now_ran = ran | {at} if in_doubt and effect is not None and not is_idle else ran
            now_idle = idle | {at} if in_doubt and is_idle else idle
            yield from self._from(place + 1, now_ran, now_idle)
        self._ground.undo(mark)
        if in_doubt and effect is not None and not is_idle:
            if self._stands(at):
                yield from self._from(place + 1, ran, idle)
            self._ground.undo(mark)

    def _run(self, step: Step, at: int) -> Effect | None:
        self._left -= 1
        if self._left < 0:
            raise _SpentError
        return self._ground.attempt(step, self._effects[at])

    def _stands(self, at: int) -> bool:
        """Say whether all that is settled after *at* is as the live schema has it."""
        stands = True
        for check in self._cluster.settled.get(at, ()):
            subject, wanted = check
            if subject in self.unheard:
                continue
            value = self._ground.current(subject)
            if (reason := self._live.hidden(subject, value)) is not None:
                self.unheard[subject] = reason
                continue
            agrees = self._live.agrees(subject, value, wanted)
            self._passed[check] = self._passed.get(check, False) or agrees
            stands = stands and agrees
        return stands

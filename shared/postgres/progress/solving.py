"""What is known of every statement in doubt, from coarse to fine.

Those that share nothing are left for later: each has its own evidence. Of the others, first those are decided that
make, rename or drop a container, by whether it exists; with these known, the rest splits into small clusters.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import field

from ...model.schema import Subject
from ...model.value import dataclass
from .candidates import Candidates, Course, fitting_candidates
from .clusters import CONTAINERS, Cluster, Clusters
from .evidence import Live
from .ground import Effect, Ground, Mark
from .sharing import share
from .steps import ByWords, Step, words


@dataclass(slots=True)
class Solution:
    """By position: the *candidates* of a statement that shares something, of itself and the *members* of its cluster.

    *dependent* are the effects, mostly errors, of statements that share something only with others that did not run.
    """

    candidates: dict[int, Candidates] = field(default_factory=dict)
    members: dict[int, tuple[int, ...]] = field(default_factory=dict)
    dependent: dict[int, Effect] = field(default_factory=dict)
    transient: set[int] = field(default_factory=set)  # they only affect objects that were made and removed again
    own: dict[int, frozenset[Subject]] = field(default_factory=dict)  # what no other statement affects
    tried: bool = False  # statements were run for it, on the ground as it was before all of them


def solve(
    ground: Ground,
    start: Mark,
    steps: Sequence[Step],
    effects: Mapping[int, Effect],
    live: Live,
    *,
    unbegun: Set[int],
) -> Solution:
    """*effects* are those of all *steps*, which have run in order on *ground* since *start*.

    Those *unbegun* count as not run, unless nothing else explains the schema.
    """
    solution = Solution()
    if not share(steps, effects):
        return solution
    clusters = Clusters(steps, effects)
    in_doubt = {at for at, step in enumerate(steps) if step.optional}
    shared = [each for each in clusters.of_all(in_doubt) if len(each.members) > 1 or each.followers]
    left = {at for each in shared for at in each.members}
    if not left:
        return solution
    ground.undo(start)
    solution.tried = True
    solution.own = {at: clusters.own(at) for at in left}
    coarse = _tried(ground, Course(steps, effects, unbegun), clusters.of_containers(left), live)
    containers = _by_containers(coarse, live, unbegun, solution)
    left -= containers.ran | containers.absent
    # An object that was made and removed again leaves no trace of the statements that affected it.
    solution.transient = {at for at in left if clusters.are_within(at, containers.transient)}
    left -= solution.transient
    without = containers.absent | (containers.unrun & solution.transient)
    if without:
        in_order, effects = effects, _effects_without(without, ground, steps)
        clusters = Clusters(steps, effects, in_order)
    course = Course(steps, effects, unbegun, containers.ran)
    spent = [(cluster, candidates) for cluster, candidates in coarse.items() if candidates.spent]
    for cluster, every in _tried(ground, course, clusters.of_all(left), live, spent).items():
        candidates = every.without(unbegun)
        solution.candidates |= dict.fromkeys(cluster.members, candidates)
        solution.members |= dict.fromkeys(cluster.members, tuple(cluster.members))
    solution.dependent = {at: effects[at] for at in left - solution.candidates.keys()}
    return solution


@dataclass(slots=True)
class _Containers:
    """What is decided by whether containers exist: the statements that *ran*, and those *absent*.

    *transient* containers may have been made and dropped again; of their statements, those *unrun* take no part.
    """

    ran: set[int] = field(default_factory=set)
    absent: set[int] = field(default_factory=set)
    unrun: set[int] = field(default_factory=set)
    transient: set[Subject] = field(default_factory=set)


def _by_containers(
    coarse: Mapping[Cluster, Candidates], live: Live, unbegun: Set[int], solution: Solution
) -> _Containers:
    """Decide what the candidates of containers alone decide, and put it into *solution*."""
    found = _Containers()
    for cluster, every in coarse.items():
        exists = any(live.find(subject) for subject in cluster.subjects)
        # Those unbegun may have made an existing container another way, which only its contents show.
        candidates = every if exists else every.without(unbegun)
        members = tuple(cluster.members)
        undecided = set[int]()
        for at in members:
            ran = candidates.ran(at)
            if ran is None:
                undecided.add(at)
                continue
            solution.candidates[at], solution.members[at] = candidates, members
            (found.ran if ran else found.absent).add(at)
        if undecided and candidates.fitting and not exists:
            found.transient |= {subject for subject in cluster.subjects if subject.kind in CONTAINERS}
            found.unrun |= undecided - candidates.fitting[0].ran - candidates.fitting[0].idle
    return found


def _effects_without(absent: Collection[int], ground: Ground, steps: Sequence[Step]) -> dict[int, Effect]:
    mark = ground.mark()
    effects = {at: ground.run(step) for at, step in enumerate(steps) if at not in absent}
    ground.undo(mark)
    return effects


def _tried(
    ground: Ground,
    course: Course,
    clusters: Sequence[Cluster],
    live: Live,
    spent: Sequence[tuple[Cluster, Candidates]] = (),
) -> dict[Cluster, Candidates]:
    """The candidates of every cluster, tried in the state before its first member, after all others before it.

    *spent* are those with too many candidates: they have as many again where a cluster has the same statements.
    """
    begin: dict[int, list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        begin[cluster.members[0]].append(cluster)
    found: dict[Cluster, Candidates] = {}
    last = max(begin, default=-1)
    needs = _Needs(course) if begin else None
    start = ground.mark()
    for at in sorted(course.effects):
        if needs is None or at > last:
            break
        for cluster in begin.get(at, ()):
            if (
                too_many := next((each for other, each in spent if _go_alike(cluster, other, course)), None)
            ) is not None:
                found[cluster] = too_many
                continue
            here = ground.mark()
            found[cluster] = fitting_candidates(ground, course, cluster, needs.of(cluster), live)
            ground.undo(here)
        ground.run(course.steps[at])
    ground.undo(start)
    return found


# They do less where what hangs on what they drop must be dropped by a CASCADE.
_DROPPING = frozenset({"DropStmt", "AlterTableStmt"})


def _go_alike(one: Cluster, other: Cluster, course: Course) -> bool:
    """Say whether the same ways are gone through for both: what is asked is only asked at their end."""
    path = one.path
    return (
        path == other.path
        and one.members == other.members
        and one.lasting == other.lasting
        and min((*one.settled, *other.settled), default=path[-1]) >= path[-1]
        and not any(course.steps[at].statement.kind in _DROPPING for at in path)
    )


class _Needs:
    """Which statements others need: those that make what they mention."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._positions = sorted(course.effects)
        self._settings = [at for at in self._positions if course.steps[at].is_setting]
        self._bearing: ByWords[int] = ByWords()
        for at in self._positions:
            for subject in course.effects[at].objects:
                self._bearing.add(subject, at)

    def of(self, cluster: Cluster) -> set[int]:
        """Positions of other statements between those of *cluster* without which these could not run."""
        path = cluster.path
        first, last = path[0], path[-1]
        between = bisect_left(self._positions, last) - bisect_right(self._positions, first)
        if between <= len(path) - 2:
            return set()
        settings = self._settings[bisect_right(self._settings, first) : bisect_left(self._settings, last)]
        needed, known, waiting = set(settings), {*path, *settings}, path
        while waiting:
            at = waiting.pop()
            for _, other in self._bearing.mentioned(words(self._course.steps[at].statement)):
                if first < other < at and other not in known:
                    needed.add(other)
                    known.add(other)
                    waiting.append(other)
        return needed

"""Which statements must be judged together, because more than one of them bears on the same thing.

Most bear on something of their own. A statement whose work a later one renames, changes or drops shares a cluster with
that one; so does one that would have worked on it, had an earlier one not run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.model.schema import Subject
from shared.postgres.progress.evidence import Aspects, above, aspects
from shared.postgres.progress.ground import Effect, is_conditional
from shared.postgres.progress.steps import TRACELESS, Step, last_word, mentions, targets, words

# Two unnamed objects vie for one name: ``t_a_key``, ``t_a_key1``. Whichever comes first gets the plain one.
_DIGITS = "0123456789"


@dataclass(slots=True)
class Cluster:
    """*members*: positions in the order. *settled*: what can change no more after a member, and in which aspects."""

    members: list[int]
    settled: dict[int, list[tuple[Subject, Aspects]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Touched:
    """Who bears on one subject: those that make or drop it, or may, and those that change it, by aspect."""

    wholly: set[int] = field(default_factory=set)
    partly: dict[object, set[int]] = field(default_factory=lambda: defaultdict(set))

    def groups(self) -> Iterator[set[int]]:
        if self.wholly:
            yield self.wholly.union(*self.partly.values())
        else:
            yield from self.partly.values()


def clusters(steps: Sequence[Step], effects: Sequence[Effect]) -> list[Cluster]:
    """Clusters of *steps* by their *effects* in full order, in the order of their first members."""
    touched: dict[Subject, _Touched] = defaultdict(_Touched)
    for at, effect in enumerate(effects):
        for subject, (before, after) in effect.objects.items():
            wanted = aspects(before, after)
            if wanted is None:
                touched[subject].wholly.add(at)
            for aspect in wanted or ():
                touched[subject].partly[aspect].add(at)
    _add_conditional(steps, effects, touched)
    _add_takers_along(effects, touched)
    sets = _Sets(len(steps))
    for each in touched.values():
        for group in each.groups():
            sets.join(group)
    for group in _rivals(steps, effects):
        sets.join(group)
    found = {root: Cluster(members) for root, members in sets.members().items()}
    for subject, each in touched.items():
        for last, wanted in _last_touches(each):
            found[sets.root(last)].settled.setdefault(last, []).append((subject, wanted))
    return sorted(found.values(), key=lambda cluster: cluster.members[0])


def _last_touches(each: _Touched) -> Iterator[tuple[int, Aspects]]:
    """After whom each aspect, and then the whole of it, is settled. The whole counts only if it may come and go."""
    whole = max(each.wholly, default=-1)
    for aspect, members in each.partly.items():
        yield max(whole, *members), frozenset({aspect})  # type: ignore[arg-type]  # keys of partly are aspects
    if each.wholly:
        yield max(whole, *(max(members) for members in each.partly.values()), whole), None


def _add_conditional(steps: Sequence[Step], effects: Sequence[Effect], touched: Mapping[Subject, _Touched]) -> None:
    """Statements that do more or less where others are missing: they may bear on all that they mention."""
    by_word: dict[str, list[Subject]] = defaultdict(list)
    for subject in touched:
        by_word[last_word(subject)].append(subject)
    for at, (step, effect) in enumerate(zip(steps, effects, strict=True)):
        if step.statement.kind in TRACELESS or (effect.objects and not is_conditional(step.statement)):
            continue
        found, aims = words(step.statement), frozenset(targets(step.statement))
        for word in found & by_word.keys() if aims else ():
            for subject in by_word[word]:
                if mentions(found, subject) and mentions(aims, Subject(subject.kind, subject.name[:2])):
                    touched[subject].wholly.add(at)


def _add_takers_along(effects: Sequence[Effect], touched: Mapping[Subject, _Touched]) -> None:
    """Who drops or renames a thing bears on all that hangs on it, be it gone already in full order."""
    takers: dict[Subject, set[int]] = defaultdict(set)
    holders: dict[Subject, set[Subject]] = defaultdict(set)
    for at, effect in enumerate(effects):
        for subject, (before, after) in effect.objects.items():
            if before is not None and after is None:
                takers[subject].add(at)
            holders[subject].update(*(above(subject, each) for each in (before, after) if each is not None))
    if takers:
        for subject in touched:
            for each in _all_above(subject, holders) & takers.keys():
                touched[subject].wholly |= takers[each]


def _all_above(subject: Subject, holders: Mapping[Subject, set[Subject]]) -> set[Subject]:
    found: set[Subject] = set()
    waiting = [subject]
    while waiting:
        more = holders.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return found - {subject}


def _rivals(steps: Sequence[Step], effects: Sequence[Effect]) -> Iterable[set[int]]:
    """Statements that made something that nobody named, by the name it would have had alone."""
    rivals: dict[tuple[str, str], set[int]] = defaultdict(set)
    for at, (step, effect) in enumerate(zip(steps, effects, strict=True)):
        made = [subject for subject, (before, _) in effect.objects.items() if before is None and len(subject.name) > 1]
        if made:
            found = words(step.statement)
            for subject in made:
                if last_word(subject) not in found:
                    rivals[subject.name[0], subject.name[-1].rstrip(_DIGITS)].add(at)
    return rivals.values()


class _Sets:
    """Disjoint sets of positions (union-find)."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def root(self, at: int) -> int:
        while self._parents[at] != at:
            self._parents[at] = self._parents[self._parents[at]]
            at = self._parents[at]
        return at

    def join(self, members: Iterable[int]) -> None:
        first, *others = members
        for each in others:
            self._parents[self.root(each)] = self.root(first)

    def members(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for at in range(len(self._parents)):
            found.setdefault(self.root(at), []).append(at)
        return found

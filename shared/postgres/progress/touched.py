"""Who bears on a subject, and which statements belong together by that."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import field

from ...model.value import dataclass
from .evidence import Aspects


@dataclass(slots=True)
class Touched:
    """Who bears on one subject: those that make or drop it, or may, and those that change it, by aspect.

    *rivals* may make it, too, and some of them are among the former: one set for all the names that they vie for.
    """

    wholly: set[int] = field(default_factory=set)
    partly: dict[tuple[str, str | None], set[int]] = field(default_factory=lambda: defaultdict(set))
    rivals: "Rivals | None" = None
    # By statement, the places and the aspects of what it changes; made when it is first asked for.
    _by_statement: dict[int, list[tuple[int, tuple[str, str | None]]]] | None = None

    @property
    def own(self) -> set[int]:
        """All but the rivals that only might make it."""
        return self.wholly.union(*self.partly.values()) if self.partly else self.wholly

    def is_only(self, at: int) -> bool:
        """Say whether that is nobody but *at*. Costs no more than the first other one."""
        return self.rivals is None and self.wholly <= {at} and all(each <= {at} for each in self.partly.values())

    def groups(self) -> Iterator[set[int]]:
        """Those that must be judged together, rivals left out."""
        if self.wholly:
            yield self.own
        else:
            yield from self.partly.values()

    def last_touches(self, among: Collection[int], rivals: Sequence[int]) -> Iterator[tuple[int, Aspects]]:
        """After whom each aspect, and then the whole of it, is settled. The whole counts only if it comes and goes.

        *rivals* are those among them, in order.
        """
        whole = max((at for at in self.wholly if at in among), default=-1)
        whole = max(whole, rivals[-1]) if rivals else whole
        latest = whole
        for aspect in self._changed_by(among):
            if last := [at for at in self.partly[aspect] if at in among]:
                yield max(whole, *last), frozenset({aspect})
                latest = max(latest, *last)
        if whole >= 0:
            yield latest, None

    def _changed_by(self, among: Collection[int]) -> Iterable[tuple[str, str | None]]:
        """The aspects that those *among* the statements change, and maybe others, in order."""
        if len(self.partly) <= len(among):
            return self.partly
        if self._by_statement is None:
            self._by_statement = defaultdict(list)
            for place, (aspect, members) in enumerate(self.partly.items()):
                for at in members:
                    self._by_statement[at].append((place, aspect))
        found = {each for at in among for each in self._by_statement.get(at, ())}
        return [aspect for _, aspect in sorted(found, key=lambda each: each[0])]


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """Statements that vie for the names that a server chooses."""

    members: set[int] = field(default_factory=set)


class Among:
    """Of every set of rivals those among *positions*, and the others. Each set is divided once."""

    def __init__(self, positions: Collection[int]) -> None:
        self._positions = positions
        self._divided: dict[int, tuple[Rivals, list[int], set[int]]] = {}
        self._without: dict[int, tuple[Touched, set[int]]] = {}

    def of(self, rivals: Rivals | None) -> Sequence[int]:
        """Those among the positions, in order."""
        return () if rivals is None else self._divide(rivals)[1]

    def others(self, rivals: Rivals | None) -> Collection[int]:
        return () if rivals is None else self._divide(rivals)[2]

    def without(self, touched: Touched) -> set[int]:
        """Those that bear on it and are not among the positions, rivals left out."""
        if id(touched) not in self._without:
            # It is kept beside the set, so that no other one can come by its id.
            self._without[id(touched)] = touched, touched.own.difference(self._positions)
        return self._without[id(touched)][1]

    def with_first(self, group: Iterable[int], rivals: Rivals | None) -> list[int]:
        """Those of *group* that are among the positions, and of *rivals* the first: that one stands for all."""
        return [*(at for at in group if at in self._positions), *self.of(rivals)[:1]]

    def _divide(self, rivals: Rivals) -> tuple[Rivals, list[int], set[int]]:
        if id(rivals) not in self._divided:
            there = sorted(at for at in rivals.members if at in self._positions)
            # The set is kept beside its parts, so that no other one can come by its id.
            self._divided[id(rivals)] = rivals, there, rivals.members.difference(there)
        return self._divided[id(rivals)]


class Sets:
    """Disjoint sets of positions (union-find)."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def root(self, at: int) -> int:
        while self._parents[at] != at:
            self._parents[at] = self._parents[self._parents[at]]
            at = self._parents[at]
        return at

    def join(self, members: Iterable[int]) -> None:
        first = None
        for at in members:
            self._parents.setdefault(at, at)
            if first is not None:
                self._parents[self.root(at)] = self.root(first)
            first = at

    def members(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for at in self._parents:
            found[self.root(at)].append(at)
        return found

"""Which statements affect a subject, and so belong together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import field

from ...model.value import dataclass
from .evidence import Aspects


@dataclass(slots=True)
class Touched:
    """What affects one subject: those that make or drop it, or may, and those that change it, by aspect.

    *competitors* may make it, too, and some of them are among the former: one set for all those names.
    """

    wholly: set[int] = field(default_factory=set)
    partly: dict[tuple[str, str | None], set[int]] = field(default_factory=lambda: defaultdict(set))
    competitors: "Competitors | None" = None
    # By statement, the places and the aspects of what it changes; made when it is first asked for.
    _by_statement: dict[int, list[tuple[int, tuple[str, str | None]]]] | None = None

    @property
    def own(self) -> set[int]:
        """All but the competitors that only might make it."""
        return self.wholly.union(*self.partly.values()) if self.partly else self.wholly

    def is_only(self, at: int) -> bool:
        """Say whether that is nobody but *at*. Costs no more than the first other one."""
        return self.competitors is None and self.wholly <= {at} and all(each <= {at} for each in self.partly.values())

    def groups(self) -> Iterator[set[int]]:
        """Those that must be evaluated together, competitors left out."""
        if self.wholly:
            yield self.own
        else:
            yield from self.partly.values()

    def last_touches(self, among: Collection[int], competitors: Sequence[int]) -> Iterator[tuple[int, Aspects]]:
        """After which statement each aspect, and then the whole object, is settled. The whole: if made or dropped.

        *competitors* are those among them, in order.
        """
        whole = max((at for at in self.wholly if at in among), default=-1)
        whole = max(whole, competitors[-1]) if competitors else whole
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
class Competitors:
    """Statements that compete for the names that a server chooses."""

    members: set[int] = field(default_factory=set)


class Among:
    """Of every set of competitors those among *positions*, and the others. Each set is divided once."""

    def __init__(self, positions: Collection[int]) -> None:
        self._positions = positions
        self._divided: dict[int, tuple[Competitors, list[int], set[int]]] = {}
        self._without: dict[int, tuple[Touched, set[int]]] = {}

    def of(self, competitors: Competitors | None) -> Sequence[int]:
        """Those among the positions, in order."""
        return () if competitors is None else self._divide(competitors)[1]

    def others(self, competitors: Competitors | None) -> Collection[int]:
        return () if competitors is None else self._divide(competitors)[2]

    def without(self, touched: Touched) -> set[int]:
        """Those that bear on it and are not among the positions, competitors left out."""
        if id(touched) not in self._without:
            # It is kept beside the set, so that no other one can come by its id.
            self._without[id(touched)] = touched, touched.own.difference(self._positions)
        return self._without[id(touched)][1]

    def with_first(self, group: Iterable[int], competitors: Competitors | None) -> list[int]:
        """Those of *group* that are among the positions, and of *competitors* the first, for all of them."""
        return [*(at for at in group if at in self._positions), *self.of(competitors)[:1]]

    def _divide(self, competitors: Competitors) -> tuple[Competitors, list[int], set[int]]:
        if id(competitors) not in self._divided:
            there = sorted(at for at in competitors.members if at in self._positions)
            # The set is kept beside its parts, so that no other one can come by its id.
            self._divided[id(competitors)] = competitors, there, competitors.members.difference(there)
        return self._divided[id(competitors)]


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

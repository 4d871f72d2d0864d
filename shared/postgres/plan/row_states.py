"""The rows of a table as statements of the run leave them, as a query over the rows that are there now.

Each state stands on the one before. A column whose values nobody can say beforehand (a sequence's numbers) has no SQL:
a query that needs it raises `UnwrittenError`.
"""
# ruff: noqa: S608  # SQL is what this module writes; names are quoted, all else is written from trees

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from ...model.plan import Relation
from ...model.value import dataclass, replace
from .writing import UnwrittenError, qualified, quoted

# The planner moves no condition across it: a value that a condition keeps away is not computed.
_FENCE = " OFFSET 0"
# A column for those who need none: a UNION of queries without columns is no query.
_NOTHING = '"~"'


class State(Protocol):
    """*tables* are the live ones that its query reads; *depth* is how many changes of rows are within one another."""

    @property
    def tables(self) -> tuple[Relation, ...]: ...

    @property
    def depth(self) -> int: ...

    def query(self, uses: Iterable[str]) -> str:
        """A SELECT that gives the columns *uses* of each row."""


class Layered(Mapping[str, str | None]):
    """Values by column, to which others are added without a copy of them all."""

    def __init__(self, *layers: Mapping[str, str | None]) -> None:
        self._layers = layers  # the newest last, each larger than all after it

    def and_also(self, values: Mapping[str, str | None]) -> "Layered":
        layers = list(self._layers)
        while layers and len(layers[-1]) <= len(values):
            values = {**layers.pop(), **values}
        return Layered(*layers, values)

    def __getitem__(self, column: str) -> str | None:
        for layer in reversed(self._layers):
            if column in layer:
                return layer[column]
        raise KeyError(column)

    def __contains__(self, column: object) -> bool:
        return any(column in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(column for layer in self._layers for column in layer))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def item(state: State, uses: Iterable[str], alias: str) -> str:
    """A FROM item."""
    return f"({state.query(uses)}) AS {quoted(alias)}"


@dataclass(frozen=True, slots=True)
class Live:
    """The rows that *table* has now; with *below*, also those of its partitions and of tables that inherit."""

    table: Relation
    below: bool = False
    sample: str = ""  # the clause that takes some of the rows

    @property
    def tables(self) -> tuple[Relation, ...]:
        return (self.table,)

    @property
    def depth(self) -> int:
        return 0

    def query(self, uses: Iterable[str]) -> str:
        listed = ", ".join(map(quoted, dict.fromkeys(uses)))
        return f"SELECT {listed} FROM {'' if self.below else 'ONLY '}{qualified(self.table)}{self.sample}"


@dataclass(frozen=True, slots=True)
class Empty:
    """No rows, of columns of these *types*."""

    types: Mapping[str, str]

    @property
    def tables(self) -> tuple[Relation, ...]:
        return ()

    @property
    def depth(self) -> int:
        return 0

    def query(self, uses: Iterable[str]) -> str:
        listed = ", ".join(
            f"CAST(NULL AS {_written(self.types.get(each))}) AS {quoted(each)}" for each in dict.fromkeys(uses)
        )
        return f"SELECT {listed} WHERE false"


@dataclass(frozen=True, slots=True)
class Selected:
    """Rows made of those of *source* (None: one row of constants) that *where* keeps, with these *values* by column."""

    values: Mapping[str, str | None]
    source: State | None = None
    alias: str = ""
    where: str | None = None
    reads: frozenset[str] = frozenset()

    @property
    def tables(self) -> tuple[Relation, ...]:
        return self.source.tables if self.source is not None else ()

    @property
    def depth(self) -> int:
        return self.source.depth if self.source is not None else 0

    def query(self, uses: Iterable[str]) -> str:
        listed = ", ".join(f"{_written(self.values.get(each))} AS {quoted(each)}" for each in dict.fromkeys(uses))
        origin = f" FROM {item(self.source, sorted(self.reads), self.alias)}" if self.source is not None else ""
        kept = f" WHERE {self.where}" if self.where is not None else ""
        return f"SELECT {listed}{origin}{kept}{_FENCE}"


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows of several states, one after the other."""

    parts: tuple[State, ...]

    @property
    def tables(self) -> tuple[Relation, ...]:
        return _tables(self.parts)

    @property
    def depth(self) -> int:
        return 1 + max((each.depth for each in self.parts), default=0)

    def query(self, uses: Iterable[str]) -> str:
        wanted = list(dict.fromkeys(uses))
        if wanted:
            return " UNION ALL ".join(f"({each.query(wanted)})" for each in self.parts)
        parts = (f"(SELECT 1 AS {_NOTHING} FROM {item(each, (), '~')})" for each in self.parts)
        return f"SELECT FROM ({' UNION ALL '.join(parts)}) AS {_NOTHING}"


@dataclass(frozen=True, slots=True)
class Filtered:
    """Those rows of *below* for which *where* is true."""

    below: State
    alias: str
    where: str
    reads: frozenset[str]
    others: tuple[State, ...] = ()  # what *where* reads besides

    @property
    def tables(self) -> tuple[Relation, ...]:
        return _tables((self.below, *self.others))

    @property
    def depth(self) -> int:
        return 1 + max(each.depth for each in (self.below, *self.others))

    def query(self, uses: Iterable[str]) -> str:
        wanted = list(dict.fromkeys(uses))
        listed = ", ".join(f"{quoted(self.alias)}.{quoted(each)}" for each in wanted)
        origin = item(self.below, (*wanted, *sorted(self.reads)), self.alias)
        return f"SELECT {listed} FROM {origin} WHERE {self.where}{_FENCE}"


@dataclass(frozen=True, slots=True)
class Changed:
    """The rows of *below* with other *values* in some columns: in all rows, or in those for which *where* is true.

    *lookup* is a FROM item behind that of *below*, which gives at most one row for each of its own; it and *where* read
    *others*, too.
    """

    below: State
    alias: str
    values: Mapping[str, str | None]
    reads: frozenset[str]
    where: str | None = None
    lookup: str = ""
    others: tuple[State, ...] = ()

    @property
    def tables(self) -> tuple[Relation, ...]:
        return _tables((self.below, *self.others))

    @property
    def depth(self) -> int:
        return 1 + max(each.depth for each in (self.below, *self.others))

    def query(self, uses: Iterable[str]) -> str:
        wanted = list(dict.fromkeys(uses))
        kept = [each for each in wanted if each not in self.values or self.where is not None]
        reads = sorted(self.reads) if any(each in self.values for each in wanted) or self.lookup else []
        listed = ", ".join(f"{self._value(each)} AS {quoted(each)}" for each in wanted)
        return f"SELECT {listed} FROM {item(self.below, (*kept, *reads), self.alias)}{self.lookup}{_FENCE}"

    def _value(self, column: str) -> str:
        old = f"{quoted(self.alias)}.{quoted(column)}"
        if column not in self.values:
            return old
        new = _written(self.values[column])
        return new if self.where is None else f"CASE WHEN {self.where} THEN {new} ELSE {old} END"


@dataclass(frozen=True, slots=True)
class Renamed:
    """The rows of *below*, with the column *old* now called *new*."""

    below: State
    old: str
    new: str

    @property
    def tables(self) -> tuple[Relation, ...]:
        return self.below.tables

    @property
    def depth(self) -> int:
        return 1 + self.below.depth

    def query(self, uses: Iterable[str]) -> str:
        wanted = list(dict.fromkeys(uses))
        listed = ", ".join(f"{quoted(self.old if each == self.new else each)} AS {quoted(each)}" for each in wanted)
        inner = [self.old if each == self.new else each for each in wanted]
        return f"SELECT {listed} FROM {item(self.below, inner, '~')}"


def _tables(states: Iterable[State]) -> tuple[Relation, ...]:
    return tuple(dict.fromkeys(table for each in states for table in each.tables))


def joined(parts: Iterable[State]) -> State:
    """The rows of all *parts*."""
    found = tuple(parts)
    filled = tuple(each for each in found if not isinstance(each, Empty))
    return filled[0] if len(filled) == 1 else Joined(filled) if filled else found[0]


def with_values(below: State, alias: str, values: Mapping[str, str | None], reads: frozenset[str]) -> State:
    """The rows of *below* with *values* in all of them: in one query with others of that kind, where they allow it."""
    if (
        isinstance(below, Changed)
        and (below.alias, below.where, below.lookup) == (alias, None, "")
        and not any(each in below.values for each in reads)
    ):
        there = below.values if isinstance(below.values, Layered) else Layered(below.values)
        return replace(below, values=there.and_also(values), reads=below.reads | reads)
    return Changed(below, alias, values, reads)


def sampled(state: State, clause: str) -> State:
    """The same of some of the rows that are there now; what is looked up for each of them is whole."""
    match state:
        case Live():
            return replace(state, sample=clause)
        case Changed() | Filtered() | Renamed():
            return replace(state, below=sampled(state.below, clause))
        case Selected(source=source) if source is not None:
            return replace(state, source=sampled(source, clause))
        case Joined():
            return replace(state, parts=tuple(sampled(each, clause) for each in state.parts))
        case _:
            return state


def _written(value: str | None) -> str:
    if value is None:
        raise UnwrittenError
    return value

"""The replay's mutable catalog: records by oid, one way to write, and a journal that takes writes back.

Everything goes through `put`: it keeps the look-up tables, notes what must be shown again, and journals what was there.
Undoing is putting the old records back, newest first, and so costs what the statement cost.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeVar

from ...model.value import replace
from .. import naming
from . import records
from .oids_by import OidsBy
from .records import Key, Oid, Record

R = TypeVar("R", bound=Record)
# What a free name is looked for: the name spaces, their schema, and the parts of the name.
_Wanted = tuple[tuple[str, ...], Oid, str, str | None, str]
_NONE_TRIED: Mapping[_Wanted, int] = MappingProxyType({})
_RELATIONS, _CONSTRAINTS, _STATISTICS = ("relation",), ("constraint in schema",), ("statistics",)


class UnknownError(Exception):
    """A statement refers to an object that the replay does not know."""


class Catalog:
    def __init__(self) -> None:
        self._records: dict[Oid, Record] = {}
        self._by_key = OidsBy[Key]()
        self._by_name = OidsBy[str]()
        # What hangs on each, by its class: a table may have thousands of one kind that others need not look through.
        self._held: dict[Oid, dict[type, dict[Oid, None]]] = {}
        # Of unnamed objects of one kind: how many numbers are taken, one after the other; and whose number a name is.
        self._taken: dict[_Wanted, int] = {}
        self._tried: dict[str, dict[_Wanted, int]] = {}
        self._journal: list[tuple[Oid, Record | None]] = []
        self._next: Oid = 1
        self._going: set[Oid] = set()  # being dropped: a partitioned table and its key column hold one another
        self._changed: dict[Oid, None] | None = None  # None: everything, since nobody has looked yet

    def copy(self) -> "Catalog":
        """Another one of the same content, which nobody has read yet."""
        copied = Catalog()
        copied._records = dict(self._records)
        copied._by_key, copied._by_name = self._by_key.copy(), self._by_name.copy()
        copied._held = {
            oid: {of_class: dict(each) for of_class, each in held.items()} for oid, held in self._held.items()
        }
        copied._taken = dict(self._taken)
        copied._tried = {name: dict(each) for name, each in self._tried.items()}
        copied._journal, copied._next = list(self._journal), self._next
        return copied

    # Reading

    def __contains__(self, oid: Oid) -> bool:
        return oid in self._records

    def __getitem__(self, oid: Oid) -> Record:
        return self._records[oid]

    def get(self, oid: Oid | None, kind: type[R]) -> R | None:
        """The record *oid* if it is there and of this kind."""
        record = self._records.get(oid) if oid is not None else None
        return record if isinstance(record, kind) else None

    def expect(self, oid: Oid | None, kind: type[R]) -> R:
        """The record *oid*, which must be of this kind. Raises UnknownError."""
        record = self._records.get(oid) if oid is not None else None
        if not isinstance(record, kind):
            raise UnknownError(f"{kind.__name__.lower()} {getattr(record, 'name', '')}".strip())
        return record

    def said_by(self, oid: Oid) -> Oid:
        """Whose definition says *oid*: a default is said by its column, a foreign table's column by the table."""
        record = self._records.get(oid)
        shown_in = record.shown_in() if record is not None else None
        return oid if shown_in is None else self.said_by(shown_in)

    def find(self, space: str, owner: Oid, name: str) -> Oid | None:
        return self._by_key.first((space, owner, name))

    def find_all(self, space: str, owner: Oid, name: str) -> list[Oid]:
        return self._by_key.all((space, owner, name))

    def held(self, oid: Oid, kind: type[R]) -> Iterator[tuple[Oid, R]]:
        """What hangs on *oid*, in order of creation."""
        of_kind = (held for of_class, held in self._held.get(oid, {}).items() if issubclass(of_class, kind))
        return iter([(each, self.expect(each, kind)) for each in sorted(chain.from_iterable(of_kind))])

    def of_kind(self, kind: type[R]) -> Iterator[tuple[Oid, R]]:
        """All that hangs on something and is of *kind*."""
        found = {oid for held in self._held.values() for each in held if issubclass(each, kind) for oid in held[each]}
        return ((oid, self.expect(oid, kind)) for oid in sorted(found))

    def _hanging_on(self, oid: Oid) -> Iterator[Oid]:
        return chain.from_iterable(self._held.get(oid, {}).values())

    def columns(self, table: Oid) -> Iterator[tuple[Oid, records.Column]]:
        return ((oid, column) for oid, column in self.held(table, records.Column) if column.table == table)

    def with_consequences(self, oids: Iterable[Oid]) -> dict[Oid, None]:
        """*oids* and all that hangs on them, and what says it for others."""
        found: dict[Oid, None] = {}
        waiting = list(oids)
        while waiting:
            oid = waiting.pop()
            if oid in found:
                continue
            found[oid] = None
            waiting += self._hanging_on(oid)
            record = self._records.get(oid)
            if record is not None and (shown_in := record.shown_in()) is not None:
                waiting.append(shown_in)
        return found

    # Writing

    def add(self, record: Record) -> Oid:
        oid = self._next
        self._next += 1
        self.put(oid, record)
        return oid

    def change(self, oid: Oid, **fields: Any) -> None:
        self.put(oid, replace(self._records[oid], **fields))

    def remove(self, oid: Oid) -> None:
        """Drop *oid* and all that hangs on it: the server does, or would have refused the statement."""
        if oid not in self._records or oid in self._going:
            return
        self._going.add(oid)
        for each in sorted(self._hanging_on(oid), reverse=True):
            record = self._records.get(each)
            if record is not None and (left := record.without(oid)) is not None:
                self.put(each, left)
            else:
                self.remove(each)
        self._going.discard(oid)
        self.put(oid, None)

    def put(self, oid: Oid, record: Record | None) -> None:
        self._journal.append((oid, self._set(oid, record)))

    def _set(self, oid: Oid, record: Record | None) -> Record | None:
        old = self._records.pop(oid, None)
        if self._changed is not None:
            self._changed[oid] = None
            if old is not None and (shown_in := old.shown_in()) is not None:
                self._changed[shown_in] = None
        if record is not None:
            self._records[oid] = record
        if old is not None and record is not None:
            self._tie_again(oid, old, record)
        elif record is not None:
            self._note_names(oid, record.keys())
            self._hang(oid, type(record), record.held_by())
        elif old is not None:
            self._forget_names(oid, old.keys())
            self._unhang(oid, type(old), old.held_by())
        return old

    def _tie_again(self, oid: Oid, old: Record, new: Record) -> None:
        """Most changes (a default, NOT NULL) are neither of names nor of holders."""
        if (keys := old.keys()) != (new_keys := new.keys()):
            self._forget_names(oid, keys)
            self._note_names(oid, new_keys)
        holders, new_holders = tuple(old.held_by()), tuple(new.held_by())
        if holders != new_holders or type(old) is not type(new):
            self._unhang(oid, type(old), holders)
            self._hang(oid, type(new), new_holders)

    def _forget_names(self, oid: Oid, keys: Iterable[Key]) -> None:
        for key in keys:
            name = key[2]
            self._by_name.remove(name, oid)
            if self._tried:
                for wanted, number in self._tried.pop(name, _NONE_TRIED).items():
                    self._taken[wanted] = min(number, self._taken.get(wanted, 0))
            self._by_key.remove(key, oid)

    def _note_names(self, oid: Oid, keys: Iterable[Key]) -> None:
        for key in keys:
            self._by_name.add(key[2], oid)
            self._by_key.add(key, oid)

    def _hang(self, oid: Oid, of_class: type, holders: Iterable[Oid]) -> None:
        for holder in holders:
            held = self._held.get(holder)
            if held is None:
                self._held[holder] = {of_class: {oid: None}}
            else:
                held.setdefault(of_class, {})[oid] = None

    def _unhang(self, oid: Oid, of_class: type, holders: Iterable[Oid]) -> None:
        for holder in holders:
            held = self._held.get(holder, {})
            if (same := held.get(of_class)) is not None:
                same.pop(oid, None)
                if not same:
                    del held[of_class]
            if not held:
                self._held.pop(holder, None)

    # Undoing

    def mark(self) -> int:
        return len(self._journal)

    def settle(self) -> None:
        """Forget what would be needed to go back."""
        self._journal.clear()

    def undo(self, mark: int) -> None:
        while len(self._journal) > mark:
            oid, record = self._journal.pop()
            self._set(oid, record)

    def written_since(self, mark: int) -> Iterator[tuple[Oid, Record | None, Record | None]]:
        """Each oid written since *mark*, with its record then and now."""
        before: dict[Oid, Record | None] = {}
        for oid, record in self._journal[mark:]:
            before.setdefault(oid, record)
        return ((oid, record, self._records.get(oid)) for oid, record in before.items())

    @property
    def is_unchanged(self) -> bool:
        """Nothing has changed since the last refresh."""
        return self._changed == {}

    def forget_changed(self) -> None:
        self._changed = {}

    def take_changed(self) -> dict[Oid, None]:
        """All that may have to be shown again since this was last asked, consequences included."""
        changed, self._changed = self._changed, {}
        return dict.fromkeys(self._records) if changed is None else self.with_consequences(changed)

    # Names

    def free_relation_name(self, schema: Oid, first: str, second: str | None, label: str) -> str:
        return self._free_name(_RELATIONS, schema, first, second, label)

    def free_constraint_name(self, schema: Oid, first: str, second: str | None, label: str) -> str:
        return self._free_name(_CONSTRAINTS, schema, first, second, label)

    def free_statistics_name(self, schema: Oid, table: str, parts: str) -> str:
        return self._free_name(_STATISTICS, schema, table, parts, "stat")

    def free_index_name(self, schema: Oid, table: str, columns: Iterable[str], label: str) -> str:
        """``ChooseIndexName``: a constraint's index needs a name free among constraints too."""
        addition = None if label == "pkey" else naming.joined_columns(columns)
        spaces = _RELATIONS if label == "idx" else (*_RELATIONS, *_CONSTRAINTS)
        return self._free_name(spaces, schema, table, addition, label)

    def _free_name(self, spaces: tuple[str, ...], schema: Oid, first: str, second: str | None, label: str) -> str:
        wanted = spaces, schema, first, second, label
        begin = self._taken.get(wanted, 0)
        for number, name in naming.numbered(first, second, label, begin):
            if all((space, schema, name) not in self._by_key for space in spaces):
                if number > begin:
                    self._taken[wanted] = number
                return name
            self._tried.setdefault(name, {})[wanted] = number
        raise AssertionError("there are as many names as numbers")

    def has_name(self, name: str) -> bool:
        return name in self._by_name

    def named(self, name: str) -> Iterator[tuple[Oid, Record]]:
        """What can be found by *name*, whatever it is."""
        return ((oid, self._records[oid]) for oid in sorted(self._by_name.all(name)))

    def everything(self) -> Iterator[tuple[Oid, Record]]:
        return chain(sorted(self._records.items()))

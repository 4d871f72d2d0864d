"""What a client suffers from a column of another type than it knows."""

import re
from collections.abc import Iterator
from functools import lru_cache

from ...model.clients import ClientEffect, Operation, Suffers
from ...model.schema import Column
from ...model.value import dataclass
from .tables import Relation, Tables
from .values import default_value, is_always_written

READS = (Operation.READ, Operation.WHERE, Operation.ORDER, Operation.GROUP, Operation.AGGREGATE)
_READ, _WHERE, _ORDER, _GROUP, _AGGREGATE = READS
_WRITE = Operation.WRITE
_TYPE = re.compile(r"(?P<name>[^(\[]+?)(?P<modifier>\([^)]*\))?(?P<zone> with(?:out)? time zone)?(?P<array>\[\])*")
_INTEGERS = {"smallint": 1, "integer": 2, "bigint": 3}
_FRACTIONS = frozenset({"real", "double precision", "numeric"})
_TEXTS = frozenset({"text", "character varying", "citext"})
_TIMES = frozenset({"timestamp without time zone", "timestamp with time zone"})
# What node-postgres gives to the client, which compares keys in memory: a number and a text are never equal.
_AS_NUMBER = frozenset({"smallint", "integer", "real", "double precision"})
_AS_TEXT = frozenset({"text", "character varying", "citext", "uuid"})


@dataclass(frozen=True, slots=True)
class Spelled:
    """A type's name apart from its modifiers: ``numeric``, (10, 2), whether it is an array."""

    name: str
    modifiers: tuple[int, ...]
    is_array: bool

    @classmethod
    def of(cls, type_: str) -> "Spelled":
        found = _TYPE.fullmatch(type_)
        if found is None:
            return cls(type_, (), is_array=False)
        numbers = re.findall(r"-?\d+", found["modifier"] or "")
        return cls(found["name"].strip() + (found["zone"] or ""), tuple(map(int, numbers)), found["array"] is not None)


@lru_cache(maxsize=1024)
def in_memory(type_: str) -> str:
    """What a client compares keys of *type_* as."""
    spelled = Spelled.of(type_)
    if spelled.is_array:
        return type_
    return "number" if spelled.name in _AS_NUMBER else "text" if spelled.name in _AS_TEXT else spelled.name


def type_effects(
    table: Relation, name: str, client: Column, live: Column, tables: tuple[Tables, Tables]
) -> Iterator[ClientEffect]:
    """*tables* are the client's and the live ones."""
    if client == live and not client.hangs_on:
        return
    change = _Change(table, name, client, live, tables)
    if client.type != live.type:
        yield change.effect(
            (_READ,), "P2039", "0A000", may="where the client caches prepared statements, once for each connection"
        )
        yield from change.of_type()
    yield from change.of_values()


@dataclass(frozen=True, slots=True)
class _Change:
    table: Relation
    name: str
    client: Column
    live: Column
    tables: tuple[Tables, Tables]

    def effect(
        self, operations: tuple[Operation, ...], code: str, sqlstate: str | None, may: str | None = None
    ) -> ClientEffect:
        return ClientEffect(self.table, operations, (self.name,), Suffers.FAILS, code, sqlstate, may is None, may or "")

    def changes(self, operations: tuple[Operation, ...], because: str) -> ClientEffect:
        return ClientEffect(self.table, operations, (self.name,), Suffers.CHANGES, certain=False, because=because)

    def unknown(self, *operations: Operation) -> ClientEffect:
        because = f"{self.client.type} became {self.live.type}"
        return ClientEffect(self.table, operations, (self.name,), Suffers.UNKNOWN, certain=False, because=because)

    def of_type(self) -> Iterator[ClientEffect]:
        client, live = Spelled.of(self.client.type), Spelled.of(self._base(self.live))
        enums = self.tables[0].enum(self.client), self.tables[1].enum(self.live)
        domain = self.tables[1].domain(self.live)
        if domain is not None and domain.checks and self.tables[0].domain(self.client) is None:
            yield self.effect((_WRITE,), "P2039", "23514", may=f"where a value is none of {self.live.type}")
        if client.is_array != live.is_array:
            yield from self._of_array(live)
        elif any(enums):
            yield from self._of_enum(live)
        elif live.name == client.name:
            yield from self._narrower(client, live)
        elif live.is_array:
            yield from self._of_elements(client, live)
        else:
            yield from self._converted(client, live)

    def _base(self, column: Column) -> str:
        domain = self.tables[1].domain(column)
        return domain.type if domain is not None and not column.type.endswith("[]") else column.type

    def _of_array(self, live: Spelled) -> Iterator[ClientEffect]:
        if live.name in ("json", "jsonb"):
            yield self.effect((_READ,), "TypeError", None)
            yield self.effect((_WHERE, _WRITE), "P2007", "22P02")
        else:
            yield self.unknown(_READ, _WHERE, _ORDER, _WRITE)

    def _of_elements(self, client: Spelled, live: Spelled) -> Iterator[ClientEffect]:
        if client.name in _TEXTS and live.name in _TEXTS:
            yield from self._narrower(client, live)
        else:
            yield self.unknown(_READ, _WHERE, _WRITE)

    def _of_enum(self, live: Spelled) -> Iterator[ClientEffect]:
        known, now = self.tables[0].enum(self.client), self.tables[1].enum(self.live)
        if known is None:
            because = "its values were converted to those of the enum"
            yield self.changes((_READ, _WHERE, _ORDER, _GROUP), because)
            yield self.effect((_WRITE,), "P2007", "22P02", may=f"where a value is none of {self.live.type}")
        elif now is None:
            if live.name not in _TEXTS:
                yield self.unknown(_READ, _WHERE, _ORDER, _WRITE)
                return
            yield self.effect((_WHERE,), "P2039", "42883")
            yield self.changes((_ORDER,), "a text sorts letter by letter, an enum by its order")
            yield from self._narrower(live, live) if live.modifiers else ()
        elif known[0] != now[0]:
            written = (_WRITE, *([Operation.CREATE] if is_always_written(self.client) else []))
            if self.tables[1].has(known[0]):
                yield self.effect((_WHERE,), "P2039", "42883")
                yield self.effect(written, "P2039", "42804")
            else:
                yield self.effect((_WHERE, *written), "P2039", "42704")

    def of_values(self) -> Iterator[ClientEffect]:
        known, now = self.tables[0].enum(self.client), self.tables[1].enum(self.live)
        if known is None or now is None:
            return
        there, before = set(now[1].values), set(known[1].values)
        gone = [value for value in known[1].values if value not in there]
        new = [value for value in now[1].values if value not in before]
        if gone and known[0] == now[0]:
            yield self.effect((_WHERE, _WRITE), "P2007", "22P02", may=f"where the value is {' or '.join(gone)}")
            if default_value(self.client) in gone:
                yield self.effect((Operation.CREATE_WITHOUT,), "P2007", "22P02")
        if new:
            yield self.effect((_READ, _GROUP), "P2023", None, may=f"where a row holds {' or '.join(new)}")

    def _narrower(self, client: Spelled, live: Spelled) -> Iterator[ClientEffect]:
        """The same kind of value, with other modifiers."""
        if live.name == "numeric":
            yield from self._numeric(client, live)
        elif live.name in (*_TEXTS, "character"):
            size = live.modifiers[0] if live.modifiers else None
            known = client.modifiers[0] if client.modifiers else None
            if size is not None and (known is None or known > size):
                yield self.effect((_WRITE,), "P2000", "22001", may=f"where a value is longer than {size}")
        elif live.name in _TIMES:
            if live.modifiers and (not client.modifiers or client.modifiers[0] > live.modifiers[0]):
                yield self.changes((_READ, _WHERE), "fractions of seconds are rounded")
        elif client.modifiers != live.modifiers:
            yield self.unknown(_WRITE)

    def _numeric(self, client: Spelled, live: Spelled) -> Iterator[ClientEffect]:
        if not live.modifiers:
            return
        digits, scale = live.modifiers[0], live.modifiers[1] if len(live.modifiers) > 1 else 0
        known = client.modifiers if client.name == "numeric" else ()
        known_scale = known[1] if len(known) > 1 else 0
        if not known or known[0] - known_scale > digits - scale:
            may = f"where a value has more than {digits - scale} digits before the point"
            yield self.effect((_WRITE,), "P2020", "22003", may=may)
        if client.name not in _INTEGERS and (not known or known_scale > scale):
            yield self.changes((_READ, _WHERE), f"values are rounded to {scale} digits after the point")

    def _converted(self, client: Spelled, live: Spelled) -> Iterator[ClientEffect]:
        """Another type; both are plain."""
        before, after = client.name, live.name
        numbers = _FRACTIONS | _INTEGERS.keys()
        if before in numbers and after in numbers:
            yield from self._numbers(client, live)
        elif before in _TIMES and after in _TIMES:
            yield self.changes((_READ, _WHERE), "where a session's time zone is not UTC")
        elif before in _TIMES and after == "date":
            yield self.changes((_READ, _WHERE), "the time of day is lost")
        elif (before, after) == ("json", "jsonb"):
            yield self.changes((_READ,), "the order of keys and repeated keys are lost")
        elif before in ("json", "jsonb") and after in _TEXTS:
            yield self.effect((_WHERE,), "P2039", "42883")
        elif before in numbers and after in _TEXTS:
            yield self.effect((_AGGREGATE,), "P2039", "42883")
            yield self.changes((_WHERE, _ORDER), "texts are compared letter by letter")
            yield from self._narrower(client, live)
        elif (before, after) != ("jsonb", "json"):
            yield from self._texts(client, live)

    def _texts(self, client: Spelled, live: Spelled) -> Iterator[ClientEffect]:
        before, after = client.name, live.name
        if before in _TEXTS and after in _TEXTS:
            yield from self._narrower(client, live)
        elif before in _TEXTS and after == "character":
            size = live.modifiers[0] if live.modifiers else 1
            yield self.changes((_READ,), f"shorter values are padded to {size} characters")
            yield from self._narrower(client, live)
        elif before == "character" and after in _TEXTS:
            yield self.changes((_READ,), "values lose the spaces at their end")
            yield from self._narrower(client, live)
        elif before in _TEXTS and after == "uuid":
            yield self.changes((_READ, _ORDER, _GROUP), "its values were converted")
            yield self.effect((_WHERE, _WRITE), "P2007", "22P02", may="where a value is no UUID")
        else:
            yield self.unknown(_READ, _WHERE, _ORDER, _WRITE)

    def _numbers(self, client: Spelled, live: Spelled) -> Iterator[ClientEffect]:
        before, after = client.name, live.name
        if after in _INTEGERS and _INTEGERS[after] < _INTEGERS.get(before, 4):
            yield self.effect((_WHERE, _WRITE), "P2020", "22003", may=f"where a value is out of the range of {after}")
        elif before in _INTEGERS and after in _INTEGERS:
            yield self.changes(READS, f"where a row holds a value out of the range of {before}")
        if before in _FRACTIONS and after in _INTEGERS:
            yield self.changes((_READ, _WHERE), "values are rounded to integers")
        elif after == "numeric":
            yield from self._numeric(client, live)
        elif before in _FRACTIONS:
            yield self.changes((_READ, _WHERE), "values lose digits")

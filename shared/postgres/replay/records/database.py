"""What is of the whole database: publications, subscriptions, event triggers, and servers of foreign tables."""

from collections.abc import Iterable
from typing import Literal

from ....model.schema import Operation
from ....model.value import dataclass
from .base import Bound, Key, Oid, Record


@dataclass(frozen=True, slots=True)
class Publication(Record):
    name: str
    all_tables: bool = False
    operations: frozenset[Operation] = frozenset(("insert", "update", "delete", "truncate"))
    via_root: bool = False
    generated_columns: bool = False

    def keys(self) -> tuple[Key, ...]:
        return (("publication", 0, self.name),)


@dataclass(frozen=True, slots=True)
class Published(Record):
    """A table or a schema (*of*) in a publication."""

    publication: Oid
    of: Oid
    columns: tuple[Oid, ...] = ()
    where: Bound | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("published", self.publication, str(self.of)),)

    def held_by(self) -> Iterable[Oid]:
        yield from (self.publication, self.of, *self.columns)
        if self.where is not None:
            yield from self.where.uses

    def shown_in(self) -> Oid:
        return self.publication


@dataclass(frozen=True, slots=True)
class Subscription(Record):
    name: str
    publications: tuple[str, ...]
    enabled: bool = True
    slot: str | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("subscription", 0, self.name),)


@dataclass(frozen=True, slots=True)
class EventTrigger(Record):
    name: str
    event: str
    function: Oid | str  # a name, where the function is not known here
    tags: tuple[str, ...] = ()
    enabled: Literal["origin", "disabled", "replica", "always"] = "origin"

    def keys(self) -> tuple[Key, ...]:
        return (("event trigger", 0, self.name),)

    def held_by(self) -> Iterable[Oid]:
        return (self.function,) if isinstance(self.function, int) else ()


@dataclass(frozen=True, slots=True)
class Server(Record):
    """*wrapper* is the extension that brings its foreign-data wrapper, where that is known."""

    name: str
    wrapper: Oid | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("server", 0, self.name),)

    def held_by(self) -> Iterable[Oid]:
        return () if self.wrapper is None else (self.wrapper,)

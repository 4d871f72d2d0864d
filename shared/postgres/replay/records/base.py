"""What every record of the replay's catalog is, and the few that hold nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from ....model.schema import Doubt, Subject
from ....model.value import dataclass

Oid = int
# What a name is looked up by: its name space (`relation`, `column`), then who owns the space, then the name.
Key = tuple[str, Oid, str]


@dataclass(frozen=True, slots=True)
class Bound:
    """An expression whose names are tied to oids: *tree* has ``$`` entries (see names.py), *uses* lists them."""

    tree: Any
    uses: tuple[Oid, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A type in use: its TypeName node, and the oid of what that names unless it is built in.

    *asked* is an expression that has this type, for one that only the server knows; while it has not been asked, it is
    not *known*, and the tree may be anything.
    """

    tree: Any
    oid: Oid | None = None
    asked: str = ""
    known: bool = True

    @property
    def holders(self) -> tuple[Oid, ...]:
        return () if self.oid is None else (self.oid,)


@dataclass(frozen=True, slots=True)
class Record:
    def keys(self) -> tuple[Key, ...]:
        """Under which names it can be found."""
        raise NotImplementedError

    def held_by(self) -> Iterable[Oid]:
        """With which others it goes when they are dropped."""
        return ()

    def shown_in(self) -> Oid | None:
        """Whose definition says it, if it has none of its own."""
        return None

    def without(self, holder: Oid) -> "Record | None":  # noqa: ARG002  (most need not know)
        """What is left of it when *holder* is dropped."""
        return None


@dataclass(frozen=True, slots=True)
class Namespace(Record):
    name: str

    def keys(self) -> tuple[Key, ...]:
        return (("schema", 0, self.name),)


@dataclass(frozen=True, slots=True)
class InSchema(Record):
    schema: Oid
    name: str

    def held_by(self) -> Iterable[Oid]:
        yield self.schema


@dataclass(frozen=True, slots=True)
class Relation(InSchema):
    """What shares the name space of pg_class."""

    def keys(self) -> tuple[Key, ...]:
        return (("relation", self.schema, self.name),)


@dataclass(frozen=True, slots=True)
class Extension(Record):
    name: str
    schema: Oid
    schema_said: bool = False
    version: str | None = None

    def keys(self) -> tuple[Key, ...]:
        return (("extension", 0, self.name),)

    def held_by(self) -> Iterable[Oid]:
        yield self.schema


def opaque_in(name: Sequence[str]) -> Key:
    """Where to find what is opaque of *name* and its parts. No name holds a NUL."""
    return "opaque in", 0, "\0".join(name)


@dataclass(frozen=True, slots=True)
class Doubted(Record):
    """What is not known of the object *of*, whatever it is called by now."""

    of: Oid
    doubt: Doubt

    def keys(self) -> tuple[Key, ...]:
        return (("doubt", self.of, ""),)

    def held_by(self) -> Iterable[Oid]:
        yield self.of


@dataclass(frozen=True, slots=True)
class Opaque(Record):
    """*doubt* is what is not known of *subject*; None: nothing is known of it, nor of what hangs on it."""

    subject: Subject
    because: str
    doubt: Doubt | None = None

    def keys(self) -> tuple[Key, ...]:
        parts = [self.subject.name[:length] for length in range(1, len(self.subject.name) + 1)]
        return ("opaque", 0, str(self.subject)), *map(opaque_in, parts)


def settings_of(role: str) -> Key:
    """Where to find all settings of *role*; of the database where there is none."""
    return "settings", 0, role


@dataclass(frozen=True, slots=True)
class Setting(Record):
    """*role* is empty for one of the database; *database* is None for one that is everywhere."""

    role: str
    database: str | None
    name: str
    value: str

    def keys(self) -> tuple[Key, ...]:
        return (settings_of(self.role),)

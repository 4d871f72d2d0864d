"""Who owns an object and what was granted on it, where that is not what every new object has."""

from collections.abc import Iterable

from ....model.privileges import Acl, DefaultsOf, Held
from ....model.value import dataclass
from .base import Key, Oid, Record


@dataclass(frozen=True, slots=True)
class OwnRights(Record):
    """Of the object, or column, *of*. A column has no *owner*. *doubtful*: what may have been granted or revoked."""

    of: Oid
    owner: str | None
    acl: Acl
    doubtful: frozenset[Held] = frozenset()

    def keys(self) -> tuple[Key, ...]:
        return (("rights", self.of, ""),)

    def held_by(self) -> Iterable[Oid]:
        yield self.of


@dataclass(frozen=True, slots=True)
class DefaultRights(Record):
    """ALTER DEFAULT PRIVILEGES: of *objects* that *role* makes in *schema*; 0 is any schema."""

    role: str
    schema: Oid
    objects: DefaultsOf
    acl: Acl
    doubtful: frozenset[Held] = frozenset()

    def keys(self) -> tuple[Key, ...]:
        return (default_rights(self.role, self.schema, self.objects), ("default rights", 0, ""))

    def held_by(self) -> Iterable[Oid]:
        return (self.schema,) if self.schema else ()


def default_rights(role: str, schema: Oid, objects: DefaultsOf) -> Key:
    # No name of a role holds a NUL.
    return "default rights of", schema, f"{role}\0{objects}"

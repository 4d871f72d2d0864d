"""The database that a printed query is to be run on."""

import re
from collections.abc import Mapping, Sequence

from ..model.schema import TYPES, Definition, Kind, Schema, Subject
from ..model.value import dataclass
from .parse import Tree


@dataclass(frozen=True, slots=True)
class Live:
    """Its objects, the schema of bare names, and the major version of its server."""

    objects: Mapping[Subject, Definition]
    schema: str
    major: int

    @classmethod
    def of(cls, catalog: object, schema: str, server_version: str) -> "Live":
        major = re.match(r"\d+", server_version)
        return cls(catalog.objects if isinstance(catalog, Schema) else {}, schema, int(major[0]) if major else 0)

    def column(self, relation: Tree, name: str) -> str | None:
        found = self.objects.get(
            Subject(Kind.COLUMN, (relation.get("schemaname", self.schema), relation["relname"], name))
        )
        return getattr(found, "type", None)

    def type(self, name: Sequence[str]) -> Definition | None:
        full = tuple(name) if len(name) > 1 else (self.schema, *name)
        kinds = TYPES
        return next((self.objects[each] for kind in kinds if (each := Subject(kind, full)) in self.objects), None)

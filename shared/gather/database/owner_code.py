"""Tables whose reading would run code of their owners, with the monitor's rights."""

from collections.abc import Iterable, Mapping

from ...model.value import dataclass
from .query import Query, from_file, sendable

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OwnerCode:
    """Reading *name* of *schema* would run *what*: ``it is a view``, ``its index i calls the function public.f``."""

    schema: str
    name: str
    what: str


def ask_owner_code(names: Iterable[Name]) -> Query[OwnerCode]:
    asked = [(sendable(schema), sendable(name)) for schema, name in names]
    parameters = {"schemas": [schema for schema, _ in asked], "names": [name for _, name in asked]}
    return from_file("owner_code", OwnerCode, parameters)


def owner_code(query: Query[OwnerCode]) -> Mapping[Name, str]:
    """Give what reading each table would run, for those where it would run anything; raises `psycopg.Error`."""
    return {(each.schema, each.name): each.what for each in query.rows()}

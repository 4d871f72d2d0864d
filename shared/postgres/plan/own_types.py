"""Types whose values are compared by the server's own operators alone."""

from collections.abc import Iterable

from ...model.plan import Relation
from ...model.schema import Domain, Kind
from .footprint import Footprint
from .writing import UnwrittenError

_DOMAIN_DEPTH = 8


def insist_on_own_types(footprint: Footprint, table: Relation, columns: Iterable[str]) -> None:
    """Raise UnwrittenError where a column has a type of an extension: what its operators say is not known here."""
    for name in columns:
        column = footprint.column(table, name)
        if column is None or not is_own_type(footprint, column.type):
            raise UnwrittenError


def is_own_type(footprint: Footprint, type_: str) -> bool:
    """Say whether *type_* is the server's own, an enum, or a domain over one of these; or an array of it."""
    type_ = type_.removesuffix("[]")
    for _ in range(_DOMAIN_DEPTH):
        if "." not in type_ or type_.startswith("pg_catalog."):
            return True
        found = footprint.type(type_)
        if found is None or found.kind is not Kind.DOMAIN:
            return found is not None and found.kind is Kind.ENUM
        definition = footprint.definition(found)
        if not isinstance(definition, Domain):
            return False
        type_ = definition.type.removesuffix("[]")
    return False

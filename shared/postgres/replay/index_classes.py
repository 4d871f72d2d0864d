"""Which operator class a key of an index has, among those that migrations make."""

from collections.abc import Sequence

from ...model.schema import Kind
from ..canonical.indexes import operator_class
from ..canonical.names import spelled_unless_system
from ..canonical.routines import with_method
from ..parse import Tree
from . import records
from .names import words
from .records import Oid, TypeRef
from .state import State

_TEXT = "text"


def class_of_key(state: State, method: str, name: list[Tree], type_: TypeRef | None) -> Oid | str | None:
    """The class that a key of an index has, by *name* or as the default one of its *type_*, if migrations make it."""
    if name:
        found = named(state, Kind.OPERATOR_CLASS, words(name), method)
        return found if isinstance(found, int) else operator_class(method, name)
    return None if type_ is None else _default(state, method, type_)


def _default(state: State, method: str, type_: TypeRef) -> Oid | None:
    signature = state.names.signature([state.names.without_domain(type_)])
    # What has no class of its own has that of the type which it is stored as.
    candidates = (signature, _TEXT) if signature == "character varying" else (signature,)
    found = (state.catalog.find(*records.default_class(method, each)) for each in candidates)
    return next((each for each in found if each is not None), None)


def named(state: State, kind: Kind, name: Sequence[str], method: str) -> Oid | str:
    *schema, last = name
    found = None
    if schema != ["pg_catalog"]:
        found = state.names.find(kind.value, (*schema, with_method(last, method)))
    return spelled_unless_system(name) if found is None else found

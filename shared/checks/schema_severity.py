"""The severity of a difference of the schema: by kind of object and kind of change."""

from ..model.difference import Change, Difference
from ..model.finding import Severity
from ..model.schema import Column, Definition, Enum, Index, Kind, Table

_CRITICAL, _WARNING, _INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
# Kinds that no query needs.
_MINOR = {Kind.SEQUENCE, Kind.RULE}
# They lose what is replicated, and nothing that the application reads.
_OF_REPLICATION = {Kind.REPLICA_IDENTITY}
# Attributes that decide on space and time alone.
_STORAGE = frozenset({"storing", "parameters", "toast_parameters"})


def severity(difference: Difference) -> Severity:
    """Critical is what breaks the application or lets wrong data in; a warning is what only costs time."""
    if difference.change is Change.CHANGED and (of_attributes := _of_attributes(difference)) is not None:
        return of_attributes
    if difference.subject.kind is Kind.EXTENSION:
        return _CRITICAL if difference.change is Change.MISSING else _INFO
    if (
        difference.subject.kind in _MINOR | _OF_REPLICATION
        or _is_plain_index(difference)
        or _is_of_partitions(difference)
    ):
        return _WARNING
    match difference.change:
        case Change.MISSING:
            return _CRITICAL
        case Change.UNEXPECTED:
            return _CRITICAL if _refuses_inserts(difference) else _WARNING
        case Change.CHANGED:
            return _WARNING if _has_only_more_values(difference) else _CRITICAL


def _of_attributes(difference: Difference) -> Severity | None:
    """The severity of names, space and time; a table, or its TOAST table, that autovacuum leaves alone only grows."""
    if difference.attributes == ("name",):
        return _INFO
    if not _STORAGE.issuperset(difference.attributes):
        return None
    is_left_alone = "autovacuum_enabled=false" in _parameters(difference.found)
    return _WARNING if is_left_alone and "autovacuum_enabled=false" not in _parameters(difference.wanted) else _INFO


def _parameters(definition: Definition | None) -> tuple[str, ...]:
    return (*definition.parameters, *(definition.toast_parameters or ())) if isinstance(definition, Table) else ()


def _is_plain_index(difference: Difference) -> bool:
    sides = (difference.wanted, difference.found)
    return difference.subject.kind is Kind.INDEX and not any(isinstance(side, Index) and side.unique for side in sides)


def _is_of_partitions(difference: Difference) -> bool:
    """Say whether only partitions that no migration makes differ: what they refuse is theirs alone."""
    return difference.attributes == ("partitions",)


def _refuses_inserts(difference: Difference) -> bool:
    """Say whether the application, which does not know this column, can no longer insert rows."""
    column = difference.found
    if not isinstance(column, Column) or column.nullable:
        return False
    return column.default is None and column.identity is None and column.generated is None


def _has_only_more_values(difference: Difference) -> bool:
    wanted, found = difference.wanted, difference.found
    return isinstance(wanted, Enum) and isinstance(found, Enum) and set(wanted.values) < set(found.values)

"""The severity of a difference of the schema: by kind of object and kind of change."""

from collections.abc import Mapping

from ..model.difference import Change, Difference
from ..model.finding import Severity
from ..model.schema import SETTINGS, Column, Definition, Enum, EventTrigger, Index, Kind, Table
from ..postgres.server_settings import ON_ANSWERS

_CRITICAL, _WARNING, _INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
# Of kinds that no query needs: what is missing, what differs, and what is unexpected.
_BY_KIND: Mapping[Kind, Mapping[Change, Severity]] = {
    kind: dict(zip((Change.MISSING, Change.CHANGED, Change.UNEXPECTED), severities, strict=True))
    for kind, severities in {
        Kind.EXTENSION: (_CRITICAL, _INFO, _INFO),
        Kind.SEQUENCE: (_WARNING, _WARNING, _WARNING),
        Kind.RULE: (_WARNING, _WARNING, _WARNING),
        Kind.STATISTICS: (_INFO, _INFO, _INFO),
        Kind.CLUSTER_MARK: (_INFO, _INFO, _INFO),
        # Subscribers lose what is replicated; a publication more takes nothing from anybody.
        Kind.REPLICA_IDENTITY: (_WARNING, _WARNING, _WARNING),
        Kind.PUBLICATION: (_WARNING, _WARNING, _INFO),
        # Rows of another server arrive no more, or come into tables that the application writes.
        Kind.SUBSCRIPTION: (_WARNING, _WARNING, _WARNING),
        # It may be all that guards against a command, or refuse one of a deployment.
        Kind.EVENT_TRIGGER: (_CRITICAL, _WARNING, _WARNING),
    }.items()
}
# Attributes that decide on space and time alone.
_STORAGE = frozenset({"storing", "parameters", "toast_parameters"})
# Attributes that say which rows a constraint holds for: new ones in any case.
_EXTENT = frozenset({"not_null_inherited", "not_null_validated", "validated"})


def severity(difference: Difference) -> Severity:
    """Critical is what breaks the application or lets wrong data in; a warning is what only costs time."""
    of_part = _of_setting(difference) or _of_attributes(difference)
    if of_part is not None:
        return of_part
    if (of_kind := _BY_KIND.get(difference.subject.kind)) is not None:
        return _CRITICAL if _is_switched_off(difference) else of_kind[difference.change]
    if _is_plain_index(difference) or _is_of_partitions(difference):
        return _WARNING
    match difference.change:
        case Change.MISSING:
            return _CRITICAL
        case Change.UNEXPECTED:
            return _CRITICAL if _refuses_inserts(difference) else _WARNING
        case Change.CHANGED:
            return _WARNING if _has_only_more_values(difference) else _CRITICAL


def _of_setting(difference: Difference) -> Severity | None:
    """Of what a session begins with: whether an answer depends on it."""
    if difference.subject.kind not in SETTINGS:
        return None
    return _WARNING if difference.subject.name[-1] in ON_ANSWERS else _INFO


def _of_attributes(difference: Difference) -> Severity | None:
    """The severity of names, extent, space and time; a table that autovacuum leaves alone, or its TOAST, only grows."""
    if difference.change is not Change.CHANGED:
        return None
    if difference.attributes == ("name",):
        return _INFO
    if _EXTENT.issuperset(difference.attributes):
        holds_for_all = all(getattr(difference.found, each, True) for each in difference.attributes)
        return _INFO if holds_for_all else _WARNING
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


def _is_switched_off(difference: Difference) -> bool:
    found = difference.found
    return isinstance(found, EventTrigger) and difference.wanted is not None and found.enabled == "disabled"


def _refuses_inserts(difference: Difference) -> bool:
    """Say whether the application, which does not know this column, can no longer insert rows."""
    column = difference.found
    if not isinstance(column, Column) or column.nullable:
        return False
    return column.default is None and column.identity is None and column.generated is None


def _has_only_more_values(difference: Difference) -> bool:
    wanted, found = difference.wanted, difference.found
    return isinstance(wanted, Enum) and isinstance(found, Enum) and set(wanted.values) < set(found.values)

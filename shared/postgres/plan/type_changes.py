"""ALTER COLUMN … TYPE: whether the server keeps the file, rebuilds some indexes, or rewrites the table.

The server keeps the file where the conversion is none (ATColumnChangeRequiresRewrite in tablecmds.c, the planner's
support functions varchar_support, numeric_support, varbit_support, temporal_support). What is not known to be free
counts as a rewrite.
"""

import re

from ...model.plan import LockMode, Relation
from ...model.schema import (
    Check,
    Column,
    Definition,
    Domain,
    Exclusion,
    ForeignKey,
    Index,
    Kind,
    PrimaryKey,
    Subject,
    Trigger,
    Unique,
)
from ..parse import Tree
from .footprint import Footprint
from .known import Known, identity_sequence
from .rebuilt import rewrite

MODIFIED = re.compile(r"([a-z ]+?)(?:\((\d+)(?:,\s*(-?\d+))?\))?( with(?:out)? time zone)?")
_STRINGS = frozenset({"character varying", "text"})
# Values of these types are stored alike, and casts between them are no conversion (pg_cast.castmethod = 'b').
_BINARY_COERCIBLE = frozenset(
    {("cidr", "inet"), ("xml", "text"), ("xml", "character varying"), ("bit", "bit varying"), ("oid", "regclass"),
     ("regclass", "oid"), ("integer", "oid"), ("oid", "integer"), ("oid", "regproc"), ("oid", "regtype")}
)  # fmt: skip
_PRECISE = frozenset({"timestamp", "time", "interval"})
_MOST_PRECISE = 6
_USED = "cannot alter type of a column used by a view or rule"


def change_type(footprint: Footprint, table: Relation, command: Tree) -> None:
    """One ALTER COLUMN … TYPE of *table* and of all tables below it."""
    name = command["name"]
    for each in footprint.before.family(table):
        subject = Subject(Kind.COLUMN, (*each, name))
        before = footprint.before.objects.get(subject)
        after = footprint.changed.get(subject, (before, before))[1]
        if not isinstance(before, Column) or not isinstance(after, Column):
            footprint.add_unknown(f"column {name} of {each[1]} is not known")
            rewrite(footprint, each)
            continue
        free = _is_free_expression(command, before, after, footprint)
        dependent = _dependent(footprint.before, each, name)
        for index in _indexes(footprint.before, each, dependent):
            footprint.lock(index, LockMode.ACCESS_EXCLUSIVE)
        if free:
            if any(_is_checked_again(definition, before, after) for _, definition in dependent):
                footprint.scan(each)
        else:
            rewrite(footprint, each, without=_indexes(footprint.before, each, dependent))
            footprint.note(f"{before.type} to {after.type} rewrites {each[1]} and its indexes")
        if before.identity is not None and before.type != after.type:
            sequence = identity_sequence(subject)
            footprint.lock(sequence, LockMode.SHARE_ROW_EXCLUSIVE)
            footprint.rewrite_file(sequence)
        _foreign_keys(footprint, each, name, free=free)


def blocked_by(before: Known, table: Relation, name: str) -> tuple[str, str] | None:
    """The SQLSTATE and message with which the server refuses to change the type of a column; None if it does not."""
    for each in before.family(table):
        subject = Subject(Kind.COLUMN, (*each, name))
        for dependent in before.dependents(subject):
            if dependent.kind in (Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.RULE):
                return "0A000", f"{_USED}: {dependent}"
            if dependent.kind is Kind.POLICY:
                return "0A000", f"cannot alter type of a column used in a policy definition: {dependent}"
            if dependent.kind is Kind.TRIGGER:
                return "0A000", f"cannot alter type of a column used in a trigger definition: {dependent}"
            if dependent.kind is Kind.COLUMN and _generated(before.objects[dependent]):
                return "0A000", f"cannot alter type of a column used by a generated column: {dependent}"
    return None


def _generated(definition: Definition) -> bool:
    return isinstance(definition, Column) and definition.generated is not None


def _is_free_expression(command: Tree, before: Column, after: Column, footprint: Footprint) -> bool:
    """Without USING, or where USING casts the column itself to its new type."""
    expression = command["def"]["ColumnDef"].get("raw_default")
    if expression is not None:
        cast = expression.get("TypeCast")
        same = {**command["def"]["ColumnDef"]["typeName"], "location": 0}
        if cast is not None and {**cast["typeName"], "location": 0} == same:
            expression = cast["arg"]
        fields = expression.get("ColumnRef", {}).get("fields", ())
        if [each.get("String", {}).get("sval") for each in fields] != [command["name"]]:
            return False
    return is_free(before.type, after.type, footprint.before, footprint.circumstances.time_zone)


def is_free(before: str, after: str, known: Known, time_zone: str | None) -> bool:
    """Say whether a column of type *before* becomes one of type *after* without a rewrite."""
    source, target = _base(before, known), _base(after, known)
    if before == after:
        return True
    if _has_constraints(after, known) or source is None or target is None:
        return False
    if domain_of(before, known) is not None and _is_limited(target):
        return False  # what a domain's values are limited to does not show in the cast from it
    if source == target:
        return True
    return _is_free_modifier(source, target, time_zone)


def _is_limited(type_: str) -> bool:
    found = MODIFIED.fullmatch(type_)
    return found is not None and found[2] is not None


def _is_free_modifier(before: str, after: str, time_zone: str | None) -> bool:
    source, target = MODIFIED.fullmatch(before), MODIFIED.fullmatch(after)
    if source is None or target is None:
        return False
    name, other = source[1], target[1]
    if {name, other} <= _STRINGS or name == other == "bit varying":
        return _is_wider(source, target)
    if name == other == "numeric":
        return target[2] is None or (_is_wider(source, target) and int(source[3] or 0) == int(target[3] or 0))
    if name == other and name in _PRECISE:
        return _is_free_precision(source, target, time_zone)
    return (name, other) in _BINARY_COERCIBLE and target[2] is None


def _is_free_precision(source: re.Match[str], target: re.Match[str], time_zone: str | None) -> bool:
    if (source[4] or "") != (target[4] or ""):
        return source[1] == "timestamp" and time_zone == "UTC" and target[2] is None
    return _is_wider(source, target) or int(target[2]) == _MOST_PRECISE


def _is_wider(source: re.Match[str], target: re.Match[str]) -> bool:
    return target[2] is None or (source[2] is not None and int(target[2]) >= int(source[2]))


def _base(type_: str, known: Known) -> str | None:
    """The type beneath a domain; None for a domain over a domain that is not known."""
    domain = domain_of(type_, known)
    return _base(domain.type, known) if domain is not None else type_


def longest(type_: str) -> int | None:
    """How many characters a text of *type_* may have; None: any number, or it is no text."""
    found = MODIFIED.fullmatch(type_)
    is_limited = found is not None and found[1] in ("character varying", "character") and found[2] is not None
    return int(found[2]) if found is not None and is_limited else None


def domain_of(type_: str, known: Known) -> Domain | None:
    """The domain that a column's type is, if it is one."""
    schema, _, name = type_.rpartition(".")
    found = known.objects.get(Subject(Kind.DOMAIN, (schema.strip('"'), name.strip('"'))))
    return found if isinstance(found, Domain) else None


def _has_constraints(type_: str, known: Known) -> bool:
    domain = domain_of(type_, known)
    if domain is None:
        return False
    return bool(domain.checks) or not domain.nullable or _has_constraints(domain.type, known)


def has_constraints(type_: str, known: Known) -> bool:
    """Say whether *type_* is a domain whose values the server checks: such a column is always rewritten."""
    return _has_constraints(type_.removesuffix("[]"), known)


def may_refuse(before: str, after: str) -> bool:
    """Say whether a value may have no form of the new type. Text takes all; wider numbers take narrower ones."""
    if after == "text":
        return False
    numbers = ("smallint", "integer", "bigint", "numeric", "double precision")
    if before in numbers and after in numbers:
        return numbers.index(after) < numbers.index(before)
    return (before, after) not in {("json", "jsonb"), ("jsonb", "json"), ("real", "double precision")}


def _dependent(before: Known, table: Relation, name: str) -> list[tuple[Subject, Definition]]:
    column = Subject(Kind.COLUMN, (*table, name))
    found = [(each, before.objects[each]) for each in before.dependents(column) if each in before.objects]
    # What is on a materialized view or is made of plain columns alone may not say on what it hangs.
    return [(each, definition) for each, definition in found if not isinstance(definition, Trigger)]


def _indexes(before: Known, table: Relation, dependent: list[tuple[Subject, Definition]]) -> list[Relation]:
    subjects = {subject for subject, _ in dependent}
    return [name for name, subject in before.indexes(table) if subject in subjects]


def _is_checked_again(definition: Definition, before: Column, after: Column) -> bool:
    """Say whether what depends on the column is built or checked again though the table keeps its file.

    An index of plain keys is kept, unless the keys' collation changes (CheckIndexCompatible in indexcmds.c).
    """
    if isinstance(definition, Index):
        has_expressions = definition.predicate is not None or any(key.expression for key in definition.keys)
        return has_expressions or before.collation != after.collation
    if isinstance(definition, PrimaryKey | Unique):
        return before.collation != after.collation
    if isinstance(definition, Exclusion):
        return True
    return isinstance(definition, Check) and definition.validated


def _foreign_keys(footprint: Footprint, table: Relation, name: str, *, free: bool) -> None:
    """Foreign keys of the column, on either side, are dropped and made again; checked again after a rewrite."""
    before = footprint.before
    own = [each for each in before.parts(table) if isinstance(each[1], ForeignKey) and name in each[1].columns]
    others = [each for each in before.referencing(table) if name in each[1].referenced_columns]
    for subject, key in (*own, *others):
        if isinstance(key, ForeignKey):
            ends = (subject.name[0], subject.name[1]), (key.referenced_table.name[0], key.referenced_table.name[1])
            footprint.lock_all(ends, LockMode.ACCESS_EXCLUSIVE)
            if not free and key.validated:
                footprint.scan(*ends)

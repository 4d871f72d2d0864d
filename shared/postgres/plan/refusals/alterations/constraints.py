"""ALTER TABLE: constraints that are added, validated or dropped."""

from collections.abc import Iterator

from .....model.plan import Relation
from .....model.schema import Index, Kind, Subject
from ....parse import Tree
from ...footprint import Failure, Footprint
from .. import not_null
from ..indexes import of_partitioned
from ..keys import foreign_key, repeated, second_key, twice
from ..tables import expressions, is_partition

_INDEXED = {"CONSTR_PRIMARY", "CONSTR_UNIQUE"}
_EXCLUDES_IN_PARTITIONS = 17


def add_constraint(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    constraint = command["def"]["Constraint"]
    kind = constraint["contype"]
    if "conname" in constraint:
        yield from _taken(footprint, table, constraint["conname"], kind)
    if "indexname" in constraint:
        yield from _using_index(footprint, table, constraint)
    yield from twice(constraint)
    if kind == "CONSTR_PRIMARY":
        yield from second_key(footprint, table)
    yield from expressions(constraint)
    if "indexname" in constraint:
        return
    if kind == "CONSTR_EXCLUSION":
        yield from _exclusion(footprint, table)
    elif kind in _INDEXED:
        columns = [each["String"]["sval"] for each in constraint.get("keys", ())]
        for name in columns:
            if footprint.column(table, name) is None and table not in footprint.circumstances.vague:
                yield Failure("42703", f'column "{name}" named in the key does not exist')
        yield from of_partitioned(footprint, table, [*columns])
    elif kind == "CONSTR_FOREIGN":
        columns = [each["String"]["sval"] for each in constraint.get("fk_attrs", ())]
        yield from foreign_key(footprint, table, constraint, columns)


def _exclusion(footprint: Footprint, table: Relation) -> Iterator[Failure]:
    if footprint.before.is_partitioned(table) and footprint.circumstances.version < _EXCLUDES_IN_PARTITIONS:
        yield Failure("0A000", "exclusion constraints are not supported on partitioned tables")


def _taken(footprint: Footprint, table: Relation, name: str, kind: str) -> Iterator[Failure]:
    if name in footprint.dropped:
        return
    taken = footprint.before.constraint(table, name)
    # The replay refuses a check of that name that says something else; one that says the same joins the parent's.
    joins = kind == "CONSTR_CHECK" and footprint.before.inherited_constraint(table, name) is not None
    if taken is None and not_null.required_as(footprint, table, name) is not None:
        yield Failure("42710", f"constraint {name} of {table[1]} exists already: it is a NOT NULL")
    if taken is not None and not joins:
        is_relation = taken.kind not in (Kind.CHECK, Kind.FOREIGN_KEY) and kind in {*_INDEXED, "CONSTR_EXCLUSION"}
        yield Failure("42P07" if is_relation else "42710", f"constraint {name} of {table[1]} exists already")


def _using_index(footprint: Footprint, table: Relation, constraint: Tree) -> Iterator[Failure]:
    name = constraint["indexname"]
    found = footprint.before.objects.get(Subject(Kind.INDEX, (table[0], name)))
    if not isinstance(found, Index):
        return
    if found.table.name != table:
        yield Failure("55000", f"{name} is no index of {table[1]}")
    elif not found.valid:
        yield Failure("55000", f"{name} is not valid")
    elif not found.unique:
        yield Failure("42809", f"{name} is not a unique index")
    elif found.predicate is not None:
        yield Failure("42809", f"{name} is a partial index")
    elif any(key.expression is not None for key in found.keys):
        yield Failure("42809", f"{name} contains expressions")
    elif (name := repeated(key.column for key in found.keys)) is not None:
        yield Failure("42701", f"column {name} appears twice in the constraint")
    elif found.method != "btree" or any(key.descending for key in found.keys):
        yield Failure("42809", f"{name} has no default sorting behaviour")


def validate(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["name"]
    found = footprint.before.constraint(table, name)
    if table in footprint.circumstances.vague or (found is not None and found.kind in (Kind.CHECK, Kind.FOREIGN_KEY)):
        return
    if found is not None:
        yield Failure("42809", f"{name} is no foreign key or check")
    elif not_null.required_as(footprint, table, name) is None:
        # A table that was attached keeps its names of what agrees with its parent's.
        is_known = not is_partition(footprint, table) or footprint.before.required_column(table, name) is not None
        yield _no_constraint(footprint, table, name, certain=is_known)


def drop_constraint(footprint: Footprint, table: Relation, command: Tree) -> Iterator[Failure]:
    name = command["name"]
    if (found := footprint.before.inherited_constraint(table, name)) is not None:
        certain = table not in footprint.circumstances.vague
        yield Failure("42P16", f"{name} is inherited from {found.name[1]}: it cannot be dropped here", certain)
    elif footprint.before.constraint(table, name) is None and table not in footprint.circumstances.vague:
        column = not_null.required_as(footprint, table, name)
        if column is not None:
            yield from not_null.drop(footprint, table, column, of_identity="55000")
        elif not command.get("missing_ok"):
            yield _no_constraint(footprint, table, name)


def _no_constraint(footprint: Footprint, table: Relation, name: str, *, certain: bool = True) -> Failure:
    certain = certain and not not_null.may_be_not_null(footprint.circumstances, name)
    return Failure("42704", f"constraint {name} of {table[1]} does not exist", certain)

"""What a partition or an inheriting table has from its parents, and how parents pass changes on."""

from ...model.value import replace
from ..parse import Tree
from . import constraints, indexes, not_null, records, storage
from .names import Scope
from .records import Oid
from .state import State


def take_columns(state: State, parent: Oid, child: Oid) -> None:
    """Give *child* the columns of *parent*, or tie those of that name it has."""
    for oid, column in list(state.catalog.columns(parent)):
        take_column(state, oid, column, child)


def take_column(state: State, oid: Oid, column: records.Column, child: Oid) -> Oid:
    """Give *child* one column. An identity stays its parent's: servers before 17 give a partition none."""
    there = state.catalog.find("column", child, column.name)
    mine = state.catalog.get(there, records.Column)
    if mine is not None and there is not None:
        state.catalog.change(there, inherited_from=(*mine.inherited_from, oid))
        if column.not_null and not column.required_here:
            not_null.require(state, there, not_null.name_of(state, oid))
        return there
    plain = replace(
        column, table=child, inherited_from=(oid,), local=False, identity="", not_null=False, required_as="",
        required_here=False, required_later=False, storing=storage.inherited(column), options=(),
        of_foreign=state.catalog.expect(child, records.Table).foreign,
    )  # fmt: skip
    made = state.catalog.add(plain)
    if column.not_null and not column.required_here:
        not_null.require(state, made, not_null.name_of(state, oid))
    default = state.catalog.get(state.catalog.find("default", oid, ""), records.Default)
    if default is not None:
        expression = state.names.bind(state.names.unbound(default.expression.tree), Scope(child))
        state.catalog.add(replace(default, column=made, expression=expression))
    return made


def take_checks(state: State, parent: Oid, child: Oid) -> None:
    for oid, check in list(state.catalog.held(parent, records.Check)):
        if check.table == parent and not check.no_inherit:
            constraints.inherit_check(state, oid, child)


def take_indexes(state: State, parent: Oid, child: Oid) -> None:
    for index in list(indexes.of_table(state, parent)):
        indexes.attach_or_clone(state, index, child)


def take_foreign_keys(state: State, parent: Oid, child: Oid) -> None:
    for oid, foreign_key in list(state.catalog.held(parent, records.ForeignKey)):
        if foreign_key.table == parent:
            constraints.inherit_foreign_key(state, oid, child)


def take_triggers(state: State, parent: Oid, child: Oid) -> None:
    for oid, trigger in list(state.catalog.held(parent, records.Trigger)):
        if trigger.table == parent and trigger.for_each == "row":
            take_trigger(state, oid, child)


def take_trigger(state: State, trigger: Oid, child: Oid) -> None:
    record = state.catalog.expect(trigger, records.Trigger)
    when = record.when and state.names.bind(state.names.unbound(record.when.tree), Scope(child, ("new", "old")))
    if (own := state.catalog.find("trigger", child, record.name)) is not None:
        state.catalog.remove(own)
    made = state.catalog.add(
        replace(
            record, table=child, parent=trigger, when=when,
            update_of=indexes.counterparts(state, record.update_of, child),
        )
    )  # fmt: skip
    for grandchild, table in list(state.children(child)):
        if table.partition_of == child:
            take_trigger(state, made, grandchild)


def attach(state: State, parent: Oid, command: Tree) -> None:
    """ALTER TABLE … ATTACH PARTITION."""
    child = state.names.relation(command["name"])
    state.catalog.change(child, partition_of=parent, bound=state.names.bind(command["bound"]).tree)
    for oid, column in list(state.catalog.columns(parent)):
        mine = take_column(state, oid, column, child)
        state.catalog.change(mine, local=False)
    take_checks(state, parent, child)
    for oid, check in list(state.catalog.held(child, records.Check)):
        if check.table == child and check.parents:
            state.catalog.change(oid, local=False)
    take_indexes(state, parent, child)
    take_foreign_keys(state, parent, child)
    take_triggers(state, parent, child)


def detach(state: State, parent: Oid, child: Oid) -> None:
    """Make all that *child* had from *parent* its own (DETACH PARTITION, NO INHERIT)."""
    table = state.catalog.expect(child, records.Table)
    was_partition = table.partition_of == parent
    inherits = tuple(each for each in table.inherits if each != parent)
    state.catalog.change(child, partition_of=None, bound=None, inherits=inherits)
    for oid, column in list(state.catalog.columns(child)):
        kept = tuple(each for each in column.inherited_from if _table_of(state, each) != parent)
        if kept != column.inherited_from:
            state.catalog.change(oid, inherited_from=kept, local=True)
    for oid, check in list(state.catalog.held(child, records.Check)):
        kept = tuple(each for each in check.parents if _table_of(state, each) != parent)
        if check.table == child and kept != check.parents:
            state.catalog.change(oid, parents=kept, local=True)
    if was_partition:
        _keep_clones(state, child)


def _keep_clones(state: State, child: Oid) -> None:
    """What a partition was given stays its own; triggers alone go."""
    for oid, record in list(state.catalog.held(child, records.Record)):
        if isinstance(record, records.AnyIndex | records.ForeignKey) and record.table == child:
            state.catalog.change(oid, parent=None)
        elif isinstance(record, records.Trigger) and record.table == child and record.parent is not None:
            state.catalog.remove(oid)


def inherit(state: State, parent: Oid, child: Oid) -> None:
    """ALTER TABLE … INHERIT: ties columns and checks that are there already."""
    table = state.catalog.expect(child, records.Table)
    state.catalog.change(child, inherits=(*table.inherits, parent))
    take_columns(state, parent, child)
    take_checks(state, parent, child)


def _table_of(state: State, oid: Oid) -> Oid | None:
    record = state.catalog[oid]
    return record.table if isinstance(record, records.Column | records.Check) else None

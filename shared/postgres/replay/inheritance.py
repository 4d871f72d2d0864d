"""What a partition or an inheriting table has from its parents, and how parents pass changes on."""

from dataclasses import replace

from ..parse import Tree
from . import constraints, indexes, records
from .names import Scope
from .records import Oid
from .world import World


def take_columns(world: World, parent: Oid, child: Oid) -> None:
    """Give *child* the columns of *parent*, or tie those of that name it has."""
    for oid, column in list(world.catalog.columns(parent)):
        take_column(world, oid, column, child)


def take_column(world: World, oid: Oid, column: records.Column, child: Oid) -> Oid:
    """Give *child* one column. An identity stays its parent's: servers before 17 give a partition none."""
    there = world.catalog.find("column", child, column.name)
    mine = world.catalog.get(there, records.Column)
    if mine is not None and there is not None:
        world.catalog.change(
            there, inherited_from=(*mine.inherited_from, oid), not_null=mine.not_null or column.not_null
        )
        return there
    made = world.catalog.add(replace(column, table=child, inherited_from=(oid,), local=False, identity=""))
    default = world.catalog.get(world.catalog.find("default", oid, ""), records.Default)
    if default is not None:
        expression = world.names.bind(world.names.unbound(default.expression.tree), Scope(child))
        world.catalog.add(records.Default(made, expression, default.generated))
    return made


def take_checks(world: World, parent: Oid, child: Oid) -> None:
    for oid, check in list(world.catalog.held(parent, records.Check)):
        if check.table == parent and not check.no_inherit:
            constraints.inherit_check(world, oid, child)


def take_indexes(world: World, parent: Oid, child: Oid) -> None:
    for index in list(indexes.of_table(world, parent)):
        indexes.attach_or_clone(world, index, child)


def take_foreign_keys(world: World, parent: Oid, child: Oid) -> None:
    for oid, foreign_key in list(world.catalog.held(parent, records.ForeignKey)):
        if foreign_key.table == parent:
            constraints.inherit_foreign_key(world, oid, child)


def take_triggers(world: World, parent: Oid, child: Oid) -> None:
    for oid, trigger in list(world.catalog.held(parent, records.Trigger)):
        if trigger.table == parent and trigger.for_each == "row":
            take_trigger(world, oid, child)


def take_trigger(world: World, trigger: Oid, child: Oid) -> None:
    record = world.catalog.expect(trigger, records.Trigger)
    when = record.when and world.names.bind(world.names.unbound(record.when.tree), Scope(child, ("new", "old")))
    if (own := world.catalog.find("trigger", child, record.name)) is not None:
        world.catalog.remove(own)
    made = world.catalog.add(
        replace(
            record, table=child, parent=trigger, when=when,
            update_of=indexes.counterparts(world, record.update_of, child),
        )
    )  # fmt: skip
    for grandchild, table in list(world.children(child)):
        if table.partition_of == child:
            take_trigger(world, made, grandchild)


def attach(world: World, parent: Oid, command: Tree) -> None:
    """ALTER TABLE … ATTACH PARTITION."""
    child = world.names.relation(command["name"])
    world.catalog.change(child, partition_of=parent, bound=world.names.bind(command["bound"]).tree)
    for oid, column in list(world.catalog.columns(parent)):
        mine = take_column(world, oid, column, child)
        world.catalog.change(mine, local=False)
    take_checks(world, parent, child)
    for oid, check in list(world.catalog.held(child, records.Check)):
        if check.table == child and check.parents:
            world.catalog.change(oid, local=False)
    take_indexes(world, parent, child)
    take_foreign_keys(world, parent, child)
    take_triggers(world, parent, child)


def detach(world: World, parent: Oid, child: Oid) -> None:
    """Make all that *child* had from *parent* its own (DETACH PARTITION, NO INHERIT)."""
    table = world.catalog.expect(child, records.Table)
    was_partition = table.partition_of == parent
    inherits = tuple(each for each in table.inherits if each != parent)
    world.catalog.change(child, partition_of=None, bound=None, inherits=inherits)
    for oid, column in list(world.catalog.columns(child)):
        kept = tuple(each for each in column.inherited_from if _table_of(world, each) != parent)
        if kept != column.inherited_from:
            world.catalog.change(oid, inherited_from=kept, local=True)
    for oid, check in list(world.catalog.held(child, records.Check)):
        kept = tuple(each for each in check.parents if _table_of(world, each) != parent)
        if check.table == child and kept != check.parents:
            world.catalog.change(oid, parents=kept, local=True)
    if was_partition:
        _keep_clones(world, child)


def _keep_clones(world: World, child: Oid) -> None:
    """What a partition was given stays its own; triggers alone go."""
    for oid, record in list(world.catalog.held(child, records.Record)):
        if isinstance(record, records.AnyIndex | records.ForeignKey) and record.table == child:
            world.catalog.change(oid, parent=None)
        elif isinstance(record, records.Trigger) and record.table == child and record.parent is not None:
            world.catalog.remove(oid)


def inherit(world: World, parent: Oid, child: Oid) -> None:
    """ALTER TABLE … INHERIT: ties columns and checks that are there already."""
    table = world.catalog.expect(child, records.Table)
    world.catalog.change(child, inherits=(*table.inherits, parent))
    take_columns(world, parent, child)
    take_checks(world, parent, child)


def _table_of(world: World, oid: Oid) -> Oid | None:
    record = world.catalog[oid]
    return record.table if isinstance(record, records.Column | records.Check) else None

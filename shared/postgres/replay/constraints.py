"""Constraints of tables: added in the server's order, named by the server's rules."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ...model.schema import Action, Deferral, Kind, Subject
from .. import naming
from ..parse import Tree
from . import indexes, records
from .catalog import UnknownError
from .names import Scope, words
from .records import Bound, Oid
from .world import ExistsError, World

_ACTIONS: dict[str, Action] = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_KEY_KINDS = {"CONSTR_PRIMARY": "pkey", "CONSTR_UNIQUE": "key", "CONSTR_EXCLUSION": "excl"}


def add_all(world: World, table: Oid, nodes: Iterable[Tree], *, new_table: bool = False, only: bool = False) -> None:
    """Add constraints as one statement does: checks, then keys (the primary one first), then foreign keys."""
    nodes = list(nodes)
    for node in nodes:
        if node["contype"] == "CONSTR_CHECK":
            # In a new table there is nothing yet that could be invalid.
            add_check(world, table, {**node, "initially_valid": _is_enforced(node)} if new_table else node)
        elif node["contype"] == "CONSTR_NOTNULL":
            for column in world.names.columns(table, node.get("keys", ())):
                world.catalog.change(column, not_null=True)
    for node in _without_repetitions([each for each in nodes if each["contype"] in _KEY_KINDS]):
        add_key(world, table, node, only=only)
    for node in nodes:
        if node["contype"] == "CONSTR_FOREIGN" and new_table and world.names.find_relation(node["pktable"]) is None:
            _leave_opaque(world, table, node)
        elif node["contype"] == "CONSTR_FOREIGN":
            add_foreign_key(world, table, {**node, "initially_valid": _is_enforced(node)} if new_table else node)


def _is_enforced(node: Tree) -> bool:
    """Say whether a check or a foreign key is enforced: the tree has that in words unless it is NOT ENFORCED."""
    return bool(node.get("is_enforced"))


def _without_repetitions(keys: list[Tree]) -> list[Tree]:
    """``UNIQUE PRIMARY KEY`` makes one index (``transformIndexConstraints``)."""
    kept: dict[Any, Tree] = {}
    for node in sorted(keys, key=lambda each: each["contype"] != "CONSTR_PRIMARY"):
        if node["contype"] == "CONSTR_EXCLUSION" or "indexname" in node:
            kept[id(node)] = node
            continue
        attributes = (node.get("deferrable"), node.get("initdeferred"), node.get("nulls_not_distinct"))
        same = (words(node.get("keys", ())), words(node.get("including", ())), attributes)
        if same in kept:
            if "conname" in node and "conname" not in kept[same]:
                kept[same] = {**kept[same], "conname": node["conname"]}
        else:
            kept[same] = node
    return list(kept.values())


def deferral(node: Tree) -> Deferral:
    if node.get("initdeferred"):
        return Deferral.INITIALLY_DEFERRED
    return Deferral.INITIALLY_IMMEDIATE if node.get("deferrable") else Deferral.NOT_DEFERRABLE


def _table(world: World, oid: Oid) -> records.Table:
    table = world.catalog.get(oid, records.Table)
    if table is None:
        raise UnknownError("table")
    return table


def add_check(world: World, table: Oid, node: Tree) -> Oid:
    owner = _table(world, table)
    expression = world.names.bind(node["raw_expr"], Scope(table, (owner.name,)))
    name = node.get("conname") or _check_name(world, owner, expression)
    if (there := world.catalog.find("constraint", table, name)) is not None:
        inherited = world.catalog.get(there, records.Check)
        if inherited is None or inherited.local or inherited.expression != expression:
            raise ExistsError(name)
        world.catalog.change(there, local=owner.partition_of is None)
        return there
    valid = bool(node.get("initially_valid"))
    check = records.Check(
        owner.schema, table, name, expression, validated=valid, no_inherit=bool(node.get("is_no_inherit")),
        enforced=_is_enforced(node),
    )  # fmt: skip
    oid = world.catalog.add(check)
    if not check.no_inherit:
        for child, _ in list(world.children(table)):
            inherit_check(world, oid, child)
    return oid


def _check_name(world: World, table: records.Table, expression: Bound) -> str:
    columns = [each for each in map(world.catalog.__getitem__, expression.uses) if isinstance(each, records.Column)]
    only = columns[0].name if len(columns) == 1 and not _names_system_column(expression.tree) else None
    return world.catalog.free_constraint_name(table.schema, table.name, only, "check")


def _names_system_column(tree: Any) -> bool:
    if isinstance(tree, list):
        return any(map(_names_system_column, tree))
    if not isinstance(tree, dict):
        return False
    if "ColumnRef" in tree:
        return words(tree["ColumnRef"]["fields"])[-1:] == ("tableoid",)
    return any(map(_names_system_column, tree.values()))


def inherit_check(world: World, check: Oid, child: Oid) -> None:
    """Give *child* its parent's check, or tie the one of that name it has."""
    parent = world.catalog.expect(check, records.Check)
    owner = _table(world, child)
    there = world.catalog.get(mine := world.catalog.find("constraint", child, parent.name), records.Check)
    if there is not None and mine is not None:
        local = there.local and owner.partition_of is None
        world.catalog.change(mine, parents=(*there.parents, check), local=local)
        return
    expression = world.names.bind(world.names.unbound(parent.expression.tree), Scope(child))
    made = world.catalog.add(
        replace(parent, schema=owner.schema, table=child, expression=expression, parents=(check,), local=False)
    )
    for grandchild, _ in list(world.children(child)):
        inherit_check(world, made, grandchild)


def add_key(world: World, table: Oid, node: Tree, *, only: bool = False) -> Oid:
    """A primary key, a unique or an exclusion constraint, with its index."""
    if "indexname" in node:
        return _adopt_index(world, table, node)
    owner = _table(world, table)
    kind = node["contype"]
    columns = world.names.columns(table, node.get("keys", ()))
    include = world.names.columns(table, node.get("including", ()))
    elements = tuple(
        (
            indexes.index_key(world, table, pair["List"]["items"][0]["IndexElem"], node.get("access_method", "btree")),
            words(pair["List"]["items"][1]["List"]["items"])[-1],
        )
        for pair in node.get("exclusions", ())
    )
    if kind == "CONSTR_EXCLUSION":
        wanted = [each["List"]["items"][0]["IndexElem"] for each in node["exclusions"]]
        names = [each.get("name") or naming.figured_name(each.get("expr")) for each in wanted]
    else:
        names = list(words(node.get("keys", ())))
    column_names = naming.index_column_names([*names, *words(node.get("including", ()))])
    name = node.get("conname") or world.catalog.free_index_name(
        owner.schema, owner.name, column_names, _KEY_KINDS[kind]
    )
    world.taken("relation", owner.schema, name)
    if kind == "CONSTR_PRIMARY":
        require_values(world, columns)
    oid = world.catalog.add(
        records.KeyConstraint(
            owner.schema, name, table=table, column_names=column_names,
            kind={"CONSTR_PRIMARY": "primary key", "CONSTR_UNIQUE": "unique"}.get(kind, "exclusion"),  # type: ignore[arg-type]  # one of three words
            columns=columns, include=include,
            nulls_not_distinct=bool(node.get("nulls_not_distinct")), deferral=deferral(node),
            method=node.get("access_method", "btree"), elements=elements,
            predicate=world.names.bind(node["where_clause"], Scope(table)) if "where_clause" in node else None,
        )
    )  # fmt: skip
    if not only:
        indexes.spread(world, oid)
    return oid


def require_values(world: World, columns: Iterable[Oid]) -> None:
    """Make columns NOT NULL, those of partitions and inheriting tables included."""
    for oid in columns:
        column = world.catalog.get(oid, records.Column)
        if column is None:
            continue
        if not column.not_null:
            world.catalog.change(oid, not_null=True)
        for child, _ in world.children(column.table):
            inherited = world.catalog.find("column", child, column.name)
            require_values(world, [inherited] if inherited is not None else [])


def _adopt_index(world: World, table: Oid, node: Tree) -> Oid:
    """ADD CONSTRAINT … USING INDEX: the index becomes the constraint's, and takes its name."""
    owner = _table(world, table)
    there = world.catalog.find("relation", owner.schema, node["indexname"])
    index = world.catalog.get(there, records.Index)
    if index is None or there is None:
        raise UnknownError(f"index {node['indexname']}")
    columns = tuple(key.column for key in index.index_keys if key.column is not None)
    world.catalog.remove(there)
    if node["contype"] == "CONSTR_PRIMARY":
        require_values(world, columns)
    return world.catalog.add(
        records.KeyConstraint(
            owner.schema, node.get("conname", index.name), table=table, column_names=index.column_names,
            kind="primary key" if node["contype"] == "CONSTR_PRIMARY" else "unique",
            columns=columns, include=index.include, nulls_not_distinct=index.nulls_not_distinct,
            deferral=deferral(node),
        )
    )  # fmt: skip


def add_foreign_key(world: World, table: Oid, node: Tree) -> Oid:
    owner = _table(world, table)
    referenced = world.names.relation(node["pktable"])
    columns = world.names.columns(table, node["fk_attrs"])
    if "pk_attrs" in node:
        referenced_columns = world.names.columns(referenced, node["pk_attrs"])
        key = _key_of(world, referenced, referenced_columns)
    else:
        key, referenced_columns = _primary_key_of(world, referenced)
    name = node.get("conname") or world.catalog.free_constraint_name(
        owner.schema, owner.name, naming.joined_columns(words(node["fk_attrs"])), "fkey"
    )
    world.taken("constraint", table, name)
    oid = world.catalog.add(
        records.ForeignKey(
            owner.schema, table, name, columns, referenced, referenced_columns, key=key,
            on_update=_ACTIONS[node.get("fk_upd_action", "a")], on_delete=_ACTIONS[node.get("fk_del_action", "a")],
            on_delete_columns=world.names.columns(table, node.get("fk_del_set_cols", ())),
            match="full" if node.get("fk_matchtype") == "f" else "simple", deferral=deferral(node),
            validated=bool(node.get("initially_valid")), enforced=_is_enforced(node),
        )
    )  # fmt: skip
    for child, record in list(world.children(table)):
        if record.partition_of == table:
            inherit_foreign_key(world, oid, child)
    return oid


def inherit_foreign_key(world: World, foreign_key: Oid, child: Oid) -> None:
    parent = world.catalog.expect(foreign_key, records.ForeignKey)
    owner = _table(world, child)
    columns = indexes.counterparts(world, parent.columns, child)
    wanted = replace(parent, schema=owner.schema, table=child, columns=columns, parent=None)
    for oid, mine in world.catalog.held(child, records.ForeignKey):
        if mine.table == child and replace(mine, name=parent.name, key=parent.key) == wanted:
            world.catalog.change(oid, parent=foreign_key)
            return
    name = parent.name
    if world.catalog.find("constraint", child, name) is not None:
        addition = naming.joined_columns(world.names.full_name(each)[-1] for each in columns)
        name = world.catalog.free_constraint_name(owner.schema, owner.name, addition, "fkey")
    made = world.catalog.add(
        replace(
            parent, schema=owner.schema, table=child, name=name, columns=columns, parent=foreign_key,
            on_delete_columns=indexes.counterparts(world, parent.on_delete_columns, child),
        )
    )  # fmt: skip
    for grandchild, record in list(world.children(child)):
        if record.partition_of == child:
            inherit_foreign_key(world, made, grandchild)


def _leave_opaque(world: World, table: Oid, node: Tree) -> None:
    """A reference to a table of the platform (Supabase's ``auth.users``) need not spoil the new table itself."""
    owner = _table(world, table)
    name = node.get("conname") or world.catalog.free_constraint_name(
        owner.schema, owner.name, naming.joined_columns(words(node["fk_attrs"])), "fkey"
    )
    subject = Subject(Kind.FOREIGN_KEY, (*world.names.full_name(table), name))
    world.opaque(subject, f"refers to relation {node['pktable']['relname']}, which no migration makes")


def _primary_key_of(world: World, table: Oid) -> tuple[Oid, tuple[Oid, ...]]:
    for oid, key in world.catalog.held(table, records.KeyConstraint):
        if key.table == table and key.kind == "primary key":
            return oid, key.columns
    raise UnknownError(f"primary key of {world.names.qualified(table)}")


def _key_of(world: World, table: Oid, columns: tuple[Oid, ...]) -> Oid | None:
    """The first unique index on just these columns, in any order: what the foreign key depends on."""
    wanted = sorted(columns)
    for oid, key in world.catalog.held(table, records.KeyConstraint):
        if key.table == table and key.kind != "exclusion" and sorted(key.columns) == wanted:
            return oid
    for oid, index in world.catalog.held(table, records.Index):
        simple = [key.column for key in index.index_keys if key.column is not None]
        if index.table == table and index.unique and len(simple) == len(index.index_keys) and sorted(simple) == wanted:
            return oid
    return None

"""Constraints of tables: added in the server's order, named by the server's rules."""

from collections.abc import Iterable
from typing import Any

from ...model.schema import Action, Deferral, Kind, Subject
from ...model.value import replace
from .. import naming
from ..parse import Tree
from . import indexes, not_null, records, storage
from .catalog import UnknownError
from .names import Scope, words
from .records import Bound, Oid
from .state import ExistsError, State

_ACTIONS: dict[str, Action] = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_KEY_KINDS = {"CONSTR_PRIMARY": "pkey", "CONSTR_UNIQUE": "key", "CONSTR_EXCLUSION": "excl"}


def add_all(state: State, table: Oid, nodes: Iterable[Tree], *, new_table: bool = False, only: bool = False) -> None:
    """Add constraints as one statement does: checks, then keys (the primary one first), then foreign keys."""
    nodes = list(nodes)
    for node in nodes:
        if node["contype"] == "CONSTR_CHECK":
            # In a new table there is nothing yet that could be invalid.
            add_check(state, table, {**node, "initially_valid": _is_enforced(node)} if new_table else node)
        elif node["contype"] == "CONSTR_NOTNULL":
            columns, here = state.names.columns(table, node.get("keys", ())), bool(node.get("is_no_inherit"))
            later = bool(node.get("skip_validation")) and not new_table
            not_null.require_all(state, columns, node.get("conname", ""), here=here, later=later)
    for node in _without_repetitions([each for each in nodes if each["contype"] in _KEY_KINDS]):
        add_key(state, table, node, only=only)
    for node in nodes:
        if node["contype"] == "CONSTR_FOREIGN" and new_table and state.names.find_relation(node["pktable"]) is None:
            _leave_opaque(state, table, node)
        elif node["contype"] == "CONSTR_FOREIGN":
            add_foreign_key(state, table, {**node, "initially_valid": _is_enforced(node)} if new_table else node)


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
        given = ("deferrable", "initdeferred", "nulls_not_distinct", "without_overlaps")
        attributes = tuple(map(node.get, given))
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


def _table(state: State, oid: Oid) -> records.Table:
    table = state.catalog.get(oid, records.Table)
    if table is None:
        raise UnknownError("table")
    return table


def add_check(state: State, table: Oid, node: Tree) -> Oid:
    owner = _table(state, table)
    expression = state.names.bind(node["raw_expr"], Scope(table, (owner.name,)))
    name = node.get("conname") or _check_name(state, owner, expression)
    if (there := state.catalog.find("constraint", table, name)) is not None:
        inherited = state.catalog.get(there, records.Check)
        if inherited is None or inherited.local or inherited.expression != expression:
            raise ExistsError(name)
        state.catalog.change(there, local=owner.partition_of is None)
        return there
    valid = bool(node.get("initially_valid"))
    check = records.Check(
        owner.schema, table, name, expression, validated=valid, no_inherit=bool(node.get("is_no_inherit")),
        enforced=_is_enforced(node),
    )  # fmt: skip
    oid = state.catalog.add(check)
    if not check.no_inherit:
        for child, _ in list(state.children(table)):
            inherit_check(state, oid, child)
    return oid


def _check_name(state: State, table: records.Table, expression: Bound) -> str:
    columns = [each for each in map(state.catalog.__getitem__, expression.uses) if isinstance(each, records.Column)]
    only = columns[0].name if len(columns) == 1 and not _names_system_column(expression.tree) else None
    return state.catalog.free_constraint_name(table.schema, table.name, only, "check")


def _names_system_column(tree: Any) -> bool:
    if isinstance(tree, list):
        return any(map(_names_system_column, tree))
    if not isinstance(tree, dict):
        return False
    if "ColumnRef" in tree:
        return words(tree["ColumnRef"]["fields"])[-1:] == ("tableoid",)
    return any(map(_names_system_column, tree.values()))


def inherit_check(state: State, check: Oid, child: Oid) -> None:
    """Give *child* its parent's check, or tie the one of that name it has."""
    parent = state.catalog.expect(check, records.Check)
    owner = _table(state, child)
    there = state.catalog.get(mine := state.catalog.find("constraint", child, parent.name), records.Check)
    if there is not None and mine is not None:
        local = there.local and owner.partition_of is None
        state.catalog.change(mine, parents=(*there.parents, check), local=local)
        return
    expression = state.names.bind(state.names.unbound(parent.expression.tree), Scope(child))
    made = state.catalog.add(
        replace(parent, schema=owner.schema, table=child, expression=expression, parents=(check,), local=False)
    )
    for grandchild, _ in list(state.children(child)):
        inherit_check(state, made, grandchild)


def add_key(state: State, table: Oid, node: Tree, *, only: bool = False) -> Oid:
    """A primary key, a unique or an exclusion constraint, with its index."""
    if "indexname" in node:
        return _adopt_index(state, table, node)
    owner = _table(state, table)
    kind = node["contype"]
    columns = state.names.columns(table, node.get("keys", ()))
    include = state.names.columns(table, node.get("including", ()))
    elements = tuple(
        (
            indexes.index_key(state, table, pair["List"]["items"][0]["IndexElem"], node.get("access_method", "btree")),
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
    name = node.get("conname") or state.catalog.free_index_name(
        owner.schema, owner.name, column_names, _KEY_KINDS[kind]
    )
    state.taken("relation", owner.schema, name)
    if kind == "CONSTR_PRIMARY":
        not_null.require_all(state, columns)
    oid = state.catalog.add(
        records.KeyConstraint(
            owner.schema, name, table=table, column_names=column_names,
            kind={"CONSTR_PRIMARY": "primary key", "CONSTR_UNIQUE": "unique"}.get(kind, "exclusion"),  # type: ignore[arg-type]  # one of three words
            columns=columns, include=include,
            nulls_not_distinct=bool(node.get("nulls_not_distinct")), deferral=deferral(node),
            without_overlaps=bool(node.get("without_overlaps")),
            method=node.get("access_method", "btree"), elements=elements,
            parameters=storage.parameters_of(node.get("options", ())),
            predicate=state.names.bind(node["where_clause"], Scope(table)) if "where_clause" in node else None,
        )
    )  # fmt: skip
    if not only:
        indexes.spread(state, oid)
    return oid


def _adopt_index(state: State, table: Oid, node: Tree) -> Oid:
    """ADD CONSTRAINT … USING INDEX: the index becomes the constraint's, and takes its name."""
    owner = _table(state, table)
    there = state.catalog.find("relation", owner.schema, node["indexname"])
    index = state.catalog.get(there, records.Index)
    if index is None or there is None:
        raise UnknownError(f"index {node['indexname']}")
    columns = tuple(key.column for key in index.index_keys if key.column is not None)
    state.catalog.remove(there)
    if node["contype"] == "CONSTR_PRIMARY":
        not_null.require_all(state, columns)
    return state.catalog.add(
        records.KeyConstraint(
            owner.schema, node.get("conname", index.name), table=table, column_names=index.column_names,
            kind="primary key" if node["contype"] == "CONSTR_PRIMARY" else "unique",
            columns=columns, include=index.include, nulls_not_distinct=index.nulls_not_distinct,
            parameters=index.parameters,
            deferral=deferral(node),
        )
    )  # fmt: skip


def add_foreign_key(state: State, table: Oid, node: Tree) -> Oid:
    owner = _table(state, table)
    referenced = state.names.relation(node["pktable"])
    columns = state.names.columns(table, node["fk_attrs"])
    if "pk_attrs" in node:
        referenced_columns = state.names.columns(referenced, node["pk_attrs"])
        key = _key_of(state, referenced, referenced_columns)
    else:
        key, referenced_columns = _primary_key_of(state, referenced)
    name = node.get("conname") or state.catalog.free_constraint_name(
        owner.schema, owner.name, naming.joined_columns(words(node["fk_attrs"])), "fkey"
    )
    state.taken("constraint", table, name)
    oid = state.catalog.add(
        records.ForeignKey(
            owner.schema, table, name, columns, referenced, referenced_columns, key=key,
            on_update=_ACTIONS[node.get("fk_upd_action", "a")], on_delete=_ACTIONS[node.get("fk_del_action", "a")],
            on_delete_columns=state.names.columns(table, node.get("fk_del_set_cols", ())),
            match="full" if node.get("fk_matchtype") == "f" else "simple", deferral=deferral(node),
            period=bool(node.get("fk_with_period")),
            validated=bool(node.get("initially_valid")), enforced=_is_enforced(node),
        )
    )  # fmt: skip
    for child, record in list(state.children(table)):
        if record.partition_of == table:
            inherit_foreign_key(state, oid, child)
    return oid


def inherit_foreign_key(state: State, foreign_key: Oid, child: Oid) -> None:
    parent = state.catalog.expect(foreign_key, records.ForeignKey)
    owner = _table(state, child)
    columns = indexes.counterparts(state, parent.columns, child)
    wanted = replace(parent, schema=owner.schema, table=child, columns=columns, parent=None)
    for oid, mine in state.catalog.held(child, records.ForeignKey):
        if mine.table == child and replace(mine, name=parent.name, key=parent.key) == wanted:
            state.catalog.change(oid, parent=foreign_key)
            return
    name = parent.name
    if state.catalog.find("constraint", child, name) is not None:
        addition = naming.joined_columns(state.names.full_name(each)[-1] for each in columns)
        name = state.catalog.free_constraint_name(owner.schema, owner.name, addition, "fkey")
    made = state.catalog.add(
        replace(
            parent, schema=owner.schema, table=child, name=name, columns=columns, parent=foreign_key,
            on_delete_columns=indexes.counterparts(state, parent.on_delete_columns, child),
        )
    )  # fmt: skip
    for grandchild, record in list(state.children(child)):
        if record.partition_of == child:
            inherit_foreign_key(state, made, grandchild)


def _leave_opaque(state: State, table: Oid, node: Tree) -> None:
    """A reference to a table of the platform (Supabase's ``auth.users``) need not spoil the new table itself."""
    owner = _table(state, table)
    name = node.get("conname") or state.catalog.free_constraint_name(
        owner.schema, owner.name, naming.joined_columns(words(node["fk_attrs"])), "fkey"
    )
    subject = Subject(Kind.FOREIGN_KEY, (*state.names.full_name(table), name))
    state.opaque(subject, f"refers to relation {node['pktable']['relname']}, which no migration makes")


def _primary_key_of(state: State, table: Oid) -> tuple[Oid, tuple[Oid, ...]]:
    for oid, key in state.catalog.held(table, records.KeyConstraint):
        if key.table == table and key.kind == "primary key":
            return oid, key.columns
    raise UnknownError(f"primary key of {state.names.qualified(table)}")


def _key_of(state: State, table: Oid, columns: tuple[Oid, ...]) -> Oid | None:
    """The first unique index on just these columns, in any order: what the foreign key depends on."""
    wanted = sorted(columns)
    for oid, key in state.catalog.held(table, records.KeyConstraint):
        if key.table == table and key.kind != "exclusion" and sorted(key.columns) == wanted:
            return oid
    for oid, index in state.catalog.held(table, records.Index):
        simple = [key.column for key in index.index_keys if key.column is not None]
        if index.table == table and index.unique and len(simple) == len(index.index_keys) and sorted(simple) == wanted:
            return oid
    return None

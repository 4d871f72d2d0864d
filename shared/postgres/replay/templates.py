"""Text that a DO block puts together from rows: what it may have been run on, at this state of the catalog.

The parts that come from rows are names in nearly all such texts (``ALTER TABLE %I ENABLE ROW LEVEL SECURITY``). Each
may be any object of its kind that there is now, so the statement is tried on all of them, and what it changes is in
doubt. A name that the statement gives to something new may be any: such objects are nobody's drift.
"""

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

from ...model.schema import Doubt, Kind, Subject
from ..object_types import CONSTRAINT_TYPES
from ..parse import ParseError, Tree, parse
from . import records, rights, statements
from .catalog import UnknownError
from .records import Oid
from .state import ExistsError, State
from .texts import UNKNOWN
from .uncertain import run_uncertainly

_BECAUSE = "made or changed by a DO block, by text that it puts together from rows"
# A text with more possible statements than this counts as any statement.
_MOST_TRIED = 5_000
# They change nothing that the model holds, whatever their names are.
_TRACELESS = frozenset(
    {"AlterDefaultPrivilegesStmt", "AlterOwnerStmt", "AlterRoleStmt", "AlterSystemStmt", "CheckPointStmt",
     "ClusterStmt", "CommentStmt", "CreateRoleStmt", "DeleteStmt", "GrantRoleStmt", "GrantStmt", "InsertStmt",
     "LockStmt", "MergeStmt", "NotifyStmt", "RefreshMatViewStmt", "ReindexStmt", "SecLabelStmt", "SelectStmt",
     "TruncateStmt", "UpdateStmt", "VacuumStmt"}
)  # fmt: skip
# The same, where what is put in from rows is more than a name, so that the text cannot be parsed.
_TRACELESS_WORDS = frozenset(
    {"analyze", "comment", "delete", "grant", "insert", "lock", "refresh", "revoke", "select", "truncate", "update",
     "vacuum"}
)  # fmt: skip
# A new object under a name that is not known: its kind, by the statement and the field that holds the name.
_NEW_NAMES = {
    ("IndexStmt", "idxname"): Kind.INDEX,
    ("CreatePolicyStmt", "policy_name"): Kind.POLICY,
    ("CreateTrigStmt", "trigname"): Kind.TRIGGER,
    ("RuleStmt", "rulename"): Kind.RULE,
}
# Commands of ALTER TABLE that name a part of it, and which records such parts are.
_PARTS: dict[str, tuple[type[records.Record], ...]] = {
    **dict.fromkeys(
        ("AT_DropConstraint", "AT_ValidateConstraint", "AT_AlterConstraint"),
        (records.KeyConstraint, records.ForeignKey, records.Check),
    ),
    **dict.fromkeys(
        ("AT_EnableTrig", "AT_DisableTrig", "AT_EnableAlwaysTrig", "AT_EnableReplicaTrig"), (records.Trigger,)
    ),
    **dict.fromkeys(
        ("AT_DropColumn", "AT_AlterColumnType", "AT_ColumnDefault", "AT_SetNotNull", "AT_DropNotNull",
         "AT_DropIdentity", "AT_DropExpression"),
        (records.Column,),
    ),
}  # fmt: skip
_DROPPED: dict[str, tuple[type[records.Record], ...]] = {
    "OBJECT_TABLE": (records.Table,),
    "OBJECT_VIEW": (records.View,),
    "OBJECT_MATVIEW": (records.View,),
    "OBJECT_INDEX": (records.Index,),
    "OBJECT_SEQUENCE": (records.Sequence,),
}
_DROPPED_PARTS: dict[str, tuple[type[records.Record], ...]] = {
    "OBJECT_TRIGGER": (records.Trigger,),
    "OBJECT_POLICY": (records.Policy,),
    "OBJECT_RULE": (records.Rule,),
}
# What ALTER FUNCTION says of a routine, by the option that says it.
_OF_ROUTINES = {
    "volatility": "volatility", "strict": "strict", "leakproof": "leakproof", "security": "security_definer",
    "parallel": "parallel", "set": "settings",
}  # fmt: skip
# Where a sequence goes on is not compared. A value from a row is no name, as which it cannot be parsed.
_RESTART = re.compile(rf"\bRESTART(\s+WITH)?\s+'?{UNKNOWN}'?", re.IGNORECASE)


# DROP ROUTINE may drop an aggregate, too.
_ROUTINES = frozenset({"OBJECT_FUNCTION", "OBJECT_PROCEDURE"})


class _Unbounded(Exception):  # noqa: N818  (no error: an answer)
    """The text may be any statement."""


def run_template(state: State, template: str | None) -> bool:
    """Put in doubt all that *template* may have changed; False, and nothing is done, where that is unbounded."""
    if template is None:
        rights.not_known(state, "a DO block executes text that it puts together from rows")
        return False
    rights.note_text(state, template, "a DO block grants or revokes by text that it puts together from rows")
    try:
        trees = [statement.tree for statement in parse(_RESTART.sub("RESTART", template))]
        tried = [list(islice(_instances(state, tree), _MOST_TRIED + 1)) for tree in trees]
    except ParseError:
        return template.split(maxsplit=1)[0].lower() in _TRACELESS_WORDS
    except (_Unbounded, UnknownError):
        return False
    if sum(map(len, tried)) > _MOST_TRIED:
        return False
    for tree in filter(_is_setting, trees):
        statements.run(state, tree)
    for instances in tried:
        for tree, holder, new in instances:
            if isinstance(new, Doubt):
                state.doubt(holder, new)
            elif new is not None:
                _doubt_others(state, holder, new)
            else:
                run_uncertainly(state, lambda tree=tree: _try(state, tree), _BECAUSE, by_text=True)  # type: ignore[misc]  # bound now
    return True


def _doubt_others(state: State, holder: Oid, new: Kind) -> None:
    doubt, schema = Doubt(_BECAUSE, others=frozenset({new}), by_text=True), state.catalog.get(holder, records.Namespace)
    if schema is not None:  # `public` is given, and has no definition
        state.doubt_subject(Subject(Kind.SCHEMA, (schema.name,)), doubt)
    else:
        state.doubt(holder, doubt)


def _try(state: State, tree: Tree) -> None:
    mark = state.catalog.mark()
    try:
        statements.run(state, tree)
    except (ExistsError, UnknownError):
        state.catalog.undo(mark)


_Instance = tuple[Tree, Oid, Kind | Doubt | None]


def _instances(state: State, tree: Tree) -> Iterator[_Instance]:
    """The statements that *tree* may be: each whole, or as what it makes uncertain.

    That is a new, nameless object of a kind within a holder, or something of an object.
    """
    ((kind, node),) = tree.items()
    if kind in _TRACELESS or _is_setting(tree):
        return
    if not _is_unknown(node):
        yield tree, 0, None
        return
    if kind == "DropStmt":
        yield from _drops(state, node)
    elif kind == "CreateStmt":
        yield from _new_tables(state, node)
    elif kind in ("AlterTableStmt", "IndexStmt", "CreatePolicyStmt", "CreateTrigStmt", "RuleStmt"):
        field = "table" if kind == "CreatePolicyStmt" else "relation"
        kinds = _DROPPED.get(node.get("objtype", ""), (records.Table,))
        for table, relation in _relations(state, node[field], kinds):
            whole = {kind: {**node, field: relation}}
            yield from _commands(state, table, whole) if kind == "AlterTableStmt" else _named(table, whole)
    elif kind == "AlterSeqStmt":
        yield from _sequences(state, node)
    elif kind == "AlterFunctionStmt":
        yield from _routines(state, node)
    else:
        raise _Unbounded


def _is_setting(tree: Tree) -> bool:
    """Say whether it is ALTER DATABASE or ALTER ROLE … SET. A database whose name is put in is this one."""
    ((kind, node),) = tree.items()
    if kind == "AlterDatabaseSetStmt":
        return not _is_unknown(node["setstmt"])
    return kind == "AlterRoleSetStmt" and not _is_unknown(node["setstmt"])


def _is_unknown(tree: Any) -> bool:
    if isinstance(tree, str):
        return UNKNOWN in tree
    if isinstance(tree, list):
        return any(map(_is_unknown, tree))
    return isinstance(tree, dict) and any(map(_is_unknown, tree.values()))


def _relations(state: State, node: Tree, kinds: tuple[type[records.Record], ...]) -> Iterator[tuple[Oid, Tree]]:
    """What a name may mean, and that name in full."""
    if not _is_unknown(node):
        yield state.names.relation(node), node
        return
    schema, name = node.get("schemaname"), node["relname"]
    if UNKNOWN in (schema or "") != UNKNOWN == schema or (UNKNOWN in name and name != UNKNOWN):
        raise _Unbounded  # a name that is only in part from a row
    for oid, record in state.catalog.everything():
        if isinstance(record, kinds) and isinstance(record, records.Relation) and not state.is_temporary(oid):
            full = state.names.full_name(oid)
            if (schema in (None, UNKNOWN) or schema == full[0]) and name in (UNKNOWN, full[-1]):
                yield oid, {**node, "schemaname": full[0], "relname": full[-1]}


def _sequences(state: State, node: Tree) -> Iterator[_Instance]:
    """ALTER SEQUENCE. Whose a sequence becomes may be said by names from rows."""
    said = [each for each in node.get("options", ()) if not _is_unknown(each)]
    unsaid = {each["DefElem"]["defname"] for each in node.get("options", ()) if each not in said}
    if not unsaid <= {"owned_by"}:
        raise _Unbounded
    for oid, relation in _relations(state, node["sequence"], (records.Sequence,)):
        if said:
            yield {"AlterSeqStmt": {**node, "sequence": relation, "options": said}}, oid, None
        if unsaid:
            yield {"AlterSeqStmt": node}, oid, Doubt(_BECAUSE, frozenset({"owner"}), by_text=True)


def _routines(state: State, node: Tree) -> Iterator[_Instance]:
    """ALTER FUNCTION: its arguments are mostly a whole list from a row, so that only its name counts."""
    changed = {_OF_ROUTINES.get(each["DefElem"]["defname"]) for each in node.get("actions", ())} - {None}
    doubt = Doubt(_BECAUSE, frozenset(each for each in changed if each is not None), by_text=True)
    for oid, _ in _named_routines(state, node["func"]) if changed else ():
        yield {"AlterFunctionStmt": node}, oid, doubt


def _dropped_routines(state: State, node: Tree) -> Iterator[_Instance]:
    """DROP FUNCTION. By its name alone: of several with one name, none can be dropped so."""
    for each in node["objects"]:
        found = list(_named_routines(state, each["ObjectWithArgs"]))
        if len({full for _, full in found}) < len(found):
            raise _Unbounded
        for oid, full in found:
            named = {"objname": [{"String": {"sval": word}} for word in full], "args_unspecified": True}
            dropped = {**node, "removeType": "OBJECT_ROUTINE", "objects": [{"ObjectWithArgs": named}]}
            yield {"DropStmt": dropped}, oid, None


def _named_routines(state: State, node: Tree) -> Iterator[tuple[Oid, tuple[str, ...]]]:
    """What a routine's name may mean, whatever its arguments are, and that name in full."""
    names = [each["String"]["sval"] for each in node["objname"]]
    for oid, record in state.catalog.everything():
        if isinstance(record, records.Routine):
            full = tuple(state.names.full_name(oid))
            if all(each in (UNKNOWN, own) for each, own in zip(reversed(names), reversed(full), strict=False)):
                yield oid, full


def _named(table: Oid, whole: Tree) -> Iterator[_Instance]:
    """CREATE INDEX, POLICY, TRIGGER, RULE on *table*."""
    ((kind, node),) = whole.items()
    field = next(field for statement, field in _NEW_NAMES if statement == kind)
    if _is_unknown(node.get(field, "")):
        yield whole, table, _NEW_NAMES[kind, field]
    else:
        yield whole, table, None


def _commands(state: State, table: Oid, whole: Tree) -> Iterator[_Instance]:
    node = whole["AlterTableStmt"]
    for each in node["cmds"]:
        command = each["AlterTableCmd"]
        kind, definition = command["subtype"], command.get("def", {})
        constraint = definition.get("Constraint", {})
        if kind == "AT_AddConstraint" and _is_unknown(constraint.get("conname", "")):
            if constraint["contype"] not in CONSTRAINT_TYPES:
                raise _Unbounded
            yield whole, table, CONSTRAINT_TYPES[constraint["contype"]]
        elif kind == "AT_AddColumn" and _is_unknown(definition["ColumnDef"]["colname"]):
            yield whole, table, Kind.COLUMN
        elif _is_unknown(command.get("name", "")):
            if kind not in _PARTS:
                raise _Unbounded
            for name in _parts(state, table, _PARTS[kind]):
                yield _with_command(whole, {**command, "name": name}), table, None
        else:
            yield _with_command(whole, command), table, None


def _with_command(whole: Tree, command: Tree) -> Tree:
    return {"AlterTableStmt": {**whole["AlterTableStmt"], "cmds": [{"AlterTableCmd": command}]}}


def _parts(state: State, table: Oid, kinds: tuple[type[records.Record], ...]) -> list[str]:
    held = [record for kind in kinds for _, record in state.catalog.held(table, kind)]
    return [record.name for record in held if getattr(record, "table", None) == table]  # type: ignore[attr-defined]


def _drops(state: State, node: Tree) -> Iterator[_Instance]:
    kind = node["removeType"]
    if kind in _ROUTINES:
        yield from _dropped_routines(state, node)
        return
    if kind not in _DROPPED and kind not in _DROPPED_PARTS:
        raise _Unbounded
    for each in node["objects"]:
        words = [item["String"]["sval"] for item in each["List"]["items"]]
        part = words.pop() if kind in _DROPPED_PARTS else None
        relation = {"relname": words[-1], **({"schemaname": words[-2]} if len(words) > 1 else {})}
        kinds = _DROPPED.get(kind, (records.Table, records.View))
        for oid, found in _relations(state, relation, kinds):
            names: list[str | None] = [part]
            if part is not None and _is_unknown(part):
                names = list(_parts(state, oid, _DROPPED_PARTS[kind]))
            for name, _ in product(names, (None,)):
                full = [found["schemaname"]] if "schemaname" in found else []
                items = [*full, found["relname"], *([name] if name is not None else [])]
                listed = {"List": {"items": [{"String": {"sval": item}} for item in items]}}
                yield {"DropStmt": {**node, "objects": [listed], "missing_ok": True}}, oid, None


def _new_tables(state: State, node: Tree) -> Iterator[_Instance]:
    """CREATE TABLE under a name that is not known: in one schema or in any, such a table is nobody's drift."""
    relation = node["relation"]
    if not _is_unknown(relation["relname"]):
        raise _Unbounded
    schema = relation.get("schemaname", state.names.watched)
    for oid, record in state.catalog.everything():
        if isinstance(record, records.Namespace) and (_is_unknown(schema) or record.name == schema):
            yield {"CreateStmt": node}, oid, Kind.TABLE

"""Keeps `Passed` up to date: what each statement of the run leaves behind, row by row where that can be said."""

from collections.abc import Set

from ....model.plan import Relation
from ....model.schema import NAMED_AS_TYPES, TYPES, Kind
from ...parse import UNREAD, Statement
from ..following_schema import made_again, temporary_relations
from ..known import Changed as ChangedObjects
from ..known import Known
from ..passed import ALL, Passed
from ..row_changes import Scene
from .objects import follow_objects
from .written import calls_that_act, follow_rows, open_rows

# They may change any row.
_ANYTHING = {
    "CallStmt": "runs a procedure", "DoStmt": "runs a DO block", "ExecuteStmt": "runs a prepared statement",
    UNREAD: "cannot be read",
}  # fmt: skip
_NAMED = NAMED_AS_TYPES | {Kind.SEQUENCE}
_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "TruncateStmt"})


def follow(
    passed: Passed,
    statement: Statement,
    before: Known,
    changed: ChangedObjects,
    vague: Set[Relation] = frozenset(),
    *,
    ran_before: bool = False,
) -> None:
    """*statement* has run: *before* is the schema without it, *changed* what it changes there.

    *ran_before*: it may have run already, so that the rows are as it leaves them, or will be.
    """
    said = f"line {statement.line} of the run"
    scene = Scene(before, passed, vague)
    if statement.kind in _ANYTHING:
        passed.anything = passed.anything or f"{said} {_ANYTHING[statement.kind]} first"
    elif statement.kind == "SelectStmt" and any(calls_that_act(statement.tree, before)):
        passed.anything = passed.anything or f"{said} calls functions first"
    _follow_system(passed, statement)
    _follow_temporary(passed, statement)
    if statement.kind in _WRITES:
        (open_rows if ran_before else follow_rows)(scene, statement, said)
    elif statement.kind == "RefreshMatViewStmt" and (view := before.find(statement.node["relation"])) is not None:
        passed.open(view, ALL, f"{said} changes these rows first")
    follow_objects(scene, statement, changed, said)
    if not changed and "newname" in statement.node:
        passed.name([statement.node["newname"]])  # it is unknown whether the renamed object existed
    for each in made_again(statement):  # it may be the same as before, at another place
        passed.name([statement.node["relation"]["relname"], each])
    for subject, (was, now) in changed.items():
        if subject.kind in _NAMED and (was is None or now is None):
            (passed.make if now is not None else passed.drop)((subject.name[0], subject.name[1]))
        passed.name(subject.name[-1 if len(subject.name) < 3 else 1 :])
        if subject.kind in TYPES:
            passed.name_type(subject.name)


def _follow_temporary(passed: Passed, statement: Statement) -> None:
    """A temporary relation is no object of the schema, and hides one of its name."""
    passed.name(each["relname"] for each in temporary_relations(statement))


def _follow_system(passed: Passed, statement: Statement) -> None:
    """Roles, and who deploys from here on. Rights that the run itself grants are not followed."""
    node = statement.node
    if statement.kind == "CreateRoleStmt":
        passed.name([node["role"]])
    elif statement.kind in ("CreateRangeStmt", "DefineStmt"):
        # Ranges, aggregates, operators, collations: not all of them are objects of the schema.
        names = node["typeName"] if statement.kind == "CreateRangeStmt" else node["defnames"]
        passed.name(each["String"].get("sval", "") for each in names[-1:])
    elif statement.kind == "CreateExtensionStmt":
        passed.brings_extension = True
    elif statement.kind in ("GrantStmt", "GrantRoleStmt", "AlterOwnerStmt"):
        passed.role_changed = True
    elif statement.kind == "VariableSetStmt" and node.get("name") == "role":
        arguments = node.get("args", ())
        value = arguments[0].get("A_Const", {}).get("sval", {}).get("sval") if arguments else None
        passed.role = value if value != "none" else None

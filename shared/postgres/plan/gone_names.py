"""Names that an earlier statement of the run has dropped or renamed."""

from collections.abc import Iterator

from ..naming import unquoted
from ..parse import Statement, name_called, nodes_with
from .footprint import Failure, Footprint
from .named_objects import named_in_comment
from .rows import made_by
from .writing import strings


def names_gone(statement: Statement, footprint: Footprint) -> Iterator[Failure]:
    """Relations and types that *statement* names, and the run has dropped or renamed."""
    if not footprint.circumstances.passed.has_dropped:
        return
    yield from _sequences_gone(statement, footprint)
    if statement.kind in ("AlterTableStmt", "CreateStmt"):
        yield from _types_gone(statement, footprint)
    elif statement.kind in _READ_RELATIONS:
        yield from _relations_gone(statement, footprint)
    elif statement.kind == "CommentStmt":
        for kind, words in named_in_comment(statement.node):
            if footprint.before.named(words) is None and footprint.circumstances.passed.is_gone(words):
                sqlstate = "42P01" if kind == "regclass" else "42704"
                yield Failure(sqlstate, f"the run drops or renames {words[-1]} before")


_OF_SEQUENCES = frozenset({"currval", "nextval", "setval"})
_READ_RELATIONS = frozenset(
    {"ClusterStmt", "CreateStatsStmt", "CreateTableAsStmt", "GrantStmt", "LockStmt", "RefreshMatViewStmt",
     "ReindexStmt", "SelectStmt", "TruncateStmt", "VacuumStmt", "ViewStmt"}
)  # fmt: skip


def _types_gone(statement: Statement, footprint: Footprint) -> Iterator[Failure]:
    """A type that the run has dropped or renamed."""
    for each in nodes_with(statement.node, "typeName"):
        words = [word["String"].get("sval", "") for word in each["typeName"].get("names", ())]
        if words and footprint.before.own_type(words) is None and footprint.circumstances.passed.is_gone(words):
            yield Failure("42704", f"the run drops or renames the type {words[-1]} before")


def _sequences_gone(statement: Statement, footprint: Footprint) -> Iterator[Failure]:
    """A sequence that an expression names in a constant, which the server looks up as soon as it reads it."""
    for call in nodes_with(statement.node, "funcname"):
        name = name_called(call)
        for each in strings(call.get("args", ())) if name in _OF_SEQUENCES else ():
            words = unquoted(each)
            if words and footprint.before.named(words) is None and footprint.circumstances.passed.is_gone(words):
                yield Failure("42P01", f"the run drops or renames {words[-1]} before")


def _relations_gone(statement: Statement, footprint: Footprint) -> Iterator[Failure]:
    """A relation that the statement names, which the run has dropped or renamed."""
    defined = {made_by(statement.node), *(each["ctename"] for each in nodes_with(statement.node, "ctename"))}
    for each in nodes_with(statement.node, "relname"):
        name = each["relname"]
        words = [each["schemaname"], name] if "schemaname" in each else [name]
        is_made = any(subject.name[1:2] == (name,) for subject in footprint.changed)
        is_there = name in defined or is_made or footprint.before.named(words) is not None
        if not is_there and footprint.circumstances.passed.is_gone(words):
            yield Failure("42P01", f"the run drops or renames {name} before")

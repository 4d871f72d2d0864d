"""The statements that matter, in order: those in doubt, and what of the applied scripts after them bears on them.

A later script may have changed, renamed or dropped what one in doubt has made. Of hundreds of later scripts only the
statements aimed at names that the ones in doubt mention are followed, and what makes the names that those use.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from ...model.schema import Subject
from ...model.value import dataclass
from ..parse import Statement, Tree, nodes_with

T = TypeVar("T")
_WORD = re.compile(r'"((?:[^"]|"")*)"|([^\W\d][\w$]*)')
# None of them changes what the model holds, but for a SELECT INTO.
TRACELESS = frozenset(
    {"AlterDefaultPrivilegesStmt", "CallStmt", "ClosePortalStmt", "CommentStmt", "ConstraintsSetStmt",
     "CopyStmt", "DeleteStmt", "DiscardStmt", "ExecuteStmt", "ExplainStmt", "GrantRoleStmt", "GrantStmt", "InsertStmt",
     "ListenStmt", "LockStmt", "MergeStmt", "NotifyStmt", "PrepareStmt", "RefreshMatViewStmt", "ReindexStmt",
     "TransactionStmt", "TruncateStmt", "UpdateStmt", "VacuumStmt", "VariableSetStmt", "VariableShowStmt"}
)  # fmt: skip
# What they do ends with their session, but for what a SELECT calls.
OF_SESSION = frozenset(
    {"ClosePortalStmt", "ConstraintsSetStmt", "DiscardStmt", "ExplainStmt", "ListenStmt", "LockStmt", "NotifyStmt",
     "PrepareStmt", "SelectStmt", "TransactionStmt", "UnlistenStmt", "VariableSetStmt", "VariableShowStmt"}
)  # fmt: skip
# They change rows, or may, by what exists at that moment.
WRITES = frozenset({"CopyStmt", "DeleteStmt", "InsertStmt", "TruncateStmt", "UpdateStmt"})
CHANGES_ROWS = WRITES | {"CallStmt", "DoStmt", "ExecuteStmt", "MergeStmt", "SelectStmt"}
# Which field of the tree says what is made. What others aim at is any name they mention.
_MAKERS = {
    "CompositeTypeStmt": "typevar", "CreateDomainStmt": "domainname", "CreateEnumStmt": "typeName",
    "CreateEventTrigStmt": "trigname", "CreateExtensionStmt": "extname", "CreateFunctionStmt": "funcname",
    "CreateForeignTableStmt": "base", "CreatePublicationStmt": "pubname", "CreateRangeStmt": "typeName",
    "CreateSchemaStmt": "schemaname", "CreateSeqStmt": "sequence", "CreateStmt": "relation", "DefineStmt": "defnames",
    "ViewStmt": "view",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Script:
    """One script of the order. *applied*: all of it ran, by the history; otherwise it is in doubt.

    *begun*: the history knows that it was begun. Else one in doubt has not run unless that shows.
    """

    statements: Sequence[Statement]
    applied: bool = True
    begun: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One statement at its place: *number* in the script *script*. In doubt if *optional*."""

    statement: Statement
    script: int
    number: int
    optional: bool

    @property
    def is_setting(self) -> bool:
        """It sets where later statements work; a person who ran those ran it as well."""
        kind = self.statement.kind
        return kind == "VariableSetStmt" or (kind == "SelectStmt" and "set_config" in self.statement.sql)


def steps_of(script: Script, number: int) -> Iterator[Step]:
    for at, statement in enumerate(script.statements):
        step = Step(statement, number, at, optional=not script.applied)
        yield step if not step.is_setting else Step(statement, number, at, optional=False)


def words(statement: Statement) -> frozenset[str]:
    """Every name the statement may mention, without regard to case; keywords and constants are among them."""
    return words_of(statement.sql)


def words_of(sql: str) -> frozenset[str]:
    if sql.isascii():  # where only letters have another case, and each is one letter there
        return frozenset([bare or quoted.replace('""', '"') for quoted, bare in _WORD.findall(sql.lower())])
    found = _WORD.findall(sql)
    return frozenset((quoted.replace('""', '"') or bare).casefold() for quoted, bare in found)


def mentions(found: frozenset[str], subject: Subject) -> bool:
    """Say whether *found*, a statement's words, name *subject* (its schema may go without saying)."""
    own = subject.name[1:] or subject.name
    return all(_bare(word) in found for word in own)


def last_word(subject: Subject) -> str:
    return _bare(subject.name[-1])


class ByWords(Generic[T]):
    """What belongs to subjects, by the words without which no statement mentions one."""

    def __init__(self) -> None:
        # A table's parts are looked up by its name first: thousands of tables may have a column of the same name.
        self._found: dict[str, dict[str, list[tuple[Subject, T]]]] = defaultdict(lambda: defaultdict(list))

    def add(self, subject: Subject, value: T) -> None:
        self._found[_bare((subject.name[1:] or subject.name)[0])][last_word(subject)].append((subject, value))

    def mentioned(self, found: frozenset[str]) -> Iterator[tuple[Subject, T]]:
        """All of subjects that *found*, a statement's words, mention."""
        for first in _shared(found, self._found):
            by_last = self._found[first]
            for last in _shared(found, by_last):
                yield from by_last[last]


def _shared(found: frozenset[str], keys: Mapping[str, object]) -> list[str]:
    if len(found) < len(keys):
        return [word for word in found if word in keys]
    return [key for key in keys if key in found]


def _bare(word: str) -> str:
    """A routine's name without its types."""
    return (word.partition("(")[0] if word.endswith(")") else word).casefold()


def relevant(scripts: Sequence[Script], first: int) -> list[Step]:
    """All steps in doubt from script *first* on, and the applied ones that bear on them, in order."""
    every = [step for number in range(first, len(scripts)) for step in steps_of(scripts[number], number)]
    if not any(script.applied for script in scripts[first:]):
        return every
    names: set[str] = set()
    for step in every:
        if step.optional:
            is_traceless = step.statement.kind in TRACELESS - CHANGES_ROWS
            names |= set(targets(step.statement)) if is_traceless else words(step.statement)
    taken: dict[int, frozenset[str]] = {}
    # Rights may be given for all of a schema.
    is_of_rights = any(step.optional and step.statement.kind == "GrantStmt" for step in every)
    in_doubt = False
    for at, step in enumerate(every):
        in_doubt = in_doubt or step.optional
        if step.optional or step.is_setting or (in_doubt and is_of_rights and step.statement.kind == "GrantStmt"):
            taken[at] = frozenset()
        elif in_doubt and not names.isdisjoint(targets(step.statement)):
            taken[at] = words(step.statement)
            if step.statement.kind in ("RenameStmt", "AlterObjectSchemaStmt"):
                names |= taken[at]
    _add_makers(every, taken)
    return [every[at] for at in sorted(taken)]


def _add_makers(every: Sequence[Step], taken: dict[int, frozenset[str]]) -> None:
    """Take also the applied statements that make what the taken ones use."""
    needed = set().union(*taken.values())
    if not needed:
        return
    for at in range(len(every) - 1, -1, -1):
        step = every[at]
        if at in taken or step.statement.kind not in _MAKERS:
            continue
        if not needed.isdisjoint(targets(step.statement)):
            taken[at] = words(step.statement)
            needed |= taken[at]


def targets(statement: Statement) -> Iterable[str]:
    """What an applied statement makes or changes, by the names it says."""
    kind, node = statement.kind, statement.node
    if kind in ("CommentStmt", "GrantStmt"):
        return _named_in(node.get("object") or node.get("objects") or ())
    if kind in TRACELESS or (kind == "SelectStmt" and "intoClause" not in node):
        return ()
    if kind == "AlterTableStmt":
        return (node["relation"]["relname"].casefold(),)
    if kind == "IndexStmt" and "idxname" in node:
        return (node["idxname"].casefold(),)
    if kind in _MAKERS:
        return _names(node.get(_MAKERS[kind], ()))
    return words(statement)


def _named_in(objects: Any) -> Iterable[str]:
    named = [each["relname"] for each in nodes_with(objects, "relname")]
    return {each.casefold() for each in (*named, *(each["sval"] for each in nodes_with(objects, "sval")))}


def _names(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return (value.casefold(),)
    if isinstance(value, dict):
        return (value.get("relation", value)["relname"].casefold(),)
    strings: list[Tree] = list(value)
    return (each["String"].get("sval", "").casefold() for each in strings[-1:])

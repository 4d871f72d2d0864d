"""Which settings decide what a change of rows does, and whether they are others now than when it was to run."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field

from ...model.schema import ROUTINES, TYPES, Column, Definition, Kind, RowSecurity, Rule, Sequence, Subject, Trigger
from ...model.value import dataclass
from ..canonical.names import spelled
from ..parse import Statement, nodes_with
from .evidence import Aspects, Live, aspects
from .ground import Effect
from .steps import CHANGES_ROWS, ByWords, last_word, words

# These fill in what a row does not say.
_USING_DEFAULTS = CHANGES_ROWS - {"DeleteStmt", "TruncateStmt", "UpdateStmt"}
_EVENTS = {"CopyStmt": "insert", "DeleteStmt": "delete", "InsertStmt": "insert", "TruncateStmt": "truncate",
           "UpdateStmt": "update"}  # fmt: skip
# They refuse rows, or hold them in another way: none becomes another row.
_SAME_ROWS = frozenset({"nullable", "not_null_validated", "not_null_inherited", "owner", "storing"})
_ON_WRITES = frozenset({Kind.RULE, Kind.TRIGGER})
_CHANGED = frozenset({*ROUTINES, Kind.COLUMN, Kind.DOMAIN, Kind.SEQUENCE, Kind.VIEW})


def decides(statement: Statement, found: Collection[str], subject: Subject, changed: Aspects) -> bool:
    """Say whether *statement*, whose words are *found*, does something else where *subject* is *changed*."""
    if changed is None:
        return True
    names = {name for name, _ in changed} - _SAME_ROWS
    if subject.kind is Kind.SEQUENCE and last_word(subject) not in found:
        return bool(names) and statement.kind in _USING_DEFAULTS
    if names == {"default"}:
        return "default" in found or (statement.kind in _USING_DEFAULTS and subject.name[-1] not in _listed(statement))
    if names == {"identity"}:
        return "default" in found or statement.kind in _USING_DEFAULTS
    if names and names <= {"collation", "type"}:
        names_columns = statement.kind in ("DeleteStmt", "UpdateStmt") or bool(_listed(statement))
        return not names_columns or last_word(subject) in found
    return bool(names)


def _listed(statement: Statement) -> Collection[str]:
    """The columns that an INSERT names; none where it takes all of them."""
    columns = statement.node.get("cols", ()) if statement.kind == "InsertStmt" else ()
    return {each["ResTarget"]["name"] for each in columns}


@dataclass(frozen=True, slots=True)
class _Change:
    """What the statement at *at*, which ran, made of *subject*, which was *before*."""

    at: int
    subject: Subject
    before: Definition | None
    after: Definition | None


@dataclass(frozen=True, slots=True)
class ChangedLater:
    """What statements that ran have changed, by the names that a change of rows mentions which depends on it.

    *columns* are those that were added to or dropped from a table that stayed, by the name of that table.
    *made* is where each type was last made, or got its name, by one that ran: before, that name was another type's.
    """

    live: Live
    changes: ByWords[_Change] = field(default_factory=ByWords)
    columns: ByWords[_Change] = field(default_factory=ByWords)
    made: dict[str, int] = field(default_factory=dict)

    def decides(self, at: int, statement: Statement) -> Subject | None:
        """What decides over the change of rows that *statement* makes at *at*, and is not what it was there."""
        if statement.kind not in CHANGES_ROWS:
            return None
        found = words(statement)
        if (column := self._by_place(at, statement, found)) is not None:
            return column
        later = sorted((each for _, each in self.changes.mentioned(found) if each.at > at), key=lambda each: each.at)
        seen: dict[Subject, set[tuple[str, str | None]]] = defaultdict(set)
        for each in later:
            # The first change says what it was.
            changed = aspects(each.before, each.after)
            first = None if changed is None else changed - seen[each.subject]
            is_later = each.subject in seen and not first
            seen[each.subject] |= changed or set()
            if is_later or not _is_used(statement, each) or not decides(statement, found, each.subject, first):
                continue
            if self._is_made_since(each.before, at) or not self.live.agrees(each.subject, each.before, first):
                return each.subject
        return None

    def _by_place(self, at: int, statement: Statement, found: frozenset[str]) -> Subject | None:
        """The column that has come or gone since, where *statement* inserts by the places of columns, not by names."""
        if statement.kind != "InsertStmt":
            return None
        target = "" if _listed(statement) else statement.node["relation"]["relname"]
        takes_all = any(nodes_with(statement.node.get("selectStmt"), "A_Star"))
        for _, each in self.columns.mentioned(found):
            is_gone = each.after is None
            is_used = takes_all or (is_gone and each.subject.name[1] == target)
            if each.at > at and is_used and (self.live.find(each.subject) is None) == is_gone:
                return each.subject
        return None

    def _is_made_since(self, before: Definition | None, at: int) -> bool:
        """Say whether the type of a column at *at* is one that another of its name has replaced."""
        return isinstance(before, Column) and self.made.get(before.type.removesuffix("[]"), -1) > at


def _is_used(statement: Statement, change: _Change) -> bool:
    definition = change.after
    if isinstance(definition, Rule | Trigger) and "onConflictClause" not in statement.node:
        events = definition.events if isinstance(definition, Trigger) else (definition.event,)
        return _EVENTS.get(statement.kind, events[0]) in events
    return True


def changed_later(effects: Mapping[int, Effect], live: Live, ran: Collection[int]) -> ChangedLater:
    """What those that *ran* have changed."""
    found = ChangedLater(live)
    for at in sorted(effects.keys() & set(ran)):
        objects = effects[at].objects
        for subject, (before, after) in objects.items():
            if subject.kind is Kind.COLUMN and (before is None) != (after is None):
                table = Subject(Kind.TABLE, subject.name[:2])
                if table not in objects:
                    found.columns.add(table, _Change(at, subject, before, after))
            if before is None and subject.kind in TYPES:
                found.made[spelled(subject.name[:2])] = at
            if after is not None and _may_decide(subject, before, after):
                for named in _named_by(subject, after, live):
                    found.changes.add(named, _Change(at, subject, before, after))
    return found


def _may_decide(subject: Subject, before: Definition | None, after: Definition) -> bool:
    if isinstance(after, RowSecurity):
        return after.forced  # else none of it is for the owner, who deploys
    return subject.kind in _ON_WRITES or (before is not None and subject.kind in _CHANGED)


def _named_by(subject: Subject, definition: Definition, live: Live) -> Iterator[Subject]:
    """By which name a change of rows that depends on *subject* mentions it."""
    yield Subject(Kind.TABLE, subject.name[:2]) if subject.kind.is_in_relation else subject
    yield from live.tables_with(subject)
    if isinstance(definition, Sequence) and definition.owner is not None:
        yield Subject(Kind.TABLE, definition.owner.name[:2])

"""A replay that can try statements out: what each changes, and whether a server would have taken it."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from ...model.schema import RELATIONS, Definition, Doubt, Index, Kind, Sequence, Subject, Table
from ...model.value import dataclass
from ..parse import Statement
from ..replay import Mark as ReplayMark
from ..replay import Refusal, Replay
from .steps import Step, mentions, words

Mark = tuple[ReplayMark, int]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one statement changed: definitions before and after it (None: no such object), and what it made opaque.

    *doubts* are all that there are of those objects. *uncompared* changed in what is no difference between schemas.
    *refusal* is why a server would not have run it; then nothing has changed, but something may have become opaque.
    *search_path* and *time_zone* are the session's as it ran, *search_path* without its temporary tables.
    *unread* is why something of it, or of what it executes, could not be parsed.
    """

    objects: Mapping[Subject, tuple[Definition | None, Definition | None]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    opaque: Mapping[Subject, str] = field(default_factory=lambda: MappingProxyType({}))
    doubts: Mapping[Subject, Doubt] = field(default_factory=lambda: MappingProxyType({}))
    refusal: Refusal | None = None
    search_path: tuple[str, ...] = ()
    time_zone: str | None = None
    uncompared: Mapping[Subject, tuple[Definition, Definition]] = field(default_factory=lambda: MappingProxyType({}))
    unread: str | None = None


def run(replay: Replay, statement: Statement) -> Effect:
    """Run *statement* in *replay*, whose earlier changes have all been read."""
    search_path, time_zone = replay.search_path, replay.session.time_zone
    refusal = replay.run(statement)
    changes = replay.changes()
    return Effect(
        changes.objects,
        changes.opaque,
        changes.doubts,
        refusal,
        search_path,
        time_zone,
        changes.uncompared,
        replay.unread,
    )


class Ground:
    """*replay* with the sessions of scripts kept: a new one begins whenever a step is of another script."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._script = -1
        self.look()

    def run(self, step: Step) -> Effect:
        if step.script != self._script:
            self._enter(step.script)
            self.look()
        return run(self._replay, step.statement)

    def _enter(self, script: int) -> None:
        if script != self._script:
            self._script = script
            self._replay.start_session()

    def attempt(self, step: Step, usual: Effect, *, restrict: bool = True) -> Effect | None:
        """Run *step* where other statements may be missing; None, and nothing changed, if a server would refuse it.

        What it meets that it did not meet in full order (*usual*) is a refusal here: an unknown name, something in
        the way and, with *restrict*, dependents that only CASCADE would drop.
        """
        mark = self.mark()
        effect = self.run(step)
        unknown = (effect.opaque.keys() | effect.doubts.keys()) - usual.opaque.keys() - usual.doubts.keys()
        more = restrict and _drops_more(step.statement, effect, usual)
        if unknown or more or refused(step.statement, effect):
            self.undo(mark)
            return None
        return effect

    def pass_by(self, step: Step) -> None:
        """Run *step* without following its effects."""
        self._enter(step.script)
        self._replay.run(step.statement)

    def look(self) -> None:
        """Take for given all that has been passed by."""
        self._replay.changes()

    def mark(self) -> Mark:
        return self._replay.mark(), self._script

    def undo(self, mark: Mark) -> None:
        replay_mark, self._script = mark
        self._replay.undo(replay_mark)
        self.look()

    def current(self, subject: Subject) -> Definition | None:
        return self._replay.current(subject)


def refused(statement: Statement, effect: Effect) -> bool:
    """Say whether a server would have refused the statement."""
    return effect.refusal is not None and not tolerated(statement, effect.refusal)


def tolerated(statement: Statement, refusal: Refusal) -> bool:
    """Say whether the statement itself says that what is in the way is no error: IF NOT EXISTS, of its own kind."""
    node = statement.node
    given = bool(node.get("if_not_exists") or node.get("skipIfNewValExists"))
    return refusal.exists and given and not refusal.is_of_type


def is_conditional(statement: Statement) -> bool:
    """Say whether what the statement does depends on existing objects: IF [NOT] EXISTS, OR REPLACE, a DO block."""
    node = statement.node
    if any(node.get(word) for word in ("if_not_exists", "skipIfNewValExists", "missing_ok", "replace")):
        return True
    commands = node.get("cmds", ()) if statement.kind == "AlterTableStmt" else ()
    return statement.kind == "DoStmt" or any(each["AlterTableCmd"].get("missing_ok") for each in commands)


def _drops_more(statement: Statement, effect: Effect, usual: Effect) -> bool:
    """Say whether a drop without CASCADE would take along, or change, what only CASCADE may."""
    node = statement.node
    if statement.kind == "AlterTableStmt":
        commands = [each["AlterTableCmd"] for each in node["cmds"]]
        dropping = [each for each in commands if each["subtype"] in ("AT_DropColumn", "AT_DropConstraint")]
        if not dropping or any(each.get("behavior") == "DROP_CASCADE" for each in dropping):
            return False
    elif statement.kind != "DropStmt" or node.get("behavior") == "DROP_CASCADE":
        return False
    found = words(statement)
    expected = {subject for subject, (was, _) in effect.objects.items() if _is_named(subject, was, found)}
    expected |= usual.objects.keys()
    along = {subject.name[:2] for subject in expected if subject.kind in RELATIONS}
    return any(subject not in expected and subject.name[:2] not in along for subject in effect.objects)


def _is_named(subject: Subject, definition: Definition | None, found: frozenset[str]) -> bool:
    """Say whether *found*, a statement's words, name *subject* or what it is a part of."""
    relation = Subject(Kind.TABLE, subject.name[:2])
    if isinstance(definition, Index):
        relation = definition.table
    elif isinstance(definition, Sequence) and definition.owner is not None:
        relation = Subject(Kind.TABLE, definition.owner.name[:2])
    elif isinstance(definition, Table) and definition.partition_of is not None:
        relation = definition.partition_of
    return mentions(found, subject) or mentions(found, relation)

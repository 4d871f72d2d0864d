"""Which statements worked on an object that is gone, since a later statement that ran has removed it or made another.

CREATE TABLE, ADD COLUMN and the like run only where nothing has the name. So whatever comes before them worked on an
older object, which was dropped, or was never made: to run it now would fail, or change or drop the new one. What was
removed for good would be made by a statement that comes too late, and nothing would remove it any more.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field

from ...model.schema import RELATIONS, ROUTINES, TYPES, Definition, ForeignKey, Index, Kind, Subject, Unique
from ...model.value import dataclass
from ..idempotent import only_removes_if_there
from ..parse import Statement, nodes_with
from ..renamed import relation_renamed
from .evidence import Live, above, containers
from .ground import Effect, is_conditional
from .steps import CHANGES_ROWS, TRACELESS, WRITES, ByWords, Step, words
from .untraced import untraced

# What they move is still there, by another name.
MOVERS = frozenset({"AlterObjectSchemaStmt", "RenameStmt"})
# What a statement uses by its name, and what decides over the rows of the table that it names.
_USED = frozenset({*RELATIONS, *ROUTINES, *TYPES, Kind.COLUMN, Kind.SEQUENCE})
_ON_WRITES = frozenset({Kind.TRIGGER, Kind.RULE, Kind.POLICY})
_DELETING = frozenset({"DeleteStmt", "DoStmt", "MergeStmt", "TruncateStmt", "UpdateStmt"})
_NAMED_AS_TABLES = (*RELATIONS, Kind.INDEX, Kind.SEQUENCE)
# ``(schema, table)``, or ``(schema, table, column)``.
_Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """The position at which each subject was last made again by a statement of *steps* that ran.

    *gone* is where one was removed that nothing has made since: that holds for the scripts before, and for its own
    where it is known to have run. *using* has both, and what has another name or schema now, by the names that a change
    of rows mentions which depends on them. *moot* are removals of what an earlier script was to make, and is missing.
    """

    steps: Sequence[Step]
    ran: Collection[int]
    last: Mapping[Subject, int]
    gone: Mapping[Subject, int]
    using: ByWords[tuple[Subject, int, Definition | None]] = field(default_factory=ByWords)
    moot: Collection[int] = ()

    def replaces(self, at: int, statement: Statement, effect: Effect) -> bool:
        """Say whether all that *statement* does at *at* was done to objects that a later one made again or removed."""
        if not (self.last or self.gone):
            return False
        if at in self.moot:
            return True
        if effect.objects:
            changed = effect.objects.items()
            return all(any(self._is_later(each, at) for each in with_containers(one, *was)) for one, was in changed)
        if statement.kind in WRITES:
            written = set(_written(statement, effect.search_path))
            return bool(written) and all(self._is_of_later(name, at) for name in written)
        settings = untraced(statement, effect.search_path)
        return bool(settings) and all(names and self._is_of_later(names, at) for _, names, _ in settings)

    def touches(self, at: int, effect: Effect) -> bool:
        """Say whether that is so for some of the objects at least."""
        return any(self._is_later(each, at) for each in effect.objects)

    def used_before(self, at: int) -> Subject | None:
        """What decides over a change of rows at *at*, and was made again, moved or removed since."""
        step = self.steps[at]
        kind = step.statement.kind
        if kind not in TRACELESS and kind not in CHANGES_ROWS:
            return None
        for _, (subject, last, definition) in self.using.mentioned(words(step.statement)):
            if self._is_known_after(last, at) and decides_over_rows(step.statement, subject, definition):
                return subject
        return None

    def _is_of_later(self, name: _Name, at: int) -> bool:
        around = (Subject(kind, name[:2]) for kind in _NAMED_AS_TABLES)
        return any(self._is_later(each, at) for each in (*around, Subject(Kind.COLUMN, name)))

    def _is_later(self, subject: Subject, at: int) -> bool:
        if self.last.get(subject, -1) > at:
            return True
        return self._is_known_after(self.gone.get(subject, -1), at)

    def _is_known_after(self, later: int, at: int) -> bool:
        return later > at and (later in self.ran or self.steps[later].script != self.steps[at].script)


def made_again(
    steps: Sequence[Step],
    effects: Mapping[int, Effect],
    live: Live,
    ran: Collection[int],
    unshown: Collection[int] = (),
) -> MadeAgain:
    """What statements of *ran* certainly made by the names of objects that those before them had dropped.

    Whether one that is *unshown* ran makes no difference to what it removes only if that is there, and is not.
    """
    dropped: set[Subject] = set()
    last: dict[Subject, int] = {}
    gone: dict[Subject, int] = {}
    moot = _moot(steps, effects, live, unshown)
    for at in sorted(effects):
        statement = steps[at].statement
        is_proof = at in ran and not is_conditional(statement)
        is_gone = at in ran or at in moot or (at in unshown and only_removes_if_there(statement))
        for subject, (before, after) in effects[at].objects.items():
            if at in ran or at in unshown:
                gone.pop(subject, None)
            if after is None and statement.kind not in MOVERS:
                dropped.add(subject)
                if is_gone and not live.may_exist(subject, before):
                    gone[subject] = at
            elif after is None or before is not None or not is_proof:
                dropped.discard(subject)
            elif subject in dropped:
                last[subject] = at
    found = MadeAgain(steps, ran, last, gone, moot=moot)
    for subject, at in {**last, **gone, **dict(_moved(steps, effects, live, ran))}.items():
        before, after = effects[at].objects[subject]
        for named in named_by(subject, after or before):
            found.using.add(named, (subject, at, after or before))
    return found


def _moot(
    steps: Sequence[Step], effects: Mapping[int, Effect], live: Live, unshown: Collection[int]
) -> Collection[int]:
    """Those of *unshown* that only remove what an earlier script in doubt was to make, and what is missing."""
    found: set[int] = set()
    made: dict[Subject, int] = {}
    for at in sorted(effects) if unshown else ():
        script, objects = steps[at].script, effects[at].objects
        removed = [(subject, before) for subject, (before, after) in objects.items() if after is None]
        is_removal = at in unshown and steps[at].statement.kind == "DropStmt" and len(removed) == len(objects) > 0
        if is_removal and all(
            made.get(each, script) < script and not live.may_exist(each, was) for each, was in removed
        ):
            found.add(at)
        for subject, (before, after) in objects.items():
            if before is None and steps[at].optional:
                made[subject] = script
            elif after is None:
                made.pop(subject, None)
    return found


def _moved(
    steps: Sequence[Step], effects: Mapping[int, Effect], live: Live, ran: Collection[int]
) -> Iterator[tuple[Subject, int]]:
    """What has another name or schema since one of those that *ran*.

    Not relations that were renamed: what is left is printed with their present names.
    """
    for at in sorted(effects.keys() & set(ran)):
        statement = steps[at].statement
        if statement.kind in MOVERS and relation_renamed(statement) is None:
            for subject, (_, after) in effects[at].objects.items():
                if after is None and (subject.kind is Kind.COLUMN or live.find(subject) is None):
                    yield subject, at


def named_by(subject: Subject, definition: Definition | None) -> Iterator[Subject]:
    """By which name a change of rows that depends on *subject* mentions it."""
    if subject.kind in _USED:
        yield subject
    elif isinstance(definition, Index):
        yield definition.table
    elif isinstance(definition, ForeignKey):
        yield definition.referenced_table
    elif subject.kind in _ON_WRITES or isinstance(definition, Unique):
        yield Subject(Kind.TABLE, subject.name[:2])


def decides_over_rows(statement: Statement, subject: Subject, definition: Definition | None) -> bool:
    """Say whether a change of rows that mentions *subject*, or its table, may do something else without it."""
    if isinstance(definition, ForeignKey):
        return statement.kind in _DELETING
    if isinstance(definition, Unique) or (isinstance(definition, Index) and definition.unique):
        return "onConflictClause" in statement.node
    return subject.kind in _USED or (subject.kind in _ON_WRITES and statement.kind in CHANGES_ROWS)


def with_containers(subject: Subject, before: Definition | None, after: Definition | None) -> Iterator[Subject]:
    """What is gone with *subject*: itself, what it is a part of, and what a statement that drops it drops it with."""
    yield subject
    yield from containers(subject)
    yield from (each.table for each in (before, after) if isinstance(each, Index))
    if before is not None and after is None:
        yield from above(subject, before)


def _written(statement: Statement, search_path: Sequence[str]) -> Iterator[_Name]:
    """The tables, or of an UPDATE the columns, that are written; nothing where these may not be all."""
    node = statement.node
    if any(nodes_with(node, "ctename")):
        return
    for each in node.get("relations") or [{"RangeVar": node.get("relation") or {}}]:
        table = each["RangeVar"]
        schema = [table["schemaname"]] if "schemaname" in table else search_path
        # Of several schemas, the server takes the first that has the table.
        name = (*schema, table.get("relname", ""))
        if statement.kind != "UpdateStmt":
            yield name
        else:
            yield from ((*name, target["ResTarget"]["name"]) for target in node.get("targetList", ()))

"""Which statements worked on an object that is gone, since a later statement that ran has made another by its name.

CREATE TABLE, ADD COLUMN and the like run only where nothing has the name. So whatever comes before them worked on an
older object, which was dropped, or was never made: to run it now would fail, or change or drop the new one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from ...model.schema import Definition, Index, Kind, Subject
from ...model.value import dataclass
from ..parse import Statement, nodes_with
from .evidence import above, containers
from .ground import Effect, is_conditional
from .steps import TRACELESS, Step, mentions, words

_WRITES = frozenset({"CopyStmt", "DeleteStmt", "InsertStmt", "TruncateStmt", "UpdateStmt"})
# What they move is still there, by another name.
_MOVERS = frozenset({"AlterObjectSchemaStmt", "RenameStmt"})
# ``(schema, table)``, or ``(schema, table, column)``.
_Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """The last position at which each subject was made again by a statement of *steps* that ran."""

    steps: Sequence[Step]
    last: Mapping[Subject, int]

    def replaces(self, at: int, effect: Effect) -> bool:
        """Say whether all that the statement at *at* does was done to objects that a later one has made again."""
        statement = self.steps[at].statement
        if statement.kind in TRACELESS:
            written = set(_written(statement, effect.search_path))
            later = {subject.name for subject in self._after(at)}
            return bool(written) and all(name in later or name[:2] in later for name in written)
        return bool(effect.objects) and all(
            any(self.last.get(each, -1) > at for each in _with_containers(subject, *definitions))
            for subject, definitions in effect.objects.items()
        )

    def used_before(self, at: int) -> Subject | None:
        """What a statement that changes rows names, and a later script has made again: its old rows are gone."""
        step = self.steps[at]
        if step.statement.kind not in TRACELESS:
            return None
        found = words(step.statement)
        later = (each for each in self._after(at) if self.steps[self.last[each]].script != step.script)
        return next((subject for subject in later if mentions(found, subject)), None)

    def _after(self, at: int) -> Iterator[Subject]:
        """The tables and columns that were made again after *at*."""
        return (each for each, last in self.last.items() if last > at and each.kind in (Kind.TABLE, Kind.COLUMN))


def made_again(steps: Sequence[Step], effects: Mapping[int, Effect], ran: Collection[int]) -> MadeAgain:
    """What statements of *ran* certainly made by the names of objects that those before them had dropped."""
    dropped: set[Subject] = set()
    last: dict[Subject, int] = {}
    for at in sorted(effects):
        statement = steps[at].statement
        is_proof = at in ran and not is_conditional(statement)
        for subject, (before, after) in effects[at].objects.items():
            if after is None and statement.kind not in _MOVERS:
                dropped.add(subject)
            elif after is None or before is not None or not is_proof:
                dropped.discard(subject)
            elif subject in dropped:
                last[subject] = at
    return MadeAgain(steps, last)


def _with_containers(subject: Subject, before: Definition | None, after: Definition | None) -> Iterator[Subject]:
    """What is gone with *subject*: itself, what it is a part of, and what a statement that drops it drops it with."""
    yield subject
    yield from containers(subject)
    yield from (each.table for each in (before, after) if isinstance(each, Index))
    if before is not None and after is None:
        yield from above(subject, before)


def _written(statement: Statement, search_path: Sequence[str]) -> Iterator[_Name]:
    """The tables, or of an UPDATE the columns, that are written; nothing where these may not be all."""
    node = statement.node
    if statement.kind not in _WRITES or any(nodes_with(node, "ctename")):
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

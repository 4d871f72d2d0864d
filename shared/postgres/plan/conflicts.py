"""Names that are taken: which statements of a pending run meet an object of that name with another definition.

Such a statement certainly fails. An object that is exactly what the statement makes is no conflict, but its effect:
somebody ran it by hand. Where an earlier statement of the run may free the name, nothing is certain.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from ...model.plan import Conflict
from ...model.progress import Progress, StatementState
from ...model.schema import (
    CONSTRAINTS,
    INDEXED_CONSTRAINTS,
    NAMED_AS_RELATIONS,
    NAMED_AS_TYPES,
    OPERATOR_GROUPS,
    RELATIONS,
    TEXT_SEARCH,
    TYPES,
    Definition,
    Enum,
    Kind,
    Schema,
    Subject,
    Table,
)
from ...model.value import dataclass
from ..difference.words import described
from ..object_types import DATABASE_TYPES
from ..parse import Statement
from ..progress.evidence import Live, Reading
from ..progress.ground import Effect
from ..progress.steps import last_word, words
from .claims import claims, new_value
from .known import Known

_COLUMN, _RELATION, _OBJECT, _SCHEMA, _TABLE = "42701", "42P07", "42710", "42P06", "42P16"
_TYPES_ALONE = NAMED_AS_TYPES - NAMED_AS_RELATIONS
# Only the index of the system's table refuses another one of the name.
_UNIQUE_INDEX = "23505"
_RUN_ALREADY = frozenset({StatementState.PRESENT, StatementState.INVALID, StatementState.NO_TRACE})
_DROPPING_COMMANDS = {"AT_DropColumn": Kind.COLUMN, "AT_DropConstraint": None}
_MAY_FREE = frozenset(
    {"AlterExtensionContentsStmt", "AlterObjectSchemaStmt", "CallStmt", "DoStmt", "DropOwnedStmt", "DropStmt",
     "RenameStmt", "SelectStmt"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pending:
    """One script of the run: its *statements*, how far it got, and what each changes where all before it ran."""

    statements: Sequence[Statement]
    progress: Progress
    effects: Sequence[Effect]


def conflicts(run: Sequence[Pending], live: Schema, hidden: Live, watched: str) -> list[tuple[Conflict, ...]]:
    """For each script of *run*, in the order in which a deployment runs it: what fails, or skips over another object.

    *hidden* is *live* with what is known too little of; *watched* is the schema that an unqualified name means.
    """
    finder = _Finder(run, live, hidden, watched)
    return [tuple(finder.of(script)) for script in run]


def _skips_what_exists(statement: Statement) -> bool:
    """Say whether *statement* leaves as it is what bears the name: IF NOT EXISTS, or a block that catches the error."""
    node = statement.node
    if statement.kind == "AlterTableStmt":
        commands = [each["AlterTableCmd"] for each in node["cmds"]]
        return any(each["subtype"] == "AT_AddColumn" and each.get("missing_ok") for each in commands)
    if statement.kind == "DoStmt":
        return any(each == "others" or each.startswith("duplicate_") for each in words(statement))
    return bool(node.get("if_not_exists"))


class _Finder:
    def __init__(self, run: Sequence[Pending], live: Schema, hidden: Live, watched: str) -> None:
        self._live = live
        self._hidden = hidden
        self._watched = watched
        self._later: dict[Subject, list[Definition | None]] = defaultdict(list)
        for script in run:
            for effect in script.effects:
                for subject, (before, after) in effect.objects.items():
                    if before is None or subject in self._later:
                        self._later[subject].append(after)
        self._passed: list[Statement] = []

    @cached_property
    def _names(self) -> "TakenNames":
        """Made when a statement first wants a name: many scripts make nothing."""
        return TakenNames(Known(self._live.objects))

    def _skip(self, number: int, statement: Statement, effect: Effect) -> Conflict | None:
        """What bears the name of what the statement would make, and is left as it is."""
        if not _skips_what_exists(statement):
            return None
        made = {subject: after for subject, (before, after) in effect.objects.items() if before is None and after}
        for subject, after in made.items():
            # A part is skipped with the whole; alone only where it is added to something older.
            is_whole = not (subject.kind.is_in_relation or subject.kind is Kind.SEQUENCE)
            if not (is_whole or statement.kind in ("AlterTableStmt", "CreateSeqStmt", "DoStmt")):
                continue
            along = [subject] if statement.kind == "AlterTableStmt" else list(made)
            taken = self._names.taken(subject)
            if taken is None or not self._differs(along):
                continue
            found_as = taken[0]
            if self._hidden.hidden(found_as) is None and not self._may_be_free(found_as):
                wanted, there = described(subject, after), described(found_as, self._live.objects[found_as])
                skipped = {each: made[each] for each in along}
                return Conflict(
                    number, statement.line, statement.sql, "", subject, wanted, found_as, there, skipped=skipped
                )
        return None

    def of(self, script: Pending) -> Iterator[Conflict]:
        numbered = zip(script.statements, script.progress.statements, script.effects, strict=True)
        for number, (statement, progress, effect) in enumerate(numbered):
            if progress.state not in _RUN_ALREADY and not (progress.superseded or progress.part):
                found = self._conflict(number, statement, effect), self._skip(number, statement, effect)
                yield from (each for each in found if each is not None)
            self._passed.append(statement)

    def _conflict(self, number: int, statement: Statement, effect: Effect) -> Conflict | None:
        made = [subject for subject, (before, _) in effect.objects.items() if before is None]
        if made and not self._differs(made):
            return None  # it is there as the statement makes it
        for claim in self._claims(statement, made):
            taken = self._names.taken(claim)
            if taken is None or self._hidden.hidden(taken[0]) is not None or self._may_be_free(taken[0]):
                continue
            found_as, sqlstate = taken
            after = effect.objects.get(_subject(claim), (None, None))[1]
            return Conflict(
                number,
                statement.line,
                statement.sql,
                sqlstate,
                _subject(claim),
                described(_subject(claim), after) if after is not None else str(claim.kind),
                found_as,
                described(found_as, self._live.objects[found_as]),
                by_migration=effect.refusal is not None and effect.refusal.exists,
            )
        return self._of_value(number, statement, effect)

    def _of_value(self, number: int, statement: Statement, effect: Effect) -> Conflict | None:
        """ALTER TYPE … RENAME VALUE to one that the enum has. One that is to be added is there, wherever it stands."""
        value = new_value(statement)
        for subject, (_, after) in effect.objects.items() if value is not None else ():
            found = self._live.objects.get(subject)
            if isinstance(found, Enum) and value in found.values and not self._may_be_free(subject):
                wanted, there = described(subject, after), described(subject, found)
                return Conflict(number, statement.line, statement.sql, _OBJECT, subject, wanted, subject, there)
        return None

    def _claims(self, statement: Statement, made: Sequence[Subject]) -> Iterator[Subject]:
        """What the statement claims, in the schema in which it makes it: the search path says which."""
        for claim in claims(statement, self._watched):
            schemas = {each.name[0] for each in made if len(each.name) > 1 and each.name[1:2] == claim.name[1:2]}
            if len(schemas) == 1 and len(claim.name) > 1:
                yield Subject(claim.kind, (*schemas, *claim.name[1:]))
            else:
                yield claim

    def _differs(self, made: Iterable[Subject]) -> bool:
        """Say whether one of *made* is surely not what any statement of the run makes of it."""
        readings = (
            (self._hidden.evidence(subject, None, after).reading for after in self._later[subject]) for subject in made
        )
        return any(all(each in (Reading.WITHOUT, Reading.NEITHER) for each in found) for found in readings)

    def _may_be_free(self, taken: Subject) -> bool:
        return any(_may_free(statement, taken, self._live) for statement in self._passed)


class TakenNames:
    """Who has which name in the schema that *before* is."""

    def __init__(self, before: Known) -> None:
        self._before = before

    def taken(self, claim: Subject) -> tuple[Subject, str] | None:
        """Who has the name that *claim* is for, and the SQLSTATE with which the server refuses it."""
        found = next((each for each in self._holders(claim) if each[0] is not None), None)
        return None if found is None or found[0] is None else (found[0], found[1])

    def _holders(self, claim: Subject) -> Iterator[tuple[Subject | None, str]]:
        """In the order in which the server looks."""
        kind, name = claim.kind, claim.name
        place = name[0], name[-1]
        if kind is Kind.PRIMARY_KEY:
            yield self._same(Subject(kind, name[:2])), _TABLE
        if kind in TYPES:
            yield self._first(NAMED_AS_TYPES, place), _OBJECT
        if kind in NAMED_AS_RELATIONS or (kind in INDEXED_CONSTRAINTS and len(name) > 2):
            yield self._relation(place), _RELATION
        if kind in (*RELATIONS, Kind.SEQUENCE, Kind.COMPOSITE_TYPE):
            yield self._first(_TYPES_ALONE, place), _OBJECT
        if kind in CONSTRAINTS and len(name) > 2:
            found = self._before.constraint((name[0], name[1]), name[2])
            has_index = found is not None and {kind, found.kind} <= {*INDEXED_CONSTRAINTS}
            yield found, _RELATION if has_index else _OBJECT
        if kind is Kind.COLUMN:
            yield self._same(claim), _COLUMN
        if kind is Kind.SCHEMA:
            yield self._same(claim), _SCHEMA
        if kind in (
            Kind.TRIGGER,
            Kind.POLICY,
            Kind.RULE,
            Kind.COLLATION,
            Kind.STATISTICS,
            *DATABASE_TYPES.values(),
            *OPERATOR_GROUPS,
        ):
            yield self._same(claim), _OBJECT
        if kind in TEXT_SEARCH:
            yield self._same(claim), _UNIQUE_INDEX

    def _same(self, subject: Subject) -> Subject | None:
        return subject if subject in self._before.objects else None

    def _first(self, kinds: Iterable[Kind], name: tuple[str, ...]) -> Subject | None:
        return next((found for kind in kinds if (found := self._same(Subject(kind, name))) is not None), None)

    def _relation(self, place: tuple[str, str]) -> Subject | None:
        """The sequence of an identity column is no object of the schema."""
        found = self._before.subject(place)
        return None if found is None or found.kind is Kind.COLUMN else found


def _subject(claim: Subject) -> Subject:
    """What the model calls the object that is claimed."""
    return Subject(claim.kind, claim.name[:2]) if claim.kind is Kind.PRIMARY_KEY else claim


def _may_free(statement: Statement, taken: Subject, live: Schema) -> bool:
    """Say whether *statement*, which the deployment runs before, may drop or rename what has the name."""
    kind, node = statement.kind, statement.node
    found = words(statement)
    if kind == "AlterTableStmt":
        commands = [each["AlterTableCmd"] for each in node["cmds"]]
        dropping = [each for each in commands if each["subtype"] in _DROPPING_COMMANDS]
        if taken.kind is Kind.COLUMN:
            return any(each["name"] == taken.name[-1] for each in dropping)
        return any(_cascades(each) for each in dropping) or (
            bool(dropping) and node["relation"]["relname"] in _whose_parts_take_along(taken, live)
        )
    if kind not in _MAY_FREE:
        return False
    if _cascades(node) or (kind == "DoStmt" and "execute" in found):
        return True
    table = [parent for parent in live.parents(taken) if parent.kind in RELATIONS]
    names = {last_word(taken), taken.name[0].casefold(), *(last_word(each) for each in table)}
    return not names.isdisjoint(found)


def _whose_parts_take_along(taken: Subject, live: Schema) -> set[str]:
    """The names of the tables with a part that may take *taken* along when it is dropped: its own, and those above."""
    names: set[str] = set()
    left = [] if taken.kind in RELATIONS else [*live.parents(taken)]
    while left:
        subject = left.pop()
        if subject.kind is Kind.COLUMN:
            left += live.parents(subject)
        elif subject.kind in RELATIONS and subject.name[-1] not in names:
            names.add(subject.name[-1])
            table = live.objects.get(subject)
            if isinstance(table, Table):
                left += [*table.inherits, *([] if table.partition_of is None else [table.partition_of])]
    return names


def _cascades(node: object) -> bool:
    return isinstance(node, dict) and node.get("behavior") == "DROP_CASCADE"

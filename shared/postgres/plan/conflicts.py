"""Names that are taken: which statements of a pending run meet an object of that name with another definition.

Such a statement certainly fails. An object that is exactly what the statement makes is no conflict, but its effect:
somebody ran it by hand. Where an earlier statement of the run may free the name, nothing is certain.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from ...model.difference import Difference
from ...model.plan import Conflict
from ...model.progress import THERE, Progress, StatementState
from ...model.schema import CONSTRAINTS, RELATIONS, SIGNED, Definition, Enum, Kind, Schema, Subject
from ...model.value import dataclass
from ..difference.words import described
from ..parse import Statement
from ..progress.evidence import Live, Reading
from ..progress.ground import Effect
from ..progress.steps import words
from .claims import claims, new_value
from .freed_names import may_free
from .known import Known
from .taken_names import TakenNames

_OBJECT = "42710"
# What they make has its types in its name: which, only the replay knows.
_SIGNING = frozenset({"CreateCastStmt", "CreateFunctionStmt", "DefineStmt"})
_RUN_ALREADY = THERE | {StatementState.NO_TRACE}
# A table with one of these more or less is another table; an index, a trigger or a policy is beside it.
_PARTS_OF_TABLE = frozenset({*CONSTRAINTS, Kind.COLUMN})


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


def conflicts_in_part(
    run: Sequence[Pending], live: Schema, hidden: Live, watched: str, differences: Iterable[Difference]
) -> list[tuple[Conflict, ...]]:
    """For each script of *run*: the statements whose objects exist, where a part of one is among the *differences*.

    Such a table may be the work of the statement, changed by hand, or another table. The deployment fails at it, or
    skips over it, in both cases; and to record the statement as run would leave the difference.
    """
    parts: dict[Subject, list[Difference]] = defaultdict(list)
    for each in differences:
        parts[each.subject].append(each)
        if each.subject.kind in _PARTS_OF_TABLE:
            for relation in RELATIONS:
                parts[Subject(relation, each.subject.name[:2])].append(each)
    if not parts:
        return [() for _ in run]
    finder = _Finder(run, live, hidden, watched)
    return [tuple(finder.in_part(script, parts)) for script in run]


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
    def _names(self) -> TakenNames:
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
            if self._hidden.hidden(found_as) is None and not self._may_be_free(found_as, statement):
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

    def in_part(self, script: Pending, parts: Mapping[Subject, Sequence[Difference]]) -> Iterator[Conflict]:
        numbered = zip(script.statements, script.progress.statements, script.effects, strict=True)
        said: set[Subject] = set()
        for number, (statement, progress, effect) in enumerate(numbered):
            is_there = progress.state is StatementState.PRESENT and not (progress.superseded or progress.part)
            made = [subject for subject, (before, after) in effect.objects.items() if before is None and after]
            found = {part.subject: part for subject in made for part in parts.get(subject, ())} if is_there else {}
            taken = self._taken(statement, made) if found else None
            skips = taken is None and _skips_what_exists(statement)
            for subject, part in found.items():
                if subject in said or (taken is None and not skips):
                    continue
                said.add(subject)
                yield Conflict(
                    number, statement.line, statement.sql, "" if taken is None else taken[2],
                    made[0] if taken is None else _subject(taken[0]), part.expected, subject, part.actual,
                    in_part=True, repair=part.corrective,
                    skipped={subject: part.wanted} if taken is None and part.wanted is not None else {},
                )  # fmt: skip
            self._passed.append(statement)

    def _taken(self, statement: Statement, made: Sequence[Subject]) -> tuple[Subject, Subject, str] | None:
        """The first name that the statement claims and does not get, who has it, and the SQLSTATE."""
        for claim in self._claims(statement, made):
            found = self._names.taken(claim)
            if found is None or self._hidden.hidden(found[0]) is not None or self._may_be_free(found[0], statement):
                continue
            return claim, *found
        return None

    def _conflict(self, number: int, statement: Statement, effect: Effect) -> Conflict | None:
        made = [subject for subject, (before, _) in effect.objects.items() if before is None]
        if made and not (self._differs(made) or self._is_moved_from(effect)):
            return None  # it is there as the statement makes it
        if (taken := self._taken(statement, made)) is not None:
            claim, found_as, sqlstate = taken
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
            if isinstance(found, Enum) and value in found.values and not self._may_be_free(subject, statement):
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
        if statement.kind in _SIGNING and not statement.node.get("replace"):
            yield from (each for each in made if each.kind in SIGNED)

    def _differs(self, made: Iterable[Subject]) -> bool:
        """Say whether one of *made* is surely not what any statement of the run makes of it."""
        readings = (
            (self._hidden.evidence(subject, None, after).reading for after in self._later[subject]) for subject in made
        )
        return any(all(each in (Reading.WITHOUT, Reading.NEITHER) for each in found) for found in readings)

    def _is_moved_from(self, effect: Effect) -> bool:
        """Say whether something is still where the statement takes it from: what has its new name is another object."""
        return any(
            after is None
            and subject not in self._later
            and self._hidden.evidence(subject, before, None).reading is Reading.WITHOUT
            for subject, (before, after) in effect.objects.items()
        )

    def _may_be_free(self, taken: Subject, by: Statement) -> bool:
        """Say whether the name is free by then: an ALTER TABLE drops first, whatever the order of its commands."""
        own = [by] if by.kind == "AlterTableStmt" else []
        return any(may_free(statement, taken, self._live) for statement in (*self._passed, *own))


def _subject(claim: Subject) -> Subject:
    """What the model calls the object that is claimed."""
    return Subject(claim.kind, claim.name[:2]) if claim.kind is Kind.PRIMARY_KEY else claim

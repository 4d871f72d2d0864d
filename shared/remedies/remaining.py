"""Which statements of a partially applied script remain to be run, and what undoes it."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby

from ..model.progress import Progress, Ran, StatementProgress, StatementState
from ..model.value import dataclass, replace
from ..postgres.canonical.sql import identifier
from ..postgres.mentions import tables_of
from ..postgres.parse import parse
from ..postgres.reading_again import read_again
from . import defaults
from .brackets import Brackets
from .lines import numbered
from .of_session import made_otherwise, prepares
from .out_of_order import WriteOrder
from .repeatable import is_bare, is_repeatable, is_setting, never_back_of
from .rolled_back import closes, opens, without_rolled_back

_MISSING = {StatementState.ABSENT, StatementState.INVALID}
# They end with their transaction.
_OF_TRANSACTION = re.compile(r"(?:DECLARE|LOCK|SET\s+(?:CONSTRAINTS|LOCAL|TRANSACTION))\b", re.IGNORECASE)
_MOST_ASKED_SINGLY = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbours of a script. If they are not *certain* not to have run, or may run again, nothing shows it.

    *around* are its `Brackets` that are run with them, whether they have run or not. They cannot run any more if
    *removing* ran, and must not if one of the *later* ones did.
    """

    statements: tuple[StatementProgress, ...]
    certain: bool
    around: tuple[StatementProgress, ...] = ()
    removing: tuple[StatementProgress, ...] = ()
    later: tuple[StatementProgress, ...] = ()

    @property
    def is_asked(self) -> bool:
        """Say whether only a person knows if they are to be run."""
        return not self.certain or bool(self.removing or self.later)


def remaining(progress: Progress) -> list[Part]:
    """What is still to be run, in the script's order; where nothing proves whether it ran, a person has to be asked."""
    brackets, order = Brackets(progress), WriteOrder(progress)
    rest = [
        _of_one(progress, statement, order)
        for statement in without_rolled_back(made_otherwise(progress))
        if not (is_bare(statement) or statement.superseded) and statement.ran is not Ran.RAN
        if statement.ran is Ran.NOT_RUN or statement not in brackets.statements
    ]
    return [_framed(part, brackets, order) for part in _joined(rest)]


def each_asked_about(progress: Progress) -> list[Part]:
    """Every statement alone, for a person who knows that some of them ran."""
    brackets, order = Brackets(progress), WriteOrder(progress)
    return [
        _framed(Part((each,), certain=False, removing=_removing(progress, each)), brackets, order)
        for each in without_rolled_back(progress.statements)
        if not (is_bare(each) or each in brackets.statements)
    ]


def _framed(part: Part, brackets: Brackets, order: WriteOrder) -> Part:
    later = part.later
    if not part.certain and len(part.statements) == 1:
        later = tuple(order.later(part.statements[0]))
    return replace(part, around=brackets.around(part.statements), later=later)


def _of_one(progress: Progress, statement: StatementProgress, order: WriteOrder) -> Part:
    certain = statement.ran is Ran.NOT_RUN or is_repeatable(statement) or bool(never_back_of(statement))
    if statement.person:
        return Part((statement,), certain)
    removal = statement.removal
    if removal is None:
        is_sure = statement.ran is Ran.NOT_RUN
        return Part((statement,), certain, later=tuple(order.later(statement)) if is_sure else ())
    made, removed = progress.statements[removal.made], progress.statements[removal.removed]
    if Ran.NOT_RUN in (made.ran, removed.ran) or (made.ran is Ran.OPEN and is_repeatable(made)):
        return Part((statement,), certain)  # it is made, or made again, before this one runs
    removing = _removing(progress, statement)
    if removing and Ran.RAN in (made.ran, removed.ran):
        why = f"{numbered(progress, removing)} has removed {removal.subject}, which it uses"
        return Part((replace(statement, person=why),), certain)
    # What removes it may run again only where what makes it does.
    return Part((statement,), statement.ran is Ran.NOT_RUN, removing=removing)


def _removing(progress: Progress, statement: StatementProgress) -> tuple[StatementProgress, ...]:
    """The statement that has removed what *statement* uses, if it ran, as what its script makes for a while."""
    removed = () if statement.removal is None else (progress.statements[statement.removal.removed],)
    return tuple(each for each in removed if each.start != statement.start)


def _joined(rest: Sequence[Part]) -> Iterator[Part]:
    """Neighbours together; but each that must be asked about on its own, unless these are too many.

    One question is never about what Prisma may have run and what it certainly did not: the answers differ. What only a
    person can do is on its own as well, and what sets sequences.
    """
    singly = sum(part.is_asked for part in rest) <= _MOST_ASKED_SINGLY
    for _, group in groupby(rest, key=_what_they_share):
        parts = list(group)
        if singly and parts[0].is_asked:
            yield from parts
        else:
            yield _merged(parts)


def _what_they_share(part: Part) -> object:
    first = part.statements[0]
    is_by_hand = not part.certain and first.by_hand
    return part.certain, is_by_hand, bool(part.removing), bool(part.later), first.person, bool(never_back_of(first))


def _merged(parts: Sequence[Part]) -> Part:
    own = {each.start: each for part in parts for each in part.statements}
    removing = {each.start: each for part in parts for each in part.removing if each.start not in own}
    later = {each.start: each for part in parts for each in part.later if each.start not in own}
    return replace(
        parts[0], statements=tuple(own.values()), removing=tuple(removing.values()), later=tuple(later.values())
    )


def runnable(progress: Progress, part: Part) -> list[str]:
    """The SQL of *part*, within the settings and the transactions that its script puts around it."""
    run = {*part.statements, *part.around}
    last = max(each.start for each in run)
    prepared = prepares(progress, run)
    sql: list[str] = []
    # How a transaction begins, as long as nothing of it is run.
    beginning: list[str] | None = None
    is_open = False
    for number, statement in enumerate(progress.statements, 1):
        if statement in run:
            if beginning is not None:
                sql += beginning
                beginning, is_open = None, True
            sql += never_back_of(statement) or defaults.without(statement, progress.statements[number:])
        elif opens(statement):
            beginning = [statement.sql]
        elif closes(statement):
            if is_open:
                sql.append(statement.sql)
            elif beginning is not None:
                sql += (each for each in beginning[1:] if not _OF_TRANSACTION.match(each))
            beginning, is_open = None, False
        elif (is_setting(statement) and statement.start < last) or statement in prepared:
            (sql if beginning is None else beginning).append(statement.sql)
    return sql


def undoing(progress: Progress, empty_tables: frozenset[tuple[str, ...]]) -> list[str] | None:
    """What undoes the script so that it can run again; None if that drops more, or repeats changes of rows."""
    steps = progress.undo
    if not steps:
        return None
    dropped = {table.name[1] for step in steps if step.sql.startswith("DROP TABLE ") for table in step.tables}
    if any(_lasts(statement, dropped) for statement in _may_have_run(progress)):
        return None
    tables = {table.name for step in steps for table in step.tables}
    return [step.sql for step in steps] if tables <= empty_tables else None


def broken_indexes(parts: Iterable[Part], schema: str) -> list[str]:
    """What drops each invalid index that the script left: it has the name that the next try needs."""
    invalid = (s for part in parts for s in part.statements if s.state is StatementState.INVALID)
    return [sql for statement in invalid if (sql := _dropping(statement, schema)) is not None]


def first_missing(parts: Iterable[Part]) -> StatementProgress | None:
    return next((s for part in parts for s in part.statements if s.state in _MISSING), None)


def first_not_applied(parts: Iterable[Part], missing: StatementProgress) -> list[StatementProgress]:
    """The statement *missing*, which shows that it was not applied, behind those before it that show nothing."""
    return [each for part in parts for each in part.statements if each.start < missing.start] + [missing]


def replaced(progress: Progress) -> list[StatementProgress]:
    """The statements that need not run any more, since later ones that ran have replaced or removed the result."""
    # It is unknown whether one that removes what is missing anyway has run: it may run again.
    return [each for each in progress.statements if each.superseded and each.state is not StatementState.UNKNOWN]


def is_outdated(progress: Progress) -> bool:
    """Say whether a deploy must not run the script: later ones that ran have replaced what it does, or some of it."""
    return bool(replaced(progress) or replaced_in_part(progress))


def replaced_in_part(progress: Progress) -> list[StatementProgress]:
    """The statements that must not run as they stand any more, though something of them is still to be done."""
    return [each for each in progress.statements if (each.part or each.person) and each.ran is not Ran.RAN]


def is_open(progress: Progress) -> bool:
    """Say whether a person has to find out whether a statement ran, because the history does not say."""
    return bool(open_statements(progress))


def open_statements(progress: Progress) -> list[StatementProgress]:
    """The statements that must not run twice and for which neither is proven, that they ran or that they did not."""
    return [each for each in unproven(progress) if not each.by_hand]


def run_by_hand_if_at_all(progress: Progress) -> list[StatementProgress]:
    """The statements that Prisma did not run, and that somebody may have run by hand without a trace."""
    return [each for each in unproven(progress) if each.by_hand]


def unproven(progress: Progress) -> list[StatementProgress]:
    """The statements that must not run twice and for which nothing proves that nobody ran them, Prisma or a person."""
    brackets = Brackets(progress).statements
    return [
        each
        for each in progress.statements
        if each.ran is Ran.OPEN and not (is_bare(each) or is_repeatable(each) or each.superseded or each in brackets)
    ]


def _may_have_run(progress: Progress) -> Iterator[StatementProgress]:
    return (s for s in progress.statements if s.state is StatementState.NO_TRACE and s.ran is not Ran.NOT_RUN)


def _lasts(statement: StatementProgress, dropped: Set[str]) -> bool:
    """Say whether a statement without trace may have changed rows that stay when the tables *dropped* are gone."""
    tables = {name for each in read_again(statement) for name in tables_of(each)}
    return not is_bare(statement) and not is_repeatable(statement) and not (tables and tables <= dropped)


def _dropping(statement: StatementProgress, schema: str) -> str | None:
    if statement.undo is not None:
        return statement.undo.sql
    # CREATE INDEX IF NOT EXISTS: the index may be older, but an invalid one has no use.
    index = parse(statement.sql)[0].node
    if "idxname" not in index:
        return None
    own = index["relation"].get("schemaname", schema)
    return f"DROP INDEX {identifier(own)}.{identifier(index['idxname'])};"

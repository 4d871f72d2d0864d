"""What mends a migration: it follows from what the history says and what the catalog shows, and from nothing else.

Each row of this table was followed literally with the real engine, and ended in a passed check.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.judge import commands
from shared.model.diagnosis import MigrationStanding
from shared.model.finding import Step
from shared.model.progress import Effects, Progress, StatementProgress, StatementState
from shared.model.settings import RemedySettings

_REMAINING = {StatementState.ABSENT, StatementState.INVALID}
_MOST_SQL = 20_000


@dataclass(frozen=True, slots=True)
class Situation:
    """What a remedy depends on beside the migration itself.

    *failed* names the failed migrations, each of which blocks every deploy (P3009); *empty_tables*
    are those that certainly hold no row.
    """

    settings: RemedySettings
    schema: str
    needs_baseline: bool
    failed: tuple[str, ...]
    empty_tables: frozenset[tuple[str, ...]]
    logs_readable: bool

    def framed(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        return commands.framed(self.settings, steps)


def for_pending(situation: Situation) -> tuple[Step, ...]:
    """Never run, nothing of it there: deploy; what stands in the way of that first."""
    if situation.failed:
        return (_behind(situation.failed),)
    return situation.framed(_deploy(situation))


def for_rolled_back(situation: Situation) -> tuple[Step, ...]:
    if situation.failed:
        return (_behind(situation.failed),)
    return situation.framed(iter([Step("Mend what made it fail the first time."), *_deploy(situation)]))


def for_unrecorded(standing: MigrationStanding, situation: Situation) -> tuple[Step, ...]:
    """All of it is there: record it, once what leaves no trace is known to have run."""
    return situation.framed(_traceless(standing, situation, applied_by_hand=True))


def _traceless(standing: MigrationStanding, situation: Situation, *, applied_by_hand: bool) -> Iterator[Step]:
    unproven = [s for s in _statements(standing) if s.state is StatementState.NO_TRACE and not _is_bare(s)]
    if unproven:
        whose = "Nothing shows whether these of its statements ran" if applied_by_hand else "These leave no trace"
        yield Step(f"{whose}; run them if their rows are not there yet.", _sql(unproven, situation))
    yield Step(
        "Record it as applied, without running it; its objects must still all be there.",
        commands.resolve_applied(standing.name),
    )


def for_partially_applied(standing: MigrationStanding, situation: Situation) -> tuple[Step, ...]:
    return situation.framed(_complete(standing, situation, failed=False))


def for_failed(standing: MigrationStanding, situation: Situation) -> tuple[Step, ...]:
    """Its row blocks every deploy (P3009): what frees it depends on how far it got."""
    return situation.framed(_for_failed(standing, situation))


def _for_failed(standing: MigrationStanding, situation: Situation) -> Iterator[Step]:
    effects = standing.progress.effects if isinstance(standing.progress, Progress) else Effects.CANNOT_TELL
    if standing.shipped is None:
        yield Step(
            "Take the failed row back: the release no longer has the migration, so nothing is run again.",
            commands.resolve_rolled_back(standing.name),
        )
        yield Step("Look what it left behind, and remove that with a new migration.")
    elif standing.also_finished:
        yield Step(
            "Take the failed row back: another run of it finished, so nothing is run again.",
            commands.resolve_rolled_back(standing.name),
        )
    elif effects is Effects.NONE:
        yield Step("Mend what made it fail: nothing of it is there, so it can be run again as a whole.")
        yield from _run_again(standing, situation)
    elif effects is Effects.ALL:
        yield from _traceless(standing, situation, applied_by_hand=False)
    elif effects is Effects.SOME:
        yield from _complete(standing, situation, failed=True)
    else:
        yield from _cannot_tell(standing, situation)


def _run_again(standing: MigrationStanding, situation: Situation) -> Iterator[Step]:
    yield Step("Take the failed row back,", commands.resolve_rolled_back(standing.name))
    others = [name for name in situation.failed if name != standing.name]
    if others:
        yield Step(f"mend {' and '.join(others)} likewise (any failed row blocks every deploy, P3009),")
    yield Step("and apply it again.", commands.DEPLOY)


def _complete(standing: MigrationStanding, situation: Situation, *, failed: bool) -> Iterator[Step]:
    """Some of it is there: run the rest and record it; or take back what it made, where nothing else would go."""
    progress = standing.progress
    if not isinstance(progress, Progress):
        yield from _cannot_tell(standing, situation)
        return
    rest, undecided = _rest(progress)
    for statement in rest:
        if statement.state is StatementState.INVALID and statement.undo is not None:
            yield Step(
                "First drop the broken index that it left; no query uses it.",
                commands.psql([statement.undo.sql], situation.schema),
            )
    missing = next((s for s in rest if s.state in _REMAINING), None)
    if failed and missing is not None:
        yield Step(f"Mend what made the statement in line {missing.line} fail: it is the first that is not there.")
    if rest:
        yield Step(_what_remains(progress, rest, undecided), _sql(rest, situation))
    yield Step("Record it as applied.", commands.resolve_applied(standing.name))
    undo = _undo(standing, situation)
    if undo is not None:
        yield Step(
            "Or, instead of all that: take back what it made (nothing else goes, and the tables hold no row),",
            commands.psql(undo, situation.schema),
        )
        if failed:
            yield from _run_again(standing, situation)
        else:
            yield Step("and apply it again.", commands.DEPLOY)


def _what_remains(progress: Progress, rest: Sequence[StatementProgress], undecided: Sequence[StatementProgress]) -> str:
    several = f"These {len(rest)} statements are" if len(rest) > 1 else "This statement is"
    text = f"Run the rest of it. {several} printed as in the file."
    if undecided:
        text += f" {_lines(undecided)} left no trace: leave out what has run already."
    unknown = [s for s in progress.statements if s.state is StatementState.CANNOT_TELL]
    if unknown:
        text += f" Look yourself at {_lines(unknown).lower()}: what is there does not tell."
    return text


def _lines(statements: Sequence[StatementProgress]) -> str:
    numbers = ", ".join(str(statement.line) for statement in statements)
    return f"Line{'s' if len(statements) > 1 else ''} {numbers}"


def _cannot_tell(standing: MigrationStanding, situation: Situation) -> Iterator[Step]:
    unknown = [s for s in _statements(standing) if s.state is StatementState.CANNOT_TELL]
    if unknown:
        for statement in unknown[:10]:
            yield Step(f"Look at line {statement.line}: {statement.because}.", statement.sql)
    else:
        yield Step("Find out which of its statements ran: none of them leaves a trace in the schema.")
    yield Step("If all of it ran: record it as applied.", commands.resolve_applied(standing.name))
    yield Step("If nothing of it ran:")
    yield from _run_again(standing, situation)


def for_renamed(standing: MigrationStanding, situation: Situation) -> tuple[Step, ...]:
    step = Step("Record the new name as applied, without running it.", commands.resolve_applied(standing.name))
    return situation.framed(iter([step]))


def _deploy(situation: Situation) -> Iterator[Step]:
    if situation.needs_baseline:
        yield Step(
            f"The schema {situation.schema} holds tables and no history, so Prisma refuses to deploy (P3005): "
            "first record each migration whose objects are all there as applied."
        )
    yield Step("Apply what is pending.", commands.DEPLOY)


def _behind(failed: Sequence[str]) -> Step:
    return Step(f"First mend {' and '.join(failed)}: Prisma deploys nothing while one stands as failed (P3009).")


def _statements(standing: MigrationStanding) -> Sequence[StatementProgress]:
    return standing.progress.statements if isinstance(standing.progress, Progress) else ()


def _rest(progress: Progress) -> tuple[list[StatementProgress], list[StatementProgress]]:
    """What is still to be run, in the file's order; and which of it may have run already, without a trace.

    If it simply stopped, everything before the last statement that is there has run. Where
    statements are missing in between, somebody went on by hand, and nothing is known of any that
    leaves no trace.
    """
    statements = progress.statements
    if progress.prefixes:
        rest = list(statements[min(progress.prefixes) :])
        undecided = list(statements[min(progress.prefixes) : max(progress.prefixes)])
    else:
        rest = [s for s in statements if s.state in _REMAINING or s.state is StatementState.NO_TRACE]
        undecided = [s for s in rest if s.state is StatementState.NO_TRACE]
    rest = [s for s in rest if not (_is_bare(s) and s in undecided)]
    return rest, [s for s in undecided if s in rest]


def _is_bare(statement: StatementProgress) -> bool:
    """Say whether a statement without trace changes no row either: SET, BEGIN, COMMIT, COMMENT."""
    return statement.sql.lstrip().split(None, 1)[0].upper() in {"SET", "BEGIN", "COMMIT", "COMMENT", "START", "END"}


def _undo(standing: MigrationStanding, situation: Situation) -> list[str] | None:
    progress = standing.progress
    steps = progress.undo if isinstance(progress, Progress) else None
    if not steps:
        return None
    tables = {table.name for step in steps for table in step.tables}
    return [step.sql for step in steps] if tables <= situation.empty_tables else None


def _sql(statements: Sequence[StatementProgress], situation: Situation) -> str:
    command = commands.psql([statement.sql for statement in statements], situation.schema)
    return command if len(command) <= _MOST_SQL else f"{command[:_MOST_SQL]}\n-- … the rest stands in the file"

"""How to fix what a migration lacks that was recorded as applied without being run, on this database alone."""

from collections.abc import Iterable, Iterator, Sequence

from ..model.diagnosis import MigrationStatus
from ..model.finding import Finding, Severity, Step
from ..model.phrases import listed
from ..model.progress import Progress, Ran, StatementProgress
from ..model.value import replace
from ..postgres.live import Live
from ..postgres.reading_again import read_again
from ..prisma.logs import recorded_error
from .excerpt import excerpt_of
from .in_the_way import rows_in_the_way, without_losing_rows
from .lines import numbered
from .remaining import remaining
from .running import running

_POINTER = "First run the missing statements of"


def complete_first(names: Sequence[str]) -> Step:
    """What comes before a deploy: those after the migrations *names* may need what these lack."""
    return Step(f"{_POINTER} {listed(names)}, marked as applied without being run, and check again.")


def points_to_missing(step: Step) -> bool:
    """Say whether *step* is only `complete_first`: the statements are in the schema's findings."""
    return step.command is None and step.text.startswith(_POINTER)


def of_recorded_early(finding: Finding, recorded: Iterable[MigrationStatus], live: Live) -> Finding:
    """Give the *finding* of the schema check with the missing statements of the migrations that were only *recorded*.

    A new migration would be wrong: every other database has what these make. Where it is open whether a write of theirs
    ran, the application may lack rows, however little the missing object matters.
    """
    recorded = tuple(recorded)
    names = [status.name for status in recorded]
    was = "it was" if len(names) == 1 else "they were"
    steps = tuple(step for status in recorded for step in _steps(status, live))
    return replace(
        finding,
        severity=Severity.CRITICAL if any(step.asks for step in steps) else finding.severity,
        summary=f"{finding.summary} Statements of {listed(names)} are missing: {was} marked as applied without being "
        "run (migrate resolve --applied).",
        remedy=steps,
        evidence={**finding.evidence, "recorded_early": [*names]},
    )


def _steps(status: MigrationStatus, live: Live) -> Iterator[Step]:
    progress = status.progress
    if not isinstance(progress, Progress):
        return
    yield from _cause(status, progress, live)
    to_run = _as_it_is_to_be_run(status, progress)
    for part in remaining(to_run):
        if dropping := [each for each in part.statements if _drops_rows(each)]:
            where = numbered(to_run, dropping)
            yield Step(
                f"{where[0].upper()}{where[1:]} of {status.name}: this removes a table or a column with its rows. "
                "Save them first, if anybody still needs them."
            )
        for step in running(part, to_run, live, excerpt_of(status)):
            text = f"{status.name}, on this database only: {step.text[0].lower()}{step.text[1:]}"
            yield replace(step, text=text)


def _cause(status: MigrationStatus, progress: Progress, live: Live) -> Iterator[Step]:
    """What made it fail before it was marked as applied: the missing statements would fail by the same cause."""
    error = recorded_error(status.failed_before.logs if status.failed_before else None)
    failing = [progress.statements[number] for number in status.failing if number not in status.settled]
    at_fault = [statement for statement in failing if statement.ran is not Ran.RAN]
    if error is None or not at_fault:
        return
    said = f"Check the rows that most likely made {status.name} fail."
    yield from rows_in_the_way(at_fault, progress.statements, error, live, said)
    where = numbered(progress, at_fault)
    instead = without_losing_rows(at_fault, error)
    yield Step(f"Fix what made {where} of {status.name} fail when it was run: {error.message}.{instead}")


def _drops_rows(statement: StatementProgress) -> bool:
    (parsed,) = read_again(statement)
    if parsed.kind == "DropStmt":
        return parsed.node["removeType"] in {"OBJECT_TABLE", "OBJECT_SCHEMA"}
    commands_of = parsed.node.get("cmds", ()) if parsed.kind == "AlterTableStmt" else ()
    return any(each["AlterTableCmd"]["subtype"] == "AT_DropColumn" for each in commands_of)


def _as_it_is_to_be_run(status: MigrationStatus, progress: Progress) -> Progress:
    """Leave out what other findings fix, and put in what shows nothing and belongs to what is missing."""
    known = {**dict.fromkeys(status.settled, Ran.RAN), **dict.fromkeys(status.lacking, Ran.NOT_RUN)}
    statements = (replace(each, ran=known.get(number, each.ran)) for number, each in enumerate(progress.statements))
    return replace(progress, statements=tuple(statements))

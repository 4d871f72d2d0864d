"""How to fix what a migration lacks that was recorded as applied without being run, on this database alone."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from shared.judge.lines import listed
from shared.judge.remaining import remaining
from shared.judge.running import running
from shared.model.diagnosis import MigrationStanding
from shared.model.finding import Finding, Step
from shared.model.progress import Progress, Ran


def of_recorded_early(finding: Finding, recorded: Iterable[MigrationStanding], schema: str) -> Finding:
    """Give the *finding* of the schema check with the missing statements of the migrations that were only *recorded*.

    A new migration would be wrong: every other database has what these make.
    """
    recorded = tuple(recorded)
    names = [standing.name for standing in recorded]
    was = "it was" if len(names) == 1 else "they were"
    return replace(
        finding,
        summary=f"{finding.summary} Statements of {listed(names)} are missing: {was} recorded as applied without being "
        "run (migrate resolve --applied).",
        remedy=tuple(step for standing in recorded for step in _steps(standing, schema)),
        evidence={**finding.evidence, "recorded_early": [*names]},
    )


def _steps(standing: MigrationStanding, schema: str) -> Iterator[Step]:
    progress = standing.progress
    if not isinstance(progress, Progress):
        return
    for part in remaining(_without_settled(progress, standing.settled)):
        for step in running(part, progress, schema):
            text = f"{standing.name}, on this database only: {step.text[0].lower()}{step.text[1:]}"
            yield replace(step, text=text)


def _without_settled(progress: Progress, settled: frozenset[int]) -> Progress:
    """Leave out what other findings fix: nothing of it is to be run."""
    statements = (
        replace(each, ran=Ran.RAN) if number in settled else each for number, each in enumerate(progress.statements)
    )
    return replace(progress, statements=tuple(statements))

"""At which statement each migration failed, by the error that was recorded of it."""

from collections.abc import Iterable
from dataclasses import replace

from ..model.diagnosis import MigrationStanding
from ..model.progress import Progress, StatementState
from ..postgres.failing import failing_statements
from ..prisma.logs import recorded_error
from ..prisma.script import runnable
from .scripts import Scripts


def with_failures(migrations: Iterable[MigrationStanding], scripts: Scripts) -> tuple[MigrationStanding, ...]:
    """Give the *migrations*, each with the statements that its recorded error points to."""
    return tuple(_with_failure(standing, scripts) for standing in migrations)


def _with_failure(standing: MigrationStanding, scripts: Scripts) -> MigrationStanding:
    progress, row, shipped = standing.progress, standing.row, standing.shipped
    if not isinstance(progress, Progress) or row is None or shipped is None or shipped.script is None:
        return standing
    error = recorded_error(standing.failed_before.logs if standing.failed_before else row.logs)
    if error is None:
        return standing
    script, statements = runnable(shipped.script), scripts.known(standing.name, shipped.script)
    present = {number for number, each in enumerate(progress.statements) if each.state is StatementState.PRESENT}
    return replace(standing, failing=failing_statements(script, statements, error, present))

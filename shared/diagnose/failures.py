"""At which statement each migration failed, by the error that was recorded of it."""

from collections.abc import Iterable

from ..model.diagnosis import MigrationStatus
from ..model.progress import Progress, StatementState
from ..model.value import replace
from ..postgres.failing import failing_statements
from ..prisma.logs import recorded_error
from ..prisma.script import runnable
from .scripts import Scripts


def with_failures(migrations: Iterable[MigrationStatus], scripts: Scripts) -> tuple[MigrationStatus, ...]:
    """Give the *migrations*, each with the statements that its recorded error points to."""
    return tuple(_with_failure(status, scripts) for status in migrations)


def _with_failure(status: MigrationStatus, scripts: Scripts) -> MigrationStatus:
    progress, row, shipped = status.progress, status.row, status.shipped
    if not isinstance(progress, Progress) or row is None or shipped is None or shipped.script is None:
        return status
    error = recorded_error(status.failed_before.logs if status.failed_before else row.logs)
    if error is None:
        return status
    script, statements = runnable(shipped.script), scripts.known(status.name, shipped.script)
    present = {number for number, each in enumerate(progress.statements) if each.state is StatementState.PRESENT}
    return replace(status, failing=failing_statements(script, statements, error, present))

"""What is proven of statements of which the catalog says nothing: by the history, and by how Prisma ran the file."""

from collections.abc import Sequence
from dataclasses import replace

from shared.diagnose.order import HAVE_RUN, was_started
from shared.diagnose.scripts import Scripts
from shared.model.database import HistoryRow
from shared.model.diagnosis import MigrationStanding, State
from shared.model.progress import Progress
from shared.model.recorded_error import RecordedError
from shared.postgres.failing import failing_statements
from shared.prisma.checksum import matches
from shared.prisma.execution import UNSPLIT, Version, execution
from shared.prisma.logs import is_by_old_engine, recorded_error
from shared.prisma.order import Key, deploy_order
from shared.prisma.proof import Attempt, End, proven, proven_without_row
from shared.prisma.script import runnable

_SHOWN = HAVE_RUN | {State.UNRECORDED, State.PARTIALLY_APPLIED}


def with_proof(
    migrations: Sequence[MigrationStanding], scripts: Scripts, version: Version | None, *, logs_readable: bool
) -> tuple[MigrationStanding, ...]:
    """Give the *migrations*, of every statement of those that were followed whether it ran.

    *version* is that of the Prisma that deploys today. Where a row's logs show that an older one ran it, that counts.
    """
    begun = (each for each in migrations if each.row is not None or each.state in _SHOWN)
    latest = max((deploy_order(each.name) for each in begun), default=None)
    return tuple(
        _proven(standing, standing.progress, latest, scripts, version, logs_readable=logs_readable)
        if isinstance(standing.progress, Progress)
        else standing
        for standing in migrations
    )


def _proven(
    standing: MigrationStanding,
    progress: Progress,
    latest: Key | None,
    scripts: Scripts,
    version: Version | None,
    *,
    logs_readable: bool,
) -> MigrationStanding:
    """*latest* is the place of the last one that was run, or at least begun: Prisma left all before it behind."""
    if standing.row is None or standing.shipped is None or standing.shipped.script is None:
        said = proven_without_row(progress, overtaken=latest is not None and latest > deploy_order(standing.name))
    else:
        script = runnable(standing.shipped.script)
        statements = scripts.known(standing.name, standing.shipped.script)
        ran_by = UNSPLIT if is_by_old_engine(standing.row.logs) else version
        kind = execution((statement.tree for statement in statements), ran_by)
        error = recorded_error(standing.row.logs)
        attempt = Attempt(
            _end(standing, standing.row, error, logs_readable=logs_readable),
            same_file=matches(standing.shipped.script, standing.row.checksum),
            # What shows may have been run by hand since: that does not say that it was not the one that failed.
            failed_at=() if error is None else failing_statements(script, statements, error),
            taken_back=standing.row.rolled_back_at is not None,
            is_only=standing.attempts <= 1,
        )
        said = proven(progress, kind, attempt)
    judged = tuple(replace(each, ran=ran) for each, ran in zip(progress.statements, said, strict=True))
    return replace(standing, progress=replace(progress, statements=judged))


def _end(standing: MigrationStanding, row: HistoryRow, error: RecordedError | None, *, logs_readable: bool) -> End:
    if row.finished_at is not None:
        return End.FINISHED if was_started(standing) else End.RECORDED
    if not logs_readable:
        return End.UNREADABLE
    # A broken connection is no answer of the server's: what ran before it may have been committed.
    is_servers = error is not None and (error.sqlstate is not None or error.message.startswith("ERROR"))
    return End.ERROR if is_servers else End.SILENT

"""What is proven of statements of which the catalog says nothing: by the history, and by how Prisma ran the file."""

from collections.abc import Container, Sequence
from dataclasses import replace

from ..model.database import HistoryRow
from ..model.diagnosis import MigrationStanding, State
from ..model.knowledge import Unavailable
from ..model.progress import Progress, Ran, StatementProgress, StatementState
from ..model.recorded_error import RecordedError
from ..model.schema import Schema
from ..postgres.failing import failing_statements
from ..postgres.lacking import lacks, may_change_rows
from ..postgres.mentions import made_by
from ..postgres.parse import Statement
from ..prisma.checksum import matches
from ..prisma.execution import UNSPLIT, Version, execution
from ..prisma.logs import is_by_old_engine, recorded_error
from ..prisma.order import Key, deploy_order
from ..prisma.proof import Attempt, End, proven, proven_without_row
from ..prisma.script import runnable
from .order import HAVE_RUN, was_started
from .scripts import Scripts

_SHOWN = HAVE_RUN | {State.UNRECORDED, State.PARTIALLY_APPLIED}


def with_proof(
    migrations: Sequence[MigrationStanding],
    scripts: Scripts,
    version: Version | None,
    live: Schema | Unavailable,
    *,
    logs_readable: bool,
) -> tuple[MigrationStanding, ...]:
    """Give the *migrations*, of every statement of those that were followed whether it ran.

    *live* is the schema by which they were followed.
    *version* is that of the Prisma that deploys today. Where a row's logs show that an older one ran it, that counts.
    """
    begun = (each for each in migrations if each.row is not None or each.state in _SHOWN)
    latest = max((deploy_order(each.name) for each in begun), default=None)
    there = frozenset() if isinstance(live, Unavailable) else frozenset(subject.name[1:] for subject in live.objects)
    return tuple(
        _by_what_is_missing(
            _proven(standing, standing.progress, latest, scripts, version, logs_readable=logs_readable), scripts, there
        )
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


def _by_what_is_missing(
    standing: MigrationStanding, scripts: Scripts, there: Container[tuple[str, ...]]
) -> MigrationStanding:
    """Say of what changes rows that it did not run where it needs a table or a column that is missing.

    Else somebody may have run it by hand after an attempt that did not come to it. A migration that was never begun is
    taken to be nobody's work as long as none of it shows.
    """
    progress, shipped = standing.progress, standing.shipped
    if shipped is None or shipped.script is None or not isinstance(progress, Progress):
        return standing
    missing: set[tuple[str, ...]] = set()
    judged = []
    for statement, each in zip(scripts.known(standing.name, shipped.script), progress.statements, strict=True):
        if each.state is StatementState.ABSENT:
            missing |= {name for name in made_by(statement) if name not in there}
        if each.state is StatementState.NO_TRACE and each.ran is not Ran.RAN and may_change_rows(statement):
            judged.append(_of_rows(each, statement, missing, is_begun=standing.row is not None))
        else:
            judged.append(each)
    return replace(standing, progress=replace(progress, statements=tuple(judged)))


def _of_rows(
    each: StatementProgress, statement: Statement, missing: Container[tuple[str, ...]], *, is_begun: bool
) -> StatementProgress:
    if lacks(statement, missing):
        return replace(each, ran=Ran.NOT_RUN)
    return replace(each, ran=Ran.OPEN, by_hand=True) if is_begun and each.ran is Ran.NOT_RUN else each


def _end(standing: MigrationStanding, row: HistoryRow, error: RecordedError | None, *, logs_readable: bool) -> End:
    if row.finished_at is not None:
        return End.FINISHED if was_started(standing) else End.RECORDED
    if not logs_readable:
        return End.UNREADABLE
    # A broken connection is no answer of the server's: what ran before it may have been committed.
    is_servers = error is not None and (error.sqlstate is not None or error.message.startswith("ERROR"))
    return End.ERROR if is_servers else End.SILENT

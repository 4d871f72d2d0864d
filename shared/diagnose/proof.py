"""What history and Prisma's way of running a file prove about statements that leave no trace in the catalog."""

from collections.abc import Container, Sequence

from ..model.database import HistoryRow
from ..model.diagnosis import MigrationStatus, State
from ..model.knowledge import Unavailable
from ..model.progress import Progress, Ran, StatementState
from ..model.recorded_error import RecordedError
from ..model.schema import Schema
from ..model.value import replace
from ..postgres.failing import failing_statements
from ..postgres.lacking import lacks, may_change_rows
from ..postgres.mentions import made_by
from ..postgres.parse import Statement
from ..postgres.progress import OF_SESSION
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
    migrations: Sequence[MigrationStatus],
    scripts: Scripts,
    version: Version | None,
    live: Schema | Unavailable,
    *,
    logs_readable: bool,
) -> tuple[MigrationStatus, ...]:
    """Give the *migrations*, of every statement of those that were followed whether it ran.

    *live* is the schema by which they were followed.
    *version* is that of the Prisma that deploys today. Where a row's logs show that an older one ran it, that counts.
    """
    begun = (each for each in migrations if each.row is not None or each.state in _SHOWN)
    latest = max((deploy_order(each.name) for each in begun), default=None)
    there = frozenset() if isinstance(live, Unavailable) else frozenset(subject.name[1:] for subject in live.objects)
    return tuple(
        _by_what_is_missing(
            _proven(status, status.progress, latest, scripts, version, logs_readable=logs_readable), scripts, there
        )
        if isinstance(status.progress, Progress)
        else status
        for status in migrations
    )


def _proven(
    status: MigrationStatus,
    progress: Progress,
    latest: Key | None,
    scripts: Scripts,
    version: Version | None,
    *,
    logs_readable: bool,
) -> MigrationStatus:
    """*latest* is the place of the last one that was run, or at least begun: Prisma left all before it behind."""
    if status.row is None or status.shipped is None or status.shipped.script is None:
        said = proven_without_row(progress, overtaken=latest is not None and latest > deploy_order(status.name))
    else:
        script = runnable(status.shipped.script)
        statements = scripts.known(status.name, status.shipped.script)
        ran_by = UNSPLIT if is_by_old_engine(status.row.logs) else version
        kind = execution((statement.tree for statement in statements), ran_by)
        error = recorded_error(status.row.logs)
        attempt = Attempt(
            _end(status, status.row, error, logs_readable=logs_readable),
            same_file=matches(status.shipped.script, status.row.checksum),
            # What shows may have been run by hand since: that does not say that it was not the one that failed.
            failed_at=() if error is None else failing_statements(script, statements, error),
            is_rolled_back=status.row.rolled_back_at is not None,
            is_only=status.attempts <= 1,
        )
        said = proven(progress, kind, attempt)
    proven_statements = tuple(replace(each, ran=ran) for each, ran in zip(progress.statements, said, strict=True))
    return replace(status, progress=replace(progress, statements=proven_statements))


def _by_what_is_missing(
    status: MigrationStatus, scripts: Scripts, there: Container[tuple[str, ...]]
) -> MigrationStatus:
    """Say of what leaves no trace that it did not run where it needs a table or a column that is missing.

    Otherwise, unless it is only about its session, somebody may have run it by hand after an attempt that did not reach
    it. A migration that was never begun counts as not run by hand as long as no trace shows that.
    """
    progress, shipped = status.progress, status.shipped
    if shipped is None or shipped.script is None or not isinstance(progress, Progress):
        return status
    missing: set[tuple[str, ...]] = set()
    proven_statements = []
    for statement, each in zip(scripts.known(status.name, shipped.script), progress.statements, strict=True):
        if each.state is StatementState.ABSENT:
            missing |= {name for name in made_by(statement) if name not in there}
        if each.state is not StatementState.NO_TRACE or each.ran is Ran.RAN:
            proven_statements.append(each)
        elif lacks(statement, missing):
            proven_statements.append(replace(each, ran=Ran.NOT_RUN))
        elif status.row is not None and each.ran is Ran.NOT_RUN and _may_have_run_by_hand(statement):
            proven_statements.append(replace(each, ran=Ran.OPEN, by_hand=True))
        else:
            proven_statements.append(each)
    return replace(status, progress=replace(progress, statements=tuple(proven_statements)))


def _may_have_run_by_hand(statement: Statement) -> bool:
    """Say whether it may change anything that outlasts its session: a later one may have taken the trace away."""
    return may_change_rows(statement) or statement.kind not in OF_SESSION


def _end(status: MigrationStatus, row: HistoryRow, error: RecordedError | None, *, logs_readable: bool) -> End:
    if row.finished_at is not None:
        return End.FINISHED if was_started(status) else End.RECORDED
    if not logs_readable:
        return End.UNREADABLE
    # A broken connection is no answer of the server's: what ran before it may have been committed.
    is_servers = error is not None and (error.sqlstate is not None or error.message.startswith("ERROR"))
    return End.ERROR if is_servers else End.SILENT

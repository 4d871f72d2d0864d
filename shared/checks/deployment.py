"""What will the next deployment do? Names that exist already, and everything else in its plan."""

from collections.abc import Iterable, Iterator, Sequence

from ..model.database import DatabaseReading
from ..model.diagnosis import Comparison, Diagnosis, MigrationStatus, State
from ..model.facts import Facts
from ..model.finding import Cause, Finding, Json, Severity, Step
from ..model.knowledge import Unavailable, known
from ..model.plan import Conflict, Plan
from ..model.progress import Progress
from ..model.schema import Subject
from ..model.server import ServerReading
from ..model.statement_text import shown
from ..remedies import azure_commands, commands
from ..remedies.conflicting import CHECK_AGAIN, freeing
from ..remedies.context import RemedyContext, context_of
from ..remedies.remaining import replaced, replaced_in_part
from .awaited import is_imminent
from .fills_disk import fills_disk
from .outlasts_start import outlasts_start
from .predicted import Place, and_more, failing, predicted, will_fail
from .session_settings import session_settings
from .through_pool import through_pool

# What only a deploy applies. The others are fixed, or recorded, by steps of their own first.
_DEPLOYED = frozenset({State.PENDING, State.SKIPPED, State.ROLLED_BACK})
_TO_RUN = _DEPLOYED | {State.FAILED, State.PARTIALLY_APPLIED}
_LONGEST_STATEMENT = 500


def check_deployment(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    """Yield the migrations to run that certainly fail. Nothing is known if the schema was not compared."""
    truth, database = known(diagnosis), known(facts.database)
    to_run = [status for status in truth.migrations if status.state in _TO_RUN]
    if to_run and isinstance(truth.schema, Unavailable) and not any(status.conflicts for status in to_run):
        yield truth.schema
        return
    if is_imminent(facts) and (to_run or facts.phase == "before"):
        yield from through_pool(database)
    yield from _failing(facts, truth, database)
    if isinstance(truth.plan, Plan):
        yield from _planned(facts, truth.plan, database, to_run)


def _failing(facts: Facts, truth: Diagnosis, database: DatabaseReading) -> Iterator[Finding]:
    """The migrations that fail in any case: at what exists already, else as the plan says."""
    severity = Severity.CRITICAL if is_imminent(facts) else Severity.WARNING
    context = _context(facts, truth, database)
    for status in truth.migrations:
        if status.conflicts:
            yield _will_fail(status, context, severity, truth)
        elif (
            status.state in _TO_RUN
            and isinstance(truth.plan, Plan)
            and status.name in (*context.conflicting, *context.in_their_own_way)
        ):
            can_deploy = status.state in _DEPLOYED and _can_deploy(context, status)
            yield from will_fail(status.name, truth.plan, severity, context, _server(facts), can_deploy=can_deploy)


def _planned(
    facts: Facts, plan: Plan, database: DatabaseReading, to_run: Sequence[MigrationStatus]
) -> Iterator[Finding]:
    """What else the plan says; before a deployment is due, it is only information."""
    own = None if is_imminent(facts) else Severity.INFO
    urgent = Severity.CRITICAL if facts.phase == "before" else Severity.WARNING
    yield from predicted(plan, database, own, tuple(_restoring(facts)), frozenset(_replaced(to_run)))
    yield from fills_disk(plan, database, _server(facts), own)
    yield from outlasts_start(plan, facts.start, known(database.history).rows, own or urgent)
    yield from session_settings(plan, own, urgent)


def _server(facts: Facts) -> str | None:
    return facts.target.server.resource_id if facts.target.server is not None else None


def _replaced(statuses: Iterable[MigrationStatus]) -> Iterator[Place]:
    for status in statuses:
        if isinstance(status.progress, Progress):
            in_part = replaced_in_part(status.progress)
            yield from ((status.name, each.line, each.sql) for each in (*replaced(status.progress), *in_part))


def _restoring(facts: Facts) -> Iterator[Step]:
    """How the server's data of this moment comes back, where Azure says that it can."""
    expectation, reading = facts.target.server, facts.server
    if expectation is None or not isinstance(reading, ServerReading) or isinstance(reading.server, Unavailable):
        return
    earliest, now = reading.server.earliest_restore, facts.started_at
    if earliest is None or earliest > now:
        return
    days = reading.server.backup_days
    kept = f" The server keeps backups for {days} days." if days is not None else ""
    yield Step(
        f"If the data is needed again, restore it as it was at {now:%Y-%m-%d %H:%M:%S} UTC to a new server: the old "
        f"one stays as it is. Any time since {earliest:%Y-%m-%d %H:%M} UTC is possible.{kept}",
        azure_commands.restore_server(expectation.resource_id, now),
        asks=True,
    )


def _context(facts: Facts, truth: Diagnosis, database: DatabaseReading) -> RemedyContext:
    history, settings = known(database.history), facts.target.remedy
    return context_of(truth.migrations, settings, database, history, failing(truth))


def _will_fail(status: MigrationStatus, context: RemedyContext, severity: Severity, truth: Diagnosis) -> Finding:
    first, more = status.conflicts[0], len({each.number for each in status.conflicts}) - 1
    others = and_more(more, "fails for the same reason", "fail for the same reason")
    return Finding(
        "deploy-will-fail",
        status.name,
        severity,
        f"{status.name} cannot be deployed: line {first.line} makes {_as_it_is(first)} (SQLSTATE {first.sqlstate})."
        f"{others}",
        expected=first.wanted,
        actual=first.found,
        remedy=context.framed(_steps(status, context)),
        because=tuple(_causes(status, truth)),
        evidence=_evidence(status),
    )


def _as_it_is(conflict: Conflict) -> str:
    if conflict.by_migration:
        return f"{conflict.subject}, which an applied migration made already"
    if conflict.in_part:
        return f"{conflict.subject}, which exists already and differs in {conflict.found_as}"
    otherwise = " with another definition" if conflict.wanted != conflict.found else ""
    return f"{conflict.subject}, and {conflict.found_as} exists already{otherwise}"


def _steps(status: MigrationStatus, context: RemedyContext) -> Iterator[Step]:
    yield from freeing(status, context.schema)
    # What is repaired counts as run: it is to be recorded, and not deployed.
    is_run_otherwise = any(conflict.by_migration or conflict.in_part for conflict in status.conflicts)
    if context.conflicting[-1] != status.name:
        return
    if status.state in _DEPLOYED and _can_deploy(context, status) and not is_run_otherwise:
        yield Step("Then apply the pending migrations.", commands.DEPLOY)
    else:
        yield CHECK_AGAIN


def _can_deploy(context: RemedyContext, status: MigrationStatus) -> bool:
    """Say whether nothing else comes before a deploy once *status*, the last that would fail, is fixed."""
    blocked = context.failed or context.blocking or context.unrunnable or context.running or context.unshown
    return not blocked and context.conflicting[-1:] == (status.name,)


def _causes(status: MigrationStatus, truth: Diagnosis) -> Iterator[Cause]:
    """The schema findings of the objects in the way; an object that migrations made has none."""
    if not isinstance(truth.schema, Comparison):
        return
    keys = dict.fromkeys(key for conflict in status.conflicts for key in _keys_of(conflict.found_as, truth.schema))
    yield from (Cause(key, certain=True) for key in keys)


def _keys_of(subject: Subject, comparison: Comparison) -> Iterator[str]:
    for difference in comparison.differences:
        if subject in (difference.subject, difference.found_as, *difference.folded):
            yield f"schema-{difference.change}:{difference.subject}"


def _evidence(status: MigrationStatus) -> dict[str, Json]:
    first = status.conflicts[0]
    return {**_details(first), "conflicts": [_details(conflict) for conflict in status.conflicts]}


def _details(conflict: Conflict) -> dict[str, Json]:
    return {
        "line": conflict.line,
        "sqlstate": conflict.sqlstate,
        "sql": shown(conflict.sql)[:_LONGEST_STATEMENT],
        "subject": str(conflict.subject),
        "found_as": str(conflict.found_as),
        "wanted": conflict.wanted,
        "found": conflict.found,
    }

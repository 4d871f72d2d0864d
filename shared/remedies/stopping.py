"""How to stop a running migration, what that leaves, and which remedy is due then.

Prisma takes a cancelled statement for any other error: the migration has failed, and nothing behind it runs. What is
left follows from what had committed by then; the remedy is the usual one for a migration that failed there.
"""

from collections.abc import Iterator, Sequence

from ..diagnose.watching import File
from ..model.database import DatabaseReading, History, HistoryRow
from ..model.diagnosis import MigrationStatus, State
from ..model.finding import Step
from ..model.phrases import listed
from ..model.progress import Progress, Ran, StatementProgress, StatementState
from ..model.settings import RemedySettings
from ..model.value import dataclass, replace
from ..model.watching import LiveSession, Phase, Place, Stop, Watched
from ..postgres.plan.concurrently import waits_of
from ..prisma.order import deploy_order
from . import commands
from .context import context_of
from .migrations import for_failed

_NOT_KNOWN = "It is not known what stopping leaves: migration-monitor check shows it afterwards."
_SHOWN_AFTERWARDS = "migration-monitor check shows afterwards how far it got, and the steps."
_MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class Production:
    """The watched production as it was before the deployment, or when watching it began."""

    statuses: tuple[MigrationStatus, ...]
    settings: RemedySettings
    database: DatabaseReading
    history: History


def stop_of(seen: Watched, files: Sequence[File], production: Production) -> Stop:
    """Say how to stop what *seen* shows. Nothing is to be stopped between two statements."""
    session = seen.session
    if session is None or seen.phase not in (Phase.RUNS, Phase.WAITS):
        return Stop()
    steps = (_stopping(session), *_instead(seen))
    if seen.phase is Phase.WAITS:
        return Stop(steps, ("The deployment ends with an error. It has run none of its statements.",))
    file = next((each for each in files if seen.place and each.migration == seen.place.migration), None)
    if seen.place is None or file is None:
        return Stop(steps, (_NOT_KNOWN,))
    applied = _applied(file, seen.place)
    if applied is None:
        return Stop(steps, (_failed(file), *_either(file, seen.place)))
    broken = _broken(file, seen.place, session)
    then = _then(file, seen.place, applied, production, is_broken=broken is not None)
    return Stop(steps, (_failed(file), _how_far(file, applied), *((broken,) if broken else ())), then)


def _stopping(session: LiveSession) -> Step:
    if session.since is None:
        return commands.looked_up(session.pid)
    text = f"Stop the deployment: cancel the query of session {session.pid}. {commands.SIGNALS}"
    return Step(text, commands.cancel(session.pid, session.since))


def _instead(seen: Watched) -> Iterator[Step]:
    """The sessions at the root of the chain could be ended instead: to cancel does not end an idle transaction."""
    for each in seen.chain:
        if each.blockers:
            continue
        if each.since is None:
            yield replace(commands.looked_up(each.pid), choice=True)
            continue
        end = commands.terminate(each.pid, each.since)
        if each.state is not None and each.state.startswith("idle"):
            text = f"Or, to let the deployment go on: end session {each.pid}, which blocks it. It is rolled back."
            yield Step(text, end, choice=True)
            continue
        text = f"Or, to let the deployment go on: cancel the query of session {each.pid}, which blocks it."
        yield Step(text, commands.cancel(each.pid, each.since), choice=True)
        text = f"If session {each.pid} still blocks it, end that session: its open transaction is rolled back."
        yield Step(text, end, choice=True)


def _failed(file: File) -> str:
    return f"{file.migration} is left as failed: Prisma deploys nothing until that is resolved (P3009)."


def _applied(file: File, place: Place) -> frozenset[int] | None:
    """The numbers of the statements that stay; None where that depends on what is not known."""
    spans = file.spans(at_once=place.at_once)
    surely = frozenset(number for number in range(place.first) if spans[number].perhaps < place.first)
    perhaps = frozenset(number for number in range(place.last) if spans[number].surely < place.last)
    return surely if surely == perhaps else None


def _either(file: File, place: Place) -> Iterator[str]:
    if place.at_once:
        yield "The file has transactions of its own: what it has committed by then stays applied, and nothing else."
        yield _SHOWN_AFTERWARDS
        return
    yield (
        f"Where Prisma sends the file statement by statement, what is before line {file.statements[place.first].line} "
        "stays applied; where it sends the file as one batch, nothing of it does."
    )
    yield _SHOWN_AFTERWARDS


def _how_far(file: File, applied: frozenset[int]) -> str:
    count = len(file.statements)
    if not applied:
        return "None of its statements stays applied." if count > 1 else "Its statement is undone."
    lines = [str(file.statements[number].line) for number in sorted(applied)]
    which = f"{'lines' if len(lines) > 1 else 'line'} {listed(lines, _MOST_LINES)}"
    return f"{len(applied)} of its {count} statements {'stay' if len(applied) > 1 else 'stays'} applied ({which})."


def _broken(file: File, place: Place, session: LiveSession) -> str | None:
    """What a statement with CONCURRENTLY leaves half-done. It has made nothing while it waits for its first lock."""
    statement = file.statements[place.first]
    is_first_lock = session.awaited is not None and session.awaited.kind == "relation"
    if place.first != place.last or is_first_lock or not waits_of(statement):
        return None
    match statement.kind:
        case "IndexStmt":
            return f"The index {statement.node.get('idxname') or 'that it builds'} stays, INVALID: no query uses it."
        case "ReindexStmt":
            return "An INVALID copy of an index stays: its name ends in _ccnew or _ccold."
        case "DropStmt":
            return "The index may stay, INVALID."
        case _:
            return "The partition may stay half detached: DETACH PARTITION … FINALIZE ends that."


def _then(
    file: File, place: Place, applied: frozenset[int], production: Production, *, is_broken: bool
) -> tuple[Step, ...]:
    statuses = tuple(_afterwards(production.statuses, file, place, applied, is_broken=is_broken))
    context = context_of(statuses, production.settings, production.database, production.history)
    return for_failed(next(each for each in statuses if each.name == file.migration), context)


def _afterwards(
    statuses: Sequence[MigrationStatus], file: File, place: Place, applied: frozenset[int], *, is_broken: bool
) -> Iterator[MigrationStatus]:
    """The *statuses* as a check will find them once the statement at *place* was cancelled."""
    began = deploy_order(file.migration)
    for status in statuses:
        if status.name == file.migration:
            row = status.row or HistoryRow("", status.name, "", None, None, None, None)
            progress = _progress(status.progress, file, place, applied, is_broken=is_broken)
            yield replace(status, state=State.FAILED, row=row, progress=progress, conflicts=(), failing=(), unread=())
        elif status.state in (State.PENDING, State.SKIPPED, State.ROLLED_BACK) and deploy_order(status.name) < began:
            yield replace(status, state=State.APPLIED, progress=None, conflicts=())
        else:
            yield status


def _progress(before: object, file: File, place: Place, applied: frozenset[int], *, is_broken: bool) -> Progress | None:
    if not isinstance(before, Progress) or len(before.statements) != len(file.statements):
        return None
    found = []
    for number, (each, statement) in enumerate(zip(before.statements, file.statements, strict=True)):
        if number in applied:
            found.append(_that_ran(each))
        else:
            stays = is_broken and number == place.first and statement.kind == "IndexStmt"
            found.append(_that_did_not(each, StatementState.INVALID if stays else StatementState.ABSENT))
    return Progress(tuple(found), (len(applied),))


def _that_ran(each: StatementProgress) -> StatementProgress:
    state = each.state if each.state is StatementState.NO_TRACE else StatementState.PRESENT
    return replace(each, state=state, ran=Ran.RAN, by_hand=False, superseded=False, part="", person="")


def _that_did_not(each: StatementProgress, state: StatementState) -> StatementProgress:
    kept = each.state if each.state is StatementState.NO_TRACE else state
    return replace(each, state=kept, ran=Ran.NOT_RUN, by_hand=False, superseded=False, undo=None, part="", person="")

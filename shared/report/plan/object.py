"""A plan as JSON: the report's `plan` object."""

from ...diagnose.plan import verdict
from ...model.disk import DiskNeed, DiskUse
from ...model.finding import Json
from ...model.holders import Wait
from ...model.observation import Observation
from ...model.plan import Duration, Plan, PlannedStatement
from ...model.statement_text import shown
from ...prisma.clients.wording import client_effects
from ..ways_back import point_of_no_return
from .observed import differences, spelled
from .wording import retry


def plan_as_object(plan: Plan) -> dict[str, Json]:
    return {
        "verdict": verdict(plan).value,
        "statements": [_statement(each) for each in plan.statements],
        "waits": [_wait(each) for each in plan.waits],
        "retry": retry(plan.statements),
        "disk": _disk(plan.disk),
        "point_of_no_return": _place(point_of_no_return(plan)),
    }


def _disk(need: DiskNeed | None) -> Json:
    """Bytes that the run needs at most, *held* of them by a replication slot, and what is left until read-only.

    *left* is null where it was not read, *not_known* the number of statements whose bytes are not in it.
    """
    if need is None:
        return None
    return {
        "bytes": need.bytes,
        "held": need.slot.held if need.slot is not None else 0,
        "not_known": need.unknown,
        "left": need.storage.left if need.storage is not None else None,
        "free": need.storage.free if need.storage is not None else None,
    }


def _place(statement: PlannedStatement | None) -> Json:
    return None if statement is None else {"migration": statement.migration, "line": statement.line}


def _wait(wait: Wait) -> Json:
    """Who holds locks that statements need. *open_for*: for how many seconds its transaction has been open."""
    return {
        "kind": wait.kind.value,
        "pid": wait.pid,
        "name": wait.name,
        "user": wait.user,
        "open_for": None if wait.open_for is None else round(wait.open_for.total_seconds()),
        "relations": list[Json](map(spelled, wait.relations)),
        "modes": list[Json](map(str, wait.modes)),
        "statements": [{"migration": each.migration, "line": each.line, "mode": str(each.mode)} for each in wait.needs],
    }


def _statement(statement: PlannedStatement) -> Json:
    """One statement. *rows* are those in the way, null where that is not known: and so is how many seconds it takes.

    *held* is for how many seconds its locks are held, to the end of its transaction. *disk* are bytes, at most.
    """
    prediction = statement.prediction
    effects = prediction.effects
    lost = [f"it loses {each}" for each in prediction.loses]
    # Only of a plan whose statements were run.
    seen: dict[str, Json] = {} if statement.observed is None else {"observed": _observed(statement, statement.observed)}
    return {
        "migration": statement.migration,
        "line": statement.line,
        "sql": shown(statement.sql),
        "outcome": prediction.outcome.value,
        "sqlstate": prediction.sqlstate,
        "rows": None if prediction.rows is None else prediction.rows.rows,
        "locks": {spelled(relation): str(mode) for relation, mode in effects.locks.items()},
        "rewrites": list[Json](sorted(map(spelled, effects.rewrites))),
        "scans": list[Json](sorted(map(spelled, effects.scans))),
        "blocks": statement.blocks.value,
        "seconds": _seconds(statement.took),
        "held": _seconds(statement.held),
        "disk": _written(statement.disk),
        "because": "; ".join([*lost, *prediction.reasons]),
        "clients": list[Json](client_effects(statement.clients)),
        "safer": list[Json](statement.safer),
        **seen,
    }


def _observed(statement: PlannedStatement, seen: Observation) -> Json:
    """What it did on a scratch server. *locks* are null where it cannot run in a transaction."""
    taken = seen.taken
    return {
        "ran": seen.sqlstate is None,
        "sqlstate": seen.sqlstate,
        "error": seen.error,
        "of_server": seen.of_server,
        "locks": None if taken is None else {spelled(each): str(mode) for each, mode in sorted(taken.items())},
        "rewrites": list[Json](sorted(map(spelled, seen.rewrites))),
        "differs": list[Json](differences(statement, seen)),
    }


def _written(use: DiskUse | None) -> Json:
    return None if use is None else {"files": use.files, "wal": use.wal, "sort_files": use.sorting}


def _seconds(duration: Duration | None) -> Json:
    return [round(duration.low, 3), round(duration.high, 3)] if duration is not None else None

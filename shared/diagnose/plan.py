"""The plan of a pull request: what its migrations do to the schema that the earlier ones make, without a database."""

from collections.abc import Sequence

from ..model.knowledge import Unavailable
from ..model.plan import Plan
from ..model.release import Migration
from ..model.report import Verdict
from ..model.ways_back import WayBack
from ..postgres.plan.present import as_made
from ..postgres.replay import Replay
from ..prisma.acceptance import accepting
from .pending_run import PendingRun, Tools
from .scripts import known_statements, script_to_run
from .ways_back import all_objects

__all__ = ["Tools", "plan_after", "plan_of", "replay_of", "verdict"]


def verdict(plan: Plan) -> Verdict:
    """Failed where a statement fails, or the run does not begin.

    A warning where the run may fill the disk, and for what nobody accepted: a statement that blocks for long or loses
    data.
    """
    if plan.stops_at or any(each.fails for each in plan.statements):
        return Verdict.FAILED
    warns = any(
        (each.blocks_longer_than(plan.max_block) and "deploy-blocks" not in each.accepted)
        or (each.prediction.loses and "deploy-loses-data" not in each.accepted)
        for each in plan.statements
    )
    warns = warns or (plan.open_disk is not None and plan.open_disk.fills_half)
    return Verdict.WARNING if warns else Verdict.PASSED


def plan_of(earlier: Sequence[Migration], pending: Sequence[Migration], schema: str, tools: Tools) -> Plan:
    """Predict every statement of *pending*, in order, after *earlier*; *schema* is what unqualified names mean.

    Raises NotKnownError where a script is missing or its statements cannot be separated.
    """
    return plan_after(replay_of(earlier, schema), pending, tools)


def replay_of(migrations: Sequence[Migration], schema: str) -> Replay:
    """Run *migrations* in memory; raises as `plan_of` does."""
    replay = Replay(schema)
    for migration in migrations:
        if migration.script is not None:
            replay.run_all(known_statements(migration.name, migration.script))
    return replay


def plan_after(replay: Replay, pending: Sequence[Migration], tools: Tools) -> Plan:
    """As `plan_of`, after what *replay* has made."""
    unknown = all_objects(replay.freeze())
    run = PendingRun(replay, as_made(replay), tools)
    for migration in pending:
        run.plan(migration.name, tuple(known_statements(migration.name, script_to_run(migration))))
    planned = accepting(run.with_clients(), pending)
    now = WayBack(None, None, None, because=unknown.because) if isinstance(unknown, Unavailable) else run.way_back()
    names = tuple(migration.name for migration in pending)
    return Plan(names, planned, disk=run.disk(), ways_back=(now,) if pending else ())

"""The plan of the next deployment of a production: what it does to the live catalog."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..model.app import AppReading
from ..model.database import DatabaseReading
from ..model.diagnosis import MigrationStatus, State
from ..model.disk import DiskNeed, Storage
from ..model.facts import Facts
from ..model.knowledge import NotKnownError, Unavailable, known
from ..model.plan import Plan
from ..model.progress import Effects, Progress, StatementState
from ..model.release import Migration
from ..model.server import PRELOADED, ServerReading
from ..model.value import dataclass, replace
from ..model.ways_back import WayBack
from ..postgres.parse import Statement
from ..prisma.order import deploy_order
from .order import HAVE_RUN, in_order
from .replays import replayed
from .schema import Followed
from .scripts import Scripts, UnparsedScript, script_to_run

if TYPE_CHECKING:
    from .impact import Changes
    from .pending_run import Tools

# Some of it is in the catalog, so that what shows nowhere may have run, too.
_RAN_BEFORE = frozenset({State.UNRECORDED, State.PARTIALLY_APPLIED, State.RENAMED})
# Not applied by the history: a deployment runs them, whatever of them is in the catalog.
_RUN = frozenset({State.PENDING, State.SKIPPED, State.ROLLED_BACK}) | _RAN_BEFORE


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, and what each of its migrations *changes*; *way_back* is that of the client which the plan knows."""

    plan: Plan | Unavailable | None
    changes: "Mapping[str, Changes] | Unavailable"
    way_back: WayBack | None = None


def live_plan(
    facts: Facts,
    database: DatabaseReading,
    migrations: Sequence[MigrationStatus],
    scripts: Scripts,
    followed: Followed,
) -> Planned:
    """Predict what the next `prisma migrate deploy` does, in its order; None where there is nothing that it would run.

    *followed* is how the *migrations* were: what was
    followed as the deployment runs it is not followed again, and what was compared then is not compared again.
    Unavailable where the catalog or a script cannot be read.
    """
    pending = _pending(migrations, watching=facts.watching)
    if not pending:
        return Planned(None, {})
    if facts.target.plan == "off":
        return Planned(None, Unavailable("the settings want no plan"))
    # Imported where there is something to deploy, which most runs do not find.
    from ..postgres.plan.present import present  # noqa: PLC0415
    from ..postgres.plan.waiting import waits  # noqa: PLC0415
    from ..prisma.acceptance import accepting  # noqa: PLC0415
    from .pending_run import PendingRun  # noqa: PLC0415

    try:
        live = known(database.catalog)
        run = {each.name: _statements(each, scripts) for each in pending}
        # What is missing of the others is run by hand before anything is deployed.
        missing = {each.name: _missing(each, scripts) for each in migrations if each.name not in run}
        applied = tuple(_applied(migrations, scripts))
        tools = _tools(facts, database, migrations, scripts)
        with replayed(applied, database.schema, facts.answers) as replay:
            compared = followed.comparison
            before = present(replay, live, None if isinstance(compared, Unavailable) else compared)
            planner = PendingRun(replay, before, tools)
            every = (each for each in (run | missing).items() if each[1])
            to_run = dict(sorted(every, key=lambda each: deploy_order(each[0])))
            ran_before = {each.name for each in migrations if each.state in _RAN_BEFORE} | missing.keys()
            whole = followed.whole if before.is_as_made else None
            effects = whole.effects_after(applied, to_run) if whole is not None else {}
            for name, statements in to_run.items():
                planner.plan(name, statements, effects.get(name), ran_before=name in ran_before)
            planned = planner.with_clients()
            lacking = planner.lacking() if _is_client_known(facts) else {}
    except NotKnownError as error:
        return Planned(error.unavailable, error.unavailable)
    need = _disk(planner.disk(), facts, database)
    planned = accepting((each for each in planned if each.migration in run), map(_shipped, pending))
    max_block = facts.target.max_block.total_seconds()
    waiting = waits(planned, database.holders, max_block)
    plan = Plan(tuple(run), planned, max_block, waiting, lacking, need)
    return Planned(plan, planner.changes, planner.way_back())


def _pending(migrations: Iterable[MigrationStatus], *, watching: bool) -> list[MigrationStatus]:
    """What a deployment runs, in its order; where it is watched, also what it is running."""
    is_run = is_to_run_or_runs if watching else is_to_run
    to_run = (each for each in migrations if is_run(each) and each.shipped is not None)
    return sorted(to_run, key=lambda each: deploy_order(each.name))


def _tools(facts: Facts, database: DatabaseReading, migrations: Sequence[MigrationStatus], scripts: Scripts) -> "Tools":
    """What is known of how and where the deployment runs."""
    from ..postgres.plan.pace import SHORTEST, may_be_heavy, pace_of  # noqa: PLC0415
    from .clients import client_schema  # noqa: PLC0415
    from .pending_run import Tools  # noqa: PLC0415

    client = client_schema(facts.running_schema, database.schema)
    return Tools(
        int(database.server_version.partition(".")[0]),
        facts.target.prisma,
        # Each replica that starts runs the deployment, where the app migrates.
        may_run_twice=facts.target.policy == "deploy-migrates" or (facts.most_replicas or 1) > 1,
        max_block=facts.target.max_block.total_seconds(),
        client=None if isinstance(client, Unavailable) else client,
        sizes=database.sizes or None,
        pace=pace_of(_runs(migrations, scripts, SHORTEST, may_be_heavy), database.sizes, database.schema),
        role=_deployer(facts, database),
        limits=database.limits,
        preloaded=_preloaded(facts),
    )


def _preloaded(facts: Facts) -> frozenset[str] | None:
    """The libraries that the server has loaded, where Azure says that."""
    from ..postgres.plan.preloaded import libraries  # noqa: PLC0415

    expectation, reading = facts.target.server, facts.server
    if expectation is None or not isinstance(reading, ServerReading) or isinstance(reading.parameters, Unavailable):
        return None
    # Where it is expected, the value may still wait for a restart.
    is_read = PRELOADED in reading.parameters and PRELOADED not in expectation.parameters
    return libraries(reading.parameters[PRELOADED]) if is_read else None


def _disk(need: DiskNeed | None, facts: Facts, database: DatabaseReading) -> DiskNeed | None:
    """What the run needs of the disk, beside what the disk has left."""
    storage = facts.storage if isinstance(facts.storage, Storage) else None
    return None if need is None else replace(need, slot=database.slot, storage=storage)


def _is_client_known(facts: Facts) -> bool:
    """Say whether what the running client knows is known, or may be what the release makes.

    It is not where an earlier release runs, whose ``schema.sql`` is not at hand.
    """
    if facts.running_schema is not None:
        return True
    app, expectation, release = facts.app, facts.target.app, known(facts.release)
    if facts.phase == "before":
        return False
    if not isinstance(app, AppReading) or expectation is None:
        return expectation is None
    return not app.serving or expectation.is_of(app.serving[0].image, release.version) is not False


def _deployer(facts: Facts, database: DatabaseReading) -> str | None:
    """The role whose rights decide: who reads this around a deployment and owns the history has deployed before."""
    is_around = facts.phase == "before" or facts.deploying
    return known(database.history).owned_as if is_around else None


def is_to_run(status: MigrationStatus) -> bool:
    """Say whether a deployment runs it: a failed one only once its row is resolved, and if nothing of it is there."""
    if status.state is not State.FAILED:
        return status.state in _RUN
    effects = status.progress.effects if isinstance(status.progress, Progress) else None
    return effects is Effects.NONE and not status.also_finished


def is_to_run_or_runs(status: MigrationStatus) -> bool:
    """Say whether a deployment runs it, or may be running it: without Prisma's lock that looks like one that died."""
    is_unfinished = status.row is not None and status.row.logs is None and status.row.finished_at is None
    return status.state is State.RUNNING or (status.state is State.FAILED and is_unfinished) or is_to_run(status)


def _applied(migrations: Sequence[MigrationStatus], scripts: Scripts) -> list[UnparsedScript]:
    """The scripts of what has run and is at hand. What others made is taken from the live catalog."""
    shipped = ((each.name, each.shipped) for each in in_order(migrations) if each.state in HAVE_RUN)
    return [
        UnparsedScript(name, migration.script, scripts.not_read.get(name))
        for name, migration in shipped
        if isinstance(migration, Migration) and migration.script is not None
    ]


def _runs(
    migrations: Sequence[MigrationStatus], scripts: Scripts, shortest: float, says_something: Callable[[bytes], bool]
) -> Iterator[tuple[UnparsedScript, float]]:
    """The scripts that *says_something* wants, which this server once ran, and their seconds: *shortest* at least.

    They are parsed one by one, and not kept.
    """
    for each in migrations:
        row = each.row
        if each.state is not State.APPLIED or each.shipped is None or each.shipped.script is None or row is None:
            continue
        seconds = row.took.total_seconds() if row.took is not None else 0.0
        if seconds >= shortest and says_something(each.shipped.script):
            yield UnparsedScript(each.name, each.shipped.script, scripts.not_read.get(each.name)), seconds


def _missing(status: MigrationStatus, scripts: Scripts) -> tuple[Statement, ...]:
    """The statements of a failed one, or of one that was recorded too early, that were not applied."""
    if not isinstance(status.progress, Progress) or status.shipped is None or is_to_run(status):
        return ()
    found_so = zip(_statements(status, scripts), status.progress.statements, strict=True)
    return tuple(each for each, found in found_so if found.state is not StatementState.PRESENT and not found.superseded)


def _statements(status: MigrationStatus, scripts: Scripts) -> tuple[Statement, ...]:
    return scripts.known(status.name, script_to_run(_shipped(status)))


def _shipped(status: MigrationStatus) -> Migration:
    assert status.shipped is not None  # noqa: S101  # only what ships is planned
    return status.shipped

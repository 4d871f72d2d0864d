"""The plan of a pull request with the facts of a production: as that of its database, but for what only rows decide."""

from collections.abc import Iterator, Sequence

from ..model.phrases import listed
from ..model.plan import Plan
from ..model.production_facts import ProductionFacts
from ..model.release import Migration
from ..model.schema import Kind, Schema, Subject
from ..model.value import replace
from ..postgres.catalog_digest import catalog_digest, is_whole
from ..postgres.parse import Statement, parse
from ..postgres.plan.pace import SHORTEST, pace_of
from ..postgres.plan.writing import quoted
from ..postgres.replay import Replay
from ..prisma.execution import Version
from ..prisma.order import deploy_order
from .pending_run import Tools
from .plan import plan_after, replay_of
from .scripts import known_statements

_MOST_NAMES = 5


def plan_with_facts(migrations: Sequence[Migration], facts: ProductionFacts, prisma: Version | None = None) -> Plan:
    """Predict every statement of those *migrations* that the history of *facts* does not have.

    *prisma* is the version that deploys; without it that of *facts* counts. Raises NotKnownError where a script is
    missing or its statements cannot be separated.
    """
    names = {each.name for each in facts.applied}
    applied = [each for each in migrations if each.name in names]
    pending = sorted((each for each in migrations if each.name not in names), key=lambda each: deploy_order(each.name))
    replay = replay_of(applied, facts.schema)
    notes = tuple(_notes(migrations, facts, replay.freeze()))
    _add_extensions(replay, facts)
    plan = plan_after(replay, pending, _tools(applied, facts, prisma))
    need = None if plan.disk is None else replace(plan.disk, slot=facts.slot, storage=facts.storage)
    return replace(plan, max_block=facts.max_block, disk=need, notes=notes)


def _tools(applied: Sequence[Migration], facts: ProductionFacts, prisma: Version | None) -> Tools:
    sizes = facts.sizes
    return Tools(
        int(facts.server_version[:2]),
        prisma or facts.prisma,
        # As of a database: each replica that starts runs the deployment, where the app migrates.
        may_run_twice=facts.policy == "deploy-migrates" or (facts.most_replicas or 1) > 1,
        max_block=facts.max_block,
        sizes=sizes or None,
        pace=pace_of(_runs(applied, facts), sizes, facts.schema),
        role=facts.deploying_role,
        limits=facts.limits,
        null_fractions=facts.null_fractions,
    )


def _runs(applied: Sequence[Migration], facts: ProductionFacts) -> Iterator[tuple[Iterator[Statement], float]]:
    """The scripts that took long, parsed one by one."""
    seconds = {each.name: each.seconds for each in facts.applied}
    for each in applied:
        took = seconds[each.name]
        if each.script is not None and took is not None and took >= SHORTEST:
            yield iter(known_statements(each.name, each.script)), took


def _add_extensions(replay: Replay, facts: ProductionFacts) -> None:
    """Add those that somebody has installed in production, and no migration."""
    made = replay.freeze().objects
    for name in facts.extensions:
        if Subject(Kind.EXTENSION, (name,)) not in made:
            replay.run_all(parse(f"CREATE EXTENSION {quoted(name)}"))
    replay.changes()


def _notes(migrations: Sequence[Migration], facts: ProductionFacts, made: Schema) -> Iterator[str]:
    """What the plan rests on, and what of production it does not see. *made* is what the applied migrations make."""
    yield (
        f"The history, sizes and settings are those of {facts.target} at {facts.read_at:%Y-%m-%d %H:%M %Z}. "
        "No row was read: what rows decide depends."
    )
    shipped = {each.name for each in migrations}
    elsewhere = [each.name for each in facts.applied if each.name not in shipped]
    if elsewhere:
        yield (
            f"{facts.target} has applied migrations that are not in this folder: {listed(elsewhere, _MOST_NAMES)}. "
            "What they made is not in this plan."
        )
    if facts.unfinished:
        yield (
            f"In {facts.target} a migration has not finished: {listed(facts.unfinished, _MOST_NAMES)}. "
            "If it has failed, `prisma migrate deploy` runs nothing until it is resolved (P3009)."
        )
    if facts.catalog is None:
        yield "Whether production has drifted is not known: its catalog was not readable."
    elif not is_whole(made):
        yield "Whether production has drifted is not known: not all of the applied migrations is followed in memory."
    elif facts.catalog != catalog_digest(made):
        yield (
            f"{facts.target} has drifted: its catalog is not what the applied migrations of this folder make. "
            "The facts hold only for the tables that exist in both."
        )
    if facts.tables_left_out:
        yield f"The facts leave out the {facts.tables_left_out:,} smallest tables: nothing is said of their durations."

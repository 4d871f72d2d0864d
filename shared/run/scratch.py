"""A plan beside what its statements did on a scratch server."""

from collections.abc import Sequence

from ..gather.attempt import GatherError
from ..gather.scratch.database import scratch_database
from ..gather.scratch.observing import Observations, make, observe
from ..gather.scratch.server import ScratchServer
from ..model.knowledge import Unavailable
from ..model.plan import Plan
from ..model.release import Migration
from ..model.value import replace
from ..prisma.execution import Version


def with_observations(
    plan: Plan,
    server: ScratchServer,
    *,
    earlier: Sequence[Migration],
    pending: Sequence[Migration],
    schema: str,
    prisma: Version | None,
) -> Plan | Unavailable:
    """Run *earlier* and then *pending* in a new database on *server*, which is dropped at the end.

    The tables are as empty as *earlier* leaves them: what rows decide is not observed.
    """
    left: list[str] = []
    try:
        with scratch_database(server, schema, left.append) as connection:
            version = str(connection.info.server_version // 10_000)
            make(connection, earlier, prisma)
            found = observe(connection, pending, prisma)
    except GatherError as error:
        return Unavailable(". ".join([str(error), *left]).removesuffix("."), error.lasting)
    statements = tuple(
        replace(each, observed=found.get((each.migration, each.line, each.sql))) for each in plan.statements
    )
    return replace(plan, statements=statements, notes=(*plan.notes, _note(plan, found, version), *left))


def _note(plan: Plan, found: Observations, version: str) -> str:
    ran = sum(each.sqlstate is None for each in found.values())
    said = f"Run on a scratch server (PostgreSQL {version}, without production's rows): {ran} of "
    said += f"{len(plan.statements)} statements ran."
    for (migration, line, _), each in found.items():
        if each.sqlstate is not None:
            where = " for what that server lacks" if each.of_server else ""
            said += f" Line {line} of {migration} failed{where} ({each.sqlstate}); nothing after it was run."
    return said

"""What files alone say, without a database: a plan, and the schema. Large ones are read within the frame."""

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from ..diagnose.pending_run import Tools
from ..model.diagnosis import Comparison
from ..model.knowledge import NotKnownError, Unavailable
from ..model.plan import Plan
from ..model.production_facts import ProductionFacts
from ..model.release import Migration, Release
from ..model.schema import Schema
from ..prisma.execution import Version
from .frame import MEBIBYTES
from .framed import Limits
from .process import EndedError, work
from .size import is_large

P = ParamSpec("P")
R = TypeVar("R")
# A target's usual deadline: here is no target that could have another.
_SECONDS = 90.0


def planned(
    release: Release, earlier: Sequence[Migration], pending: Sequence[Migration], schema: str, tools: Tools
) -> Plan | Unavailable:
    """Predict *pending* after *earlier*, both of *release*; *schema* is what unqualified names mean."""
    return _within_limits(release, _plan, earlier, pending, schema, tools)


def planned_with_facts(release: Release, facts: ProductionFacts, prisma: Version | None) -> Plan | Unavailable:
    """Predict what of *release* the history in *facts* does not have; *prisma* wins over the version there."""
    return _within_limits(release, _plan_with_facts, release.migrations, facts, prisma)


def released_schema(release: Release, schema: str) -> tuple[Schema | Unavailable, tuple[str, ...]]:
    """Give the schema that *release* makes, and a sentence for each statement that is not part of it."""
    found = _within_limits(release, _schema, release, schema)
    return (found, ()) if isinstance(found, Unavailable) else found


def schema_of_prisma(release: Release, schema: str) -> Comparison | Unavailable | None:
    """Compare what *release* carries of its ``schema.prisma`` with what its migrations make; None without it."""
    return _within_limits(release, _schema_of_prisma, release, schema)


def _within_limits(
    release: Release, function: Callable[P, R], *arguments: P.args, **named: P.kwargs
) -> R | Unavailable:
    if not is_large(release):
        return function(*arguments, **named)
    try:
        return work(function, Limits(_SECONDS, MEBIBYTES), *arguments, **named)
    except EndedError as error:
        return Unavailable(f"the release {error}", lasting=True)


def _plan(earlier: Sequence[Migration], pending: Sequence[Migration], schema: str, tools: Tools) -> Plan | Unavailable:
    from ..diagnose.plan import plan_of  # noqa: PLC0415  # within the limits

    try:
        return plan_of(earlier, pending, schema, tools)
    except NotKnownError as error:
        return error.unavailable


def _plan_with_facts(
    migrations: Sequence[Migration], facts: ProductionFacts, prisma: Version | None
) -> Plan | Unavailable:
    from ..diagnose.facts_plan import plan_with_facts  # noqa: PLC0415  # as above

    try:
        return plan_with_facts(migrations, facts, prisma)
    except NotKnownError as error:
        return error.unavailable


def _schema_of_prisma(release: Release, schema: str) -> Comparison | Unavailable | None:
    from ..diagnose.prisma_schema import schema_of_prisma as compared  # noqa: PLC0415  # as above

    return compared(release, schema)


def _schema(release: Release, schema: str) -> tuple[Schema | Unavailable, tuple[str, ...]]:
    from ..diagnose.schema import schema_of_release  # noqa: PLC0415  # as above
    from ..diagnose.scripts import UNASKED, Scripts  # noqa: PLC0415

    unread = tuple(why for each in release.migrations for why in Scripts(UNASKED).reasons(each))
    return schema_of_release(release, schema), unread

"""Is the history still the one that was seen before?"""

from collections.abc import Iterator

from ..model.database import DatabaseReading, History
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step

_MOST_NAMES = 5


def _why(facts: Facts) -> str:
    server = facts.database.system_identifier if isinstance(facts.database, DatabaseReading) else None
    if None not in {server, facts.last_seen.server} and server != facts.last_seen.server:
        return "this is another PostgreSQL server than at the previous check"
    return "the database was reset or restored, or rows were deleted by hand"


def check_rewritten(facts: Facts, history: History, schema: str) -> Iterator[Finding]:
    """Yield that rows seen before are gone, or back with another id: Prisma deletes none but by a reset."""
    before = facts.last_seen.history
    if not before or not history.exists:
        return  # no history at all is a finding of its own
    ids, names = {row.id for row in history.rows}, {row.name for row in history.rows}
    gone = [row.name for row in before if row.id not in ids]
    if not gone:
        return
    again = [name for name in gone if name in names]
    shown = ", ".join(gone[:_MOST_NAMES]) + (f" and {len(gone) - _MOST_NAMES} more" if len(gone) > _MOST_NAMES else "")
    what = "was replaced by other rows of the same names" if len(again) == len(gone) else "is gone"
    yield Finding(
        "history-rewritten",
        schema,
        Severity.CRITICAL,
        f"The recorded history of {shown} {what}: {_why(facts)}.",
        expected=f"the {len(before)} rows seen before",
        actual=f"{len(gone)} of them gone",
        remedy=(
            Step("Find out who reset or restored the database, and how old its data is."),
            Step("If it was intended, silence this finding: the present rows are then the new baseline."),
        ),
        evidence={"gone": list(gone), "replaced": list(again)},
    )

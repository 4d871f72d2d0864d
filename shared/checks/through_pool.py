"""Does the deployment connect through a pool? Prisma takes its lock for the session, and a pool shares sessions."""

from collections.abc import Iterator

from ..model.database import DatabaseReading
from ..model.finding import Finding, Severity, Step


def through_pool(database: DatabaseReading) -> Iterator[Finding]:
    """Yield the finding where the role that deploys is the one that reads, and a pool is in between."""
    if not database.limits.read_as_role or not (database.pooled or database.pools_transactions):
        return
    if database.pools_transactions:
        effect = (
            "in transaction mode: Prisma's lock stays on a pooled session, and later deployments wait for it (P1002)"
        )
    else:
        effect = "which may be in session mode; in transaction mode Prisma's lock would stay on a pooled session"
    yield Finding(
        "deploy-through-pool",
        database.name,
        Severity.CRITICAL if database.pools_transactions else Severity.WARNING,
        f"Role {database.limits.role}, which deploys, connects to {database.name} through a pool, {effect}.",
        expected="the server itself",
        actual="a pool",
        remedy=(
            Step(
                "Give the deployment a URL of the server itself: on an Azure flexible server port 5432, not 6432, "
                "and without pgbouncer=true. Prisma before 7 takes it as directUrl, Prisma 7 as the url in "
                "prisma.config.ts."
            ),
        ),
        evidence={"transaction_mode": database.pools_transactions},
    )

"""Does the app migrate when it starts, and do the pending migrations take longer than its start may?"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from ..model.app import AppStart
from ..model.database import HistoryRow
from ..model.finding import Finding, Severity, Step
from ..model.plan import Plan, order_of

# How long Prisma waits for its lock (P1002).
_LOCK_SECONDS = 10
# From the making of a revision to the start of its container: its image is fetched.
_FETCHING = timedelta(minutes=2)
# A start that nothing ends: by then it has ended or failed.
_USUAL_START = 240


def outlasts_start(
    plan: Plan, start: AppStart | None, rows: Sequence[HistoryRow], severity: Severity
) -> Iterator[Finding]:
    """The finding where a start of the app is ended before its migrations are; *rows* are the history's."""
    if start is None or (why := _migrates(start, rows)) is None:
        return
    known = [each.took.high for each in plan.statements if each.took is not None]
    seconds = sum(known)
    reasons = list(_reasons(start, seconds))
    if not reasons:
        return
    unknown = len(plan.statements) - len(known)
    yield Finding(
        "deploy-outlasts-start",
        start.app,
        severity,
        f"{start.app} migrates when it starts ({why}), and the pending migrations may take {order_of(seconds)}: "
        f"{'; '.join(reasons)}.",
        expected="migrations that end before a start has to",
        actual=f"up to {seconds:.0f} s",
        remedy=tuple(_steps(start, seconds)),
        evidence={
            "seconds": round(seconds, 1),
            "not_known": unknown,
            "start_limit": start.limit.seconds if start.limit is not None else None,
            "start_limit_is_default": start.limit is not None and start.limit.is_default,
            "most_replicas": start.most_replicas,
            "migrates_because": why,
        },
    )


def _migrates(start: AppStart, rows: Sequence[HistoryRow]) -> str | None:
    """Why the app is known to migrate when it starts; None where it does not, or nothing shows it."""
    if start.migrates is not None:
        return "migrates_at_start in the settings" if start.migrates else None
    ran = [each for each in rows if each.started_at is not None and each.started_at != each.finished_at]
    # `migrate resolve` writes a row that ends when it begins.
    last = max(ran, key=_began, default=None)
    if last is None or last.started_at is None:
        return None
    limit = timedelta(seconds=start.limit.seconds if start.limit is not None else _USUAL_START) + _FETCHING
    for name, made in sorted(start.made, key=lambda each: each[1], reverse=True):
        after = last.started_at - made
        if timedelta(0) <= after <= limit:
            return f"{last.name} began {after.total_seconds():.0f} s after revision {name} was made"
    return None


def _began(row: HistoryRow) -> float:
    return row.started_at.timestamp() if row.started_at is not None else 0.0


def _reasons(start: AppStart, seconds: float) -> Iterator[str]:
    if start.limit is not None and seconds > start.limit.seconds:
        default = ", the default of Container Apps" if start.limit.is_default else ""
        yield (
            f"a container that has not started after {start.limit.seconds} s is stopped (startup probe{default}), in "
            "the middle of a migration, which then blocks every deployment (P3009)"
        )
    if (start.most_replicas or 1) > 1 and seconds > _LOCK_SECONDS:
        yield (
            f"of up to {start.most_replicas} replicas one migrates; the others wait {_LOCK_SECONDS} s for Prisma's "
            "lock and then fail (P1002)"
        )


def _steps(start: AppStart, seconds: float) -> Iterator[Step]:
    yield Step(
        "Run the migrations in a job of Container Apps (parallelism 1, no retries) between "
        "migration-monitor verify --phase before and migration-monitor verify --phase after, and start "
        "the app without them. examples/container-apps-job has all of it."
    )
    if start.limit is not None and seconds > start.limit.seconds:
        yield Step(
            f"Or allow the start {seconds:.0f} s for this deployment (periodSeconds times failureThreshold of the "
            "startup probe), with one replica.",
            choice=True,
        )

"""When to check again: soon while something is wrong, unknown or under way."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ...model.finding import Severity
from ...model.memory import Incident, Window
from ...model.report import Report, Verdict
from ...model.settings import BrokenTarget, Target

SOON = timedelta(minutes=5)
_HOURLY = timedelta(hours=1)


def next_run_after(
    report: Report, incidents: Iterable[Incident], window: Window | None, target: Target | BrokenTarget
) -> datetime:
    interval = target.interval if isinstance(target, Target) else _HOURLY
    is_bad = report.verdict in {Verdict.FAILED, Verdict.UNKNOWN}
    if report.sleeps_until is not None and not is_bad:
        # What was open before is checked when the target wakes: until then nobody uses it.
        return min(report.started_at + interval, max(report.sleeps_until, report.started_at + SOON))
    is_pressing = (
        is_bad
        or window is not None
        or any(finding.code == "migration-running" for finding in report.findings)
        or any(incident.is_open and incident.severity is Severity.CRITICAL for incident in incidents)
    )
    return report.started_at + (min(SOON, interval) if is_pressing else interval)

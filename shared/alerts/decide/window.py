"""A deployment under way: what passes by itself is held back, for an hour at most."""

from datetime import datetime, timedelta

from ...model.codes import row_of
from ...model.memory import Incident, Window
from ...model.report import Report, Trigger, Verdict
from ...model.value import replace

LONGEST_DEPLOYMENT = timedelta(hours=1)
# Signs that somebody deploys who did not announce it.
_LOCK_SIGNS = frozenset({"migration-running", "migration-lock-held"})


def window_after(window: Window | None, report: Report, patience: timedelta) -> Window | None:
    """Give the window as it is after *report*.

    ``before`` opens one, unless it stopped the deployment; the verification after it closes any.
    Prisma's lock opens one too, which closes when no sign of a deployment was seen for *patience*:
    the application still starts and seeds still run after the lock is free.
    """
    at = report.started_at
    if report.trigger is Trigger.VERIFY and report.phase == "before":
        stops = report.verdict in {Verdict.FAILED, Verdict.UNKNOWN}
        release = report.release.version if report.release else None
        return window if stops else Window(at, "verify", at, release)
    if report.trigger is Trigger.VERIFY:
        return None
    if any(finding.code in _LOCK_SIGNS for finding in report.findings):
        return Window(at, "lock", at) if window is None else replace(window, last_sign_at=at)
    if window is not None and window.by == "lock" and at - window.last_sign_at >= patience:
        return None
    return window


def is_overdue(window: Window | None, at: datetime) -> bool:
    """Say whether *window* has been open for longer than a deployment takes: it holds nothing back any more."""
    return window is not None and at - window.opened_at > LONGEST_DEPLOYMENT


def holds_back(window: Window | None, incident: Incident, at: datetime) -> bool:
    if window is None or is_overdue(window, at) or not incident.findings:
        return False
    return all(row_of(finding.code).held_back for finding in incident.findings)

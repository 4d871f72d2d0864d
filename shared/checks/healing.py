"""Which findings pass by themselves after a deployment, and which no waiting mends."""

from ..model.codes import row_of
from ..model.finding import Severity
from ..model.report import Report, Verdict


def is_worth_waiting_for(report: Report) -> bool:
    """Say whether time alone may bring this report to a better end.

    One finding that stays ends the waiting, and so does a reason not to know that lasts. A check that
    could not tell for another reason may tell a moment later: the database was starting, a lock was held.
    """
    stays = any(f.severity is Severity.CRITICAL and not row_of(f.code).heals for f in report.findings)
    stays = stays or any(check.unknown is not None and check.unknown.lasting for check in report.checks)
    unsettled = any(f.code == "migration-running" for f in report.findings)
    return not stays and (unsettled or report.verdict in {Verdict.FAILED, Verdict.UNKNOWN})

"""Which findings resolve themselves after a deployment, and which do not."""

from ..model.codes import row_of
from ..model.finding import Severity
from ..model.report import Report, Verdict


def is_worth_waiting_for(report: Report) -> bool:
    """Say whether the report may improve without any action.

    One finding that stays ends the wait, and so does a lasting reason of an unknown check. A check that is unknown
    for another reason may have a result a moment later: the database was starting, a lock was held.
    """
    stays = any(f.severity is Severity.CRITICAL and not row_of(f.code).heals for f in report.findings)
    stays = stays or any(check.unknown is not None and check.unknown.lasting for check in report.checks)
    unsettled = any(f.code == "migration-running" for f in report.findings)
    return not stays and (unsettled or report.verdict in {Verdict.FAILED, Verdict.UNKNOWN})

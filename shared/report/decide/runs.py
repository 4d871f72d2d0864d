"""The last runs: at least thirty days of them, for the status page and the weekly card."""

from dataclasses import replace
from datetime import timedelta

from shared.model.finding import Severity
from shared.model.memory import Memory, Run
from shared.model.report import Report
from shared.report.json import as_document, dumps

KEPT = timedelta(days=31)
# A month of runs every five minutes, and some verifications.
_MOST = 10_000
# A reason is there to be recognised, not to be read twice.
_LONGEST_REASON = 200


def remembered_run(memory: Memory, report: Report, *, messages: int) -> Memory:
    """Give *memory* with this run among its last ones, and *report* as the last."""
    severities = [finding.severity for finding in report.findings]
    run = Run(
        at=report.started_at,
        verdict=report.verdict,
        took=report.took,
        critical=severities.count(Severity.CRITICAL),
        warnings=severities.count(Severity.WARNING),
        unknown={
            check.name: check.unknown_because[:_LONGEST_REASON]
            for check in report.checks
            if check.unknown_because is not None
        },
        messages=messages,
    )
    kept = tuple(earlier for earlier in memory.runs if report.started_at - earlier.at <= KEPT)
    return replace(memory, runs=(*kept[-_MOST + 1 :], run), last_report=dumps(as_document(report)))

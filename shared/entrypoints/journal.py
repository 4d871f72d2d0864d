"""What a run leaves in the log: a line for machines, and some for people where something is not well."""

import json
import logging
from collections import Counter
from collections.abc import Iterator

from ..alerts.notifier import Notified
from ..model.finding import Severity
from ..model.phrases import clipped
from ..model.report import Report, Verdict
from ..report.wording import headline, printable

# Application Insights cuts a message at 32,768 characters; a cut line of JSON is none.
_MOST_FINDINGS = 20
_LONGEST_LINE = 1000
# A run after a night without one still has the evening before.
_DAYS = 2
_SCHEMA = "schema"


def log_run(logger: logging.Logger, report: Report) -> None:
    """Log that the run came to an end, as a heartbeat to set alarms on, and what it found."""
    logger.info("%s", heartbeat(report))
    if report.verdict is not Verdict.PASSED:
        level = logging.ERROR if report.verdict is Verdict.FAILED else logging.WARNING
        logger.log(level, "%s", "\n".join(account(report)))


def log_notified(logger: logging.Logger, sent: Notified) -> None:
    """Log what came of each message, and that a memory was lost: silences are gone with it."""
    for delivery in sent.deliveries:
        is_well = delivery.taken and not delivery.abridged
        logger.log(logging.INFO if is_well else logging.ERROR, "%s: %s", delivery.channel, delivery.said)
    for given_up in sent.given_up:
        logger.error("%s", _line(given_up))
    if sent.lost is not None:
        logger.error("%s", _line(sent.lost))


def heartbeat(report: Report) -> str:
    """One short line of JSON, however much was found."""
    counts = Counter(finding.severity for finding in report.findings)
    return json.dumps(
        {
            "event": "migration-monitor.run",
            "target": report.target,
            "verdict": report.verdict.value,
            "trigger": report.trigger.value,
            "started_at": report.started_at.isoformat(timespec="seconds"),
            "took_ms": round(report.took.total_seconds() * 1000),
            "release": report.release.version if report.release else None,
            "checks": {check.name: check.verdict.value for check in report.checks},
            "findings": {severity.value: counts[severity] for severity in Severity},
            # What infra/modules/workbook/ makes its charts of.
            "drift": sum(len(check.findings) for check in report.checks if check.name == _SCHEMA),
            "unreachable": report.unreachable,
            "migration_days": [
                {
                    "day": day.at.date().isoformat(),
                    "ran": day.ran,
                    "took_ms": round(day.took.total_seconds() * 1000),
                    "failed": day.failed,
                }
                for day in (report.migration_days or ())[-_DAYS:]
            ],
        }
    )


def account(report: Report) -> Iterator[str]:
    """The headline, why checks are unknown, and the worst findings, a line each; info is left out."""
    yield _line(headline(report))
    for check in report.checks:
        if check.unknown_because is not None:
            yield _line(f"{check.name} unknown: {check.unknown_because}")
    logged = [finding for finding in report.findings if finding.severity is not Severity.INFO]
    logged.sort(key=lambda finding: finding.severity.rank)
    for finding in logged[:_MOST_FINDINGS]:
        yield _line(f"{finding.severity.value} {finding.key}: {finding.summary}")
    if len(logged) > _MOST_FINDINGS:
        yield f"and {len(logged) - _MOST_FINDINGS} more"


def _line(text: str) -> str:
    """Keep *text* on one line of the log: a name out of a database must not forge the next."""
    return clipped(printable(" ".join(text.split())), _LONGEST_LINE)

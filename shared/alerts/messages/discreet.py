"""A report as it may leave the monitor: without the database's own error lines, which may quote a value of a row."""

from collections.abc import Mapping

from ...model.alerts import AlertSettings
from ...model.finding import Finding, Json, Severity
from ...model.memory import Incident, Memory
from ...model.report import Report
from ...model.value import replace
from .parts import summary


def discreet(report: Report, alerts: AlertSettings) -> Report:
    """Give *report* as it may go along with a message: its error lines in words, as `summary` gives them."""
    if alerts.error_lines:
        return report
    checks = tuple(
        replace(check, findings=tuple(_without_error_line(finding, alerts) for finding in check.findings))
        for check in report.checks
    )
    return replace(report, checks=checks)


def discreet_document(document: Mapping[str, Json], alerts: AlertSettings) -> Mapping[str, Json]:
    """Give the JSON of a report, as it is kept, as it may be shown; raises ValueError where it is none."""
    if alerts.error_lines:
        return document
    match document:
        case {"findings": list(findings)}:
            return {**document, "findings": [_shown(finding, alerts) for finding in findings]}
    raise ValueError("no report")


def discreet_memory(memory: Memory, alerts: AlertSettings) -> Memory:
    """Give *memory* with its incidents as they may be shown."""
    if alerts.error_lines:
        return memory
    return replace(memory, incidents=tuple(_incident(incident, alerts) for incident in memory.incidents))


def _incident(incident: Incident, alerts: AlertSettings) -> Incident:
    return replace(incident, findings=tuple(_without_error_line(finding, alerts) for finding in incident.findings))


def _shown(document: Json, alerts: AlertSettings) -> Json:
    if not isinstance(document, dict):
        raise ValueError("no finding")  # noqa: TRY004  # what is kept is damaged
    match document:
        case {"code": str(code), "subject": str(subject), "summary": str(said), "evidence": dict(evidence)}:
            finding = Finding(code, subject, Severity.INFO, said, evidence=evidence)
            without = _without_error_line(finding, alerts)
            return {**document, "summary": without.summary, "evidence": dict(without.evidence)}
    raise ValueError("no finding")


def _without_error_line(finding: Finding, alerts: AlertSettings) -> Finding:
    if "error" not in finding.evidence:
        return finding
    return replace(finding, summary=summary(finding, alerts), evidence={**finding.evidence, "error": None})

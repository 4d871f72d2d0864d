"""The report as JUnit XML: a check is a suite, a finding a case of it."""

import re
from collections.abc import Sequence
from datetime import timedelta
from xml.etree import ElementTree as ET

from ..model.finding import Finding, Severity
from ..model.report import CheckResult, Report, Verdict
from .changed import changed
from .impact import impact
from .wording import accepted, in_part, left_out, printable

# Characters that XML 1.0 cannot hold even escaped, beside those that `printable` replaces.
_NO_XML = re.compile("[\ufffe\uffff]")


def as_junit(reports: Sequence[Report]) -> str:
    """Critical findings are failures; an unknown check is an error; warnings pass and say so in their output."""
    root = ET.Element("testsuites", name="migration-monitor")
    for report in reports:
        root.extend(_suite(check, report) for check in report.checks)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(check: CheckResult, report: Report) -> ET.Element:
    suite = ET.Element("testsuite", name=text_of(f"{report.target} {check.name}"), time=_seconds(check.took))
    suite.set("timestamp", report.started_at.isoformat(timespec="seconds"))
    cases = [_case(check, finding) for finding in check.findings]
    if check.verdict is Verdict.UNKNOWN:
        case = ET.Element("testcase", classname=check.name, name=f"{check.name} could be checked")
        ET.SubElement(case, "error", message=text_of(check.unknown_because or "unknown"), type="unknown")
        cases.append(case)
    elif check.verdict is Verdict.SKIPPED:
        case = ET.Element("testcase", classname=check.name, name=check.name)
        ET.SubElement(case, "skipped")
        cases.append(case)
    elif not cases:
        cases.append(ET.Element("testcase", classname=check.name, name=f"{check.name} passed"))
    suite.extend(cases)
    unknown, settled = in_part(report), [line for line in (accepted(report), left_out(report)) if line is not None]
    if check.name == "schema" and (unknown or settled):
        lines = [*(["compared in part or not at all:", *unknown] if unknown else []), *settled]
        ET.SubElement(suite, "system-out").text = text_of("\n".join(lines))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    return suite


def _case(check: CheckResult, finding: Finding) -> ET.Element:
    case = ET.Element("testcase", classname=check.name, name=text_of(finding.key))
    if finding.severity is Severity.CRITICAL:
        ET.SubElement(case, "failure", message=text_of(finding.summary), type=finding.code).text = text_of(
            _details(finding)
        )
    else:
        ET.SubElement(case, "system-out").text = text_of(f"{finding.severity}: {finding.summary}\n{_details(finding)}")
    return case


def _details(finding: Finding) -> str:
    lines = [f"expected: {finding.expected}", f"actual: {finding.actual}"] if finding.expected is not None else []
    if (suffered := impact([finding])) is not None:
        lines.append(f"impact: {suffered[0].lower()}{suffered[1:]}")
    if (when := changed(finding)) is not None:
        lines.append(when)
    if finding.silenced_until is not None:
        lines.append(f"silenced until {finding.silenced_until:%Y-%m-%d %H:%M} UTC")
    for step in finding.remedy:
        lines.append(step.text)
        lines += [f"  $ {line}" for line in (step.command or "").splitlines()]
    return "\n".join(lines)


def text_of(text: str) -> str:
    """Give *text* as XML can hold it, and as it can be seen."""
    return _NO_XML.sub("\ufffd", printable(text))


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():.3f}"

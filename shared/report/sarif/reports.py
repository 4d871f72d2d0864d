"""The reports of a run as SARIF: a run for each target, a result for each finding."""

from collections.abc import Iterator, Mapping, Sequence

from ...model.codes import row_of
from ...model.finding import Finding, Json
from ...model.report import Report, Verdict
from .log import Files, as_log, folder_of, result, run


def as_sarif(reports: Sequence[Report]) -> str:
    """Give all findings; checks that are unknown are notifications of the run, which then did not succeed."""
    return as_log(_run(report) for report in reports)


def _run(report: Report) -> Json:
    files = Files("" if report.release is None else folder_of(report.release))
    migrations = {each.name for each in report.migrations}
    results = [_result(finding, files, migrations) for finding in report.findings]
    return run(report.target, results, (finding.code for finding in report.findings), _invocation(report))


def _invocation(report: Report) -> dict[str, Json]:
    unknown = [check for check in report.checks if check.verdict is Verdict.UNKNOWN]
    ended = report.started_at + report.took
    return {
        "executionSuccessful": not unknown,
        "startTimeUtc": f"{report.started_at:%Y-%m-%dT%H:%M:%SZ}",
        "endTimeUtc": f"{ended:%Y-%m-%dT%H:%M:%SZ}",
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": f"The check {each.name} is unknown: {each.unknown_because}"}}
            for each in unknown
        ],
    }


def _result(finding: Finding, files: Files, migrations: set[str]) -> Json:
    until = finding.silenced_until
    silenced = None if until is None else f"silenced until {until:%Y-%m-%d %H:%M} UTC"
    return result(
        finding.code,
        finding.severity,
        _text(finding),
        fingerprint=finding.key,
        locations=list(_locations(finding, files, migrations)),
        accepted=silenced,
    )


def _text(finding: Finding) -> str:
    causes = (f"{'Caused by' if cause.certain else 'Possibly related to'} {cause.key}." for cause in finding.because)
    lines = [finding.summary, *causes]
    for number, step in enumerate(finding.remedy, 1):
        lines.append(f"{number}. {step.text}")
        lines += [f"   $ {line}" for line in (step.command or "").splitlines()]
    return "\n".join(lines)


def _locations(finding: Finding, files: Files, migrations: set[str]) -> Iterator[Json]:
    """The place of the finding, then the others that its evidence names."""
    is_of_migration = row_of(finding.code).of_migration or finding.subject in migrations
    places = list(_places(finding.evidence, finding.subject if is_of_migration else None))
    if not places and is_of_migration:
        places = [(finding.subject, 1, None)]
    if not places:
        yield files.release(finding.subject)
    for place in places:
        yield files.script(*place)


def _places(evidence: Mapping[str, Json], migration: str | None) -> Iterator[tuple[str, int, str | None]]:
    """The statements that a finding is about, the one that stopped the migration or is not applied first."""
    statements = evidence.get("statements")
    found = [each for each in statements if isinstance(each, dict)] if isinstance(statements, list) else []
    for each in sorted(found, key=_rank):
        name, line = each.get("migration", migration), each.get("line")
        if isinstance(name, str) and isinstance(line, int):
            state = each.get("state")
            yield name, line, None if state is None else f"line {line}: {str(state).replace('-', ' ')}"


def _rank(statement: Mapping[str, Json]) -> int:
    if statement.get("failing"):
        return 0
    return 2 if statement.get("state") == "present" else 1

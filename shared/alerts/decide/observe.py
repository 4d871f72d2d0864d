"""What one run saw of incidents: those that are open, and those that it could not check."""

from collections.abc import Iterable, Mapping

from ...model.finding import Finding, Severity
from ...model.news import UNKNOWN_CHECK
from ...model.report import Report, Verdict
from ...model.value import dataclass, replace
from .content import digest_of

# A migration that is being applied is no trouble of its own, and no end of its trouble either.
_UNDER_WAY = "migration-running"


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident as this run saw it. *check* is set where that check has no result, *because*."""

    name: str
    severity: Severity
    digest: str
    checks: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    check: str | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """*under_way* are incidents that neither open nor end now; *unknown* are the checks without a result.

    *asleep* are those that were not made because the target sleeps: nothing of theirs ends meanwhile.
    """

    seen: Mapping[str, Seen]
    under_way: frozenset[str]
    unknown: frozenset[str]
    asleep: frozenset[str] = frozenset()


def observe(report: Report, severities: Iterable[str]) -> Observation:
    """Sort the findings of *report* by incident. An incident with none of *severities* is left out."""
    found: dict[str, list[tuple[str, Finding]]] = {}
    for check in report.checks:
        for finding in check.findings:
            found.setdefault(finding.incident, []).append((check.name, finding))
    wanted = {Severity.CRITICAL, Severity.WARNING} | {Severity(name) for name in severities}
    seen = {name: _seen(name, sightings) for name, sightings in found.items()}
    unknown = [check for check in report.checks if check.verdict is Verdict.UNKNOWN]
    return Observation(
        {name: incident for name, incident in seen.items() if incident.severity in wanted}
        | {each.name: each for each in (_unknown(c.name, c.unknown_because) for c in unknown)},
        frozenset(name for name, sightings in found.items() if any(f.code == _UNDER_WAY for _, f in sightings)),
        frozenset(check.name for check in unknown),
        frozenset(
            check.name
            for check in report.checks
            if report.sleeps_until is not None and check.verdict is Verdict.SKIPPED
        ),
    )


def _seen(name: str, sightings: list[tuple[str, Finding]]) -> Seen:
    findings = tuple(finding for _, finding in sightings)
    return Seen(
        name,
        min((finding.severity for finding in findings), key=lambda severity: severity.rank),
        digest_of(findings),
        tuple(dict.fromkeys(check for check, _ in sightings)),
        tuple(map(_worth_keeping, findings)),
    )


def _worth_keeping(finding: Finding) -> Finding:
    """Leave the evidence to the report, but for the error: words must know what not to quote."""
    error = finding.evidence.get("error")
    return replace(finding, evidence={} if error is None else {"error": error})


def _unknown(check: str, because: str | None) -> Seen:
    """An unknown check is as bad as the worst that it may hide. Another reason for it is no news."""
    return Seen(f"{UNKNOWN_CHECK}{check}", Severity.CRITICAL, "unknown", (check,), check=check, because=because)

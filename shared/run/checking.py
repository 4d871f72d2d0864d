"""The checks of a run, and their results."""

import time
from collections.abc import Callable
from datetime import timedelta

from ..model.diagnosis import Diagnosis
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.report import CheckResult


def run_checks(
    facts: Facts, diagnosis: Diagnosis | Unavailable, read_in: Callable[[str], timedelta]
) -> tuple[tuple[CheckResult, ...], frozenset[str]]:
    """Run every check that the target asks for, find causes over all findings, and give each check's result.

    *read_in* says how long a source took, which counts as its checks' own time. Gives beside the results the
    keys of the findings that the settings accept.
    """
    from ..checks.accepted import without_accepted  # noqa: PLC0415  # see pipeline.py
    from ..checks.causes import with_causes  # noqa: PLC0415  # see pipeline.py
    from ..checks.clients import with_clients  # noqa: PLC0415  # see pipeline.py
    from ..checks.registry import CHECKS, conclude, run_check, skipped  # noqa: PLC0415  # see pipeline.py

    outcomes = {}
    checks = [check for check in CHECKS if check.has_something(facts)]
    for check in checks:
        if check.is_asked_for(facts.target) and (facts.sleeps_until is None or check.source == "server"):
            started = time.monotonic()
            outcome = run_check(check, facts, diagnosis)
            outcomes[check.name] = outcome, read_in(check.source) + timedelta(seconds=time.monotonic() - started)
    findings, accepted = without_accepted(
        (finding for outcome, _ in outcomes.values() for finding in outcome.findings),
        facts.target.accepted,
        facts.started_at.date(),
    )
    found = with_clients(findings, diagnosis)
    explained = {finding.key: finding for finding in with_causes(found, facts, diagnosis)}

    def concluded(name: str) -> CheckResult:
        if name not in outcomes:
            return skipped(name)
        outcome, took = outcomes[name]
        findings = [explained[finding.key] for finding in outcome.findings if finding.key in explained]
        return conclude(name, findings, outcome.unknown, took)

    return tuple(concluded(check.name) for check in checks), accepted

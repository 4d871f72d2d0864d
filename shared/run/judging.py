"""The checks of a run, and their results."""

import time
from collections.abc import Callable
from datetime import timedelta

from ..model.diagnosis import Diagnosis
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.report import CheckResult


def judge_all(
    facts: Facts, diagnosis: Diagnosis | Unavailable, read_in: Callable[[str], timedelta]
) -> tuple[tuple[CheckResult, ...], frozenset[str]]:
    """Run every check that the target asks for, find causes over all findings, and give each check's result.

    *read_in* says how long a source took, which counts as its checks' own time. Gives beside the results the
    keys of the findings that the settings accept.
    """
    from ..checks.accepted import without_accepted  # noqa: PLC0415  # see pipeline.py
    from ..checks.causes import with_causes  # noqa: PLC0415  # see pipeline.py
    from ..checks.clients import with_clients  # noqa: PLC0415  # see pipeline.py
    from ..checks.registry import CHECKS, conclude, judge, skipped  # noqa: PLC0415  # see pipeline.py

    judged = {}
    for check in CHECKS:
        if check.is_asked_for(facts.target) and (facts.sleeps_until is None or check.source == "server"):
            started = time.monotonic()
            judgement = judge(check, facts, diagnosis)
            judged[check.name] = judgement, read_in(check.source) + timedelta(seconds=time.monotonic() - started)
    findings, accepted = without_accepted(
        (finding for judgement, _ in judged.values() for finding in judgement.findings),
        facts.target.accepted,
        facts.started_at.date(),
    )
    found = with_clients(findings, diagnosis)
    explained = {finding.key: finding for finding in with_causes(found, facts, diagnosis)}

    def concluded(name: str) -> CheckResult:
        if name not in judged:
            return skipped(name)
        judgement, took = judged[name]
        findings = [explained[finding.key] for finding in judgement.findings if finding.key in explained]
        return conclude(name, findings, judgement.unknown, took)

    return tuple(concluded(check.name) for check in CHECKS), accepted

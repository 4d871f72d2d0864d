"""The registry of checks: to add one, write its function and register it. Reports list the checks in this order."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from ..model.diagnosis import Diagnosis
from ..model.facts import Facts
from ..model.finding import Finding, Severity
from ..model.knowledge import NotKnownError, Unavailable
from ..model.report import CheckResult, Verdict
from ..model.settings import Target
from ..model.value import dataclass
from .activity import check_activity
from .app import check_app
from .deployment import check_deployment
from .endpoints import check_endpoints
from .history import check_history
from .privileges import check_privileges
from .release import carries_schema, check_release
from .schema import check_schema
from .seeds import check_seeds
from .server import check_server

Rule = Callable[[Facts, Diagnosis | Unavailable], Iterator[Finding | Unavailable]]


@dataclass(frozen=True, slots=True)
class Check:
    """The function that finds, the source of its facts, and whether a target asks for the check.

    Where the facts hold nothing to check it is not in the report: what was not compared is in the coverage.
    """

    name: str
    source: str
    find: Rule
    is_asked_for: Callable[[Target], bool] = lambda _target: True
    has_something: Callable[[Facts], bool] = lambda _facts: True


CHECKS = (
    Check("history", "database", check_history),
    Check("schema", "database", check_schema, lambda target: target.compare_schema),
    Check("seeds", "database", check_seeds, lambda target: bool(target.seeds)),
    Check("endpoints", "endpoints", check_endpoints, lambda target: bool(target.endpoints)),
    Check("activity", "database", check_activity),
    Check("server", "server", check_server, lambda target: target.server is not None),
    Check("app", "app", check_app, lambda target: target.app is not None),
    Check("deployment", "database", check_deployment, lambda target: target.compare_schema),
    Check("release", "database", check_release, lambda target: target.compare_schema, carries_schema),
    Check("privileges", "database", check_privileges, lambda target: target.privileges or target.compare_privileges),
)


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What a check found, and why the rest is unknown."""

    findings: tuple[Finding, ...]
    unknown: Unavailable | None


def run_check(check: Check, facts: Facts, diagnosis: Diagnosis | Unavailable) -> CheckOutcome:
    """Run one check. A missing fact makes it unknown, and so does a bug in it; what it found before that stays."""
    findings: list[Finding] = []
    reasons: list[Unavailable] = []
    try:
        for outcome in check.find(facts, diagnosis):
            if isinstance(outcome, Unavailable):
                reasons.append(outcome)
            else:
                findings.append(outcome)
    except NotKnownError as error:
        reasons.append(error.unavailable)
    except Exception as error:  # noqa: BLE001  # what all other checks found must be reported
        reasons.append(_bug(error))
    return CheckOutcome(tuple(findings), _together(reasons))


def _bug(error: Exception) -> Unavailable:
    """Name the place, and not the error's text: that may quote rows."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    module = "" if at is None else at.tb_frame.f_globals.get("__name__", "").rpartition(".")[2]
    place = "" if at is None else f" in {module}.py, line {at.tb_lineno}"
    because = f"this check ended with an error of the monitor itself, {type(error).__name__}{place}: please report it"
    return Unavailable(because, lasting=True)


def _together(reasons: list[Unavailable]) -> Unavailable | None:
    if not reasons:
        return None
    because = "; ".join(dict.fromkeys(reason.because for reason in reasons))
    servers = {reason.server for reason in reasons}
    server = servers.pop() if len(servers) == 1 else None
    return Unavailable(because, lasting=any(reason.lasting for reason in reasons), server=server)


def conclude(name: str, findings: Iterable[Finding], unknown: Unavailable | None, took: timedelta) -> CheckResult:
    """Give the result of one check: the verdict is that of its worst finding, unless it is unknown."""
    findings = tuple(findings)
    severities = {finding.severity for finding in findings}
    if unknown is not None:
        verdict = Verdict.UNKNOWN
    elif Severity.CRITICAL in severities:
        verdict = Verdict.FAILED
    else:
        verdict = Verdict.WARNING if Severity.WARNING in severities else Verdict.PASSED
    return CheckResult(name, verdict, took, findings, unknown)


def skipped(name: str) -> CheckResult:
    return CheckResult(name, Verdict.SKIPPED, timedelta(0))

"""Do the key API endpoints answer as expected?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ..model.diagnosis import Diagnosis
from ..model.endpoint import Answer, EndpointExpectation, NoAnswer, Probe
from ..model.facts import Facts
from ..model.finding import Finding, Severity, Step
from ..model.knowledge import Unavailable
from ..model.phrases import counted

_NOT_LET_IN = {401, 403}


def check_endpoints(facts: Facts, _diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    for probe in facts.endpoints:
        if isinstance(probe, Unavailable):
            yield probe
        else:
            yield from found_of_endpoint(probe, facts.started_at)


def found_of_endpoint(probe: Probe, now: datetime) -> Iterator[Finding | Unavailable]:
    """Yield what is wrong with the answers of one endpoint, or why that is not known."""
    outcome = _outcome(probe)
    if outcome is not None:
        yield outcome
    certificate = _certificate(probe, now)
    if certificate is not None:
        yield certificate


def _outcome(probe: Probe) -> Finding | Unavailable | None:
    expectation, last = probe.expectation, probe.tries[-1]
    request = _request(expectation)
    tries = counted(len(probe.tries), "try", "tries")
    if isinstance(last, NoAnswer):
        return Finding(
            "endpoint-unreachable",
            expectation.name,
            Severity.CRITICAL,
            f"{request}: no answer in {tries}: {last.because}.",
            expected=f"status {expectation.status}",
            actual="no answer",
            remedy=(Step("Check whether the application runs and is reachable from outside."),),
        )
    breach = expectation.broken_by(last)
    if breach is None:
        return None
    if breach.code == "endpoint-status" and last.status in _NOT_LET_IN and expectation.authenticates:
        return Unavailable(
            f"{request} answered {last.status}: it refuses the monitor's credential; {_way_in(expectation)}"
        )
    return Finding(
        breach.code,
        expectation.name,
        Severity.WARNING if breach.code == "endpoint-slow" else Severity.CRITICAL,
        f"{request}: expected {breach.expected}, got {breach.actual} after {tries}.",
        expected=breach.expected,
        actual=breach.actual,
        remedy=(Step(f"Search for {request} in the application's log."),),
        evidence={
            "status": last.status,
            "latency_ms": [round(t.latency / timedelta(milliseconds=1)) for t in probe.tries if isinstance(t, Answer)],
        },
    )


def _certificate(probe: Probe, now: datetime) -> Finding | None:
    expectation, last = probe.expectation, probe.tries[-1]
    if isinstance(last, NoAnswer) or last.certificate_expires is None:
        return None
    left = last.certificate_expires - now
    if left > timedelta(days=expectation.certificate_days):
        return None
    host = urlsplit(expectation.url).hostname
    return Finding(
        "certificate-expiring",
        expectation.name,
        Severity.WARNING,
        f"The certificate of {host} expires in {left.days} days, on {last.certificate_expires:%Y-%m-%d}.",
        expected=f"more than {expectation.certificate_days} days left",
        actual=f"{left.days} days left",
        remedy=(Step("Renew the certificate, or find out why its automatic renewal did not run."),),
    )


def _way_in(expectation: EndpointExpectation) -> str:
    if expectation.audience is None:
        return "renew its credential"
    return f"its identity needs a role of the application {expectation.audience}"


def _request(expectation: EndpointExpectation) -> str:
    """``GET /api/folders``, without the query string: it may carry a key."""
    return f"{expectation.method} {urlsplit(expectation.url).path or '/'}"

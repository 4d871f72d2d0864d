"""What was measured of every seed and endpoint, also where that is as expected: for pages and charts."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from ..model.diagnosis import Diagnosis
from ..model.endpoint import Answer, EndpointExpectation, Probe
from ..model.facts import Facts
from ..model.finding import Finding
from ..model.knowledge import Unavailable
from ..model.report import Measurement, Verdict
from ..model.seed import SeedCount, SeedExpectation
from .endpoints import found_of_endpoint
from .registry import conclude
from .seeds import found_of_seed

T = TypeVar("T")
E = TypeVar("E")
Outcome = Finding | Unavailable
_NOT_MEASURED = Unavailable("it was not measured")
_A_MILLISECOND = timedelta(milliseconds=1)


def measured(facts: Facts, diagnosis: Diagnosis | Unavailable, accepted: frozenset[str]) -> tuple[Measurement, ...]:
    """Give them in the order of the settings. *accepted* are the keys of findings that the settings accept."""
    database, target = facts.database, facts.target
    counts = (database,) if isinstance(database, Unavailable) else database.seeds
    return (
        *(_seed(each, count, facts, diagnosis, accepted) for each, count in _paired(target.seeds, counts)),
        *(_endpoint(each, probe, facts, accepted) for each, probe in _paired(target.endpoints, facts.endpoints)),
    )


def _paired(expectations: Sequence[E], found: Sequence[T | Unavailable]) -> Iterable[tuple[E, T | Unavailable]]:
    """Give each with what was found of it; where nothing was, with the one reason why."""
    if len(found) == len(expectations):
        return zip(expectations, found, strict=True)
    reason = next((each for each in found if isinstance(each, Unavailable)), _NOT_MEASURED)
    return ((each, reason) for each in expectations)


def _seed(
    expectation: SeedExpectation,
    found: SeedCount | Unavailable,
    facts: Facts,
    diagnosis: Diagnosis | Unavailable,
    accepted: frozenset[str],
) -> Measurement:
    value, outcomes = None, list[Outcome]()
    if isinstance(found, Unavailable):
        outcomes.append(found)
    else:
        value = float(found.count) if isinstance(found.count, int) else None
        outcomes += found_of_seed(found, facts, diagnosis)
    verdict, because = _verdict(outcomes, facts, accepted)
    return Measurement("seed", expectation.subject, str(expectation), value, "rows", verdict, because)


def _endpoint(
    expectation: EndpointExpectation, found: Probe | Unavailable, facts: Facts, accepted: frozenset[str]
) -> Measurement:
    value, outcomes = None, list[Outcome]()
    if isinstance(found, Unavailable):
        outcomes.append(found)
    else:
        last = found.tries[-1]
        value = round(last.latency / _A_MILLISECOND, 1) if isinstance(last, Answer) else None
        outcomes += found_of_endpoint(found, facts.started_at)
    verdict, because = _verdict(outcomes, facts, accepted)
    return Measurement("endpoint", expectation.name, str(expectation), value, "ms", verdict, because)


def _verdict(outcomes: Sequence[Outcome], facts: Facts, accepted: frozenset[str]) -> tuple[Verdict, str | None]:
    """Give the verdict, as a check would, and the sentence for it."""
    unknown = next((each for each in outcomes if isinstance(each, Unavailable)), None)
    if unknown is not None:
        return Verdict.SKIPPED if facts.sleeps_until is not None else Verdict.UNKNOWN, unknown.because
    findings = [each for each in outcomes if isinstance(each, Finding)]
    kept = sorted((each for each in findings if each.key not in accepted), key=lambda each: each.severity.rank)
    if kept:
        return conclude("", kept, None, timedelta(0)).verdict, kept[0].summary
    return Verdict.PASSED, "The settings accept this difference." if findings else None

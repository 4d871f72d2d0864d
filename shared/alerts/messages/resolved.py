"""What was fixed, how long it took, and what is still open."""

from collections.abc import Iterator
from datetime import datetime

from ...model.alerts import AlertSettings
from ...model.finding import Severity
from ...model.message import Item
from ...model.news import UNKNOWN_CHECK, Decision, News, Why
from ...model.phrases import counted, listed
from ...model.report import Verdict
from ...report.wording import count_findings
from ...report.wording import headline as report_headline
from .fold import Draft
from .parts import item, moment, plain_name, span, summary


def headline(news: News, now: datetime) -> str:
    """``production matches release v2 again, after 3 h``, or which incident is resolved and how many are still open."""
    ended = [decision for decision in news.decisions if decision.why is Why.RESOLVED]
    if not ended:
        bad = f": {count_findings(news.report)}" if news.report.verdict is Verdict.FAILED else ""
        return f"{news.report.target}: checks work again, after {_longest(news, now)}{bad}."
    left_alone = next((decision for decision in ended if decision.because is not None), None)
    if left_alone is not None:
        # Nothing was fixed: it must not read as an all-clear.
        others = f"; {len(ended) - 1} more resolved" if len(ended) > 1 else ""
        what = f"{plain_name(left_alone.incident)}: {left_alone.because}"
        return f"{news.report.target}: {what}, after {_longest(news, now)}{others}"
    if not news.also_open and news.report.verdict in {Verdict.PASSED, Verdict.WARNING}:
        version = news.report.release.version if news.report.release else None
        return f"{news.report.target} matches {version or 'its release'} again, after {_longest(news, now)}"
    others = f" and {len(ended) - 1} more" if len(ended) > 1 else ""
    resolved = f"resolved after {_longest(news, now)}: {plain_name(ended[0].incident)}{others}"
    if not news.also_open:
        return f"{news.report.target}: {resolved}"
    # What is still broken comes before what no longer is.
    left = f"{counted(len(news.also_open), 'incident')} still open"
    order = (left, resolved) if news.report.verdict is Verdict.FAILED else (resolved, left)
    return f"{news.report.target}: {'; '.join(order)}"


def drafts(news: News, alerts: AlertSettings, now: datetime) -> Iterator[Draft]:
    ended = [decision for decision in news.decisions if decision.why is Why.RESOLVED]
    fixed = [decision for decision in ended if decision.because is None]
    yield Draft("FIXED", tuple(_ended(decision, news, now) for decision in fixed), most=6)
    closed = [decision for decision in ended if decision.because is not None]
    yield Draft("CLOSED", tuple(_ended(decision, news, now) for decision in closed), most=4)
    working = [decision for decision in news.decisions if decision.why is Why.WORKS_AGAIN]
    yield Draft("WORKS AGAIN", _works_again(working, news, now), most=4, open=True)
    if ended and all(decision.why is not Why.CANNOT_CHECK for decision in news.decisions):
        is_all = all(decision.why in {Why.RESOLVED, Why.WORKS_AGAIN} for decision in news.decisions)
        nothing = (item("No other incident."),) if is_all else ()
        yield Draft("STILL OPEN", _still_open(news, alerts) or nothing, most=5, open=True)


def _ended(decision: Decision, news: News, now: datetime) -> Item:
    took = span(now - decision.since)
    subjects = [finding.subject for finding in decision.findings]
    state = _state_now(decision, news)
    text = f"{plain_name(decision.incident)}: {state}, after {took} (since {moment(decision.since, now)})."
    # What was closed was not fixed: it still has a severity, which keeps the message from being green.
    return item(text, *subjects, severity=None if decision.because is None else Severity.INFO)


def _state_now(decision: Decision, news: News) -> str:
    """Give the state of a migration, or that the finding is gone."""
    name = decision.incident.removeprefix("migration ")
    if decision.because is not None:
        return decision.because
    status = next((each for each in news.report.migrations if each.name == name), None)
    if status is not None and decision.incident != name:
        return f"now {status.state.value}"
    return "as expected again"


def _works_again(decisions: list[Decision], news: News, now: datetime) -> tuple[Item, ...]:
    """Name the checks that work again, together where they failed as long, and what they found."""
    if not decisions:
        return ()
    names: dict[str, list[str]] = {}
    for decision in decisions:
        names.setdefault(span(now - decision.since), []).append(decision.incident.removeprefix(UNKNOWN_CHECK))
    again = [item(f"{listed(checks)}, after {took}.") for took, checks in names.items()]
    severity = Severity.CRITICAL if news.report.verdict is Verdict.FAILED else None
    return (*again, item(report_headline(news.report), severity=severity))


def _still_open(news: News, alerts: AlertSettings) -> tuple[Item, ...]:
    """What is still open, worst first: a repair often leaves something behind, such as a temporary firewall rule."""
    listed = {decision.incident for decision in news.decisions}
    listed |= {
        finding.incident for decision in news.decisions if decision.why is Why.VERIFY for finding in decision.findings
    }
    there = sorted(
        (finding for finding in news.report.findings if finding.incident not in listed),
        key=lambda finding: finding.severity.rank,
    )
    left = [item(summary(f, alerts), f.subject, severity=f.severity) for f in there if f.severity is not Severity.INFO]
    named = {finding.incident for finding in there}
    hidden = [incident for incident in news.also_open if incident.incident not in named]
    return (*left, *(item(f"{plain_name(h.incident)}: cannot be checked now", severity=h.severity) for h in hidden))


def _longest(news: News, now: datetime) -> str:
    ended = [decision for decision in news.decisions if decision.why in {Why.RESOLVED, Why.WORKS_AGAIN}]
    return span(now - min(decision.since for decision in ended))

"""What is still open a day later: since when, how often it was sent, and the options."""

from collections.abc import Iterator
from datetime import datetime
from shlex import quote

from ...model.finding import Step
from ...model.message import Item, Kind
from ...model.news import Decision, News, OpenIncident, Silence
from ...report.wording import problem
from .fold import Draft
from .parts import item, kind_of, moment, plain_name, short, span, step_item


def headline(news: News, now: datetime) -> str:
    reminded = _reminded(news)
    first = reminded[0]
    what = short(first.findings[0]) if first.findings else plain_name(first.incident)
    more = f"; {len(reminded) - 1} more" if len(reminded) > 1 else ""
    return f"{news.report.target}: still open after {span(now - first.since)}: {what}{more}"


def drafts(news: News, now: datetime) -> Iterator[Draft]:
    reminded = _reminded(news)
    if not reminded:
        return
    yield Draft("STILL OPEN", tuple(_open(decision, now) for decision in reminded), most=8, open=True)
    silenced = [_silenced(each, each.silence, now) for each in news.also_open if each.silence is not None]
    yield Draft("SILENCED", tuple(silenced), most=3, open=True)
    yield Draft("OPTIONS", tuple(_options(news.report.target, reminded[0].incident)), steps=True)


def _reminded(news: News) -> list[Decision]:
    """Give what the reminder is about: the worst first, then the oldest."""
    reminded = [decision for decision in news.decisions if kind_of(decision) is Kind.REMINDER]
    return sorted(reminded, key=lambda decision: (decision.severity.rank, decision.since))


def _open(decision: Decision, now: datetime) -> Item:
    """One line each: what is wrong was said before, and is in the report."""
    worst = min(decision.findings, key=lambda finding: finding.severity.rank, default=None)
    what = decision.because or plain_name(decision.incident) if worst is None else problem(worst)
    times = {1: "once", 2: "twice"}.get(decision.notified, f"{decision.notified} times")
    subject = "" if worst is None else worst.subject
    return item(f"{what}, since {moment(decision.since, now)}, notified {times}.", subject, severity=decision.severity)


def _silenced(incident: OpenIncident, silence: Silence, now: datetime) -> Item:
    who = f"silenced by {silence.who} until {moment(silence.until, now)}: {silence.because}"
    return item(f"{plain_name(incident.incident)}: {who}.", severity=incident.severity)


def _options(target: str, incident: str) -> Iterator[Item]:
    yield item("Fix the incident: the steps are in the report and in the first message of this thread.")
    silence = (
        f"migration-monitor silence {quote(incident)} --target {quote(target)} --for 4h --because 'WHAT IS BEING DONE'"
    )
    yield step_item(Step("Or silence the incident while somebody works on it:", silence))

"""What still stands a day later: since when, how often it was told, and the ways out."""

from collections.abc import Iterator
from datetime import datetime
from shlex import quote

from shared.model.finding import Step
from shared.model.message import Item, Kind
from shared.model.news import Decision, News, OpenIncident, Silence
from shared.report.message.fold import Draft
from shared.report.message.parts import item, kind_of, moment, plain_name, short, span, step_item


def headline(news: News, now: datetime) -> str:
    told = _told(news)
    first = told[0]
    what = short(first.findings[0]) if first.findings else plain_name(first.incident)
    more = f" and {len(told) - 1} more" if len(told) > 1 else ""
    return f"{news.report.target}: still open after {span(now - first.since)}: {what}{more}"


def drafts(news: News, now: datetime) -> Iterator[Draft]:
    told = _told(news)
    if not told:
        return
    yield Draft("STILL OPEN", tuple(_open(decision, now) for decision in told), most=5)
    silenced = [_silenced(stands, stands.silence, now) for stands in news.also_open if stands.silence is not None]
    yield Draft("SILENCED", tuple(silenced), most=3)
    yield Draft("WAYS OUT", tuple(_ways_out(news.report.target, told[0].incident)), most=5)


def _told(news: News) -> list[Decision]:
    """Give what is reminded of: the worst first, then the oldest."""
    told = [decision for decision in news.decisions if kind_of(decision) is Kind.REMINDER]
    return sorted(told, key=lambda decision: (decision.severity.rank, decision.since))


def _open(decision: Decision, now: datetime) -> Item:
    """One line each: what is wrong was said before, and is in the report."""
    worst = min(decision.findings, key=lambda finding: finding.severity.rank, default=None)
    what = decision.because or plain_name(decision.incident) if worst is None else short(worst)
    told = {1: "once", 2: "twice"}.get(decision.told, f"{decision.told} times")
    subject = "" if worst is None else worst.subject
    return item(f"{what}, since {moment(decision.since, now)}, told {told}.", subject, severity=decision.severity)


def _silenced(stands: OpenIncident, silence: Silence, now: datetime) -> Item:
    who = f"silenced by {silence.who} until {moment(silence.until, now)}: {silence.because}"
    return item(f"{plain_name(stands.incident)}: {who}.", severity=stands.severity)


def _ways_out(target: str, incident: str) -> Iterator[Item]:
    yield item("Mend it: the report has the steps, and so has the first message of this thread.")
    silence = (
        f"python monitor.py silence {quote(incident)} --target {quote(target)} --for 4h --because 'WHAT IS BEING DONE'"
    )
    yield step_item(Step("Somebody is on it: say so, and until when it may stay quiet.", silence))

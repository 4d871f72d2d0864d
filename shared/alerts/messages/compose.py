"""One message with everything that one run reports of a target."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from ...model.alerts import AlertSettings
from ...model.message import Kind, Message
from ...model.news import News
from ...model.phrases import listed
from ...model.report import Verdict
from ...model.value import replace
from ...report.wording import accepted
from . import incident, reminder, resolved, unknown
from .fold import Draft, folded
from .parts import code_of, event_of, headline, item, kind_of, links, moment, thread

# How many objects that could not be compared are named.
_MOST_IN_PART = 3
# The worst first: it gives a message its kind and its headline.
_HEADLINES = {
    Kind.INCIDENT: incident.headline,
    Kind.CANNOT_CHECK: unknown.headline,
    Kind.RESOLVED: resolved.headline,
    Kind.REMINDER: reminder.headline,
}


def compose(news: News, alerts: AlertSettings, now: datetime) -> Message:
    """Write the message for the decisions of *news*: at least one.

    The worst kind of decision gives the headline; the others follow in sections of their own.
    """
    kinds = {kind_of(decision) for decision in news.decisions}
    kind = next(kind for kind in _HEADLINES if kind in kinds)
    worst = min(news.decisions, key=lambda decision: decision.severity.rank)
    return Message(
        kind=kind,
        target=news.report.target,
        severities=tuple(sorted({decision.severity for decision in news.decisions}, key=lambda each: each.rank)),
        headline=headline(_HEADLINES[kind](news, now)),
        sections=folded(
            [
                *incident.drafts(news, alerts),
                *_beside(kind is not Kind.CANNOT_CHECK, unknown.drafts(news, now)),
                *resolved.drafts(news, alerts, now),
                *_beside(kind is not Kind.REMINDER, reminder.drafts(news, now)),
                *_closing(news, now),
            ]
        ),
        written_at=now,
        links=links(alerts, news.report.target, now, worst.incident, code_of(worst)),
        threads=tuple(thread(decision.incident, decision.since) for decision in news.decisions),
        events=tuple(map(event_of, news.decisions)),
    )


def _beside(is_beside: bool, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Give *drafts*; in a message whose headline is of another kind, all but what is open comes aside."""
    return (replace(draft, aside=is_beside and not draft.open) for draft in drafts)


def _closing(news: News, now: datetime) -> list[Draft]:
    """What was not checked, and when the next check is: always there, silence would read as an all-clear."""
    listed_already = any(kind_of(decision) is Kind.CANNOT_CHECK for decision in news.decisions)
    unseen = [] if listed_already else list(unknown.unknown_checks(news.report))
    skipped = [check.name for check in news.report.checks if check.verdict is Verdict.SKIPPED]
    # What is never compared is in the report: a message repeats nothing that is always so.
    left_out = [item(f"{listed(skipped)}: not configured, or switched off.")] if skipped else []
    if news.report.coverage is not None and (opaque := news.report.coverage.opaque):
        names = list(opaque)[:_MOST_IN_PART]
        more = f" and {len(opaque) - len(names)} more" if len(opaque) > len(names) else ""
        unseen.append(item(f"Compared only in part: {', '.join(names)}{more}. The report says why."))
    settled = accepted(news.report)
    again = news.next_run_at
    next_check = [item(f"{moment(again, now)}.")] if again is not None else []
    return [
        Draft("MONITOR", tuple(item(note) for note in news.notes), most=2, open=True),
        Draft("NOT CHECKED", tuple(unseen), most=4, open=True),
        Draft("SKIPPED", tuple(left_out)),
        Draft("ACCEPTED", () if settled is None else (item(settled),), most=2),
        Draft("NEXT CHECK", tuple(next_check)),
    ]

"""One message of everything that one run has to tell about a target."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from shared.model.alerts import AlertSettings
from shared.model.message import Kind, Message
from shared.model.news import News
from shared.model.report import Verdict
from shared.report.message import blind, incident, reminder, resolved
from shared.report.message.fold import Draft, folded
from shared.report.message.parts import event_of, headline, item, kind_of, links, moment, thread
from shared.report.wording import enumerate_names

# How many objects that could not be compared are named.
_MOST_IN_PART = 3
# The gravest first: a message is called for what comes first of it.
_HEADLINES = {
    Kind.INCIDENT: incident.headline,
    Kind.CANNOT_SEE: blind.headline,
    Kind.RESOLVED: resolved.headline,
    Kind.REMINDER: reminder.headline,
}


def word(news: News, alerts: AlertSettings, now: datetime) -> Message:
    """Put the decisions of *news*, of which there is at least one, into words.

    What else happened than what it is called for follows in sections of its own.
    """
    kinds = {kind_of(decision) for decision in news.decisions}
    kind = next(kind for kind in _HEADLINES if kind in kinds)
    return Message(
        kind=kind,
        target=news.report.target,
        severities=tuple(sorted({decision.severity for decision in news.decisions}, key=lambda each: each.rank)),
        headline=headline(_HEADLINES[kind](news, now)),
        sections=folded(
            [
                *incident.drafts(news, alerts),
                *_beside(kind is not Kind.CANNOT_SEE, blind.drafts(news, now), but="BLIND"),
                *resolved.drafts(news, alerts, now),
                *_beside(kind is not Kind.REMINDER, reminder.drafts(news, now)),
                *_closing(news, now),
            ]
        ),
        written_at=now,
        links=links(alerts),
        threads=tuple(thread(decision.incident, decision.since) for decision in news.decisions),
        events=tuple(map(event_of, news.decisions)),
    )


def _beside(is_beside: bool, drafts: Iterable[Draft], *, but: str = "") -> Iterator[Draft]:
    """Give *drafts*, which come aside in a message that is called for something else."""
    return (replace(draft, aside=is_beside and draft.title != but) for draft in drafts)


def _closing(news: News, now: datetime) -> list[Draft]:
    """What was not judged, and when it is looked at again: always there, silence would read as an all-clear."""
    told_already = any(kind_of(decision) is Kind.CANNOT_SEE for decision in news.decisions)
    unseen = [] if told_already else list(blind.not_told(news.report))
    skipped = [check.name for check in news.report.checks if check.verdict is Verdict.SKIPPED]
    if skipped:
        # What is never compared stands in the report: a message repeats nothing that is always so.
        unseen.append(item(f"Not looked at: {enumerate_names(skipped)}."))
    if news.report.coverage is not None and (opaque := news.report.coverage.opaque):
        names = list(opaque)[:_MOST_IN_PART]
        more = f" and {len(opaque) - len(names)} more" if len(opaque) > len(names) else ""
        unseen.append(item(f"Not compared, or only in part: {', '.join(names)}{more}. The report says why."))
    again = news.next_run_at
    looks = [item(f"Looks again at {moment(again, now)}.")] if again is not None else []
    return [
        Draft("MONITOR", tuple(item(note) for note in news.notes), most=2),
        Draft("NOT JUDGED", tuple(unseen), most=4),
        Draft("NEXT", tuple(looks)),
    ]

"""What cannot be seen: it is never an all-clear."""

from collections.abc import Iterator
from datetime import datetime

from shared.model.message import Item, Kind
from shared.model.news import Decision, News
from shared.model.report import Report, Verdict
from shared.report.message.fold import Draft
from shared.report.message.parts import counted, item, kind_of, moment, plain_name
from shared.report.wording import enumerate_names


def headline(news: News, now: datetime) -> str:
    told = _told(news)
    since = min(decision.since for decision in told)
    still = " still" if all(decision.told for decision in told) else ""
    return (
        f"{news.report.target}: I{still} cannot see {_blind_checks(news)}, since {moment(since, now)}. "
        "This is NOT an all-clear."
    )


def drafts(news: News, now: datetime) -> Iterator[Draft]:
    """Which step failed, what is blind, what is still seen, and what stood before and is not forgotten."""
    if not _told(news):
        return
    yield Draft("BLIND", tuple(not_told(news.report)), most=5)
    yield Draft("SEEN", (_still_seen(news),), most=2)
    # What stood before stands until it is seen to be mended.
    stands = [
        item(f"{plain_name(known.incident)}, since {moment(known.since, now)}.", severity=known.severity)
        for known in news.also_open
    ]
    yield Draft("STILL OPEN", tuple(stands), most=4)


def not_told(report: Report) -> Iterator[Item]:
    """Name the checks that could not tell, together where it is for the same reason."""
    reasons: dict[str, list[str]] = {}
    for check in report.checks:
        if check.verdict is Verdict.UNKNOWN:
            reasons.setdefault(check.unknown_because or "no reason was given", []).append(check.name)
    for because, names in reasons.items():
        yield item(f"{enumerate_names(names)}: {because}.")


def _told(news: News) -> list[Decision]:
    return [decision for decision in news.decisions if kind_of(decision) is Kind.CANNOT_SEE]


def _blind_checks(news: News) -> str:
    names = [check.name for check in news.report.checks if check.verdict is Verdict.UNKNOWN]
    return enumerate_names(names) if names else "everything"


def _still_seen(news: News) -> Item:
    seen = [check for check in news.report.checks if check.verdict not in {Verdict.UNKNOWN, Verdict.SKIPPED}]
    if not seen:
        return item("Nothing is seen at this moment.")
    well = [check.name for check in seen if not check.findings]
    words = [f"{enumerate_names(well)} in step"] if well else []
    words += [f"{check.name} with {counted(len(check.findings), 'finding')}" for check in seen if check.findings]
    return item(f"Still seen: {'; '.join(words)}.")

"""What cannot be checked: it is never an all-clear."""

from collections.abc import Iterator
from datetime import datetime

from ...model.message import Item, Kind
from ...model.news import Decision, News
from ...model.phrases import counted, listed
from ...model.report import Report, Verdict
from .fold import Draft
from .parts import item, kind_of, moment, plain_name


def headline(news: News, now: datetime) -> str:
    decisions = _decisions(news)
    since = min(decision.since for decision in decisions)
    still = " still" if all(decision.notified for decision in decisions) else ""
    return (
        f"{news.report.target}:{still} cannot check {_unknown_names(news)}, since {moment(since, now)}. "
        "This is NOT an all-clear."
    )


def drafts(news: News, now: datetime) -> Iterator[Draft]:
    """Which checks are unknown and why, what the others found, and which incidents were open before."""
    if not _decisions(news):
        return
    yield Draft("NOT CHECKED", tuple(unknown_checks(news.report)), most=5, open=True)
    yield Draft("CHECKED", (_checked(news),), most=2)
    # An incident stays open until a check shows that it is fixed.
    still_open = [
        item(f"{plain_name(known.incident)}, since {moment(known.since, now)}.", severity=known.severity)
        for known in news.also_open
    ]
    yield Draft("STILL OPEN", tuple(still_open), most=4, open=True)


def unknown_checks(report: Report) -> Iterator[Item]:
    """Name the checks that are unknown, together where the reason is the same."""
    reasons: dict[str, list[str]] = {}
    for check in report.checks:
        if check.verdict is Verdict.UNKNOWN:
            reasons.setdefault(check.unknown_because or "no reason was given", []).append(check.name)
    for because, names in reasons.items():
        yield item(f"{listed(names)}: {because}.")


def _decisions(news: News) -> list[Decision]:
    return [decision for decision in news.decisions if kind_of(decision) is Kind.CANNOT_CHECK]


def _unknown_names(news: News) -> str:
    names = [check.name for check in news.report.checks if check.verdict is Verdict.UNKNOWN]
    return listed(names) if names else "everything"


def _checked(news: News) -> Item:
    seen = [check for check in news.report.checks if check.verdict not in {Verdict.UNKNOWN, Verdict.SKIPPED}]
    if not seen:
        return item("No check has a result at this moment.")
    well = [check.name for check in seen if not check.findings]
    words = [f"{listed(well)}: no findings"] if well else []
    words += [f"{check.name}: {counted(len(check.findings), 'finding')}" for check in seen if check.findings]
    return item(f"{'; '.join(words)}.")

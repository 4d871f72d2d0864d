"""The message of an incident group: what is wrong on how many targets, the impact, the first step, the targets."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ...model.alerts import AlertSettings
from ...model.finding import Severity
from ...model.groups import RESOLVED, Member
from ...model.message import Change, Event, Item, Kind, Message, TargetLine
from ...model.news import UNKNOWN_CHECK, Decision, News, Why
from ...model.phrases import counted, listed
from ...model.report import Report
from ...model.value import replace
from . import incident
from .fold import Draft, folded
from .group_news import GroupNews
from .only_member import Last, only_message
from .parts import code_of, item, links, moment, plain_name, span
from .parts import headline as one_line
from .unknown import unknown_checks

# So many targets that have the same are named in a message; in what goes to machines, so many in all.
MOST_NAMED, MOST_TARGETS = 12, 500
_MOST_LINES, _MOST_ALSO, _MOST_TEXTS = 10, 3, 2


def group_message(news: GroupNews, last: Last | None, alerts: AlertSettings, now: datetime) -> Message:
    """Write the message; *last* is what is remembered of the first of the members, where it can be read.

    As long as one target only is concerned, it says what the message of that target would say.
    """
    group, change = news.group, news.change
    severities = news.severities or (Severity.CRITICAL,)
    is_total = any(each.total for member in news.members for each in member.incidents)
    message = only_message(news, last, alerts, now)
    if message is None:
        message = _message(news, None if last is None else last.report, alerts, now)
    return replace(
        message,
        target=group.home,
        severities=severities,
        threads=(group.thread,),
        events=(Event(group.incident, change, severities[0], group.since, group.thread, is_total),),
        targets=tuple(_lines(news))[:MOST_TARGETS],
    )


def _message(news: GroupNews, report: Report | None, alerts: AlertSettings, now: datetime) -> Message:
    drafts = _no_longer_listed(news) if news.change is Change.RESOLVED else _open(news, report, alerts)
    return Message(
        kind=_kind(news),
        target=news.group.home,
        severities=(),
        headline=one_line(_headline(news, report, now)),
        sections=folded(drafts),
        written_at=now,
        links=links(
            alerts,
            news.members[0].target if news.members else news.group.home,
            now,
            news.group.incident,
            _code(news, report),
        ),
    )


def _code(news: GroupNews, report: Report | None) -> str:
    """Give the code at whose section the runbook is opened."""
    decisions = () if report is None else _decisions(news, report)
    found = next((each for each in decisions if each.incident == news.group.incident), None)
    return news.group.incident.partition(":")[0] if found is None else code_of(found)


def _kind(news: GroupNews) -> Kind:
    if news.change is Change.RESOLVED:
        return Kind.RESOLVED
    if news.is_unknown:
        return Kind.CANNOT_CHECK
    return Kind.REMINDER if news.change is Change.REMINDER else Kind.INCIDENT


def _headline(news: GroupNews, report: Report | None, now: datetime) -> str:
    """``migration fix_folders failed on 37 targets; Prisma operations on folders fail, since 09:41 UTC``."""
    group = news.group
    took = span(now - group.since)
    if news.change is Change.RESOLVED:
        where = f"all {group.most} targets" if group.most > 1 else group.home
        left_alone = next((m.ended for m in news.ended if m.ended not in {None, RESOLVED}), None)
        what = left_alone or ("checks work again" if news.is_unknown else RESOLVED)
        return f"{_name(news)}: {what} on {where}, after {took}"
    if news.change is Change.ACKNOWLEDGED:
        return f"{_name(news)}: silenced on {_where(news.silenced)}"
    if news.is_unknown:
        still = "still " if news.change is Change.REMINDER else ""
        change = f" ({changes})" if (changes := _changes(news)) else ""
        since = moment(group.since, now)
        where = _where(news.members)
        return f"{still}cannot check {where}{change}, since {since}: {_name(news)}. This is NOT an all-clear."
    what = _what(news.members) or f"{_name(news)} on no other target"
    if news.change is Change.REMINDER:
        return f"{what}: still open after {took}"
    changes = _changes(news)
    before, after = ("changed: ", f" ({changes})" if changes else "") if news.change is Change.CHANGED else ("", "")
    return f"{before}{what}{after}{_impact(news, report)}, since {moment(group.since, now)}"


def _name(news: GroupNews) -> str:
    if not news.is_unknown:
        return plain_name(news.group.incident)
    return f"{news.group.key.removeprefix(UNKNOWN_CHECK + 'on ')} cannot be reached"


def _what(members: Sequence[Member]) -> str:
    """``migration fix_folders failed on 30 targets; migration fix_folders was rolled back on a and b``."""
    worst = {member.target: _main(member) for member in members}
    counts = Counter(worst.values()).most_common()
    named = [
        f"{text} on {_where([member for member in members if worst[member.target] == text])}"
        for text, _ in counts[:_MOST_TEXTS]
    ]
    others = sum(count for _, count in counts[_MOST_TEXTS:])
    return "; ".join([*named, *([f"others on {counted(others, 'target')}"] if others else [])])


def _main(member: Member) -> str:
    """Give what is wrong there above all."""
    return min(member.incidents, key=lambda each: each.severity.rank).text


def _where(members: Sequence[Member]) -> str:
    names = sorted(member.target for member in members)
    return counted(len(names), "target") if len(names) > 2 else listed(names) or "no target"


def _changes(news: GroupNews) -> str:
    if news.change is not Change.CHANGED:
        return ""
    counts = ((len(news.joined), "new"), (len(news.ended), "resolved"), (len(news.newly_silenced), "silenced"))
    return ", ".join(f"{number} {word}" for number, word in counts if number)


def _impact(news: GroupNews, report: Report | None) -> str:
    return "" if report is None else incident.impact_of(_decisions(news, report))


def _decisions(news: GroupNews, report: Report) -> tuple[Decision, ...]:
    """Give the incidents of the member whose *report* has the findings."""
    member = next((each for each in news.members if each.target == report.target), None)
    incidents = () if member is None else member.incidents
    return tuple(
        Decision(
            each.name,
            Why.OPENED,
            each.severity,
            each.since,
            tuple(finding for finding in report.findings if finding.incident == each.name),
        )
        for each in incidents
    )


def _open(news: GroupNews, report: Report | None, alerts: AlertSettings) -> Iterator[Draft]:
    if report is not None and not news.is_unknown and news.change is not Change.REMINDER:
        drafts = (each for each in incident.drafts(News(report, _decisions(news, report)), alerts) if each.items)
        yield from _of_first(drafts, report.target, is_only=len(news.members) == 1)
    if report is not None and news.is_unknown:
        yield Draft("NOT CHECKED", tuple(unknown_checks(report)), most=4, open=True)
    yield Draft("TARGETS", tuple(_targets(news)), most=8, open=True)
    yield from _no_longer_listed(news)


def _of_first(drafts: Iterable[Draft], target: str, *, is_only: bool) -> Iterator[Draft]:
    """Give what is said of *target*, whose names its commands have: before the first step, that others have theirs."""
    is_said = is_only
    for draft in drafts:
        if draft.steps and not is_said:
            where = item(f"These steps are for {target}. The report of each other target has its own steps.", target)
            yield replace(draft, items=(where, *draft.items))
            is_said = True
        elif draft.title != "BEHIND":
            yield draft


def _targets(news: GroupNews) -> Iterator[Item]:
    """List the targets with what else each has, the worst first; those that have the same, together."""
    new = {member.target for member in news.joined} if news.change is Change.CHANGED else set()
    is_one_problem = len({_main(member) for member in news.members}) == 1
    alike: dict[tuple[int, int, bool, str, tuple[str, ...]], list[Member]] = {}
    for member in news.members:
        main = _main(member)
        also = tuple(dict.fromkeys(each.text for each in member.incidents if each.text != main))
        alike.setdefault((member.severity.rank, -len(also), member.target not in new, main, also), []).append(member)
    for (_, _, is_known, main, also), members in sorted(alike.items())[:_MOST_LINES]:
        names = [member.target for member in members]
        problem = "" if is_one_problem else f": {main}"
        others = f"{',' if problem else ':'} also {listed(also, _MOST_ALSO)}" if also else ""
        text = f"{'' if is_known else 'new: '}{listed(names, MOST_NAMED)}{problem}{others}."
        yield item(text, *names[:MOST_NAMED], severity=members[0].severity)
    left = sum(map(len, [members for _, members in sorted(alike.items())[_MOST_LINES:]]))
    if left:
        yield item(f"and {left} more: the status page lists all targets.")


def _no_longer_listed(news: GroupNews) -> Iterator[Draft]:
    """Give why a target is no longer among those that are open."""
    ended = ((member.target, member.ended or "no longer for this channel") for member in news.ended)
    silenced = ((member.target, member.silence or "") for member in news.silenced)
    for title, targets in (("RESOLVED", ended), ("SILENCED", silenced)):
        reasons: dict[str, list[str]] = {}
        for target, because in targets:
            reasons.setdefault(because, []).append(target)
        items = [
            item(
                f"{listed(names, MOST_NAMED)}: {because}.",
                *names[:MOST_NAMED],
                # What was closed was not fixed: it still has a severity, which keeps the message from being green.
                severity=None if because in {RESOLVED, ""} or title == "SILENCED" else Severity.INFO,
            )
            for because, names in list(reasons.items())[:_MOST_LINES]
        ]
        yield Draft(title, tuple(items), most=3)


def _lines(news: GroupNews) -> Iterator[TargetLine]:
    for member in news.members:
        texts = tuple(dict.fromkeys(each.text for each in member.incidents))
        yield TargetLine(member.target, "open", member.severity, member.since, texts)
    for member in news.silenced:
        yield TargetLine(member.target, "silenced", member.severity, member.since, (), member.silence)
    for member in news.ended:
        yield TargetLine(member.target, "resolved", member.severity, member.since, (), member.ended)

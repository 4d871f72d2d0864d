"""What is wrong: the cause, what waits behind it, what it broke, and what mends it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from shlex import quote

from shared.model.alerts import AlertSettings
from shared.model.finding import Finding, Step
from shared.model.message import Item, Kind
from shared.model.news import Decision, News, Why
from shared.report.message.fold import Draft
from shared.report.message.parts import (
    counted,
    item,
    kind_of,
    listed,
    moment,
    plain_name,
    sentence,
    short,
    step_item,
    summary,
)
from shared.report.standing import standing
from shared.report.wording import Story, arranged

_REASONS = {
    Why.CHANGED: "Changed: ",
    Why.FLAPPING: "It comes and goes: ",
    Why.SILENCE_ENDED: "Its silence ended: ",
}
_WAITING = frozenset({"migration-pending", "migration-skipped", "migration-rolled-back"})


def headline(news: News, now: datetime) -> str:
    """``production: migration failed (…) and 4 more, since 09:41 UTC``; of a deployment, first what became of it."""
    told = _told(news)
    deployment = next((decision for decision in told if decision.why is Why.VERIFY), None)
    incidents = [decision for decision in told if decision.why is not Why.VERIFY]
    findings = _findings(news, told)
    ended = sum(decision.why is Why.RESOLVED for decision in news.decisions)
    resolved = f"; {ended} resolved" if ended else ""
    others = max(len(findings), len(incidents)) - 1
    more = f" and {others} more" if others > 0 else ""
    if deployment is not None:
        what = f": {short(findings[0])}{more}" if findings else ""
        return f"{news.report.target}: {_in_a_sentence(deployment.because or '')}{what}{resolved}"
    if not findings:
        # It comes and goes, and is not there at this moment.
        return f"{news.report.target}: {plain_name(told[0].incident)}: {told[0].because}{more}{resolved}"
    changed = "changed: " if all(decision.why is Why.CHANGED for decision in told) else ""
    since = min(decision.since for decision in told)
    return f"{news.report.target}: {changed}{short(findings[0])}{more}, since {moment(since, now)}{resolved}"


def drafts(news: News, alerts: AlertSettings) -> Iterator[Draft]:
    told = _told(news)
    told_stories = _stories(news, told)
    words = _Words(news, told, alerts)
    causes = [story for story in told_stories if story.consequences]
    alone = [story for story in told_stories if not story.consequences]
    below = [story for cause in causes for story in _flat(cause.consequences)]
    waiting = [story.finding for story in below if story.finding.code in _WAITING]
    broken = sorted(
        (s for s in below if s.finding.code not in _WAITING), key=lambda s: s.cause is not None and not s.cause.certain
    )
    deployments = [decision for decision in told if decision.why is Why.VERIFY]
    yield Draft("DEPLOYMENT", tuple(item(f"{each.because}.", severity=each.severity) for each in deployments), most=3)
    behind = standing(news.report) if told else None
    yield Draft("BEHIND", () if behind is None else (item(f"{behind[0].upper()}{behind[1:]}"),), most=2)
    yield Draft("CAUSE", tuple(words.of(story) for story in causes), most=5)
    yield Draft("WAITING", _waiting(waiting), most=2)
    yield Draft("SO", tuple(words.of(story) for story in broken), most=3)
    yield Draft("ALSO" if causes else "FOUND", tuple(words.of(story) for story in alone), most=4)
    found = {finding.incident for finding in news.report.findings}
    absent = [decision for decision in told if decision.incident not in found and decision.why is not Why.VERIFY]
    yield Draft("ALSO" if told_stories else "WHAT", tuple(map(words.of_absent, absent)), most=3)
    steps = _mending(told_stories)
    if deployments and not told_stories:
        steps += _verifying(news.report.target)
    yield Draft("MEND", tuple(map(step_item, steps)), most=8, steps=True)


def _findings(news: News, told: list[Decision]) -> list[Finding]:
    """Give what is told of, causes first."""
    wanted = {finding.key for decision in told for finding in decision.findings}
    seen = [story.finding for story in _flat(_stories(news, told)) if story.finding.key in wanted]
    known = {finding.key for finding in seen}
    return seen + [finding for decision in told for finding in decision.findings if finding.key not in known]


def _in_a_sentence(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _verifying(target: str) -> list[Step]:
    command = f"python monitor.py verify --target {quote(target)} --phase"
    return [
        Step("Verify it again once that can be seen,", f"{command} after --notify"),
        Step("or say that it was called off.", f"{command} aborted"),
    ]


class _Words:
    """How a finding is put, depending on why it is spoken of."""

    def __init__(self, news: News, told: list[Decision], alerts: AlertSettings) -> None:
        self._told = {decision.incident: decision for decision in told}
        self._known = {known.incident for known in news.also_open}
        self._alerts = alerts

    def of(self, story: Story) -> Item:
        finding = story.finding
        related = "" if story.cause is None or story.cause.certain else " Possibly related to it."
        text = f"{self._before(finding)}{summary(finding, self._alerts)}{related}"
        return item(text, finding.subject, severity=finding.severity)

    def of_absent(self, decision: Decision) -> Item:
        """Word what no finding of this run stands for: it has just gone again, or never was one."""
        worst = min(decision.findings, key=lambda finding: finding.severity.rank, default=None)
        what = summary(worst, self._alerts) if worst else f"{plain_name(decision.incident)}."
        subject = "" if worst is None else worst.subject
        return item(f"{_reason(decision)}{what}", subject, severity=decision.severity)

    def _before(self, finding: Finding) -> str:
        decision = self._told.get(finding.incident)
        if decision is not None:
            return _reason(decision)
        return "Known already: " if finding.incident in self._known else ""


def _reason(decision: Decision) -> str:
    """Say why it is spoken of, where that is not simply that it is new."""
    if decision.because:
        return f"{decision.because[0].upper()}{decision.because[1:]}: "
    return _REASONS.get(decision.why, "")


def _stories(news: News, told: list[Decision]) -> list[Story]:
    """Give the stories in which something new is told; what is known already stays in as their cause."""
    kept = {finding.key for decision in told for finding in decision.findings}
    causes = {finding.key: [cause.key for cause in finding.because] for finding in news.report.findings}
    waiting = list(kept)
    while waiting:
        new = [key for key in causes.get(waiting.pop(), ()) if key in causes and key not in kept]
        kept.update(new)
        waiting += new
    return arranged(finding for finding in news.report.findings if finding.key in kept)


def _told(news: News) -> list[Decision]:
    return [decision for decision in news.decisions if kind_of(decision) is Kind.INCIDENT]


def _flat(told_stories: Iterable[Story]) -> Iterator[Story]:
    for story in told_stories:
        yield story
        yield from _flat(story.consequences)


def _waiting(findings: list[Finding]) -> tuple[Item, ...]:
    """One line for all that waits: which of them makes no difference to what must be done."""
    if not findings:
        return ()
    names = [finding.subject for finding in findings]
    verb = "waits" if len(names) == 1 else "wait"
    text = f"{counted(len(names), 'migration')} {verb} behind it: {listed(names)}."
    return (Item(sentence(text, *names), severity=findings[0].severity),)


def _mending(told_stories: Iterable[Story]) -> list[Step]:
    """Give the steps for the causes, each once: consequences go with them, but for those that are only probable."""
    wanted = [s.finding for s in _flat(told_stories) if s.cause is None or not s.cause.certain]
    return list(dict.fromkeys(step for finding in wanted for step in finding.remedy))

"""What is wrong, by finding: its cause or problem, what it blocks, its impact, and how to fix it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from shlex import quote

from ...model.alerts import AlertSettings
from ...model.codes import row_of
from ...model.finding import Finding, Step
from ...model.message import Item, Kind
from ...model.news import Decision, News, Why
from ...model.phrases import counted, listed
from ...model.report import Report
from ...model.value import replace
from ...report.changed import changed
from ...report.impact import clients_of, failing_tables, impact, left_out
from ...report.laggards import who_is_behind
from ...report.ways_back import ways_back_of
from ...report.wording import Story, arranged, more_of_it, problem
from .by_finding import FindingGroup, findings_of, groups_of
from .fold import Draft
from .parts import (
    item,
    kind_of,
    moment,
    name_of,
    plain_name,
    sentence,
    short,
    step_item,
    summary,
    with_error_command,
)

_REASONS = {
    Why.CHANGED: "Changed: ",
    Why.FLAPPING: "Flapping: ",
    Why.SILENCE_ENDED: "Its silence ended: ",
}
_MOST_NAMES = 5
# Of so many groups the first step is always at first sight.
_WITH_FIRST_STEP = 3
# Of further ones, the problems are a line each, and the steps come below.
_WITH_NAME = 6
# An API endpoint with one of these does not do its work.
_DOWN = frozenset({"endpoint-status", "endpoint-content", "endpoint-unreachable"})


def headline(news: News, now: datetime) -> str:
    """``production: migration fix_folders failed; 2 API endpoints return 500; 2 more, since 09:41 UTC``.

    Of a deployment, first what became of it.
    """
    decisions = _shown(news)
    deployment = next((decision for decision in decisions if decision.why is Why.VERIFY), None)
    incidents = [decision for decision in decisions if decision.why is not Why.VERIFY]
    findings = _findings(news, decisions)
    ended = sum(decision.why is Why.RESOLVED for decision in news.decisions)
    resolved = f"; {ended} resolved" if ended else ""
    down = [finding for finding in findings[1:] if finding.code in _DOWN]
    others = max(len(findings), len(incidents)) - 1 - len(down)
    more = f"{_impact(down, findings)}{_more(others)}"
    if deployment is not None:
        what = f": {short(findings[0])}{more}" if findings else ""
        return f"{news.report.target}: {_in_a_sentence(deployment.because or '')}{what}{resolved}"
    if not findings:
        # It is flapping, and gone at this moment.
        return f"{news.report.target}: {plain_name(decisions[0].incident)}: {decisions[0].because}{more}{resolved}"
    changed = "changed: " if all(decision.why is Why.CHANGED for decision in decisions) else ""
    since = min(decision.since for decision in decisions)
    return f"{news.report.target}: {changed}{short(findings[0])}{more}, since {moment(since, now)}{resolved}"


def drafts(news: News, alerts: AlertSettings) -> Iterator[Draft]:
    """A group for each finding with steps, the first one with its first step at first sight; then what has none."""
    decisions = _shown(news)
    words = _Words(news, decisions, alerts)
    deployments = [decision for decision in decisions if decision.why is Why.VERIFY]
    outcomes = tuple(item(f"{each.because}.", severity=each.severity) for each in deployments)
    yield Draft("DEPLOYMENT", outcomes, most=3, open=True)
    behind = who_is_behind(news.report) if decisions else None
    yield Draft("BEHIND", () if behind is None else (item(f"{behind[0].upper()}{behind[1:]}"),), most=2, open=True)
    found = _groups(news, decisions)
    yield from _grouped(found, words, news)
    present = {finding.incident for finding in news.report.findings}
    absent = [each for each in decisions if each.incident not in present and each.why is not Why.VERIFY]
    yield Draft("ALSO" if found else "WHAT", tuple(map(words.of_absent, absent)), most=3, open=True)
    if deployments and not found:
        yield Draft("FIX", tuple(map(step_item, _verifying(news.report.target))), most=8, steps=True)
    if deployments or any(each.code.startswith("deploy-") for group in found for each in group.findings):
        yield Draft("WAYS BACK", tuple(map(item, ways_back_of(news.report))), most=3, aside=True)


def _grouped(found: Sequence[FindingGroup], words: "_Words", news: News) -> Iterator[Draft]:
    # What has neither steps nor consequences needs no name above its sentence.
    groups = [group for group in found if group.steps or group.is_cause or len(found) == 1]
    alone = [group for group in found if group not in groups]
    given = set[Step]()
    for place, group in enumerate(groups):
        # One that is alone has its name in the headline.
        about = name_of(group.name, *(story.finding.subject for story in group.main)) if len(found) > 1 else ()
        if place < _WITH_NAME:
            yield from (replace(draft, about=about) for draft in _of_group(group, words, news.report, place))
        # To prepare the shell once is enough.
        steps = [step for step in dict.fromkeys(group.steps) if not (step.prepares and step in given)]
        given.update(steps)
        commands = 2 if steps and steps[0].prepares else 1
        aside = place >= _WITH_FIRST_STEP or not any(map(words.is_new, group.findings))
        fix = tuple(map(step_item, steps))
        yield Draft("FIX", fix, most=8, steps=True, commands=commands, aside=aside, about=about)
    rest = [*groups[_WITH_NAME:], *alone]
    also = [each for group in rest for story in (*group.main, *group.below) for each in words.all_of(story)]
    also += _of_clients([finding for group in rest for finding in group.findings], news.report)
    yield Draft("ALSO" if groups else "PROBLEMS", tuple(also), most=5, open=True)


def _of_group(group: FindingGroup, words: "_Words", report: Report, place: int) -> Iterator[Draft]:
    """What is wrong, what it blocks and breaks; the first group of a message has more space for that."""
    problems = [each for story in group.main for each in words.all_of(story)]
    title = "CAUSE" if group.is_cause else "PROBLEM" if len(problems) == 1 else "PROBLEMS"
    yield Draft(title, tuple(problems), most=3 if place else 6, open=True)
    blocked = [finding for story in group.below if _waits(story.finding) for finding in findings_of(story)]
    yield Draft("BLOCKED", _blocked(blocked), most=2, open=True)
    broken = [story for story in group.below if not _waits(story.finding)]
    broken.sort(key=lambda story: story.cause is not None and not story.cause.certain)
    impacts = [*_of_clients(group.findings, report), *(each for story in broken for each in words.all_of(story))]
    if group.related:
        names = listed([problem(finding) for finding in group.related], _MOST_NAMES)
        impacts.append(item(f"Possibly related: {names}.", *(finding.subject for finding in group.related)))
    yield Draft("IMPACT", tuple(impacts), most=3 if place else 8, open=True)


def _groups(news: News, decisions: list[Decision]) -> list[FindingGroup]:
    new = {finding.key for decision in decisions for finding in decision.findings}
    return groups_of(_stories(news, decisions), lambda finding: finding.key in new)


def _waits(finding: Finding) -> bool:
    """Say whether it is a migration that the next deployment applies."""
    row = row_of(finding.code)
    return row.lacking and row.heals


def impact_of(decisions: Iterable[Decision]) -> str:
    """Give ``; Prisma operations on folders fail``, for a headline; nothing where that is not known."""
    findings = [finding for decision in decisions for finding in decision.findings]
    return _impact((), [finding for finding in findings if finding.code not in _DOWN])


def _findings(news: News, decisions: list[Decision]) -> list[Finding]:
    """Give the findings of *decisions*, in the order of the groups."""
    wanted = {finding.key for decision in decisions for finding in decision.findings}
    seen = [each for group in _groups(news, decisions) for each in group.findings if each.key in wanted]
    known = {finding.key for finding in seen}
    return seen + [finding for decision in decisions for finding in decision.findings if finding.key not in known]


def _impact(down: Sequence[Finding], findings: Sequence[Finding]) -> str:
    """``; 2 API endpoints return 500``, or nothing where all that fail are named first of the *findings*."""
    if not down:
        tables = [] if findings and findings[0].code in _DOWN else failing_tables(findings)
        at_least = "at least " if left_out(findings, "failing_tables") else ""
        which = tables[0].rpartition(".")[2] if len(tables) == 1 else f"{at_least}{len(tables)} tables"
        return f"; Prisma operations on {which} fail" if tables else ""
    statuses = {finding.evidence.get("status") if finding.code == "endpoint-status" else None for finding in down}
    status = statuses.pop() if len(statuses) == 1 else None
    verb = "fail" if status is None else "return"
    result = f"{verb}{'s' if len(down) == 1 else ''}{'' if status is None else f' {status}'}"
    what = "more API endpoint" if findings[0].code in _DOWN else "API endpoint"
    return f"; {counted(len(down), what)} {result}"


def _more(others: int) -> str:
    return f"; {counted(others, 'more problem')}" if others > 0 else ""


def _of_clients(findings: Sequence[Finding], report: Report) -> Iterator[Item]:
    """What the running app suffers, or a client of the release would."""
    text = impact(findings)
    if text is None:
        return
    suffering = [finding for finding in findings if clients_of(finding)]
    worst = min((finding.severity for finding in suffering), key=lambda each: each.rank, default=None)
    release = report.release.version if report.release is not None and report.app is None else None
    whose = f"If the app runs {release}, {_in_a_sentence(text)}" if release and suffering else text
    yield item(whose, severity=worst)


def _in_a_sentence(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _verifying(target: str) -> list[Step]:
    command = f"migration-monitor verify --target {quote(target)} --phase"
    return [
        Step("Verify the deployment again when the checks work again.", f"{command} after --notify"),
        Step("Or, if the deployment was called off, end its window.", f"{command} aborted"),
    ]


class _Words:
    """The text of a finding, depending on why it is in the message."""

    def __init__(self, news: News, decisions: list[Decision], alerts: AlertSettings) -> None:
        self._decisions = {decision.incident: decision for decision in decisions}
        self._new = {finding.key for decision in decisions for finding in decision.findings}
        self._known = {known.incident for known in news.also_open}
        self._findings = {finding.key: finding for finding in news.report.findings}
        self._alerts, self._target = alerts, news.report.target

    def is_new(self, finding: Finding) -> bool:
        return finding.key in self._new

    def all_of(self, story: Story) -> Iterator[Item]:
        """Give the finding of *story*, and how many there are that are alike and not listed."""
        yield self.of(story)
        if (more := more_of_it(story)) is not None:
            yield item(more, severity=story.finding.severity)

    def of(self, story: Story) -> Item:
        finding = story.finding
        cause = None if story.cause is None or story.cause.certain else self._findings.get(story.cause.key)
        related = "" if cause is None else f" Possibly related to {plain_name(cause.incident)}."
        when = changed(finding)
        text = f"{self._before(finding)}{summary(finding, self._alerts)}{f' {when}' if when else ''}{related}"
        text, command = with_error_command(text, finding, self._alerts, self._target)
        return item(text, finding.subject, severity=finding.severity, command=command)

    def of_absent(self, decision: Decision) -> Item:
        """Give the text of an incident without a finding in this run: it has just gone, or never was a finding."""
        worst = min(decision.findings, key=lambda finding: finding.severity.rank, default=None)
        what = summary(worst, self._alerts) if worst else f"{plain_name(decision.incident)}."
        subject = "" if worst is None else worst.subject
        return item(f"{_reason(decision)}{what}", subject, severity=decision.severity)

    def _before(self, finding: Finding) -> str:
        decision = self._decisions.get(finding.incident)
        if decision is not None:
            return _reason(decision)
        return "Known already: " if finding.incident in self._known else ""


def _reason(decision: Decision) -> str:
    """Say why it is in the message, where the reason is not simply that it is new."""
    if decision.because:
        return f"{decision.because[0].upper()}{decision.because[1:]}: "
    return _REASONS.get(decision.why, "")


def _stories(news: News, decisions: list[Decision]) -> list[Story]:
    """Give the stories with something new; what is known already stays in as their cause."""
    kept = {finding.key for decision in decisions for finding in decision.findings}
    causes = {finding.key: [cause.key for cause in finding.because] for finding in news.report.findings}
    waiting = list(kept)
    while waiting:
        new = [key for key in causes.get(waiting.pop(), ()) if key in causes and key not in kept]
        kept.update(new)
        waiting += new
    return arranged(finding for finding in news.report.findings if finding.key in kept)


def _shown(news: News) -> list[Decision]:
    return [decision for decision in news.decisions if kind_of(decision) is Kind.INCIDENT]


def _blocked(findings: list[Finding]) -> tuple[Item, ...]:
    """One line for all that are blocked: which of them makes no difference to what must be done."""
    if not findings:
        return ()
    names = [finding.subject for finding in findings]
    text = f"{counted(len(names), 'later migration')}: {listed(names, _MOST_NAMES)}."
    return (Item(sentence(text, *names), severity=findings[0].severity),)

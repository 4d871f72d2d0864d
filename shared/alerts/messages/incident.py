"""What is wrong: the cause, what it blocks, its impact, and how to fix it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from shlex import quote

from ...model.alerts import AlertSettings
from ...model.codes import row_of
from ...model.finding import Finding, Step
from ...model.message import Item, Kind
from ...model.news import Decision, News, Why
from ...model.phrases import listed
from ...model.report import Report
from ...report.impact import clients_of, failing_tables, impact
from ...report.laggards import who_is_behind
from ...report.ways_back import ways_back_of
from ...report.wording import Story, arranged
from .fold import Draft
from .parts import (
    counted,
    heading,
    item,
    kind_of,
    moment,
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
# An API endpoint with one of these does not do its work.
_MOST_NAMES = 5
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
    more = f"{_impact(down, findings)}{f'; {others} more' if others > 0 else ''}"
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
    decisions = _shown(news)
    stories = _stories(news, decisions)
    words = _Words(news, decisions, alerts)
    deployments = [decision for decision in decisions if decision.why is Why.VERIFY]
    outcomes = tuple(item(f"{each.because}.", severity=each.severity) for each in deployments)
    yield Draft("DEPLOYMENT", outcomes, most=3, open=True)
    behind = who_is_behind(news.report) if decisions else None
    yield Draft("BEHIND", () if behind is None else (item(f"{behind[0].upper()}{behind[1:]}"),), most=2, open=True)
    yield from _problems(stories, words, news.report)
    found = {finding.incident for finding in news.report.findings}
    absent = [decision for decision in decisions if decision.incident not in found and decision.why is not Why.VERIFY]
    yield Draft("ALSO" if stories else "WHAT", tuple(map(words.of_absent, absent)), most=3, open=True)
    fix = _fix(stories)
    if deployments and not stories:
        fix += map(step_item, _verifying(news.report.target))
    # What only prepares the shell fixes nothing yet.
    commands = 2 if any(step.prepares for story in stories for step in story.finding.remedy[:1]) else 1
    yield Draft("FIX", tuple(fix), most=8, steps=True, commands=commands)
    if deployments or any(code.startswith("deploy-") for code in _codes(stories)):
        yield Draft("WAYS BACK", tuple(map(item, ways_back_of(news.report))), most=3, aside=True)


def _codes(stories: Sequence[Story]) -> Iterator[str]:
    return (story.finding.code for story in _flat(stories))


def _problems(stories: Sequence[Story], words: "_Words", report: Report) -> Iterator[Draft]:
    """The causes, what they block and break, and what has no cause; without any cause that comes first."""
    causes = [story for story in stories if story.consequences]
    alone = [story for story in stories if not story.consequences]
    below = [story for cause in causes for story in _flat(cause.consequences)]
    broken = [story for story in below if not _waits(story.finding)]
    broken.sort(key=lambda story: story.cause is not None and not story.cause.certain)
    yield Draft("CAUSE", tuple(map(words.of, causes)), most=6, open=True)
    yield Draft("BLOCKED", _blocked([story.finding for story in below if _waits(story.finding)]), most=2, open=True)
    clients = _of_clients([story.finding for story in _flat(stories)], report)
    also = Draft("ALSO" if causes else "PROBLEMS", tuple(map(words.of, alone)), most=5, open=True)
    impact_on = Draft("IMPACT", (*clients, *map(words.of, broken)), most=8, open=True)
    yield from (impact_on, also) if causes else (also, impact_on)


def _waits(finding: Finding) -> bool:
    """Say whether it is a migration that the next deployment applies."""
    row = row_of(finding.code)
    return row.lacking and row.heals


def impact_of(decisions: Iterable[Decision]) -> str:
    """Give ``; Prisma operations on folders fail``, for a headline; nothing where that is not known."""
    findings = [finding for decision in decisions for finding in decision.findings]
    return _impact((), [finding for finding in findings if finding.code not in _DOWN])


def _findings(news: News, decisions: list[Decision]) -> list[Finding]:
    """Give the findings of *decisions*, causes first."""
    wanted = {finding.key for decision in decisions for finding in decision.findings}
    seen = [story.finding for story in _flat(_stories(news, decisions)) if story.finding.key in wanted]
    known = {finding.key for finding in seen}
    return seen + [finding for decision in decisions for finding in decision.findings if finding.key not in known]


def _impact(down: Sequence[Finding], findings: Sequence[Finding]) -> str:
    """``; 2 API endpoints return 500``, or nothing where all that fail are named first of the *findings*."""
    if not down:
        tables = [] if findings and findings[0].code in _DOWN else failing_tables(findings)
        which = tables[0].rpartition(".")[2] if len(tables) == 1 else f"{len(tables)} tables"
        return f"; Prisma operations on {which} fail" if tables else ""
    statuses = {finding.evidence.get("status") if finding.code == "endpoint-status" else None for finding in down}
    status = statuses.pop() if len(statuses) == 1 else None
    verb = "fail" if status is None else "return"
    result = f"{verb}{'s' if len(down) == 1 else ''}{'' if status is None else f' {status}'}"
    what = "more API endpoint" if findings[0].code in _DOWN else "API endpoint"
    return f"; {counted(len(down), what)} {result}"


def _of_clients(findings: Sequence[Finding], report: Report) -> Iterator[Item]:
    """What the running app suffers, or a client of the release would."""
    text = impact(findings)
    if text is None:
        return
    suffering = [finding for finding in findings if clients_of(finding)]
    worst = min((finding.severity for finding in suffering), key=lambda each: each.rank, default=None)
    release = report.release.version if report.release is not None and report.app is None else None
    whose = f"If the app runs {release}: {_in_a_sentence(text)}" if release and suffering else text
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
        self._known = {known.incident for known in news.also_open}
        self._alerts, self._target = alerts, news.report.target

    def of(self, story: Story) -> Item:
        finding = story.finding
        related = "" if story.cause is None or story.cause.certain else " Possibly related."
        text = f"{self._before(finding)}{summary(finding, self._alerts)}{related}"
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


def _flat(shown_stories: Iterable[Story]) -> Iterator[Story]:
    for story in shown_stories:
        yield story
        yield from _flat(story.consequences)


def _blocked(findings: list[Finding]) -> tuple[Item, ...]:
    """One line for all that are blocked: which of them makes no difference to what must be done."""
    if not findings:
        return ()
    names = [finding.subject for finding in findings]
    text = f"{counted(len(names), 'later migration')}: {listed(names, _MOST_NAMES)}."
    return (Item(sentence(text, *names), severity=findings[0].severity),)


def _fix(shown_stories: Iterable[Story]) -> list[Item]:
    """Give the steps for the causes, each once: consequences go with them, but for those that are only probable.

    Where several findings have steps, those of each come after its name: "it" in a step is that finding.
    """
    wanted = [s.finding for s in _flat(shown_stories) if s.cause is None or not s.cause.certain]
    given: set[Step] = set()
    steps: dict[str, list[Step]] = {}
    for finding in wanted:
        steps[finding.key] = [step for step in dict.fromkeys(finding.remedy) if step not in given]
        given.update(finding.remedy)
    is_one = sum(map(bool, steps.values())) == 1
    fix = []
    for finding in wanted:
        if steps[finding.key] and not is_one:
            fix.append(heading(finding))
        fix += map(step_item, steps[finding.key])
    return fix

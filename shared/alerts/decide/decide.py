"""The decision as a whole: from a report and a memory to what is sent and what is remembered."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ...model.alerts import AlertSettings, TargetAlerts
from ...model.finding import Severity
from ...model.memory import Incident, Memory, Window
from ...model.news import UNKNOWN_CHECK, Decision, News, OpenIncident, Why
from ...model.report import Report, Trigger, Verdict
from ...model.settings import BrokenTarget, Target
from ...model.value import dataclass, replace
from .acknowledged import acknowledged
from .clock import is_outdated, on_this_clock
from .due import Circumstances, after_sending, due
from .incidents import carried_on
from .last_seen import last_seen_after
from .observe import observe
from .past import past_after
from .rhythm import next_run_after
from .route import channels_of, severities_received
from .runs import remembered_run
from .silences import marked, silence_of, still_in_force
from .window import is_overdue, window_after

_PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Outcome:
    """*news* is what to send, empty where nothing is to be sent; *memory* is true once it was sent.

    *complete*: all checks of production had a result, so that what was not found does not exist.
    """

    news: News
    memory: Memory
    complete: bool = False


def decide(
    report: Report,
    memory: Memory,
    alerts: AlertSettings,
    target: Target | BrokenTarget,
    now: datetime,
    *,
    began: int | None = None,
    can_save: bool = True,
) -> Outcome:
    """Compare what *report* found with what people know, and give what they must be notified of at *now*.

    A report that is older than the last one remembered decides nothing: what it found was true before. *began* is
    the number of the last run when this one began. Where nothing can be saved no incident ends: were it to begin
    again, a process that cannot know of the end would say nothing.
    """
    memory = on_this_clock(memory, now)
    if is_outdated(report, memory, began, now):
        return Outcome(News(report, (), next_run_at=memory.next_run_at), memory)
    patience = target.patience if isinstance(target, Target) else _PATIENCE
    window = window_after(memory.window, report, patience)
    if report.trigger is Trigger.VERIFY and report.phase == "before":
        return _before_deployment(report, memory, window, target)
    observation = observe(report, rules_of(target).severities)
    around = Circumstances(
        now=now,
        alerts=alerts,
        severities=severities_received(rules_of(target), alerts),
        window=window,
        silences=memory.silences,
        unwatched=frozenset(check.name for check in report.checks if check.verdict is Verdict.SKIPPED),
        can_save=can_save,
    )
    found = list(carried_on(memory.incidents, observation, report.started_at))
    decisions, incidents = _due(found, around)
    if is_all_unknown(report, incidents):
        decisions = [replace(each, total=each.incident.startswith(UNKNOWN_CHECK)) for each in decisions]
    decisions += _of_the_deployment(report, window, decisions)
    silences = still_in_force(memory.silences, _news(decisions), _open(incidents), now)
    silenced: list[OpenIncident] = []
    if channels_of(rules_of(target), alerts):
        known = list(acknowledged(incidents, silences, now))
        incidents = [incident for incident, _ in known]
        silenced = [each for _, each in known if each is not None]
    after = replace(
        memory,
        incidents=tuple(incidents),
        past=past_after(memory.past, found, decisions, alerts, now),
        silences=silences,
        window=None if _was_never_verified(window, report) else window,
        last_seen=last_seen_after(memory, report, now),
        next_run_at=next_run_after(report, incidents, window, target),
        lost=None,
    )
    report = marked(report, after, now)
    return Outcome(
        News(
            report,
            tuple(decisions),
            _also_open(after, decisions, now),
            after.next_run_at,
            _notes(memory),
            tuple(silenced),
        ),
        remembered_run(after, report, messages=1 if decisions else 0),
        complete=not (observation.unknown or observation.under_way or observation.asleep),
    )


def _due(found: Iterable[Incident], around: Circumstances) -> tuple[list[Decision], list[Incident]]:
    """Decide what people are notified of, and give the incidents as they are once that was sent."""
    decisions: list[Decision] = []
    incidents: list[Incident] = []
    for incident in found:
        decision = due(incident, around)
        if decision is not None:
            decisions.append(decision)
        after = incident if decision is None else after_sending(incident, decision, around)
        if after.is_open or after.notified or after.ended or after.unsure:
            incidents.append(after)
    return decisions, incidents


def rules_of(target: Target | BrokenTarget) -> TargetAlerts:
    return target.alerts if isinstance(target, Target) else TargetAlerts()


def is_all_unknown(report: Report, incidents: Iterable[Incident]) -> bool:
    """Say whether no check has a result, and that of each is known; a target that sleeps does not count."""
    watched = [check for check in report.checks if check.verdict is not Verdict.SKIPPED]
    notified = {incident.name for incident in incidents if incident.notified is not None}
    is_unknown = all(c.verdict is Verdict.UNKNOWN and f"{UNKNOWN_CHECK}{c.name}" in notified for c in watched)
    return report.sleeps_until is None and bool(watched) and is_unknown


def _news(decisions: Iterable[Decision]) -> list[str]:
    """Name what is sent as open: an incident whose end was sent, and that returns as it was, is still silenced."""
    return [decision.incident for decision in decisions if decision.why not in {Why.RESOLVED, Why.WORKS_AGAIN}]


def _open(incidents: Iterable[Incident]) -> list[str]:
    return [incident.name for incident in incidents if incident.is_open]


def _before_deployment(report: Report, memory: Memory, window: Window | None, target: Target | BrokenTarget) -> Outcome:
    """A candidate is checked, not production: no incident opens or ends. What stops the deployment is sent."""
    decisions = (_verification(report, "was stopped before it began"),) if report.verdict is Verdict.FAILED else ()
    after = replace(memory, window=window, next_run_at=next_run_after(report, memory.incidents, window, target))
    return Outcome(
        News(report, decisions, (), after.next_run_at), remembered_run(after, report, messages=len(decisions))
    )


def _was_never_verified(window: Window | None, report: Report) -> bool:
    return window is not None and window.by == "verify" and is_overdue(window, report.started_at)


def _of_the_deployment(report: Report, window: Window | None, decisions: list[Decision]) -> Iterable[Decision]:
    """Give what is to be said of the deployment itself: that it did not arrive, or was never verified."""
    verification = failed_verification(report)
    if verification is not None:
        sent = {decision.incident for decision in decisions}
        yield replace(verification, findings=tuple(f for f in verification.findings if f.incident not in sent))
    if window is not None and _was_never_verified(window, report):
        name = f"deployment of {window.release}" if window.release else "deployment"
        because = f"The {name} was announced at {window.opened_at:%Y-%m-%d %H:%M} UTC and never verified"
        yield Decision(name, Why.VERIFY, Severity.CRITICAL, window.opened_at, because=because)


def failed_verification(report: Report) -> Decision | None:
    """Give that *report* is one of a deployment that failed its verification, or could not be verified."""
    if report.trigger is not Trigger.VERIFY or report.verdict not in {Verdict.FAILED, Verdict.UNKNOWN}:
        return None
    is_certain = report.verdict is Verdict.FAILED
    return _verification(report, "failed its verification" if is_certain else "could not be verified")


def _verification(report: Report, how: str) -> Decision:
    version = report.release.version if report.release else None
    findings = tuple(finding for finding in report.findings if finding.severity is Severity.CRITICAL)
    name = f"deployment of {version}" if version else "deployment"
    return Decision(name, Why.VERIFY, Severity.CRITICAL, report.started_at, findings, because=f"The {name} {how}")


def _notes(memory: Memory) -> tuple[str, ...]:
    return () if memory.lost is None else (f"The monitor has lost its memory: {memory.lost}.",)


def _also_open(memory: Memory, decisions: Iterable[Decision], now: datetime) -> tuple[OpenIncident, ...]:
    """Give what is open and not sent now. An unknown check that may yet pass is left out."""
    sent = {decision.incident for decision in decisions}
    return tuple(
        OpenIncident(incident.name, incident.severity, incident.since, silence_of(incident, memory.silences, now))
        for incident in memory.incidents
        if incident.is_open and incident.name not in sent and (incident.notified or incident.check is None)
    )

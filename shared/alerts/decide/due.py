"""Of one incident: is there something to send, and may it be sent now?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ...model.alerts import AlertSettings
from ...model.codes import row_of
from ...model.finding import Severity
from ...model.memory import Incident, Notified, SilenceInForce, Window
from ...model.news import Decision, Why
from ...model.value import dataclass, replace
from ..messages.parts import flapping
from .silences import ended_silence_of, silence_of
from .window import holds_back

# So many ends within a day, and one message says that it is flapping.
_FLAPS = 3
# Timers are never exact: a run 5 minutes after another comes at times a moment early.
_EARLY = timedelta(seconds=30)
_ENDS = frozenset({Why.RESOLVED, Why.WORKS_AGAIN})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What bears on every incident of a run.

    *severities* are those that the target sends at all; *unwatched* are the checks that were skipped; *can_save*
    is whether the next run will know of what is sent now.
    """

    now: datetime
    alerts: AlertSettings
    severities: frozenset[Severity]
    window: Window | None
    silences: Sequence[SilenceInForce]
    unwatched: frozenset[str]
    can_save: bool = True


def due(incident: Incident, around: Circumstances) -> Decision | None:
    """Give what is to be sent of *incident* now: where people know something else, or a reminder is due."""
    why = _why(incident, around)
    if why is None or _is_held(incident, why, around):
        return None
    notified = incident.notified
    worst = incident.severity if notified is None else _worse(notified.worst, incident.severity)
    ended = None if why in _ENDS else ended_silence_of(incident, around.silences, around.now)
    if ended is not None and why in {Why.CHANGED, Why.REMINDER}:
        why = Why.SILENCE_ENDED
    return Decision(
        incident.name,
        why,
        worst,
        incident.since,
        # What is gone is no finding any more; of its end, they say what ended.
        incident.findings if incident.is_open or why in _ENDS else (),
        notified=notified.times if notified else 0,
        because=_because(incident, why, around) or ended,
        received=notified.worst if notified else None,
    )


def after_sending(incident: Incident, decision: Decision, around: Circumstances) -> Incident:
    """Give *incident* with what people know once they have received *decision*."""
    is_over = incident.unsure and not incident.is_open and not incident.flapping
    incident = replace(incident, unsure=False)
    if decision.why in _ENDS or is_over:
        return replace(incident, notified=None, begun=False, flapping=False)
    notified = Notified(around.now, incident.severity, decision.severity, incident.digest, decision.notified + 1)
    if decision.why is Why.FLAPPING:
        return replace(incident, notified=notified, begun=True, flapping=True)
    if incident.flapping and _is_steady(incident, around):
        return replace(incident, notified=notified, begun=True, flapping=False, ended=())
    return replace(incident, notified=notified, begun=True)


def _why(incident: Incident, around: Circumstances) -> Why | None:
    notified = incident.notified
    if incident.unsure:
        return _why_unsure(incident, notified)
    if notified is None:
        return _why_not_notified(incident, around)
    if incident.flapping:
        return _why_of_flapping(incident, notified, around)
    if not incident.is_open:
        return Why.FLAPPING if len(incident.ended) >= _FLAPS else _end_of(incident)
    if incident.digest != notified.digest or incident.severity != notified.severity:
        return Why.CHANGED
    is_silence_over = ended_silence_of(incident, around.silences, around.now) is not None
    return Why.REMINDER if is_silence_over or _is_reminder_due(incident, notified, around) else None


def _why_unsure(incident: Incident, notified: Notified | None) -> Why:
    """Send again what may not have been received. Where its beginning may be unknown, the end is not sent alone."""
    if not incident.is_open:
        return _end_of(incident) if incident.begun else Why.FLAPPING
    if notified is not None and incident.begun:
        return Why.FLAPPING if incident.flapping else Why.CHANGED
    return Why.OPENED if incident.check is None else Why.CANNOT_CHECK


def _why_not_notified(incident: Incident, around: Circumstances) -> Why | None:
    if not incident.is_open:
        return None
    if incident.check is None:
        return Why.OPENED
    is_patience_over = around.now - incident.since + _EARLY >= around.alerts.blind_patience
    return Why.CANNOT_CHECK if is_patience_over else None


def _end_of(incident: Incident) -> Why:
    return Why.RESOLVED if incident.check is None else Why.WORKS_AGAIN


def _why_of_flapping(incident: Incident, notified: Notified, around: Circumstances) -> Why | None:
    """Nothing until it has been steady for the set time; unless it gets worse, or has been going on for long."""
    if _is_steady(incident, around):
        return Why.CHANGED if incident.is_open else _end_of(incident)
    if incident.is_open and incident.severity.rank < notified.severity.rank:
        return Why.CHANGED
    return Why.FLAPPING if _is_reminder_due(incident, notified, around) else None


def _is_steady(incident: Incident, around: Circumstances) -> bool:
    return around.now - incident.changed_at >= around.alerts.flapping_quiet


def _is_reminder_due(incident: Incident, notified: Notified, around: Circumstances) -> bool:
    hours = around.alerts.reminder_hours if incident.check is None else around.alerts.blind_reminder_hours
    return around.now - notified.at + _EARLY >= timedelta(hours=hours)


def _is_held(incident: Incident, why: Why, around: Circumstances) -> bool:
    """Say whether *why* must wait: no channel takes it, or not now, or the next run would not know of it."""
    notified = incident.notified
    if not (incident.is_open or around.can_save):
        return True
    severities = {incident.severity} | ({notified.severity, notified.worst} if notified else set())
    if severities.isdisjoint(around.severities):
        return True
    # Nobody is reminded of what is not checked: its target sleeps.
    if why is Why.REMINDER and not around.unwatched.isdisjoint(incident.checks):
        return True
    quiet = around.alerts.quiet
    if (
        quiet is not None
        and quiet.cover(around.now)
        and {severity.value for severity in severities} <= set(quiet.severities)
    ):
        return True
    if why in _ENDS:
        return False
    is_silent = silence_of(incident, around.silences, around.now) is not None
    return is_silent or holds_back(around.window, incident, around.now)


def _because(incident: Incident, why: Why, around: Circumstances) -> str | None:
    if why is Why.RESOLVED and not around.unwatched.isdisjoint(incident.checks):
        return "it is no longer watched"
    if why is Why.RESOLVED and all(row_of(finding.code).measured for finding in incident.findings):
        silence = silence_of(incident, around.silences, around.now)
        if silence is not None:
            return f"{silence.who} knows of it: the current state is the new baseline"
    if why is Why.FLAPPING and incident.unsure:
        return f"it was open at {incident.since:%H:%M} UTC and is gone now"
    if why is Why.FLAPPING:
        return flapping(len(incident.ended))
    if incident.flapping and why is Why.CHANGED:
        return f"it was flapping and has been open since {incident.changed_at:%H:%M} UTC"
    return incident.because


def _worse(one: Severity, other: Severity) -> Severity:
    return min(one, other, key=lambda severity: severity.rank)

"""Of one incident: is there something to say, and may it be said now?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...model.alerts import AlertSettings
from ...model.codes import row_of
from ...model.finding import Severity
from ...model.memory import Incident, Notified, SilenceInForce, Window
from ...model.news import Decision, Why
from ...model.value import dataclass
from .silences import ended_silence_of, silence_of
from .window import holds_back

# So many ends within a day, and it is told once that it comes and goes.
_FLAPS = 3
# Timers are never exact: a run 5 minutes after another comes at times a moment early.
_EARLY = timedelta(seconds=30)
_ENDS = frozenset({Why.RESOLVED, Why.SEES_AGAIN})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What bears on every incident of a run.

    *severities* are those that the target tells at all; *unwatched* are the checks that were skipped; *can_save*
    is whether the next run will know of what is told now.
    """

    now: datetime
    alerts: AlertSettings
    severities: frozenset[Severity]
    window: Window | None
    silences: Sequence[SilenceInForce]
    unwatched: frozenset[str]
    can_save: bool = True


def spoken(incident: Incident, around: Circumstances) -> Decision | None:
    """Give what is to be said of *incident* now: where what people believe is not what is so, or was told long ago."""
    why = _why(incident, around)
    if why is None or _is_held(incident, why, around):
        return None
    told = incident.told
    worst = incident.severity if told is None else _worse(told.worst, incident.severity)
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
        told=told.times if told else 0,
        because=_because(incident, why, around) or ended,
        heard=told.worst if told else None,
    )


def after_being_told(incident: Incident, decision: Decision, around: Circumstances) -> Incident:
    """Give *incident* with what people believe once they have heard *decision*."""
    is_over = incident.unsure and not incident.is_open and not incident.flapping
    incident = replace(incident, unsure=False)
    if decision.why in _ENDS or is_over:
        return replace(incident, told=None, begun=False, flapping=False)
    told = Notified(around.now, incident.severity, decision.severity, incident.digest, decision.told + 1)
    if decision.why is Why.FLAPPING:
        return replace(incident, told=told, begun=True, flapping=True)
    if incident.flapping and _is_steady(incident, around):
        return replace(incident, told=told, begun=True, flapping=False, ended=())
    return replace(incident, told=told, begun=True)


def _why(incident: Incident, around: Circumstances) -> Why | None:
    told = incident.told
    if incident.unsure:
        return _why_unsure(incident, told)
    if told is None:
        return _why_untold(incident, around)
    if incident.flapping:
        return _why_of_flapping(incident, told, around)
    if not incident.is_open:
        return Why.FLAPPING if len(incident.ended) >= _FLAPS else _end_of(incident)
    if incident.digest != told.digest or incident.severity != told.severity:
        return Why.CHANGED
    is_silence_over = ended_silence_of(incident, around.silences, around.now) is not None
    return Why.REMINDER if is_silence_over or _is_reminder_due(incident, told, around) else None


def _why_unsure(incident: Incident, told: Notified | None) -> Why:
    """Say once more what may not have been heard. Who may not know of its beginning is not told of its end alone."""
    if not incident.is_open:
        return _end_of(incident) if incident.begun else Why.FLAPPING
    if told is not None and incident.begun:
        return Why.FLAPPING if incident.flapping else Why.CHANGED
    return Why.OPENED if incident.check is None else Why.CANNOT_SEE


def _why_untold(incident: Incident, around: Circumstances) -> Why | None:
    if not incident.is_open:
        return None
    if incident.check is None:
        return Why.OPENED
    is_patience_over = around.now - incident.since + _EARLY >= around.alerts.blind_patience
    return Why.CANNOT_SEE if is_patience_over else None


def _end_of(incident: Incident) -> Why:
    return Why.RESOLVED if incident.check is None else Why.SEES_AGAIN


def _why_of_flapping(incident: Incident, told: Notified, around: Circumstances) -> Why | None:
    """Nothing until it has been steady for the set time; unless it gets worse, or has been going on for long."""
    if _is_steady(incident, around):
        return Why.CHANGED if incident.is_open else _end_of(incident)
    if incident.is_open and incident.severity.rank < told.severity.rank:
        return Why.CHANGED
    return Why.FLAPPING if _is_reminder_due(incident, told, around) else None


def _is_steady(incident: Incident, around: Circumstances) -> bool:
    return around.now - incident.changed_at >= around.alerts.flapping_quiet


def _is_reminder_due(incident: Incident, told: Notified, around: Circumstances) -> bool:
    hours = around.alerts.reminder_hours if incident.check is None else around.alerts.blind_reminder_hours
    return around.now - told.at + _EARLY >= timedelta(hours=hours)


def _is_held(incident: Incident, why: Why, around: Circumstances) -> bool:
    """Say whether *why* must wait: nobody wants to hear of it, or not now, or the next run would not know of it."""
    told = incident.told
    if not (incident.is_open or around.can_save):
        return True
    heard = {incident.severity} | ({told.severity, told.worst} if told else set())
    if heard.isdisjoint(around.severities):
        return True
    # Nobody is reminded of what nobody looks at: its target sleeps.
    if why is Why.REMINDER and not around.unwatched.isdisjoint(incident.checks):
        return True
    quiet = around.alerts.quiet
    if (
        quiet is not None
        and quiet.cover(around.now)
        and {severity.value for severity in heard} <= set(quiet.severities)
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
            return f"{silence.who} knows of it: what is there now is the new measure"
    if why is Why.FLAPPING and incident.unsure:
        return f"it was open at {incident.since:%H:%M} UTC and is gone now"
    if why is Why.FLAPPING:
        return f"it was flapping, {len(incident.ended)} times within a day; the next message follows when it is steady"
    if incident.flapping and why is Why.CHANGED:
        return f"it was flapping and has been open since {incident.changed_at:%H:%M} UTC"
    return incident.because


def _worse(one: Severity, other: Severity) -> Severity:
    return min(one, other, key=lambda severity: severity.rank)

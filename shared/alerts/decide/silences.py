"""Somebody is on it: what a silence covers, when it breaks, and how a report is marked with it."""

from collections.abc import Iterable
from datetime import datetime

from ...model.memory import Covered, Incident, Memory, SilenceInForce
from ...model.news import Silence
from ...model.report import Report
from ...model.value import replace


class NothingToSilenceError(Exception):
    """There is no such incident, or no such silence; the text says what there is."""


def silenced(memory: Memory, silence: Silence, now: datetime) -> Memory:
    """Put *silence* in force over what is open now; it replaces one over the same.

    What opens later is news even where the whole target is silent: nobody can work on what nobody knew.
    """
    still_open = [incident for incident in memory.incidents if incident.is_open]
    meant = [incident for incident in still_open if silence.incident in {None, incident.name}]
    if not meant:
        what = "no incident is open" if silence.incident is None else f"no open incident {silence.incident!r}"
        names = ", ".join(repr(incident.name) for incident in still_open)
        raise NothingToSilenceError(what + (f"; there is {names}" if names else ""))
    covers = tuple(Covered(incident.name, incident.severity, incident.digest) for incident in meant)
    others = tuple(other for other in memory.silences if other.silence.incident != silence.incident)
    return replace(memory, silences=(*others, SilenceInForce(silence, now, covers)))


def unsilenced(memory: Memory, incident: str | None) -> Memory:
    """End the silence over *incident*, or the one over the whole target."""
    left = tuple(other for other in memory.silences if other.silence.incident != incident)
    if len(left) == len(memory.silences):
        what = "the whole target is not silenced" if incident is None else f"{incident!r} is not silenced by itself"
        names = ", ".join(repr(other.silence.incident or "the whole target") for other in memory.silences)
        raise NothingToSilenceError(what + (f"; silenced: {names}" if names else ""))
    return replace(memory, silences=left)


def silence_of(incident: Incident, silences: Iterable[SilenceInForce], now: datetime) -> Silence | None:
    """Give the silence that keeps *incident* quiet now, if one does."""
    for silence in silences:
        if now < silence.silence.until and any(
            covered.incident == incident.name and not _has_news(covered, incident) for covered in silence.covers
        ):
            return silence.silence
    return None


def ended_silence_of(incident: Incident, silences: Iterable[SilenceInForce], now: datetime) -> str | None:
    """Say which silence over *incident* has ended and why, if one has and that was not sent yet."""
    for silence in silences:
        for covered in silence.covers:
            if covered.incident == incident.name:
                if now >= silence.silence.until:
                    return f"the silence by {silence.silence.who} ran out"
                if _has_news(covered, incident):
                    got = "is worse" if incident.severity.rank < covered.severity.rank else "says something else"
                    return f"it {got} than when {silence.silence.who} silenced it"
    return None


def still_in_force(
    silences: Iterable[SilenceInForce], sent: Iterable[str], still_open: Iterable[str], now: datetime
) -> tuple[SilenceInForce, ...]:
    """Give what is left of *silences*: what was *sent* is no longer covered, nor is what ended once time is up."""
    news, open_now = set(sent), set(still_open)
    left = []
    for silence in silences:
        is_over = now >= silence.silence.until
        covers = tuple(
            covered
            for covered in silence.covers
            if covered.incident not in news and not (is_over and covered.incident not in open_now)
        )
        if covers:
            left.append(replace(silence, covers=covers))
    return tuple(left)


def marked(report: Report, memory: Memory, now: datetime) -> Report:
    """Give *report* with each silenced finding saying until when: silent is not gone."""
    until = {
        incident.name: silence.until
        for incident in memory.incidents
        if incident.is_open and (silence := silence_of(incident, memory.silences, now))
    }
    if not until:
        return report
    checks = tuple(
        replace(
            check,
            findings=tuple(replace(finding, silenced_until=until.get(finding.incident)) for finding in check.findings),
        )
        for check in report.checks
    )
    return replace(report, checks=checks)


def _has_news(covered: Covered, incident: Incident) -> bool:
    return incident.severity.rank < covered.severity.rank or incident.digest != covered.digest

"""What a reader of the status page does: silence what is open, ask for a check, confirm the weekly message.

Each is a POST with a form that the page has made for that reader: a preview that opens every link changes nothing. Who
brings the viewer key itself is no browser that somebody else steers, and needs no form.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from ...alerts import acting
from ...alerts.decide.forms import FormUsedError, TooSoonError, silence_until
from ...alerts.decide.silences import NothingToSilenceError
from ...alerts.links import Purpose
from ...memory import MemoryPlace, RememberError, memory_of
from ...model.alerts import AlertSettings
from ...model.memory import UsedForm
from ...model.news import Silence
from ...model.value import dataclass
from ...report.html.page import SILENCE_FOR
from .admission import Reader, admitted
from .admission.link import link_key
from .answer import HttpAnswer, bad_request, done, not_found, not_read, refused, too_soon
from .call import HttpCall
from .forms import back_to, fields_of, form_in, is_json
from .site import Site

_LOGGER = logging.getLogger(__name__)
_LONGEST_NAME, _LONGEST_REASON, _LONGEST_INCIDENT = 100, 500, 1000
# How long to wait for a run that is sending messages.
_LONGEST_TURN = timedelta(seconds=15)


# By which links a reader may come who does it.
_LINKS = {
    Purpose.SILENCE: (Purpose.PAGE, Purpose.WEEK),
    Purpose.CHECK: (Purpose.PAGE, Purpose.WEEK),
    Purpose.SEEN: (Purpose.WEEK,),
}


@dataclass(frozen=True, slots=True)
class _Act:
    """One POST of a reader who was admitted, with a *form* that was made for it; None where it needs none."""

    call: HttpCall
    site: Site
    reader: Reader
    fields: Mapping[str, str]
    now: datetime
    form: UsedForm | None = None

    @property
    def place(self) -> MemoryPlace:
        return memory_of(self.call.target, self.site.settings.memory, _LONGEST_TURN)


def silence(call: HttpCall, site: Site, now: datetime) -> HttpAnswer:
    """``POST /api/silence/TARGET``: somebody is on it. A check is queued, which has the channels know."""
    return _answered(call, site, now, Purpose.SILENCE, _silence)


def check(call: HttpCall, site: Site, now: datetime) -> HttpAnswer:
    """``POST /api/check/TARGET``: a check now, once a minute at most."""
    return _answered(call, site, now, Purpose.CHECK, _check)


def seen(call: HttpCall, site: Site, now: datetime) -> HttpAnswer:
    """``POST /api/seen/TARGET``: somebody read the weekly message, in the channel that the link was sent to."""
    return _answered(call, site, now, Purpose.SEEN, _seen)


def _answered(
    call: HttpCall, site: Site, now: datetime, purpose: Purpose, do: Callable[[_Act], HttpAnswer]
) -> HttpAnswer:
    reader = admitted(call, site, now, *_LINKS[purpose])
    if reader is None or site.target(call.target) is None:
        return not_found()
    fields = fields_of(call)
    if fields is None:
        return bad_request("body", "expected a form, or a JSON object of texts")
    key = link_key(site.settings.alerts)
    form = None if key is None else form_in(fields, reader, purpose, call.target, key=key, now=now)
    if form is None and not reader.brings_key:
        return _refused(call, reader)
    return _done_once(_Act(call, site, reader, fields, now, form), do)


def _done_once(act: _Act, do: Callable[[_Act], HttpAnswer]) -> HttpAnswer:
    try:
        return do(act)
    except FormUsedError:
        return _refused(act.call, act.reader)
    except TooSoonError as error:
        return too_soon(str(error), error.wait)
    except RememberError as error:
        _LOGGER.error("%s: %s", act.call.target, error)  # noqa: TRY400  # a traceback says nothing more
        return not_read("this could not be saved now; try again in a minute")


def _silence(act: _Act) -> HttpAnswer:
    fields, alerts = act.fields, act.site.settings.alerts
    until = silence_until(fields.get("for", ""), act.now, _zone(alerts))
    who = act.reader.name or _line(fields.get("who", ""), _LONGEST_NAME)
    because = _line(fields.get("why", ""), _LONGEST_REASON)
    incident = fields.get("incident", "")
    if until is None:
        return bad_request("for", f"expected one of {', '.join(SILENCE_FOR)}")
    if who is None:
        return bad_request("who", f"say who is on it, in {_LONGEST_NAME} characters at most")
    if because is None:
        return bad_request("why", f"say what is being done, in {_LONGEST_REASON} characters at most")
    if len(incident) > _LONGEST_INCIDENT:
        return bad_request("incident", "there is no such incident")
    try:
        queues = acting.silence(act.place, Silence(incident or None, who, because, until), act.form, act.now)
    except NothingToSilenceError:
        return _done(act, "nothing-open", {"error": "nothing is open by that name"})
    _LOGGER.info("%s: %s is on it until %s", act.call.target, who, until.isoformat(timespec="seconds"))
    ends = until.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _done(act, "silenced", {"silenced_until": ends, "who": who}, queues=queues)


def _check(act: _Act) -> HttpAnswer:
    if not act.site.queues:
        return not_found()
    acting.ask_for_check(act.place, act.form, act.now)
    return _done(act, "queued", {"queued": act.call.target}, queues=True)


def _seen(act: _Act) -> HttpAnswer:
    if act.reader.purpose is not Purpose.WEEK:
        return not_found()
    acting.see_week(act.place, act.reader.about, act.form, act.now)
    return _done(act, "seen", {"seen": act.reader.about})


def _done(act: _Act, what: str, said: Mapping[str, str], *, queues: bool = False) -> HttpAnswer:
    """Say what was done: as JSON to who sent that, else by the page."""
    message = (json.dumps({"target": act.call.target}),) if queues and act.site.queues else ()
    location = None if is_json(act.call) else back_to(act.reader, act.call.target, what)
    return done(said, location, message)


def _refused(call: HttpCall, reader: Reader) -> HttpAnswer:
    """Say of every form that is not taken the same; the page then has a new one."""
    return refused(None if is_json(call) else back_to(reader, call.target, "refused"))


def _line(text: str, longest: int) -> str | None:
    """Give *text* on one line; None where it says nothing, too much, or controls how other text is shown."""
    line = " ".join(text.split())
    return line if 0 < len(line) <= longest and line.isprintable() else None


def _zone(alerts: AlertSettings) -> tzinfo:
    if alerts.quiet is None:
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # only where somebody wants quiet

    return ZoneInfo(alerts.quiet.timezone)

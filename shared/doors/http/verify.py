"""``POST /api/verify``: a pipeline asks whether its deployment arrived."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from shared.doors.http.answer import (
    HttpAnswer,
    bad_request,
    called_off,
    could_not_look,
    still_waiting,
    verdict_of,
)
from shared.doors.http.verify_request import BadRequestError, VerifyRequest, parse
from shared.doors.journal import log_run, log_told
from shared.doors.watched import NoSuchTargetError, named_target, watched
from shared.judge.healing import is_worth_waiting_for
from shared.memory import MemoryPlace, RememberError, memory_of
from shared.model.last_seen import LastSeen
from shared.model.mistake import SettingsError
from shared.model.report import Report, Trigger
from shared.model.settings import BrokenTarget, Settings, Target
from shared.run import report_on_broken, run_until_settled
from shared.tell import NobodyToldError, call_off, tell

_LOGGER = logging.getLogger(__name__)
# Azure's front end cuts a request after 230 seconds; the last look, the telling and a cold start must fit in as well.
LONGEST_HOLD = timedelta(seconds=120)
LONGEST_LOOK = timedelta(seconds=60)
_RETRY_AFTER = 5
# How long to wait for another run that is telling people.
_LONGEST_TURN = timedelta(seconds=15)


def verify(method: str, url: str, query: Mapping[str, str], body: bytes, hold: timedelta = LONGEST_HOLD) -> HttpAnswer:
    """Answer one request, within *hold* and one look.

    A wait that is longer is answered by the URL of a GET, which goes on with it. The URL carries no
    key: callers send theirs again, best as ``x-functions-key``.
    """
    try:
        request = parse(method, query, body)
    except BadRequestError as error:
        return bad_request(error.field, error.problem)
    try:
        settings = watched()
        target = named_target(settings, request.target)
    except NoSuchTargetError as error:
        return bad_request("target", str(error))
    except SettingsError as error:
        # The caller is not told what is in our settings; whoever reads our log is.
        _LOGGER.error("The settings cannot be used: %s", error)  # noqa: TRY400  # a traceback says nothing more
        reason = "the monitor's settings cannot be used; its log says why"
        return could_not_look(reason, always_200=request.always_200)
    place = memory_of(target.name, settings.memory, _LONGEST_TURN)
    if request.phase == "aborted":
        return _aborted(target.name, place)
    held = min(request.wait, hold) if request.phase == "after" else timedelta(0)
    report = _look_at(target, request, held, place.load().last_seen)
    log_run(_LOGGER, report)
    left = replace(request, target=target.name, wait=request.wait - held)
    is_waiting = request.phase == "after" and left.wait > timedelta(0) and isinstance(target, Target)
    if is_waiting and is_worth_waiting_for(report):
        return still_waiting(report, _status_url(url, left), _RETRY_AFTER)
    return verdict_of(_told(report, target, settings, place), always_200=request.always_200)


def _told(report: Report, target: Target | BrokenTarget, settings: Settings, place: MemoryPlace) -> Report:
    """Tell people what the pipeline is told, each channel once: what one does not take goes out with the next run.

    A pipeline gets its verdict in any case.
    """
    once = replace(settings.alerts, channels=tuple(replace(each, tries=1) for each in settings.alerts.channels))
    try:
        told = tell(report, target, once, place)
    except (NobodyToldError, RememberError) as error:
        _LOGGER.error("%s", error)  # noqa: TRY400  # a traceback says nothing more
        return report
    log_told(_LOGGER, told)
    return told.report


def _aborted(target: str, place: MemoryPlace) -> HttpAnswer:
    try:
        call_off(place)
    except RememberError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400  # as above
        return could_not_look("what was announced could not be called off; the log says why", always_200=False)
    return called_off(target)


def _look_at(target: Target | BrokenTarget, request: VerifyRequest, wait: timedelta, last_seen: LastSeen) -> Report:
    if isinstance(target, BrokenTarget):
        return report_on_broken(target, Trigger.VERIFY)
    target = replace(target, deadline=min(target.deadline, LONGEST_LOOK))
    return run_until_settled(
        target,
        Trigger.VERIFY,
        wait,
        release=request.release,
        phase="before" if request.phase == "before" else "after",
        last_seen=last_seen,
    )


def _status_url(url: str, left: VerifyRequest) -> str:
    return f"{url.partition('?')[0]}?{left.query()}"

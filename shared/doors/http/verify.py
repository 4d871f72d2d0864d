"""``POST /api/verify``: a pipeline asks whether its deployment arrived."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from shared.doors.http.answer import HttpAnswer, bad_request, could_not_look, still_waiting, verdict_of
from shared.doors.http.verify_request import BadRequestError, VerifyRequest, parse
from shared.doors.journal import log_run
from shared.doors.watched import NoSuchTargetError, named_target, watched
from shared.judge.healing import is_worth_waiting_for
from shared.model.mistake import SettingsError
from shared.model.report import Report, Trigger
from shared.model.settings import BrokenTarget, Target
from shared.run import report_on_broken, run_until_settled

_LOGGER = logging.getLogger(__name__)
# Azure's front end cuts a request after 230 seconds; the last look must fit in as well, and a cold start.
LONGEST_HOLD = timedelta(seconds=150)
LONGEST_LOOK = timedelta(seconds=60)
_RETRY_AFTER = 5


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
        target = named_target(watched(), request.target)
    except NoSuchTargetError as error:
        return bad_request("target", str(error))
    except SettingsError as error:
        # The caller is not told what is in our settings; whoever reads our log is.
        _LOGGER.error("The settings cannot be used: %s", error)  # noqa: TRY400  # a traceback says nothing more
        reason = "the monitor's settings cannot be used; its log says why"
        return could_not_look(reason, always_200=request.always_200)
    held = min(request.wait, hold)
    report = _look_at(target, request.release, held)
    log_run(_LOGGER, report)
    left = replace(request, target=target.name, wait=request.wait - held)
    if left.wait > timedelta(0) and isinstance(target, Target) and is_worth_waiting_for(report):
        return still_waiting(report, _status_url(url, left), _RETRY_AFTER)
    return verdict_of(report, always_200=request.always_200)


def _look_at(target: Target | BrokenTarget, release: str | None, wait: timedelta) -> Report:
    if isinstance(target, BrokenTarget):
        return report_on_broken(target, Trigger.VERIFY)
    target = replace(target, deadline=min(target.deadline, LONGEST_LOOK))
    return run_until_settled(target, Trigger.VERIFY, wait, release=release)


def _status_url(url: str, left: VerifyRequest) -> str:
    return f"{url.partition('?')[0]}?{left.query()}"

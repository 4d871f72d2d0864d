"""``POST /api/verify``: a pipeline asks whether its deployment arrived."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from ...alerts.answers import call_off, keep_waiting
from ...alerts.decide.answers import OtherQuestionError, answer_to
from ...alerts.decide.clock import on_this_clock
from ...alerts.groups import groups_of
from ...alerts.notifier import NobodyNotifiedError, notify
from ...alerts.schema_changes import seen_before
from ...alerts.self_watch import SelfWatch
from ...checks.healing import is_worth_waiting_for
from ...memory import MemoryPlace, RememberError, memory_of
from ...model.memory import Answer, Memory, Question
from ...model.mistake import SettingsError
from ...model.report import Report, Trigger
from ...model.settings import BrokenTarget, Settings, Target
from ...model.value import dataclass, replace
from ...report.json import dumps
from ...run import report_on_broken, run_until_settled
from ..journal import log_notified, log_run
from ..watched import NoSuchTargetError, named_target, watched
from .answer import (
    HttpAnswer,
    answered_before,
    bad_request,
    called_off,
    calling_off,
    not_checked,
    still_waiting,
    verdict_of,
)
from .verify_request import BadRequestError, VerifyRequest, parse

_LOGGER = logging.getLogger(__name__)
_WATCH = SelfWatch(lambda why: _LOGGER.error("Not notified: %s", why))
# Azure's front end cuts a request after 230 seconds; the last check, the messages and a cold start must fit in as well.
LONGEST_HOLD = timedelta(seconds=120)
LONGEST_CHECK = timedelta(seconds=60)
_RETRY_AFTER = 5
# How long to wait for another run that is sending messages.
_LONGEST_TURN = timedelta(seconds=15)


def verify(method: str, url: str, query: Mapping[str, str], body: bytes, hold: timedelta = LONGEST_HOLD) -> HttpAnswer:
    """Answer one request, within *hold* and one check.

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
        # The caller does not get details of our settings; the log has them.
        _LOGGER.error("The settings cannot be used: %s", error)  # noqa: TRY400  # a traceback says nothing more
        reason = "the monitor's settings cannot be used; its log says why"
        return not_checked(reason, always_200=request.always_200)
    place = memory_of(target.name, settings.memory, _LONGEST_TURN)
    asked = replace(request, target=target.name)
    try:
        with _WATCH.crashes(target.name, settings.alerts, not_notified=OtherQuestionError):
            return _answer(asked, _Watched(target, settings, place), url, hold)
    except OtherQuestionError:
        return bad_request("id", "it was used for a question with other fields; a new question takes a new id")


@dataclass(frozen=True, slots=True)
class _Watched:
    target: Target | BrokenTarget
    settings: Settings
    place: MemoryPlace


def _answer(asked: VerifyRequest, watched: _Watched, url: str, hold: timedelta) -> HttpAnswer:
    """Check and answer. If the same was asked before: answer the same, or go on with its wait."""
    target, place, question = watched.target, watched.place, asked.question()
    now = datetime.now(UTC)
    memory = on_this_clock(place.load(), now)
    before = None if question is None else answer_to(question, memory, now)
    if before is not None and (said := _said(before, place)) is not None:
        _LOGGER.info("%s: %s asks again and gets the same answer as at %s", target.name, asked.id, before.at)
        return answered_before(before, said, always_200=asked.always_200)
    if asked.phase == "aborted":
        return _aborted(watched, question, asked.release)
    wait = asked.wait if before is None or before.until is None else before.until - now
    held = min(max(wait, timedelta(0)), hold) if asked.phase == "after" else timedelta(0)
    report = _checked(watched, asked, held, memory)
    log_run(_LOGGER, report)
    left = replace(asked, wait=wait - held)
    is_waiting = asked.phase == "after" and left.wait > timedelta(0) and isinstance(target, Target)
    if is_waiting and is_worth_waiting_for(report):
        _write_commit_status(report, watched, asked.release, pending=True)
        goes_on = asked if question is not None and _is_noted(question, left.wait, place) else replace(left, id=None)
        return still_waiting(report, _status_url(url, goes_on), _RETRY_AFTER)
    report = _notified(report, watched, question, memory.number)
    _write_commit_status(report, watched, asked.release)
    earlier = None if question is None else answer_to(question, place.load(), datetime.now(UTC))
    if earlier is not None and (said := _said(earlier, place)) is not None:
        # Another request under the same id was answered at the same time, and first.
        return answered_before(earlier, said, always_200=asked.always_200)
    return verdict_of(report, always_200=asked.always_200)


def _said(answer: Answer, place: MemoryPlace) -> str | None:
    """Give what was answered, where it was and that can still be read."""
    return None if answer.document is None else place.text(answer.document)


def _is_noted(question: Question, wait: timedelta, place: MemoryPlace) -> bool:
    """Save the end of the wait. If that fails, the URL has to contain it instead, without the id."""
    now = datetime.now(UTC)
    try:
        keep_waiting(place, Answer(question, now, until=now + wait))
    except RememberError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400  # a traceback says nothing more
        return False
    return True


def _notified(report: Report, watched: _Watched, question: Question | None, began: int) -> Report:
    """Notify people of the pipeline's answer, each channel once. A message that fails is sent with the next run.

    A pipeline gets its verdict in any case.
    """
    alerts = watched.settings.alerts
    once = replace(alerts, channels=tuple(replace(each, tries=1) for each in alerts.channels))
    try:
        # A pipeline does not wait for other targets.
        groups = groups_of(replace(watched.settings, alerts=once), gather=timedelta(0), patience=_LONGEST_TURN)
        sent = notify(report, watched.target, once, watched.place, began=began, question=question, groups=groups)
    except NobodyNotifiedError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400  # a traceback says nothing more
        return report
    except RememberError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400  # as above
        _WATCH.notify_unsaved(error, watched.target.name, once)
        return report
    log_notified(_LOGGER, sent)
    return sent.report


def _write_commit_status(
    report: Report | None, watched: _Watched, release: str | None, *, pending: bool = False
) -> None:
    """Write the verdict where GitHub asks for it; without a *report*, that the deployment was called off.

    A pipeline gets its answer in any case.
    """
    target, page = watched.target, watched.settings.alerts.status_page
    if isinstance(target, BrokenTarget) or target.commit_status is None:
        return
    from ...alerts.commit_status import write_called_off, write_commit_status  # noqa: PLC0415  # few targets have one
    from ...alerts.delivery.error import DeliveryError  # noqa: PLC0415  # as above

    try:
        if report is None:
            write_called_off(target.name, target.commit_status, release=release, page=page)
        else:
            write_commit_status(report, target.commit_status, release=release, page=page, pending=pending)
    except DeliveryError as error:
        _LOGGER.error("%s: %s", target.name, error)  # noqa: TRY400  # a traceback says nothing more


def _aborted(watched: _Watched, question: Question | None, release: str | None) -> HttpAnswer:
    target = watched.target.name
    answer = None if question is None else Answer(question, datetime.now(UTC))
    try:
        call_off(watched.place, answer, dumps(calling_off(target)))
    except RememberError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400  # as above
        return not_checked("the announced deployment could not be called off; the log says why", always_200=False)
    _write_commit_status(None, watched, release)
    return called_off(target)


def _checked(watched: _Watched, request: VerifyRequest, wait: timedelta, memory: Memory) -> Report:
    target = watched.target
    if isinstance(target, BrokenTarget):
        return report_on_broken(target, Trigger.VERIFY)
    target = replace(target, deadline=min(target.deadline, LONGEST_CHECK))
    return run_until_settled(
        target,
        Trigger.VERIFY,
        wait,
        release=request.release,
        phase="before" if request.phase == "before" else "after",
        last_seen=memory.last_seen,
        deploying=memory.window is not None,
        read_seen_before=partial(seen_before, memory, watched.place.text),
    )


def _status_url(url: str, left: VerifyRequest) -> str:
    return f"{url.partition('?')[0]}?{left.query()}"

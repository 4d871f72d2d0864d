"""An HTTP answer as a value; `function_app` turns it into the Functions library's own."""

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from ...model.finding import Json
from ...model.memory import Answer
from ...model.report import Report, Verdict
from ...model.value import dataclass, replace
from ...report.json import as_document, bounded

_STATUS = {
    Verdict.PASSED: HTTPStatus.OK,
    Verdict.WARNING: HTTPStatus.OK,
    Verdict.FAILED: HTTPStatus.CONFLICT,
    Verdict.UNKNOWN: HTTPStatus.SERVICE_UNAVAILABLE,
}
_VERDICT = "X-Migration-Verdict"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """*body* can be encoded: names may hold what no encoding can say, such as half a surrogate pair.

    *queued* are messages for the queue of checks.
    """

    status: HTTPStatus
    body: str
    headers: Mapping[str, str]
    media_type: str = "application/json"
    queued: tuple[str, ...] = ()


def bad_request(field: str, problem: str) -> HttpAnswer:
    """400, naming the field that is wrong."""
    return _answer(HTTPStatus.BAD_REQUEST, {"field": field, "error": problem})


def not_checked(reason: str, *, always_200: bool) -> HttpAnswer:
    """503 without a report: not even the settings could be read."""
    status = HTTPStatus.OK if always_200 else _STATUS[Verdict.UNKNOWN]
    return _answer(status, {"verdict": Verdict.UNKNOWN.value, "error": reason}, {_VERDICT: Verdict.UNKNOWN.value})


def not_found() -> HttpAnswer:
    """404, the same for what does not exist and for who may not know whether it does."""
    return _answer(HTTPStatus.NOT_FOUND, {"error": "there is nothing here"})


def not_read(reason: str) -> HttpAnswer:
    """503: who asks may read it, and there is nothing to read now."""
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": reason})


def done(said: Mapping[str, Json], location: str | None, queued: tuple[str, ...] = ()) -> HttpAnswer:
    """303 to the page at *location* that says what was done; 200 with what is *said* where there is none."""
    if location is None:
        return replace(_answer(HTTPStatus.OK, dict(said)), queued=queued)
    return replace(_answer(HTTPStatus.SEE_OTHER, {}, {"Location": location}), queued=queued)


def refused(location: str | None) -> HttpAnswer:
    """403, or 303 to the page at *location*: the form was not made for this, has ended, or was sent before."""
    if location is None:
        return _answer(HTTPStatus.FORBIDDEN, {"error": "this needs a fresh form of the status page"})
    return done({}, location)


def too_soon(reason: str, wait: timedelta) -> HttpAnswer:
    """429, and when it may be asked again."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    return _answer(HTTPStatus.TOO_MANY_REQUESTS, {"error": reason}, {"Retry-After": str(seconds)})


def document(document: Json) -> HttpAnswer:
    return _answer(HTTPStatus.OK, document)


def verdict_of(report: Report, *, always_200: bool) -> HttpAnswer:
    """The report, its verdict in status and header; *always_200* for callers that take 503 as "try again"."""
    status = HTTPStatus.OK if always_200 else _STATUS[report.verdict]
    return _answer(status, bounded(as_document(report)), {_VERDICT: report.verdict.value})


def answered_before(answer: Answer, said: str, *, always_200: bool) -> HttpAnswer:
    """What was *said* before, to the letter; in the status that is asked for now."""
    document = json.loads(said)
    if answer.verdict is None:
        return _answer(HTTPStatus.OK, document)
    status = HTTPStatus.OK if always_200 else _STATUS[answer.verdict]
    return _answer(status, document, {_VERDICT: answer.verdict.value})


def called_off(target: str) -> HttpAnswer:
    """200: the deployment that was announced is over, and was not verified."""
    return _answer(HTTPStatus.OK, calling_off(target))


def calling_off(target: str) -> dict[str, Json]:
    return {"target": target, "phase": "aborted"}


def still_waiting(report: Report, status_url: str, retry_after: int) -> HttpAnswer:
    """202: some findings may still resolve themselves. The verdict is the present one; *status_url* goes on waiting."""
    return _answer(
        HTTPStatus.ACCEPTED,
        bounded(as_document(report)) | {"status_url": status_url},
        {_VERDICT: report.verdict.value, "Location": status_url, "Retry-After": str(retry_after)},
    )


def _answer(status: HTTPStatus, document: Json, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    # A verdict is of its moment, and a GET might be kept on its way.
    return HttpAnswer(status, json.dumps(document), {"Cache-Control": "no-store", **(headers or {})})

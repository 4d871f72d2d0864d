"""An HTTP answer as a value; `function_app` turns it into the Functions library's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from shared.model.report import Report, Verdict
from shared.report.json import as_document

_STATUS = {
    Verdict.PASSED: HTTPStatus.OK,
    Verdict.WARNING: HTTPStatus.OK,
    Verdict.FAILED: HTTPStatus.CONFLICT,
    Verdict.UNKNOWN: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: HTTPStatus
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


def bad_request(where: str, problem: str) -> HttpAnswer:
    """400, naming the field that is wrong."""
    return HttpAnswer(HTTPStatus.BAD_REQUEST, json.dumps({"field": where, "error": problem}, ensure_ascii=False))


def could_not_look(reason: str, *, always_200: bool) -> HttpAnswer:
    """503 without a report: not even the settings could be read."""
    status = HTTPStatus.OK if always_200 else HTTPStatus.SERVICE_UNAVAILABLE
    body = json.dumps({"verdict": Verdict.UNKNOWN.value, "error": reason})
    return HttpAnswer(status, body, {"X-Migration-Verdict": Verdict.UNKNOWN.value})


def verdict_of(report: Report, *, always_200: bool) -> HttpAnswer:
    """The report as JSON, its verdict in status and header; *always_200* for callers that take 503 as "try again"."""
    status = HTTPStatus.OK if always_200 else _STATUS[report.verdict]
    return HttpAnswer(status, _json(report), {"X-Migration-Verdict": report.verdict.value})


def still_waiting(report: Report, status_url: str, retry_after: int) -> HttpAnswer:
    """202: what is left to heal has not healed yet; *status_url* goes on waiting."""
    headers = {
        "X-Migration-Verdict": report.verdict.value,
        "Location": status_url,
        "Retry-After": str(retry_after),
    }
    return HttpAnswer(HTTPStatus.ACCEPTED, json.dumps(as_document(report) | {"status_url": status_url}), headers)


def _json(report: Report) -> str:
    return json.dumps(as_document(report), ensure_ascii=False)

"""``POST /api/verify``: a pipeline asks whether its deployment arrived."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from shared.doors.http.answer import HttpAnswer, bad_request, could_not_look, still_waiting, verdict_of
from shared.doors.watched import NoSuchTargetError, named_target
from shared.judge.healing import is_worth_waiting_for
from shared.model.mistake import SettingsError
from shared.model.report import Trigger
from shared.model.settings import BrokenTarget
from shared.run import report_on_broken, run_until_settled
from shared.settings import environment, load_settings, settings_path

_LOGGER = logging.getLogger(__name__)
# Azure's front end cuts a request after 230 seconds; the last look must fit in as well.
_LONGEST_HOLD = timedelta(seconds=150)
_LONGEST_LOOK = timedelta(seconds=60)
_LONGEST_WAIT = 3600
_LARGEST_BODY = 64 * 1024
_RETRY_AFTER = 5
_FIELDS = ("target", "release", "wait_seconds")
_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/-]{0,199}")


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """What is asked; *target* may be left out where there is only one."""

    target: str | None
    release: str | None
    wait: timedelta
    always_200: bool


class BadRequestError(Exception):
    """A field of the request is wrong; the text says what would be right."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


def verify(method: str, url: str, query: Mapping[str, str], body: bytes) -> HttpAnswer:
    """Answer one request. A GET goes on with a wait that outlasted an earlier request, by the URL given there."""
    try:
        request = parse(query if method == "GET" else _document(body), query)
        settings = load_settings(settings_path(environment()), environment())
        target = named_target(settings, request.target)
    except BadRequestError as error:
        return bad_request(error.field, error.problem)
    except NoSuchTargetError as error:
        return bad_request("target", str(error))
    except SettingsError as error:
        # The caller is not told what is in our settings; whoever reads our log is.
        _LOGGER.error("The settings cannot be used: %s", error)  # noqa: TRY400  # a traceback says nothing more
        return could_not_look("the monitor's settings cannot be used; its log says why", always_200="always" in query)
    if isinstance(target, BrokenTarget):
        return verdict_of(report_on_broken(target, Trigger.VERIFY), always_200=request.always_200)
    target = replace(target, deadline=min(target.deadline, _LONGEST_LOOK))
    held = min(request.wait, _LONGEST_HOLD)
    report = run_until_settled(target, Trigger.VERIFY, held, release=request.release)
    left = request.wait - held
    if left > timedelta(0) and is_worth_waiting_for(report):
        return still_waiting(report, _status_url(url, request, target.name, left), _RETRY_AFTER)
    return verdict_of(report, always_200=request.always_200)


def parse(fields: Mapping[str, object], query: Mapping[str, str]) -> VerifyRequest:
    """Check the fields one by one; raises `BadRequestError` for the first that is wrong."""
    always = query.get("always")
    if always not in {None, "200"}:
        raise BadRequestError("always", "the only choice is ?always=200")
    unknown = next((name for name in fields if name not in {*_FIELDS, "always", "code"}), None)
    if unknown is not None:
        raise BadRequestError(unknown[:100], f"there is no such field; there are {', '.join(_FIELDS)}")
    return VerifyRequest(
        _name(fields, "target"), _release(fields), _wait(fields.get("wait_seconds", 0)), always_200=always is not None
    )


def _document(body: bytes) -> dict[str, object]:
    if len(body) > _LARGEST_BODY:
        raise BadRequestError("body", f"at most {_LARGEST_BODY} bytes")
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise BadRequestError("body", 'expected JSON, such as {"target": "production"}') from None
    if not isinstance(document, dict):
        raise BadRequestError("body", 'expected a JSON object, such as {"target": "production"}')
    return document


def _name(fields: Mapping[str, object], field: str) -> str | None:
    value = fields.get(field)
    if value is not None and (not isinstance(value, str) or not value):
        raise BadRequestError(field, "expected a name")
    return value


def _release(fields: Mapping[str, object]) -> str | None:
    release = _name(fields, "release")
    if release is not None and (not _RELEASE.fullmatch(release) or ".." in release):
        raise BadRequestError("release", "expected a version, such as v1.42.0")
    return release


def _wait(value: object) -> timedelta:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or int(text) > _LONGEST_WAIT:
        raise BadRequestError("wait_seconds", f"expected whole seconds, 0 to {_LONGEST_WAIT}")
    return timedelta(seconds=int(text))


def _status_url(url: str, request: VerifyRequest, target: str, left: timedelta) -> str:
    """Give the URL that goes on with the wait. It carries no key: callers send theirs as ``x-functions-key``."""
    fields = {"target": target, "release": request.release, "wait_seconds": f"{left.total_seconds():.0f}"}
    fields["always"] = "200" if request.always_200 else None
    given = {name: value for name, value in fields.items() if value is not None}
    return f"{url.partition('?')[0]}?{urlencode(given)}"

"""One HTTP POST, and what came of it in words that show no secret."""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import requests

from shared.gather.attempt import InBackground
from shared.gather.http.failure import BROKEN, no_answer_because
from shared.gather.http.pause import seconds_asked_for
from shared.model.knowledge import Unavailable
from shared.notify.attempts import WHOLE_EXCHANGE
from shared.notify.error import DeliveryError

# The status, the pause that is asked for, and the reason that is given.
_Answer = tuple[int, float | None, str]

# The statuses below 500 that time may mend.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
# Those that speak of what was sent, whatever the reason that comes with them.
_UNACCEPTABLE = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
# Those that may: it is in their reason. Others with 400 mean an account, a flow that is switched off, a channel.
_IN_DOUBT = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
_OF_THE_MESSAGE = re.compile(
    r"payload|schema|too.?(large|big|long)|size|malformed|parse|json|body|card|field|property", re.IGNORECASE
)
_LONGEST_REASON = 8 * 1024


def post(what: str, url: str, body: bytes, headers: Mapping[str, str], timeout: timedelta) -> int:
    """Send *body* and give the status, which is a success; raises `DeliveryError` speaking of *what*.

    Redirects are refused: they would carry what is secret elsewhere.
    """
    limit = WHOLE_EXCHANGE * timeout
    answer = InBackground(lambda: _exchange(url, body, headers, timeout)).within(limit).fact
    if isinstance(answer, Unavailable):
        raise DeliveryError(f"{what}: no whole answer within {limit.total_seconds():g} s", passing=True)
    if isinstance(answer, str):
        raise DeliveryError(f"{what}: {answer}", passing=True)
    status, retry_after, reason = answer
    if 200 <= status < 300:
        return status
    raise DeliveryError(
        f"{what} answered {status}{_phrase(status)}",
        passing=status >= 500 or status in _PASSING,
        retry_after=retry_after,
        never=is_about_the_message(status, reason),
    )


def is_about_the_message(status: int, reason: str) -> bool:
    """Say whether it is this message that cannot be taken, by the answer's *reason*: all else may pass in a day."""
    return status in _UNACCEPTABLE or (status in _IN_DOUBT and _OF_THE_MESSAGE.search(reason) is not None)


def _exchange(url: str, body: bytes, headers: Mapping[str, str], timeout: timedelta) -> _Answer | str:
    """Give the answer, or why there is none; the library's exception ends here."""
    seconds = timeout.total_seconds()
    try:
        with requests.Session() as session:
            session.auth = _no_netrc
            response = session.post(
                url,
                data=body,
                headers={"User-Agent": "migration-monitor", **headers},
                timeout=(seconds, seconds),
                allow_redirects=False,
                stream=True,
            )
            with response:
                status, pause = response.status_code, seconds_asked_for(response.headers.get("Retry-After"))
                return status, pause, _reason(response) if status in _IN_DOUBT else ""
    except (*BROKEN, ValueError) as error:
        because = no_answer_because(error, url)
    return because or f"no answer within {seconds:g} s"


def _reason(response: requests.Response) -> str:
    """Give how the answer explains itself: to judge it by, and never to be shown."""
    text: bytes = next(response.iter_content(_LONGEST_REASON), b"")
    return text.decode("utf-8", "replace")


def _no_netrc(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from adding what ``~/.netrc`` has for the host."""
    return prepared


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""

"""One HTTP POST, and what came of it in words that show no secret."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import requests

from shared.gather.attempt import InBackground
from shared.gather.http.failure import BROKEN, no_answer_because
from shared.gather.http.pause import seconds_asked_for
from shared.model.knowledge import Unavailable
from shared.notify.error import DeliveryError

# The statuses below 500 that time may mend.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
# A server that sends a byte a second never lets a socket's own timeout strike.
_WHOLE_ANSWER = 3


def post(what: str, url: str, body: bytes, headers: Mapping[str, str], timeout: timedelta) -> int:
    """Send *body* and give the status, which is a success; raises `DeliveryError` speaking of *what*.

    Redirects are refused: they would carry what is secret elsewhere.
    """
    limit = _WHOLE_ANSWER * timeout
    answer = InBackground(lambda: _exchange(url, body, headers, timeout)).within(limit).fact
    if isinstance(answer, Unavailable):
        raise DeliveryError(f"{what}: no whole answer within {limit.total_seconds():g} s", passing=True)
    if isinstance(answer, str):
        raise DeliveryError(f"{what}: {answer}", passing=True)
    status, retry_after = answer
    if 200 <= status < 300:
        return status
    passing = status >= 500 or status in _PASSING
    raise DeliveryError(f"{what} answered {status}{_phrase(status)}", passing=passing, retry_after=retry_after)


def _exchange(url: str, body: bytes, headers: Mapping[str, str], timeout: timedelta) -> tuple[int, float | None] | str:
    """Give the status and the pause that is asked for, or why there is none; the library's exception ends here."""
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
                return response.status_code, seconds_asked_for(response.headers.get("Retry-After"))
    except (*BROKEN, ValueError) as error:
        because = no_answer_because(error, url)
    return because or f"no answer within {seconds:g} s"


def _no_netrc(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from adding what ``~/.netrc`` has for the host."""
    return prepared


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""

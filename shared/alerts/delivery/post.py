"""One HTTP POST, and what came of it in words that show no secret."""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from ...model.alerts import WHOLE_EXCHANGE
from ...net.client import Document, Limits, NoAnswerError, Request, asked
from ...net.deadline import Deadline
from ...net.pause import seconds_asked_for
from .error import DeliveryError

# The statuses below 500 that may pass with time.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
# Those that are about what was sent, whatever the reason that comes with them.
_UNACCEPTABLE = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
# Those that may: it is in their reason. Others with 400 mean an account, a flow that is switched off, a channel.
_IN_DOUBT = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
_OF_THE_MESSAGE = re.compile(
    r"payload|schema|too.?(large|big|long)|size|malformed|parse|json|body|card|field|property", re.IGNORECASE
)
_LONGEST_REASON = 8 * 1024


def post(what: str, url: str, body: bytes, headers: Mapping[str, str], timeout: timedelta) -> int:
    """Send *body* and give the status, which is a success; raises `DeliveryError` that names *what*."""
    return posted(what, Request(url, "POST", headers, body=body), timeout).status


def posted(
    what: str, request: Request, timeout: timedelta, *, deadline: Deadline | None = None, size: int = 0
) -> Document:
    """Send *request* and give the answer, which is a success, with *size* bytes of its body at most.

    Raises `DeliveryError` that names *what*. Redirects are refused: they would carry what is secret elsewhere.
    """
    seconds = timeout.total_seconds()
    whole = deadline or Deadline.after(WHOLE_EXCHANGE * timeout)
    limits = Limits(whole, max(size, _LONGEST_REASON), connect=seconds, read=seconds)
    try:
        with asked(request, limits) as answer:
            if 200 <= answer.status < 300:
                return Document(answer.status, answer.headers, answer.address, answer.read(size))
            # To decide by it, and never to be shown.
            reason = answer.read(_LONGEST_REASON) if answer.status in _IN_DOUBT else b""
    except NoAnswerError as error:
        raise DeliveryError(f"{what}: {error}", passing=True) from None
    status = answer.status
    raise DeliveryError(
        f"{what} answered {status}{_phrase(status)}",
        passing=status >= 500 or status in _PASSING,
        retry_after=seconds_asked_for(answer.headers.get("Retry-After")),
        never=is_about_the_message(status, reason.decode("utf-8", "replace")),
    )


def is_about_the_message(status: int, reason: str) -> bool:
    """Say whether it is this message that cannot be taken, by the answer's *reason*: all else may pass in a day."""
    return status in _UNACCEPTABLE or (status in _IN_DOUBT and _OF_THE_MESSAGE.search(reason) is not None)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""

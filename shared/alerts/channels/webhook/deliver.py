"""The message and the report as JSON to any URL, signed: for paging services and for one's own."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from ....model.alerts import Channel
from ....model.finding import Json
from ....model.message import Message
from ....report.json import dumps
from ...delivery.post import post
from .payload import as_json

SIGNATURE = "X-Monitor-Signature"
# Of the exact bytes sent; `written_at` among them lets a receiver refuse what is old.
_SCHEME = "v1"


def send(message: Message, channel: Channel, report: Mapping[str, Json] | None) -> str:
    assert channel.url is not None  # noqa: S101  # the settings insist on it
    document: dict[str, Json] = {
        "version": 1,
        "message": as_json(message),
        "report": None if report is None else dict(report),
    }
    body = dumps(document).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
    if channel.secret is not None:
        headers[SIGNATURE] = signature(channel.secret.value, body)
    host = urlsplit(channel.url.value).hostname
    status = post(f"the webhook at {host}", channel.url.value, body, headers, channel.timeout)
    return f"{host} answered {status}"


def signature(secret: str, body: bytes) -> str:
    """``v1=`` and HMAC-SHA256 of the body in hexadecimal digits."""
    return f"{_SCHEME}={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"

"""The message and the report as JSON to any URL, signed: for paging services and for one's own."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from ....model.finding import Json
from ....model.message import Message
from ....report.json import dumps
from ...delivery.accepted import Accepted
from ...delivery.post import post
from .payload import as_json
from .settings import WebhookChannel

SIGNATURE = "X-Monitor-Signature"
# Of the exact bytes sent; `written_at` among them lets a receiver refuse what is old.
_SCHEME = "v1"


def send(message: Message, channel: WebhookChannel, report: Mapping[str, Json] | None) -> Accepted:
    body = dumps(_document(message, report)).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
    if channel.secret is not None:
        headers[SIGNATURE] = signature(channel.secret.value, body)
    host = urlsplit(channel.url.value).hostname
    status = post(f"the webhook at {host}", channel.url.value, body, headers, channel.timeout)
    return Accepted(f"{host} answered {status}")


def preview(message: Message) -> Mapping[str, str]:
    """Give the message without a report, which is at hand as a file."""
    return {"webhook.json": dumps(_document(message, None), indent=2, end="\n")}


def _document(message: Message, report: Mapping[str, Json] | None) -> dict[str, Json]:
    return {"version": 1, "message": as_json(message), "report": None if report is None else dict(report)}


def signature(secret: str, body: bytes) -> str:
    """``v1=`` and HMAC-SHA256 of the body in hexadecimal digits."""
    return f"{_SCHEME}={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"

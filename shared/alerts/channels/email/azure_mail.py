"""Mail through Azure Communication Services, by managed identity. An optional extra: requirements-extras.txt."""

from http import HTTPStatus
from importlib import import_module
from typing import Any

from ....azure.credential import credential_of
from ....azure.error import AzureError
from ....azure.libraries import EXTRA, import_in_order
from ....model.message import Message
from ...delivery.error import DeliveryError
from ...delivery.post import is_about_the_message
from ...messages.text import as_plain_text
from .mail import as_html, headers, subject
from .settings import LONGEST_SENDING, EmailChannel

_SERVICE = "Azure Communication Services"
_MISSING = f"{_SERVICE} needs {EXTRA} (in Azure: requirements-extras.txt); it is not installed"
# The service sets these itself and refuses a mail that brings its own.
_ITS_OWN = {"Message-ID"}


def send(message: Message, channel: EmailChannel) -> str:
    """Give the outcome of the sending; raises `DeliveryError` with its status and no address."""
    failure: DeliveryError
    try:
        import_in_order()
        errors = _extra("azure.core.exceptions")
    except AzureError:
        raise DeliveryError(_MISSING) from None
    try:
        poller = _client(channel).begin_send(_document(message, channel))
        outcome = poller.result(timeout=LONGEST_SENDING.total_seconds())
    except AzureError as error:
        failure = DeliveryError(f"{_SERVICE}: {error}", passing=True)
    except errors.HttpResponseError as error:
        failure = _refusal(error.status_code, str(error.message))
    except errors.AzureError as error:
        failure = DeliveryError(f"{_SERVICE}: {type(error).__name__}", passing=True)
    else:
        return _said(outcome)
    raise failure


def _refusal(status: int, reason: str) -> DeliveryError:
    return DeliveryError(
        f"{_SERVICE} answered {status}",
        passing=status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500,
        never=is_about_the_message(status, reason),
    )


def _client(channel: EmailChannel) -> Any:
    seconds = channel.timeout.total_seconds()
    # Trying again is our own matter: its default goes on for minutes.
    limits = {"retry_total": 0, "connection_timeout": seconds, "read_timeout": seconds}
    return _extra("azure.communication.email").EmailClient(channel.endpoint, credential_of(channel.identity), **limits)


def _extra(module: str) -> Any:
    """Import one of the libraries that only this channel needs."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        pass  # raised below, where nothing chains to it
    raise DeliveryError(_MISSING)


def _document(message: Message, channel: EmailChannel) -> dict[str, Any]:
    return {
        "senderAddress": channel.sender,
        "recipients": {"to": [{"address": address} for address in channel.recipients]},
        "content": {"subject": subject(message), "plainText": as_plain_text(message), "html": as_html(message)},
        "headers": {name: value for name, value in headers(message).items() if name not in _ITS_OWN},
    }


def _said(outcome: Any) -> str:
    status = outcome.get("status") if isinstance(outcome, dict) else None
    if status not in {None, "Succeeded", "Running", "NotStarted"}:
        raise DeliveryError(f"{_SERVICE}: the mail ended as {status}")
    return f"{_SERVICE}: {status or 'accepted'}"

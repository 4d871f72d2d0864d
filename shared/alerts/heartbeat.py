"""A sign of life after every run, by the protocol of healthchecks.io: it alerts when the sign stops."""

from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from ..azure.error import AzureError
from ..azure.secrets import forget_secrets, with_secrets
from ..model.alerts import AlertSettings
from ..model.setting_types import Secret
from .delivery.error import DeliveryError
from .delivery.post import post

Sign = Literal["start", "success", "fail"]
# It must never keep a run from ending.
_TIMEOUT = timedelta(seconds=5)
_PATHS: dict[Sign, str] = {"start": "/start", "success": "", "fail": "/fail"}


def ping(url: Secret, sign: Sign) -> str | None:
    """Say that a run started, that the check *ran* (whatever it found), or that it crashed.

    Gives None, or a sentence on why nobody received it: that is for the log and no reason to fail.
    """
    try:
        # As settings, whose rules then hold for what a vault gives as well.
        ready = with_secrets(AlertSettings(heartbeat=url), _TIMEOUT).heartbeat
    except AzureError as error:
        return f"the heartbeat: {error}"
    assert ready is not None  # noqa: S101  # it went in
    scheme, netloc, path, query, _ = urlsplit(ready.value)
    address = urlunsplit((scheme, netloc, path.rstrip("/") + _PATHS[sign], query, ""))
    try:
        post("the heartbeat", address, b"", {}, _TIMEOUT)
    except DeliveryError as error:
        forget_secrets(ready)
        return str(error)
    return None

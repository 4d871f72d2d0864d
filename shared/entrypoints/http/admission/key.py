"""A caller who sends the viewer key of the settings."""

import logging
from collections.abc import Mapping
from hmac import compare_digest

from ....azure.error import AzureError
from ....azure.secrets import with_secrets
from ....model.alerts import AlertSettings

_LOGGER = logging.getLogger(__name__)
_HEADER = "X-Monitor-Key"
_SCHEME = "bearer "


def brings_key(headers: Mapping[str, str], alerts: AlertSettings) -> bool:
    """Say whether *headers* have the viewer key; nobody is admitted where none is configured, or it cannot be fetched.

    The key is compared in a time that does not depend on how much of it is right. Names of *headers* are taken as they
    come, in whatever case.
    """
    given = _key_in(headers)
    if given is None or alerts.viewer_key is None:
        return False
    try:
        # As settings, whose rules then hold for what a vault gives as well.
        ready = with_secrets(AlertSettings(viewer_key=alerts.viewer_key)).viewer_key
    except AzureError as error:
        _LOGGER.error("Nobody is admitted: %s", error)  # noqa: TRY400  # a traceback says nothing more
        return False
    assert ready is not None  # noqa: S101  # it went in
    return compare_digest(given.encode("utf-8", "surrogatepass"), ready.value.encode())


def _key_in(headers: Mapping[str, str]) -> str | None:
    """Give the key of the request; the header of our own wins over a bearer's."""
    by_name = {name.lower(): value for name, value in headers.items()}
    own = by_name.get(_HEADER.lower())
    if own is not None:
        return own
    authorization = by_name.get("authorization", "")
    return authorization[len(_SCHEME) :].strip() if authorization.lower().startswith(_SCHEME) else None

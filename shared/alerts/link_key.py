"""The key that signs links, at hand before a message is written."""

from ..azure.error import AzureError
from ..azure.secrets import with_secrets
from ..model.alerts import AlertSettings
from ..model.value import replace


def with_link_key(alerts: AlertSettings) -> tuple[AlertSettings, tuple[str, ...]]:
    """Give *alerts* with the key fetched; without it where that fails, and a sentence that says so.

    A message is worth more than its link: it then has the plain address of the status page.
    """
    if alerts.link_key is None or alerts.link_key.is_at_hand:
        return alerts, ()
    try:
        # As settings, whose rules then hold for what a vault gives as well.
        key = with_secrets(AlertSettings(link_key=alerts.link_key)).link_key
    except AzureError as error:
        return replace(alerts, link_key=None), (f"The links to the status page are not signed: {error.because}.",)
    return replace(alerts, link_key=key), ()

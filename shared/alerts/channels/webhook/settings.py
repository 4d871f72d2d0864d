"""Any URL that takes the message and the report as JSON."""

from collections.abc import Iterator
from typing import ClassVar

from ....model.alerts import URL_IS_SAFE, Channel, is_safe
from ....model.setting_types import Secret
from ....model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel(Channel):
    """*secret* signs what is sent."""

    kind: ClassVar[str] = "webhook"
    has_readers: ClassVar[bool] = False
    url: Secret
    secret: Secret | None = None

    def rules(self) -> Iterator[tuple[bool, str]]:
        yield is_safe(self.url), URL_IS_SAFE


CHANNEL = WebhookChannel

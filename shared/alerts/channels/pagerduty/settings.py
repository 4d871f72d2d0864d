"""A PagerDuty service, through its integration key."""

import re
from collections.abc import Iterator
from typing import ClassVar

from ....model.alerts import Channel
from ....model.setting_types import Secret
from ....model.urls import keeps_secrets
from ....model.value import dataclass

_KEY = re.compile(r"[A-Za-z0-9]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDutyChannel(Channel):
    """*routing_key* is the integration key of a service (Events API v2); *endpoint* is where its account is."""

    kind: ClassVar[str] = "pagerduty"
    has_readers: ClassVar[bool] = False
    routing_key: Secret
    endpoint: str = "https://events.pagerduty.com"

    def rules(self) -> Iterator[tuple[bool, str]]:
        is_key = not self.routing_key.is_at_hand or _KEY.fullmatch(self.routing_key.value) is not None
        yield is_key, "`routing_key` must be an integration key of the Events API v2: 32 letters and digits"
        yield keeps_secrets(self.endpoint), "`endpoint` must be https://, or http:// to this machine"


CHANNEL = PagerDutyChannel

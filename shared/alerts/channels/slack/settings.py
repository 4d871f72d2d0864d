"""A Slack conversation, by a bot or by an incoming webhook."""

import re
from collections.abc import Iterator
from typing import ClassVar

from ....model.alerts import URL_IS_SAFE, Channel, is_safe
from ....model.setting_types import Secret
from ....model.urls import keeps_secrets
from ....model.value import dataclass

# An ID (C0123456789), or a name as Slack allows it.
_CONVERSATION = re.compile(r"[A-Z][A-Z0-9]{6,20}|#?[^\s@#<>&|A-Z]{1,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackChannel(Channel):
    """With the *token* of a bot, what follows on a message goes into its thread. A webhook's *url* knows no threads.

    *channel* is the ID of the conversation, or its name. *endpoint* is the Web API.
    """

    kind: ClassVar[str] = "slack"
    token: Secret | None = None
    channel: str | None = None
    url: Secret | None = None
    endpoint: str = "https://slack.com/api"

    def rules(self) -> Iterator[tuple[bool, str]]:
        yield (self.token is None) == (self.channel is None), "`token` and `channel` go together"
        is_one = (self.token is None) != (self.url is None)
        yield is_one, "set either `token` and `channel`, or the `url` of an incoming webhook"
        is_named = self.channel is None or _CONVERSATION.fullmatch(self.channel) is not None
        yield is_named, "`channel` must be an ID such as C0123456789, or a name such as #alerts"
        yield is_safe(self.url), URL_IS_SAFE
        yield keeps_secrets(self.endpoint), "`endpoint` must be https://, or http:// to this machine"


CHANNEL = SlackChannel

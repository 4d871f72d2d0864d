"""A Teams channel, behind a Workflows webhook."""

from collections.abc import Iterator
from typing import ClassVar

from ....model.alerts import URL_IS_SAFE, Channel, is_safe
from ....model.setting_types import Secret
from ....model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsChannel(Channel):
    """*url* is the workflow's address, and a password: who knows it may post."""

    kind: ClassVar[str] = "teams"
    url: Secret

    def rules(self) -> Iterator[tuple[bool, str]]:
        yield is_safe(self.url), URL_IS_SAFE


CHANNEL = TeamsChannel

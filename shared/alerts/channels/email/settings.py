"""Mail, by an SMTP server or by Azure Communication Services."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import timedelta
from typing import ClassVar, Literal

from ....model.alerts import Channel, Identified, Located
from ....model.azure import DEFAULT, Identity
from ....model.setting_types import STRICT, Secret, TextOrSecret, Whole, insist
from ....model.urls import host_of
from ....model.value import dataclass, replace

_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")
# The usual port for each kind of security (RFC 8314; RFC 6409).
_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}
# Azure Communication Services accept a mail first, and report later what became of it.
LONGEST_SENDING = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server; *security* ``none`` is for a relay on the same machine or network, and takes no password."""

    host: TextOrSecret
    port: Whole | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: TextOrSecret | None = None
    password: Secret | None = None
    ssl_root_cert: str | None = None
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (self.port is None or 1 <= self.port <= 65535, "`port` must be 1 to 65535"),
            ((self.user is None) == (self.password is None), "`user` and `password` go together"),
            (
                self.security != "none" or self.password is None,
                "`security` none would send the password in the clear: starttls or tls",
            ),
        )

    @property
    def port_in_use(self) -> int:
        return self.port or _PORTS[self.security]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChannel(Channel):
    """A mail goes by *smtp*, or by the Azure Communication Services resource at *endpoint*."""

    kind: ClassVar[str] = "email"
    sender: str
    recipients: tuple[str, ...] = field(metadata={"example": "team@example.com"})
    smtp: SmtpServer | None = None
    endpoint: str | None = None
    identity: Identity = DEFAULT

    def rules(self) -> Iterator[tuple[bool, str]]:
        yield _is_address(self.sender), "`from` must be one address, such as monitor@example.com"
        addresses = bool(self.recipients) and all(map(_is_address, self.recipients))
        yield addresses, '`to` must be addresses, such as ["team@example.com"]'
        is_one = (self.smtp is None) != (self.endpoint is None)
        yield is_one, "set either `smtp` or `endpoint`: one of them sends the mail"
        azure = self.endpoint is None or _is_communication_services(self.endpoint)
        yield azure, "`endpoint` must be like https://example.communication.azure.com"
        yield self.identity == DEFAULT or self.endpoint is not None, "`identity` is for `endpoint`"

    @property
    def longest_sending(self) -> timedelta:
        return timedelta(0) if self.endpoint is None else LONGEST_SENDING

    def placed(self, located: Located, identified: Identified) -> "EmailChannel":
        smtp = self.smtp and replace(self.smtp, ssl_root_cert=located(self.smtp.ssl_root_cert))
        identity = DEFAULT if self.endpoint is None else identified(self.identity)
        return replace(self, smtp=smtp, identity=identity)


CHANNEL = EmailChannel


def plain(text: str | Secret) -> str:
    """Give the text itself, to be sent and never to be shown."""
    return text.value if isinstance(text, Secret) else text


def _is_address(text: str) -> bool:
    return text.isprintable() and _ADDRESS.fullmatch(text) is not None


def _is_communication_services(text: str) -> bool:
    host = host_of(text, "https")
    return host is not None and host.endswith(".communication.azure.com") and "@" not in text

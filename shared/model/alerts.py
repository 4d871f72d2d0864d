"""Who is told, by which road, and how often; filled from ``[alerts]`` of the settings file."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime, time, timedelta
from typing import ClassVar, Literal

from .azure import DEFAULT, Identity
from .hours import rules_of_hours
from .setting_types import STRICT, Secret, TextOrSecret, Timespan, Whole, YesNo, insist
from .urls import host_of, keeps_secrets
from .value import dataclass

HOUR = timedelta(hours=1)
SeverityName = Literal["critical", "warning", "info"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")
# The port that each kind of security has by custom (RFC 8314; RFC 6409).
_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}


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


@dataclass(frozen=True, slots=True)
class Channel:
    """One road to people. *url* is a password for Teams; *secret* signs what a webhook is sent.

    An email goes by *smtp*, or by the Azure Communication Services resource at *endpoint*.
    """

    name: str
    kind: Literal["teams", "email", "webhook"]
    severities: tuple[SeverityName, ...] = ("critical", "warning")
    url: Secret | None = None
    secret: Secret | None = None
    sender: str | None = None
    recipients: tuple[str, ...] = field(default=(), metadata={"example": "team@example.com"})
    smtp: SmtpServer | None = None
    endpoint: str | None = None
    identity: Identity = DEFAULT
    timeout: Timespan = timedelta(seconds=10)
    tries: Whole = 4
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (_NAME.fullmatch(self.name) is not None, "`name` must be 1 to 64 letters, digits, `.`, `_` and `-`"),
            (bool(self.severities), "`severities` must name at least one: a channel that takes nothing tells nobody"),
            (timedelta(0) < self.timeout <= timedelta(minutes=1), "`timeout` must be more than 0s, 1m at most"),
            (1 <= self.tries <= 10, "`tries` must be 1 to 10"),
            *(self._mail_rules() if self.kind == "email" else self._post_rules()),
        )

    def _post_rules(self) -> Iterator[tuple[bool, str]]:
        yield self.url is not None, f"`url` is missing: a {self.kind} channel posts there"
        yield _is_safe(self.url), "`url` must be https://, or http:// to this machine"
        yield self.secret is None or self.kind == "webhook", "`secret` signs what a webhook gets; no other kind has one"
        for key, value in (("from", self.sender), ("to", self.recipients), ("smtp", self.smtp)):
            yield not value, f"`{key}` belongs to an email channel"
        yield self.endpoint is None, "`endpoint` belongs to an email channel"
        yield self.identity == DEFAULT, "`identity` belongs to an email channel"

    def _mail_rules(self) -> Iterator[tuple[bool, str]]:
        yield self.url is None, "`url` is for teams and webhook; an email channel has `smtp` or `endpoint`"
        yield self.secret is None, "`secret` signs what a webhook gets; no other kind has one"
        yield _is_address(self.sender), "`from` must be one address, such as monitor@example.com"
        addresses = bool(self.recipients) and all(map(_is_address, self.recipients))
        yield addresses, '`to` must be addresses, such as ["team@example.com"]'
        one_road = (self.smtp is None) != (self.endpoint is None)
        yield one_road, "say by which road the mail goes: `smtp` or `endpoint`, one of them"
        azure = self.endpoint is None or _is_communication_services(self.endpoint)
        yield azure, "`endpoint` must be like https://example.communication.azure.com"
        yield self.identity == DEFAULT or self.endpoint is not None, "`identity` is for `endpoint`"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From *begins* to *ends* (``22:00``, past midnight too) findings of *severities* wait for the morning."""

    begins: str = field(metadata={"example": "22:00"})
    ends: str = field(metadata={"example": "07:00"})
    timezone: str = "UTC"
    severities: tuple[SeverityName, ...] = ("warning", "info")
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            *rules_of_hours(self.begins, self.ends, self.timezone),
            (self.begins != self.ends, "`to` is the same as `from`: quiet would never end"),
        )

    def cover(self, moment: datetime) -> bool:
        """Say whether *moment* is within the quiet hours, by the clocks of their timezone."""
        from zoneinfo import ZoneInfo  # noqa: PLC0415  # only where somebody wants quiet

        clock = moment.astimezone(ZoneInfo(self.timezone)).time()
        begins, ends = time.fromisoformat(self.begins), time.fromisoformat(self.ends)
        return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """How people are told. Without a channel nobody is.

    *error_lines* lets the database's own error line into messages: it may quote a value of a row.
    """

    channels: tuple[Channel, ...] = ()
    status_page: str | None = None
    runbook: str | None = None
    heartbeat: Secret | None = None
    error_lines: YesNo = False
    weekly: YesNo = True
    reminder_hours: Whole = 24
    blind_patience: Timespan = timedelta(minutes=5)
    blind_reminder_hours: Whole = 4
    flapping_quiet: Timespan = HOUR
    quiet: QuietHours | None = None
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (_differ(self.channels), "`channel`: two have the same `name`"),
            (
                self.status_page is None or _is_page(self.status_page),
                "`status_page` must be like https://example.com/a",
            ),
            (self.runbook is None or _is_page(self.runbook), "`runbook` must be like https://example.com/wiki/runbook"),
            (
                _is_safe(self.heartbeat),
                "`heartbeat` must be https://, or http:// to this machine",
            ),
            (1 <= self.reminder_hours <= 168, "`reminder_hours` must be 1 to 168"),
            (1 <= self.blind_reminder_hours <= 168, "`blind_reminder_hours` must be 1 to 168"),
            (self.blind_patience <= HOUR, "`blind_patience` must be 1h at most"),
            (timedelta(minutes=10) <= self.flapping_quiet <= 24 * HOUR, "`flapping_quiet` must be 10m to 24h"),
        )


@dataclass(frozen=True, slots=True)
class TargetAlerts:
    """What of one target is told at all, and on which channels: on all of them where none is named."""

    severities: tuple[SeverityName, ...] = ("critical", "warning")
    only_channels: tuple[str, ...] = ()
    __pydantic_config__: ClassVar = STRICT


def plain(text: str | Secret) -> str:
    """Give the text itself, for the road and never for words."""
    return text.value if isinstance(text, Secret) else text


def _differ(channels: tuple[Channel, ...]) -> bool:
    return max(Counter(channel.name.casefold() for channel in channels).values(), default=1) == 1


def _is_address(text: str | None) -> bool:
    return text is not None and text.isprintable() and _ADDRESS.fullmatch(text) is not None


def _is_page(text: str) -> bool:
    """Say whether *text* is a page to link to; a password in it would be shown to everybody."""
    return "@" not in text and text.isprintable() and " " not in text and host_of(text, "https", "http") is not None


def _is_communication_services(text: str) -> bool:
    host = host_of(text, "https")
    return host is not None and host.endswith(".communication.azure.com") and "@" not in text


def _is_safe(url: Secret | None) -> bool:
    """Say whether the secrets in a URL are safe on the way: encrypted, or never leaving this machine.

    What is yet to be fetched is judged once it is there.
    """
    if url is None or not url.is_at_hand:
        return True
    text = url.value
    if not text.isprintable() or " " in text:
        return False
    return keeps_secrets(text)

"""Who is notified, by which channel, and how often; filled from ``[alerts]`` of the settings file."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import field
from datetime import datetime, time, timedelta
from typing import ClassVar, Literal

from .azure import Identity
from .hours import rules_of_hours
from .setting_types import STRICT, Secret, Timespan, Whole, YesNo, insist
from .urls import host_of, keeps_secrets
from .value import dataclass

HOUR = timedelta(hours=1)
SeverityName = Literal["critical", "warning", "info"]
_KEY = re.compile(r"[!-~]{16,200}")
# As long as what it makes: a shorter one could be found by trying.
_SIGNING_KEY = re.compile(r"[!-~]{32,200}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
URL_IS_SAFE = "`url` must be https://, or http:// to this machine"
# A server that sends a byte a second never lets a socket's own timeout strike: so many timeouts for a whole exchange.
WHOLE_EXCHANGE = 3
# The path of a file that the settings name; the identity that is asked where they name none.
Located = Callable[[str | None], str | None]
Identified = Callable[[Identity], Identity]


@dataclass(frozen=True, slots=True)
class Channel:
    """Where messages go: what all kinds of channels have. Each kind adds its own settings: `shared.alerts.channels`.

    *kind* is its name in the settings file. What goes to a machine has no readers: nobody there can confirm anything.
    """

    kind: ClassVar[str]
    has_readers: ClassVar[bool] = True
    name: str
    severities: tuple[SeverityName, ...] = ("critical", "warning")
    timeout: Timespan = timedelta(seconds=10)
    tries: Whole = 4

    def __post_init__(self) -> None:
        insist(
            (_NAME.fullmatch(self.name) is not None, "`name` must be 1 to 64 letters, digits, `.`, `_` and `-`"),
            (bool(self.severities), "`severities` must name at least one: a channel without severities sends nothing"),
            (timedelta(0) < self.timeout <= timedelta(minutes=1), "`timeout` must be more than 0s, 1m at most"),
            (1 <= self.tries <= 10, "`tries` must be 1 to 10"),
            *self.rules(),
        )

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Give the rules of this kind, as `insist` takes them."""
        yield from ()

    @property
    def longest_exchange(self) -> timedelta:
        """How long one try takes at most."""
        return WHOLE_EXCHANGE * self.timeout + self.longest_sending

    @property
    def longest_sending(self) -> timedelta:
        """How long a message that was accepted may still be on its way."""
        return timedelta(0)

    def placed(self, located: Located, identified: Identified) -> "Channel":
        """Give the same channel with paths that start from the folder of the settings file, and with its identity."""
        del located, identified
        return self


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
    """How people are notified. Without a channel nobody is.

    *error_lines* lets the database's own error line into messages and pages: it may quote a value of a row. Who has the
    *viewer_key* may read what the monitor knows of its targets. *link_key* signs the links of messages to the status
    page, and the forms of that page. Where there is neither, or *pages* is false, nobody is shown a page.
    """

    channels: tuple[Channel, ...] = ()
    status_page: str | None = None
    runbook: str | None = None
    heartbeat: Secret | None = None
    viewer_key: Secret | None = None
    link_key: Secret | None = None
    pages: YesNo = True
    error_lines: YesNo = False
    weekly: YesNo = True
    reminder_hours: Whole = 24
    blind_patience: Timespan = timedelta(minutes=5)
    blind_reminder_hours: Whole = 4
    flapping_quiet: Timespan = HOUR
    quiet: QuietHours | None = None
    group_targets: YesNo = True
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
                is_safe(self.heartbeat),
                "`heartbeat` must be https://, or http:// to this machine",
            ),
            (
                _is_written_as(_KEY, self.viewer_key),
                "`viewer_key` must be 16 to 200 letters, digits and marks, without spaces",
            ),
            (
                _is_written_as(_SIGNING_KEY, self.link_key),
                "`link_key` must be 32 to 200 letters, digits and marks, without spaces",
            ),
            (1 <= self.reminder_hours <= 168, "`reminder_hours` must be 1 to 168"),
            (1 <= self.blind_reminder_hours <= 168, "`blind_reminder_hours` must be 1 to 168"),
            (self.blind_patience <= HOUR, "`blind_patience` must be 1h at most"),
            (timedelta(minutes=10) <= self.flapping_quiet <= 24 * HOUR, "`flapping_quiet` must be 10m to 24h"),
        )


@dataclass(frozen=True, slots=True)
class TargetAlerts:
    """The severities of one target that are sent, and the channels: all of them where none is named."""

    severities: tuple[SeverityName, ...] = ("critical", "warning")
    only_channels: tuple[str, ...] = ()
    __pydantic_config__: ClassVar = STRICT


def _differ(channels: tuple[Channel, ...]) -> bool:
    return max(Counter(channel.name.casefold() for channel in channels).values(), default=1) == 1


def _is_written_as(form: re.Pattern[str], key: Secret | None) -> bool:
    """Say whether *key* has the *form*; one that is yet to be fetched is checked when it has arrived."""
    return key is None or not key.is_at_hand or form.fullmatch(key.value) is not None


def _is_page(text: str) -> bool:
    """Say whether *text* is a page to link to; a password in it would be shown to everybody."""
    return "@" not in text and text.isprintable() and " " not in text and host_of(text, "https", "http") is not None


def is_safe(url: Secret | None) -> bool:
    """Say whether the secrets in a URL are safe on the way: encrypted, or never leaving this machine.

    A secret that is yet to be fetched is checked when it has arrived.
    """
    if url is None or not url.is_at_hand:
        return True
    text = url.value
    if not text.isprintable() or " " in text:
        return False
    return keeps_secrets(text)

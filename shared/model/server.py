"""The Azure Database for PostgreSQL flexible server: what it must be like, and what Azure says of it."""

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from ipaddress import IPv4Address
from typing import ClassVar, Literal

from .azure import FLEXIBLE_SERVER, is_resource_id, resource_id_example
from .knowledge import Unavailable
from .setting_types import STRICT, Timespan, Whole, YesNo, insist
from .value import dataclass

HighAvailability = Literal["Disabled", "SameZone", "ZoneRedundant"]
# The parameter whose libraries a server loads when it starts.
PRELOADED = "shared_preload_libraries"
_API_VERSION = re.compile(r"20\d\d-\d\d-\d\d(-preview)?")
_ALL_OF_AZURE = IPv4Address("0.0.0.0")  # noqa: S104  # how Azure writes it in a rule; nothing listens there


def is_api_version(text: str) -> bool:
    return _API_VERSION.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ServerExpectation:
    """The server's *resource_id*, and what is expected of it; what is None is not checked.

    *parameters* are the server's own. A firewall rule whose name matches one of *temporary_rules*
    (``*`` for anything, letters of either case alike) must be gone after *temporary_grace*; none may let
    in more than *widest_rule* addresses.
    """

    resource_id: str = field(metadata={"example": resource_id_example(FLEXIBLE_SERVER)})
    api_version: str = "2022-12-01"
    version: str | None = None
    high_availability: HighAvailability | None = None
    backup_days: Whole | None = None
    geo_backup: YesNo | None = None
    public_access: YesNo | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: {"require_secure_transport": "on"})
    temporary_rules: tuple[str, ...] = ("temp*", "tmp*", "*-temp*", "*-tmp*", "*_temp*", "*_tmp*", "ClientIPAddress_*")
    temporary_grace: Timespan = timedelta(days=1)
    widest_rule: Whole = 256
    all_of_azure: YesNo = False
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (
                is_resource_id(self.resource_id, FLEXIBLE_SERVER),
                f"`resource_id` must be like /subscriptions/…/{FLEXIBLE_SERVER}/…",
            ),
            (is_api_version(self.api_version), "`api_version` must be like 2022-12-01"),
            (self.backup_days is None or 1 <= self.backup_days <= 35, "`backup_days` must be 1 to 35"),
            (self.temporary_grace <= timedelta(days=365), "`temporary_grace` must be 365d at most"),
            (self.widest_rule >= 1, "`widest_rule` must be 1 or more addresses"),
        )

    def id_of(self, rule: str) -> str:
        """Give the resource id of the firewall rule of that name."""
        return f"{self.resource_id}/firewallRules/{rule}"

    def is_temporary(self, rule: str) -> bool:
        return any(fnmatchcase(rule.casefold(), pattern.casefold()) for pattern in self.temporary_rules)


@dataclass(frozen=True, slots=True)
class Server:
    """What Azure says of the server itself; None where it does not say.

    *state* is ``Ready``, ``Stopped``, ``Updating`` and their like, *version* the major one. *public* is
    whether it has an address on the internet, for which alone firewall rules mean something.
    """

    name: str
    state: str
    version: str | None
    high_availability: str | None
    backup_days: int | None
    geo_backup: bool | None
    public: bool
    # From then on it can be restored to any moment, as a new server.
    earliest_restore: datetime | None = None


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """Who may come in: the addresses from *first* to *last*."""

    name: str
    first: IPv4Address
    last: IPv4Address

    @property
    def is_all_of_azure(self) -> bool:
        """Azure's own sign for whatever runs in it, other customers' machines included."""
        return self.first == self.last == _ALL_OF_AZURE

    @property
    def addresses(self) -> int:
        return int(self.last) - int(self.first) + 1


@dataclass(frozen=True, slots=True)
class ServerReading:
    """The three things that are asked of Azure; each can fail for itself alone.

    *parameters* are those that are expected, with their values; one that the server does not have is
    not among them.
    """

    server: Server | Unavailable
    rules: tuple[FirewallRule, ...] | Unavailable
    parameters: Mapping[str, str] | Unavailable

    @property
    def is_private(self) -> bool:
        return isinstance(self.server, Server) and not self.server.public

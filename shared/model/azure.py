"""The identity for Azure, and the vaults of the secrets that the settings name."""

import re
from typing import Any

from .value import dataclass

_WRITTEN = re.compile(r"managed(?::([A-Za-z0-9-]{1,64}))?|(az)")


@dataclass(frozen=True, slots=True)
class Identity:
    """The monitor's identity for Azure: its managed identity, or at a terminal the login of `az`.

    *client_id* is that of a user-assigned identity; None is the system-assigned one, and in the
    settings whichever the file names for all.
    """

    client_id: str | None = None
    managed: bool = True

    @classmethod
    def parse(cls, text: object) -> "Identity":
        """Parse the text of the file: ``managed``, ``managed:CLIENT_ID`` or ``az``."""
        match = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise ValueError("write managed, managed:CLIENT_ID, or az for the login of Azure's CLI")
        return cls(match[1], managed=match[2] is None)

    def __str__(self) -> str:
        if not self.managed:
            return "az"
        return "managed" if self.client_id is None else f"managed:{self.client_id}"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # only where settings are read from a file

        return core_schema.no_info_plain_validator_function(
            cls.parse, json_schema_input_schema=core_schema.str_schema(pattern=f"^({_WRITTEN.pattern})$")
        )


# The identity that the settings name for all.
DEFAULT = Identity()


CONTAINER_APP = "Microsoft.App/containerApps"
FLEXIBLE_SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"
# Microsoft's own way to name a thing for good; letters of either case mean the same.
_RESOURCE = r"/subscriptions/[^/?#\s]+/resourceGroups/[^/?#\s]+/providers/{}/[^/?#\s]+"


def is_resource_id(text: str, kind: str) -> bool:
    """Say whether *text* is the resource id of one *kind*, such as ``Microsoft.App/containerApps``."""
    return re.fullmatch(_RESOURCE.format(re.escape(kind)), text, re.IGNORECASE) is not None


def resource_id_example(kind: str) -> str:
    return f"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example/providers/{kind}/example"


@dataclass(frozen=True, slots=True)
class Vault:
    """A Key Vault at *url*, ``https://NAME.vault.azure.net``, and the identity for it."""

    url: str
    identity: Identity

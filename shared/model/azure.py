"""Who the monitor is in Azure, and where secrets are kept there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom the monitor calls Azure: its managed identity, or at a terminal whoever is logged in to ``az``.

    *client_id* is that of a user-assigned identity; None is the system-assigned one. *managed* is
    False where there is no identity endpoint.
    """

    client_id: str | None = None
    managed: bool = True


@dataclass(frozen=True, slots=True)
class Vault:
    """A Key Vault, ``https://NAME.vault.azure.net``, and as whom it is asked."""

    url: str
    identity: Identity

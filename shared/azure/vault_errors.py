"""Why a vault did not give a secret, in a sentence that names what is missing."""

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..model.azure import Vault
from .error import AzureError
from .identity_errors import named, not_accepted

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError as LibraryError

# The inner codes of a 403: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
_FORBIDDEN = {
    "ForbiddenByRbac": "{who} may not read it: it needs the role Key Vault Secrets User on the vault or the secret",
    "AccessDenied": "{who} may not read it: the vault's access policy must give it Get for secrets",
    "ForbiddenByPolicy": "{who} may not read it: the vault's access policy must give it Get for secrets",
    "ForbiddenByFirewall": "the vault's firewall does not let this address in",
    "ForbiddenByConnection": "the vault lets nobody in from public networks",
    "SecretDisabled": "the secret is disabled",
}


def not_given(vault: Vault, name: str, because: str, *, lasting: bool) -> AzureError:
    return AzureError(f"vault:{name} of {urlsplit(vault.url).netloc}: {because}", lasting=lasting)


def refused(vault: Vault, name: str, error: "LibraryError") -> AzureError:
    """Give why *error*, azure-core's, came instead of the secret *name*."""
    status = getattr(error, "status_code", None)
    if status is None:
        because = "the vault cannot be reached: no such name, or the network or a firewall blocks the connection"
        return not_given(vault, name, because, lasting=False)
    who = named(vault.identity)
    if status == HTTPStatus.FORBIDDEN:
        because = _FORBIDDEN.get(_inner_code(error) or "", "the vault refuses it to {who} (403)").format(who=who)
        return not_given(vault, name, because, lasting=True)
    if status == HTTPStatus.UNAUTHORIZED:
        return not_given(vault, name, not_accepted("the vault", vault.identity), lasting=True)
    if status == HTTPStatus.NOT_FOUND:
        return not_given(vault, name, "the vault has no secret of that name", lasting=True)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return not_given(vault, name, "the vault is asked too often (429)", lasting=False)
    return not_given(vault, name, f"the vault answered {status}", lasting=status < HTTPStatus.INTERNAL_SERVER_ERROR)


def _inner_code(error: "LibraryError") -> str | None:
    """Give the code that says which 403 it is; the text beside it names subscriptions and people."""
    details = getattr(getattr(error, "error", None), "innererror", None)
    code = details.get("code") if isinstance(details, dict) else None
    return code if isinstance(code, str) else None

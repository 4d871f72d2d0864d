"""Why there is no token, in a sentence. The libraries say "configuration not found" whatever it was."""

import re

from ..model.azure import Identity
from .error import AzureError

# Who asked too early or too much may ask again; what is wrong with the request stays wrong.
_PASSING = {408, 429}
# How azure-identity words it depends on what it took this machine for; an endpoint that is there has more to say.
_ABSENT = re.compile(r"No managed identity endpoint|IMDS|authentication unavailable\.$")


def no_token(identity: Identity, resource: str, error: Exception) -> AzureError:
    """Give why *identity* got no token for *resource*; *error* is azure-identity's."""
    because, lasting = _of_cli(str(error)) if not identity.managed else _of_endpoint(identity, resource, error)
    return AzureError(f"no token for {resource}: {because}", lasting=lasting)


def no_token_in_time(identity: Identity, resource: str, seconds: float) -> AzureError:
    who = "the identity endpoint" if identity.managed else "`az`"
    return AzureError(f"no token for {resource}: {who} gave none to {named(identity)} within {seconds:.3g} s")


def named(identity: Identity) -> str:
    if not identity.managed:
        return "the login of `az`"
    if identity.client_id is None:
        return "the system-assigned managed identity"
    return f"the managed identity with client id {identity.client_id}"


def not_accepted(by: str, identity: Identity) -> str:
    return f"{by} does not accept the token of {named(identity)} (401): are both of the same tenant?"


def _of_endpoint(identity: Identity, resource: str, error: Exception) -> tuple[str, bool]:
    who = named(identity)
    if _ABSENT.search(str(error)):
        fix = "assign a managed identity to the app, or at a terminal say `az` instead of `managed` in the settings"
        return f"there is no identity endpoint here: {fix}", True
    status = _status(error)
    if status == 400:
        fix = "assign it (az functionapp identity assign)"
        if identity.client_id is not None:
            fix += ", or put the client id of one that is assigned into the settings"
        return f"{who} is not assigned to this app: {fix}", True
    if status is None or status < 400:
        return f"the identity endpoint could not be reached or understood for {who} ({type(error).__name__})", False
    sentence = f"the identity endpoint answered {status} for {who}"
    if status >= 500:
        # What it answers to a resource that does not exist as well.
        return f"{sentence}; if that lasts, see whether {resource} exists in the tenant", False
    return sentence, status not in _PASSING


def _status(error: Exception) -> int | None:
    """Read the HTTP status, which is in the text where the answer was JSON, and else in the response."""
    match = re.search(r"\(invalid_scope\) (\d{3}),", str(error))
    if match:
        return int(match[1])
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _of_cli(text: str) -> tuple[str, bool]:
    if "not found on path" in text:
        return "the Azure CLI is not installed, or not on PATH", True
    if "az login" in text:
        return "nobody is logged in to the Azure CLI, or no more: az login", True
    # Its own text may be pages long, and may name people.
    return "the Azure CLI gave none: az account get-access-token says why", False

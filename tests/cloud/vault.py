"""A Key Vault, as azure-keyvault-secrets uses it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.cloud.identity import IdentityEndpoint, json_reply
from tests.gather.servers import Reply, Request

RESOURCE = "https://vault.azure.net"
_CHALLENGE = f'Bearer authorization="https://login.microsoftonline.com/aaaaaaaa-0000-0000-0000-000000000000", resource="{RESOURCE}"'  # fmt: skip
# https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
_REFUSALS: Mapping[str, tuple[int, str, str, str | None]] = {
    "ForbiddenByRbac": (403, "Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac"),
    "AccessDenied": (403, "Forbidden", "The user, group or application does not have secrets get permission.", "AccessDenied"),
    "ForbiddenByFirewall": (403, "Forbidden", "Client address is not authorized and caller is not a trusted service.", "ForbiddenByFirewall"),
    "Unauthorized": (401, "Unauthorized", "AKV10032: Invalid issuer.", None),
    "Throttled": (429, "Throttled", "Request was not processed because too many requests were received.", "VaultRequestTypeLimitReached"),
    "InternalServerError": (500, "InternalServerError", "Internal server error.", None),
}  # fmt: skip


@dataclass
class VaultSecret:
    """The value of a name; *attributes* as the service writes them (``enabled``, ``exp``)."""

    value: str = field(repr=False)
    attributes: dict[str, object] = field(default_factory=dict)


class FakeVault:
    """Answers for one vault: the challenge first, then *secrets*; *refusal*, one of the codes above, for all of them."""

    def __init__(self, url: str, identity: IdentityEndpoint) -> None:
        self.url = url
        self.secrets: dict[str, VaultSecret] = {}
        self.refusal: str | None = None
        self._identity = identity
        self.asked: list[str] = []

    def put(self, name: str, value: str, **attributes: object) -> None:
        self.secrets[name] = VaultSecret(value, attributes)

    def reply(self, request: Request) -> Reply:
        if "authorization" not in request.headers:
            challenge = {"WWW-Authenticate": _CHALLENGE}
            return json_reply({"error": {"code": "Unauthorized", "message": "AKV10000"}}, 401, challenge)
        _, kind, name, *_ = urlsplit(request.path).path.split("/")
        assert (request.method, kind) == ("GET", "secrets")
        self.asked.append(name)
        if self.refusal is not None:
            return _refused(*_REFUSALS[self.refusal])
        if not self._identity.accepts(request, RESOURCE):
            return _refused(*_REFUSALS["Unauthorized"])
        if name not in self.secrets:
            message = f"A secret with (name/id) {name} was not found in this key vault."
            return _refused(404, "SecretNotFound", message, None)
        secret = self.secrets[name]
        if not secret.attributes.get("enabled", True):
            message = "Operation get is not allowed on a disabled secret."
            return _refused(403, "Forbidden", message, "SecretDisabled")
        return json_reply(
            {
                "value": secret.value,
                "id": f"{self.url}/secrets/{name}/4387e9f3d6e14c459867679a90fd0f79",
                "attributes": {
                    "enabled": True,
                    "created": 1493938410,
                    "updated": 1493938410,
                    "recoveryLevel": "Recoverable+Purgeable",
                    **secret.attributes,
                },
            }
        )


def _refused(status: int, code: str, message: str, inner: str | None) -> Reply:
    error: dict[str, object] = {"code": code, "message": message}
    if inner is not None:
        error["innererror"] = {"code": inner}
    return json_reply({"error": error}, status)

"""A person that App Service has signed in with Entra ID.

https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities says what its header has.
"""

import json
from base64 import b64decode
from collections.abc import Iterator

from ..call import HttpCall
from .reader import Reader

_HEADER = "X-MS-CLIENT-PRINCIPAL"
_LONGEST = 64 * 1024
_LONGEST_NAME = 100
# By their long names, or as the token itself calls them.
_ID = ("http://schemas.microsoft.com/identity/claims/objectidentifier", "oid")
_NAMES = (
    "preferred_username",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "name",
)


def principal_in(call: HttpCall) -> Reader | None:
    """Give the person of the request's header, which only counts where the platform writes it."""
    header = call.header(_HEADER)
    if header is None or len(header) > _LONGEST:
        return None
    try:
        document = json.loads(b64decode(header, validate=True))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("auth_typ") != "aad":
        return None
    claims = dict(_claims(document.get("claims")))
    id_ = next((claims[each] for each in _ID if claims.get(each)), None)
    if id_ is None:
        return None
    name = next((claims[each] for each in _NAMES if claims.get(each)), id_)
    return Reader(f"person {id_}", name=name[:_LONGEST_NAME])


def _claims(claims: object) -> Iterator[tuple[str, str]]:
    for claim in claims if isinstance(claims, list) else ():
        match claim:
            case {"typ": str(kind), "val": str(value)} if value.isprintable():
                yield kind, value

"""The identity endpoint of a function app, as azure-identity asks it for tokens."""

import base64
import json
import time
from collections.abc import Callable
from itertools import count
from urllib.parse import parse_qs, urlsplit

from tests.gather.servers import Reply, Request

HEADER = "header-of-the-identity-endpoint"
# As App Service words them; `statusCode` stands where others have `error`.
_WORDS = {400: "Unable to load the proper Managed Identity.", 500: "An unexpected error occured while fetching the AAD Token."}  # fmt: skip


class IdentityEndpoint:
    """Issues tokens, each for one resource and one client id. *status* other than 200 refuses all of them.

    Tokens last for *lifetime* seconds and stay the same until they have ended or `rotate` is called.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.status = 200
        self.lifetime = 86_400
        self.instead: Callable[[Request], Reply] | None = None
        self._tokens: dict[tuple[str, str | None], tuple[str, int]] = {}
        self._numbers = count(1)

    def token_for(self, resource: str, client_id: str | None = None) -> str:
        """Give the token that is handed out at this moment."""
        return self._token(resource, client_id)[0]

    def rotate(self) -> None:
        """Hand out other tokens from now on."""
        self._tokens.clear()

    def asked_for(self, resource: str) -> int:
        """Say how often a token for *resource* was asked for."""
        return sum(_query(request).get("resource") == resource for request in self.requests)

    def resources(self) -> set[str]:
        """Name all for which a token was asked for."""
        return {_query(request).get("resource", "") for request in self.requests}

    def accepts(self, request: Request, resource: str) -> bool:
        """Say whether *request* carries a token that was issued for *resource* and is valid."""
        now = time.time()
        valid = {token for (of, _), (token, expires) in self._tokens.items() if of == resource and expires > now}
        return request.headers.get("authorization", "").removeprefix("Bearer ") in valid

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        query = _query(request)
        if self.instead is not None:
            return self.instead(request)
        if request.headers.get("x-identity-header") != HEADER or query.get("api-version") != "2019-08-01":
            return json_reply({"statusCode": 401, "message": "Unauthorized"}, 401)
        if self.status != 200:
            return json_reply({"statusCode": self.status, "message": _WORDS.get(self.status, "No.")}, self.status)
        resource, client_id = query["resource"], query.get("client_id")
        token, expires = self._token(resource, client_id)
        return json_reply(
            {
                "access_token": token,
                "expires_on": str(expires),
                "resource": resource,
                "token_type": "Bearer",
                "client_id": client_id,
            }
        )

    def _token(self, resource: str, client_id: str | None) -> tuple[str, int]:
        now = int(time.time())
        token, expires = self._tokens.get((resource, client_id), ("", 0))
        if expires <= now:
            expires = now + self.lifetime
            token = _jwt(resource, client_id, now, expires, next(self._numbers))
            self._tokens[resource, client_id] = token, expires
        return token, expires


def json_reply(document: object, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/json", **(headers or {})})


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


def _jwt(resource: str, client_id: str | None, now: int, expires: int, number: int) -> str:
    """Give a token as Entra writes it, save that its signature is none: Azurite looks at what it says only."""
    claims = {
        "aud": resource,
        "iss": "https://sts.windows.net/aaaaaaaa-0000-0000-0000-000000000000/",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": expires,
        "appid": client_id,
        "uti": f"hunter2-{number}",
    }
    parts = (json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "RS256"}, claims))
    return ".".join([*(_base64(part) for part in parts), _base64(b"signature")])


def _base64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()

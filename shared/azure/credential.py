"""Tokens: one credential an identity, which the clients of all services share."""

import logging
from collections import defaultdict
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..model.azure import Identity
from ..net.background import Started
from .identity_errors import no_token, no_token_in_time
from .libraries import import_in_order

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

# A first token takes a second or two; Azure's endpoint may be asked again by itself within this time.
PATIENCE = timedelta(seconds=15)
_CONNECT_SECONDS, _READ_SECONDS, _RETRIES, _BACKOFF_SECONDS = 5, 10, 2, 0.1
_CLI_SECONDS = 15

# It warns of every failure in words that mislead; ours are reported where they matter.
logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
# It writes a paragraph on every request and every answer; a run has dozens.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)


def credential_of(identity: Identity) -> "TokenCredential":
    """Give what Azure's clients take as credential; it is made once and caches tokens until near their end.

    Where it gets no token it raises `AzureError`, through those clients too.
    """
    return _credential_of(identity)


def token(identity: Identity, scope: str, within: timedelta = PATIENCE) -> str:
    """Give a token for *scope* (``https://vault.azure.net/.default``); raises `AzureError`."""
    return _credential_of(identity).ask((scope,), within, {}).token


def forget_token(identity: Identity, refused: str) -> None:
    """Have the next call fetch a fresh one, unless *refused* has given way to another already."""
    _credential_of(identity).forget(refused)


class _Credential:
    """azure-identity's own credential, with an end to its patience and with words of ours for its failures."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._lock = Lock()
        self._inner: TokenCredential | None = None
        self._given: dict[tuple[str, ...], str] = {}
        self._turns: defaultdict[tuple[str, ...], Lock] = defaultdict(Lock)

    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **options: Any
    ) -> "AccessToken":
        """As Azure's clients call it."""
        return self.ask(scopes, PATIENCE, {"claims": claims, "tenant_id": tenant_id, **options})

    def ask(self, scopes: tuple[str, ...], within: timedelta, options: dict[str, Any]) -> "AccessToken":
        import_in_order()
        from azure.core.exceptions import AzureError as LibraryError  # noqa: PLC0415  # heavy

        resource = scopes[0].removesuffix("/.default")
        try:
            given = Started(lambda: self._get(scopes, options)).outcome(within)
        except TimeoutError:
            failure = no_token_in_time(self._identity, resource, within.total_seconds())
        except (LibraryError, ValueError) as error:  # ValueError: what answered was no JSON
            failure = no_token(self._identity, resource, error)
        else:
            with self._lock:
                self._given[scopes] = given.token
            return given
        # Here, where no exception is at hand any more whose text may have more than ours.
        raise failure

    def forget(self, refused: str) -> None:
        with self._lock:
            if refused in self._given.values():
                # It has no way to drop one token of its cache; the next credential starts with an empty one.
                self._inner = None
                self._given.clear()

    def _get(self, scopes: tuple[str, ...], options: dict[str, Any]) -> "AccessToken":
        with self._lock:
            if self._inner is None:
                self._inner = _made(self._identity)
            inner, turn = self._inner, self._turns[scopes]
        # Of many who begin at once the first asks, and the others find what it was given.
        with turn:
            return inner.get_token(*scopes, **options)


def _credential_of(identity: Identity) -> _Credential:
    with _LOCK:
        return _CREDENTIALS.setdefault(identity, _Credential(identity))


def _made(identity: Identity) -> "TokenCredential":
    from azure.identity import AzureCliCredential, ManagedIdentityCredential  # noqa: PLC0415  # heavy

    if not identity.managed:
        return AzureCliCredential(process_timeout=_CLI_SECONDS)
    return ManagedIdentityCredential(
        client_id=identity.client_id,
        connection_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        # Its default goes on for minutes.
        retry_total=_RETRIES,
        retry_backoff_factor=_BACKOFF_SECONDS,
    )


_LOCK = Lock()
_CREDENTIALS: dict[Identity, _Credential] = {}

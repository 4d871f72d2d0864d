"""Secrets of a Key Vault, kept in this process for a while."""

from contextlib import closing
from dataclasses import field
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from ..model.azure import Vault
from ..model.value import dataclass
from ..net.background import Started
from .credential import PATIENCE, credential_of, token
from .error import AzureError
from .libraries import import_in_order
from .vault_errors import not_given, refused

if TYPE_CHECKING:
    from azure.keyvault.secrets import KeyVaultSecret

_SCOPE = "https://vault.azure.net/.default"
# Vaults allow 4,000 reads in ten seconds; who rotates a secret waits for nobody longer than this.
KEPT_FOR = timedelta(hours=1)
# A clock of ours that is a little behind must not keep what has ended.
_MARGIN = timedelta(minutes=1)
# What is left of the time is for saying what used it up.
_SHARE = 0.9
_CONNECT_SECONDS, _READ_SECONDS, _RETRIES, _BACKOFF_SECONDS = 5, 10, 2, 0.2


def secret_value(vault: Vault, name: str, within: timedelta = PATIENCE) -> str:
    """Give the newest value of the secret *name*; raises `AzureError`. Who asks meanwhile waits for the same answer."""
    key = vault, name
    with _LOCK:
        kept = _KEPT.get(key)
        if kept is not None and datetime.now(UTC) < kept.until:
            return kept.value
        fetching = _UNDER_WAY.get(key)
        if fetching is None:
            fetching = _UNDER_WAY[key] = Started(partial(_fetch, vault, name, within))
    try:
        return fetching.outcome(within)
    except TimeoutError:
        failure = _too_late(vault, name, within)
    raise failure


def forget_secret(vault: Vault, name: str, refused_value: str) -> None:
    """Have the next call fetch it again, unless *refused_value* has given way to another already."""
    with _LOCK:
        kept = _KEPT.get((vault, name))
        if kept is not None and kept.value == refused_value:
            del _KEPT[vault, name]


def kept_until(now: datetime, expires: datetime | None) -> datetime:
    """Say until when a value fetched *now* is not asked for again."""
    latest = now + KEPT_FOR
    return latest if expires is None else min(latest, expires - _MARGIN)


def _fetch(vault: Vault, name: str, within: timedelta) -> str:
    """Fetch it and keep it, until near its end."""
    now = datetime.now(UTC)
    kept: _Kept | None = None
    try:
        secret = _fetched(vault, name, within)
        expires = secret.properties.expires_on
        if expires is not None and expires <= now:
            because = f"the secret expired at {expires:%Y-%m-%d %H:%M} UTC: set a new one, or a later expiry"
            raise not_given(vault, name, because, lasting=True)
        kept = _Kept(secret.value or "", kept_until(now, expires))
        return kept.value
    finally:
        with _LOCK:
            del _UNDER_WAY[vault, name]
            if kept is not None:
                _KEPT[vault, name] = kept


def _fetched(vault: Vault, name: str, within: timedelta) -> "KeyVaultSecret":
    import_in_order()
    from azure.core.exceptions import AzureError as LibraryError  # noqa: PLC0415  # heavy

    started = monotonic()
    # Before, and not by the vault's client on its way: so it is known which of both was slow.
    token(vault.identity, _SCOPE, _SHARE * within)
    left = _SHARE * within - timedelta(seconds=monotonic() - started)
    try:
        return Started(lambda: _asked(vault, name)).outcome(left)
    except TimeoutError:
        failure = _too_late(vault, name, within)
    except LibraryError as error:
        failure = refused(vault, name, error)
    # Here, where no exception is at hand any more whose text may have more than ours.
    raise failure


def _too_late(vault: Vault, name: str, within: timedelta) -> AzureError:
    return not_given(vault, name, f"no answer within {within.total_seconds():.3g} s", lasting=False)


def _asked(vault: Vault, name: str) -> "KeyVaultSecret":
    from azure.keyvault.secrets import SecretClient  # noqa: PLC0415  # heavy

    client = SecretClient(
        vault.url,
        credential_of(vault.identity),
        connection_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        # Its default goes on for minutes.
        retry_total=_RETRIES,
        retry_backoff_factor=_BACKOFF_SECONDS,
    )
    with closing(client):
        return client.get_secret(name)


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str = field(repr=False)
    until: datetime


_LOCK = Lock()
_KEPT: dict[tuple[Vault, str], _Kept] = {}
_UNDER_WAY: dict[tuple[Vault, str], Started[str]] = {}

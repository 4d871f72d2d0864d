"""Into the database: with what the settings hold, or with what Azure gives, fetched once more if it is refused."""

import time
from datetime import timedelta

import psycopg

from ...azure.credential import forget_token, token
from ...azure.error import AzureError
from ...azure.secrets import PATIENCE, forget_secrets, with_secrets
from ...model.settings import DatabaseSettings
from ...model.value import dataclass, replace
from ...prisma.connection_url import ConnectionUrl, parse_connection_url
from ..attempt import GatherError
from .connect import LoginRefusedError, connect

# Entra's name for PostgreSQL and MySQL on Azure: a token for it is the password there.
_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"


@dataclass(frozen=True, slots=True)
class Access:
    """Where the database is and how to come in: by the connection URL of *settings*, or by an identity."""

    url: ConnectionUrl
    settings: DatabaseSettings

    @property
    def was_fetched(self) -> bool:
        """Say whether anything of it came from Azure, where it may have been changed since."""
        return self.settings.identity is not None or (
            self.settings.url is not None and self.settings.url.vault is not None
        )

    def forget(self) -> None:
        """Have the next access fetch again what this one was refused with."""
        if self.settings.identity is not None and self.url.password is not None:
            forget_token(self.settings.identity, self.url.password)
        forget_secrets(self.settings)


def enter(settings: DatabaseSettings, until: float) -> tuple[ConnectionUrl, psycopg.Connection]:
    """Open a connection before the clock (`time.monotonic`) is at *until*, and say where to.

    A login that is refused with a token or a secret of a vault is tried once more with a new one:
    either may have been rotated since it was fetched. Raises `GatherError` that says which step failed.
    """
    access = _access(settings, until)
    try:
        return access.url, connect(access.url, settings, _left(until))
    except LoginRefusedError as error:
        if not access.was_fetched:
            raise
        refused = str(error)
    except GatherError:
        # The database may have moved, and the secret may have changed; the next run is to know.
        forget_secrets(access.settings)
        raise
    access.forget()
    again = _access(settings, until)
    if again.url == access.url:
        what = "the token" if settings.url is None else settings.url.name
        raise GatherError(f"{refused}; {what}, fetched again, is still the same", lasting=True)
    return again.url, connect(again.url, settings, _left(until))


def _access(settings: DatabaseSettings, until: float) -> Access:
    within = min(PATIENCE, _left(until))
    if settings.identity is not None:
        return Access(_url_by_identity(settings, within), settings)
    try:
        filled = with_secrets(settings, within)
    except AzureError as error:
        raise GatherError(f"no database to read: {error}", lasting=error.lasting) from None
    assert filled.url is not None  # noqa: S101  # the settings insist on it
    try:
        return Access(parse_connection_url(filled.url.value), filled)
    except ValueError as error:
        complaint = str(error)
    # A corrected secret must be read at once, not after its time in the cache.
    forget_secrets(filled)
    raise GatherError(f"no database to read: {complaint}", lasting=True)


def _url_by_identity(settings: DatabaseSettings, within: timedelta) -> ConnectionUrl:
    identity, host, name = settings.identity, settings.host, settings.name
    assert identity is not None and host is not None and name is not None  # noqa: S101, PT018  # as above
    # Verified for every host: a receiver of the token can act as its owner.
    where = ConnectionUrl(
        host=host,
        port=settings.port,
        database=name,
        user=settings.user,
        password=None,
        schema=None,
        sslmode="verify-full",
        parameters={},
        unknown=(),
    )
    try:
        return replace(where, password=token(identity, _SCOPE, within))
    except AzureError as error:
        raise GatherError(f"{where} cannot be reached: {error}", lasting=error.lasting) from None


def _left(until: float) -> timedelta:
    return timedelta(seconds=max(0.0, until - time.monotonic()))

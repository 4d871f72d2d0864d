"""The way in: one connection, encrypted and verified unless the URL says otherwise."""

import math
from datetime import timedelta

import certifi
import psycopg
from psycopg.conninfo import make_conninfo

from ...model.settings import DatabaseSettings
from ...prisma.connection_url import ConnectionUrl
from ..attempt import GatherError
from .connect_errors import in_english, is_refused_login, is_understood, why_not_connected
from .connect_sqlstate import refusal_sqlstate

_VERIFYING = {"verify-ca", "verify-full"}

# A network that swallows packets must not hold the thread for the two hours that TCP is patient by default.
_NETWORK_PATIENCE = {
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


class LoginRefusedError(GatherError):
    """The server knows no such user with that password."""


def connect(url: ConnectionUrl, settings: DatabaseSettings, within: timedelta) -> psycopg.Connection:
    """Open a connection in autocommit: transactions are begun by name.

    Nothing is prepared and no startup options are sent, so that PgBouncer may stand in between.
    Raises `GatherError` that says which step failed, and never the password; `LoginRefusedError` if
    it was that of the password.
    """
    conninfo = ""
    try:
        conninfo = make_conninfo(**parameters(url, settings, within))
        return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        text = str(error)
    if conninfo and not is_understood(text):
        text = in_english(refusal_sqlstate(conninfo, within)) or text
    reason = why_not_connected(text, url, by_identity=settings.identity is not None)
    failure = LoginRefusedError if is_refused_login(text) else GatherError
    # Here, where no exception is at hand any more whose text may have more than ours.
    server = None if reason.lasting else f"{url.host}:{url.port}"
    raise failure(f"{url} cannot be reached: {reason.because}", lasting=reason.lasting, server=server)


def parameters(url: ConnectionUrl, settings: DatabaseSettings, within: timedelta) -> dict[str, str]:
    """Give libpq's parameters; what the URL says wins, but for the monitor's own name and patience."""
    identity = {
        "host": url.host,
        "port": str(url.port),
        "dbname": url.database,
        "user": url.user,
        "password": url.password,
    }
    return {
        **_NETWORK_PATIENCE,
        **_tls(url, settings),
        **url.parameters,
        **{name: value for name, value in identity.items() if value is not None},
        "application_name": "migration-monitor",
        # In a SQL_ASCII database as well: its server then refuses what is not text, instead of passing bytes on.
        "client_encoding": "UTF8",
        "connect_timeout": str(max(1, math.ceil(min(settings.connect_timeout, within).total_seconds()))),
    }


def _tls(url: ConnectionUrl, settings: DatabaseSettings) -> dict[str, str]:
    sslmode = url.sslmode or ("prefer" if url.is_local else "verify-full")
    if sslmode not in _VERIFYING:
        return {"sslmode": sslmode}
    # libpq trusts nobody by default but ~/.postgresql/root.crt, which a function app does not have.
    return {"sslmode": sslmode, "sslrootcert": settings.ssl_root_cert or certifi.where()}

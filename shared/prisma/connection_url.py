"""Prisma's connection URL, turned into what libpq understands."""

import re
from collections.abc import Mapping
from dataclasses import field
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote

from ..model.value import dataclass

_DEFAULT_PORT = 5432
_DEFAULT_DATABASE = "postgres"  # Prisma's own, where the URL names none

_URL = re.compile(
    r"postgres(?:ql)?://"
    r"(?:(?P<user>[^:/?#]*)(?::(?P<password>[^/?#]*))?@)?"
    r"(?P<host>\[[^\]@/?#]*\]|[^:@/?#\[\],]*)(?::(?P<port>\d*))?"
    r"(?:/(?P<database>[^/?#@]*))?"
    r"(?:\?(?P<query>[^#@]*))?",
    re.ASCII,
)

# Parameters of Prisma's that shape its own pool and engine; one short connection has no use for them.
# `connect_timeout` is among them: how long the monitor waits is the monitor's setting.
_PRISMAS_OWN = {
    "connect_timeout", "connection_limit", "max_connection_lifetime", "max_idle_connection_lifetime", "pgbouncer",
    "pool_timeout", "schema", "single_use_connections", "socket_timeout", "sslaccept", "sslcert", "sslidentity",
    "sslmode", "sslpassword", "statement_cache_size", "uselibpqcompat",
}  # fmt: skip
# What libpq takes as it stands. The application's name is the monitor's own.
_LIBPQS = {
    "channel_binding", "gssencmode", "hostaddr", "options", "require_auth", "sslcrl", "sslkey", "sslnegotiation",
    "sslrootcert", "target_session_attrs",
}  # fmt: skip
_UNDERSTOOD = _PRISMAS_OWN | _LIBPQS | {"application_name", "host"}
_REQUIRE = "require"
_SSL_MODES = {"disable", "allow", "prefer", _REQUIRE, "verify-ca", "verify-full"}


@dataclass(frozen=True, slots=True)
class ConnectionUrl:
    """Where the database is and how to come in.

    *host* is a name, an address or the folder of a Unix socket. *sslmode* is libpq's, None where the
    URL leaves it open; *parameters* are libpq's others. *unknown* names what neither Prisma nor
    libpq knows and was left out. *pgbouncer*: for Prisma, a pool in transaction mode is in between.
    """

    host: str
    port: int
    database: str
    user: str | None
    password: str | None = field(repr=False)
    schema: str | None
    sslmode: str | None
    parameters: Mapping[str, str] = field(repr=False)
    unknown: tuple[str, ...]
    pgbouncer: bool = False

    @property
    def is_local(self) -> bool:
        """Say whether the way there never leaves this machine: a Unix socket or loopback."""
        if self.hostaddr is not None and not _is_loopback(self.hostaddr):
            return False
        names_this_machine = self.host.startswith(("/", "@")) or self.host == "localhost"
        return names_this_machine or self.host.endswith(".localhost") or _is_loopback(self.host)

    @property
    def hostaddr(self) -> str | None:
        """The address that libpq connects to in place of *host*, which then only names it."""
        return self.parameters.get("hostaddr")

    def __str__(self) -> str:
        """``database "app" at db.example.com:5432``: for people, without the password."""
        address = "" if self.hostaddr is None else f" (hostaddr {self.hostaddr})"
        return f'database "{self.database}" at {self._place()}{address}'

    def _place(self) -> str:
        if self.host.startswith(("/", "@")):
            return f"{self.host} (port {self.port})"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_connection_url(url: str) -> ConnectionUrl:
    """Give what *url* says, in libpq's terms.

    Raises ValueError with a sentence that repeats nothing of the URL: any part of it may be a piece
    of a password that was not percent-encoded.
    """
    match = _URL.fullmatch(url.strip())
    if match is None:
        raise ValueError(_complaint(url.strip()))
    try:
        parts = {name: unquote(part, errors="strict") for name, part in match.groupdict(default="").items()}
        said = dict(parse_qsl(match["query"] or "", keep_blank_values=True, errors="strict"))
        "".join([*parts.values(), *said, *said.values()]).encode()
    except UnicodeError:
        raise ValueError("the connection URL holds percent-encoded bytes that are not UTF-8") from None
    if any("\0" in part for part in (*parts.values(), *said, *said.values())):
        raise ValueError("the connection URL holds a NUL character")
    return ConnectionUrl(
        host=_host(said.get("host") or parts["host"].strip("[]")),
        port=_port(parts["port"]),
        database=parts["database"] or _DEFAULT_DATABASE,
        user=parts["user"] or None,
        password=parts["password"] or None,
        schema=said.get("schema") or None,
        sslmode=_sslmode(said),
        parameters=_libpq_parameters(said),
        unknown=tuple(sorted(said.keys() - _UNDERSTOOD)),
        pgbouncer=said.get("pgbouncer") == "true",
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _complaint(url: str) -> str:
    if url.startswith(("prisma://", "prisma+postgres://")):
        return "the connection URL is that of Prisma Accelerate: give the database's own, postgresql://…"
    if not url.startswith(("postgres://", "postgresql://")):
        return "the connection URL is not PostgreSQL's: it starts with postgresql:// or postgres://"
    return (
        "the connection URL cannot be read: it has the form postgresql://user:password@host:5432/database?schema=public,"
        " with / ? # @ and spaces in a user's name or password percent-encoded (%2F %3F %23 %40 %20)"
    )


def _host(host: str) -> str:
    # Names that cannot be asked for raise deep inside Python's resolver otherwise.
    try:
        host.encode("idna")
    except UnicodeError:
        if not host.startswith(("/", "@")):
            raise ValueError("the connection URL names a host that can be no host's name") from None
    if not host or "," in host:
        raise ValueError("the connection URL names no host, or more than one")
    return host


def _port(port: str) -> int:
    number = int(port[:6] or _DEFAULT_PORT)
    if not 0 < number < 65536:
        raise ValueError("the connection URL's port is not one of 1 to 65535")
    return number


def _sslmode(said: Mapping[str, str]) -> str | None:
    """Give libpq's word for what the URL asks of TLS.

    Prisma's ``require`` encrypts and trusts anyone, as libpq's does, unless ``sslaccept=strict`` is
    said as well; ``sslaccept`` alone decides where no mode is named. ``no-verify`` is node-postgres'
    word for ``require``.
    """
    mode, accept = said.get("sslmode", "").lower() or None, said.get("sslaccept")
    mode = _REQUIRE if mode == "no-verify" else mode
    if mode is not None and mode not in _SSL_MODES:
        raise ValueError(f"the connection URL's sslmode is none of {', '.join(sorted(_SSL_MODES))}")
    if accept == "strict" and mode != "disable":
        return "verify-full"
    if accept == "accept_invalid_certs":
        return mode if mode in ("disable", "allow", "prefer") else _REQUIRE
    return mode


def _libpq_parameters(said: Mapping[str, str]) -> dict[str, str]:
    """Give what goes to libpq besides place, name and TLS mode.

    Prisma's ``sslcert`` is the server's authority, libpq's the client's certificate: which one is
    meant shows in the company it keeps.
    """
    parameters = {name: value for name, value in said.items() if name in _LIBPQS and value}
    if "sslkey" in parameters or "sslrootcert" in parameters:
        parameters |= {name: said[name] for name in ("sslcert", "sslpassword") if said.get(name)}
    elif said.get("sslcert") and said.get("sslaccept") != "accept_invalid_certs":
        parameters["sslrootcert"] = said["sslcert"]
    return parameters

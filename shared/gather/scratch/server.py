"""Whether a server is a scratch one: nothing that an application uses is on it."""

import socket
from ipaddress import IPv6Address, ip_address

import psycopg

from ...model.settings import DatabaseSettings
from ...model.value import dataclass
from ...prisma.connection_url import ConnectionUrl
from ..attempt import GatherError
from ..database.query import text_of

_THIS_MACHINE = "localhost"
# Every server has these, so they say nothing of it.
_EVERYWHERE = ("postgres", "template0", "template1")


@dataclass(frozen=True, slots=True)
class ScratchServer:
    """The server of *url*; one that has a database of the name of one of *used* is refused."""

    url: ConnectionUrl
    settings: DatabaseSettings
    used: tuple[ConnectionUrl, ...]


def is_same_server(one: ConnectionUrl, other: ConnectionUrl) -> bool:
    """Say whether both lead to one address and port. A name that cannot be resolved is compared as it is."""
    return one.port == other.port and not _addresses(one).isdisjoint(_addresses(other))


def _addresses(url: ConnectionUrl) -> set[str]:
    host = url.parameters.get("hostaddr")
    if host is None and url.is_local:
        return {_THIS_MACHINE}
    host = host or url.host.lower().rstrip(".")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    return {host, *(_address(str(place[0])) for *_, place in found)}


def _address(written: str) -> str:
    address = ip_address(written)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    # A connection to the unspecified address leads to this machine.
    return _THIS_MACHINE if address.is_loopback or address.is_unspecified else str(address)


def insist_on_scratch(connection: psycopg.Connection, server: ScratchServer) -> None:
    """Raise `GatherError` where an application uses the server: another name or address may lead to production."""
    names = sorted({each.database for each in server.used}.difference(_EVERYWHERE))
    row = connection.execute(text_of("scratch_server"), {"databases": names}).fetchone()
    assert row is not None  # noqa: S101  # a query without FROM has one
    database, has_migrations = row
    if database is not None:
        because = f'it has a database "{database}", which DATABASE_URL or DIRECT_URL names'
    elif has_migrations:
        because = "the database has _prisma_migrations"
    else:
        return
    raise GatherError(
        f"{server.url} is on no scratch server: {because}. Migrations are only run where nothing else is", lasting=True
    )

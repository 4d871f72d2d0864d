"""Whether this is a standby, and how far behind its primary; and which server it is."""

import psycopg

from ...model.database import Replica
from ...model.knowledge import Unavailable
from ...model.value import dataclass
from .overview import Overview
from .query import Query, from_file
from .refusal import refused


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    system_identifier: str


def ask_replica(overview: Overview) -> Query[Replica] | None:
    if not overview.in_recovery:
        return None
    return from_file("replica", Replica, {"received": overview.received})


def replica(query: Query[Replica] | None) -> Replica | Unavailable | None:
    try:
        return None if query is None else query.one()
    except psycopg.Error as error:
        return refused("how far the standby is behind its primary cannot be read", error)


def ask_server_identity(overview: Overview) -> Query[ServerIdentity] | None:
    return from_file("server_identity", ServerIdentity) if overview.may_identify_server else None


def system_identifier(query: Query[ServerIdentity] | None) -> str | None:
    """Give the server's number; None where it may not be read."""
    try:
        return None if query is None else query.one().system_identifier
    except psycopg.Error:
        return None

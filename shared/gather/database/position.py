"""Where the server is, in numbers of transactions and in its log, at the snapshot in which the catalog is read."""

import psycopg

from ...model.attribution import Position
from ...model.value import dataclass
from .overview import Overview
from .query import Query, from_file


@dataclass(frozen=True, slots=True)
class PositionRow:
    database: int
    next_xid: int
    oldest_xid: int
    timeline: int
    lsn: int


def ask_position(overview: Overview) -> Query[PositionRow] | None:
    return from_file("position", PositionRow) if overview.may_see_position else None


def position(query: Query[PositionRow] | None, system: str | None) -> Position | None:
    """Give where the server *system* is; None where it may not be read, or is not known which server it is."""
    if query is None or system is None:
        return None
    try:
        row = query.one()
    except psycopg.Error:
        return None
    return Position(system, row.database, row.timeline, row.next_xid, row.oldest_xid, row.lsn)

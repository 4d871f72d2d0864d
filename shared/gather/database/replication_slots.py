"""Which replication slot holds back most of the WAL."""

import psycopg

from ...model.disk import ReplicationSlot
from .query import Query, from_file


def ask_replication_slots() -> Query[ReplicationSlot]:
    return from_file("replication_slots", ReplicationSlot)


def longest_slot(query: Query[ReplicationSlot]) -> ReplicationSlot | None:
    """None where there is none, or where that cannot be read."""
    try:
        found = query.rows()
    except psycopg.Error:
        return None
    return found[0] if found and found[0].held else None

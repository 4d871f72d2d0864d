"""What the monitor's own role could change."""

from collections.abc import Sequence
from typing import Any

import psycopg

from ...model.database import Privileges
from ...model.knowledge import Unavailable
from .query import Query, from_file
from .refusal import refused


def ask_privileges(schema: str) -> Query[Privileges]:
    return from_file("privileges", _privileges, {"schema": schema})


def privileges(query: Query[Privileges]) -> Privileges | Unavailable:
    try:
        return query.one()
    except psycopg.Error as error:
        return refused("the monitor's own privileges cannot be read", error)


def _privileges(*, writable: Sequence[str], server_powers: Sequence[str], **columns: Any) -> Privileges:
    return Privileges(writable=tuple(writable), server_powers=tuple(server_powers), **columns)

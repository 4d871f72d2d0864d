"""Where we are: the database, its clock, what the watched schema holds at a glance."""

from collections.abc import Sequence
from datetime import datetime

from ...model.value import dataclass
from .query import Query, from_file


@dataclass(frozen=True, slots=True)
class Overview:
    """*received* is how much of the primary's log a standby has, None where none is streamed to it."""

    database: str
    server_version: str
    now: datetime
    quoted_role: str
    schema_exists: bool
    schema_has_tables: bool
    history_elsewhere: Sequence[str]
    has_prisma_8_history: bool
    sees_all_sessions: bool
    in_recovery: bool
    received: str | None
    may_identify_server: bool
    may_see_position: bool
    backend_pid: int


def ask_overview(schema: str) -> Query[Overview]:
    return from_file("overview", Overview, {"schema": schema})

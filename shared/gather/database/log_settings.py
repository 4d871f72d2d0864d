"""What the server writes into its log."""

import psycopg

from ...model.audit import LogSettings
from .query import Query, from_file


def ask_log_settings() -> Query[LogSettings]:
    return from_file("log_settings", LogSettings)


def log_settings(query: Query[LogSettings] | None) -> LogSettings | None:
    """Give the settings; None where they were not asked for, or may not be read."""
    try:
        return None if query is None else query.one()
    except psycopg.Error:
        return None

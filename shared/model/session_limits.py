"""The settings with which sessions of the role that deploys begin."""

from enum import StrEnum

from .value import dataclass


class SetFor(StrEnum):
    """Where a setting is made, the strongest first: that one counts."""

    SCHEMA_IN_URL = "schema in the connection URL"
    URL = "connection URL"
    ROLE_IN_DATABASE = "role in this database"
    ROLE = "role"
    DATABASE = "database"
    ALL_ROLES = "all roles"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Limit:
    seconds: float
    set_for: SetFor


@dataclass(frozen=True, slots=True)
class SearchPath:
    """Where unqualified names lead: *schemas* as stored, unquoted, those that do not exist among them."""

    schemas: tuple[str, ...]
    set_for: SetFor


@dataclass(frozen=True, slots=True)
class TimeZone:
    """*name* is the value of TimeZone, with one name for UTC (`shared.model.session.time_zone`)."""

    name: str
    set_for: SetFor


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Settings of *role*, the owner of the history, in *database*; None where that role cannot log in. Quoted for SQL.

    Each limit is None where there is none, or where the monitor's own settings hide the server's. *read_only* says
    where ``default_transaction_read_only`` is on; None where it is not. *read_as_role*: who read them is *role* itself,
    so that the connection is one that a deployment would use: only then *search_path* is what a deployment has, since
    the ``?schema=`` of a URL is stronger than every setting.
    """

    role: str | None = None
    database: str | None = None
    statement: Limit | None = None
    lock: Limit | None = None
    transaction: Limit | None = None  # PostgreSQL 17 and newer
    read_only: SetFor | None = None
    read_as_role: bool = False
    search_path: SearchPath | None = None
    time_zone: TimeZone | None = None

"""What limits the sessions of the role that deploys."""

import psycopg

from ...model.session import time_zone
from ...model.session_limits import Limit, SearchPath, SessionLimits, SetFor, TimeZone
from ...model.value import dataclass
from ...postgres.server_settings import is_on, names, seconds
from ...prisma.connection_url import ConnectionUrl
from .query import Query, from_file


@dataclass(frozen=True, slots=True)
class _Setting:
    """*value* as the server keeps it; None where it cannot be seen. *is_own*: *role* is the one that reads."""

    role: str | None
    role_name: str | None
    database: str
    is_own: bool
    backend_pid: int
    name: str
    value: str | None
    set_for: str


def ask_session_limits(schema: str) -> Query[_Setting]:
    return from_file("session_limits", _Setting, {"schema": schema})


def session_limits(query: Query[_Setting], url: ConnectionUrl) -> SessionLimits:
    """Give the limits; none where they cannot be read: nothing is concluded from that.

    *url* is the deploying one only where the same role deploys.
    """
    options = url.parameters.get("options", "").lower()
    try:
        rows = query.rows()
    except psycopg.Error:
        return SessionLimits()
    found = {each.name: _seen(each, options) for each in rows}
    times = (found.get(name) for name in ("statement_timeout", "lock_timeout", "transaction_timeout"))
    statement, lock, transaction = (None if each is None else _limit(*each) for each in times)
    read_only = found.get("default_transaction_read_only")
    return SessionLimits(
        rows[0].role,
        rows[0].database,
        statement,
        lock,
        transaction,
        read_only[1] if read_only is not None and is_on(read_only[0]) else None,
        read_as_role=rows[0].is_own,
        search_path=_search_path(found["search_path"], rows[0].role_name, url),
        time_zone=_time_zone(found["timezone"]),
    )


def backend_of(query: Query[_Setting]) -> int | None:
    """Give the server session that answered *query*; None where none did."""
    try:
        return query.rows()[0].backend_pid
    except psycopg.Error:
        return None


def _seen(setting: _Setting, options: str) -> tuple[str, SetFor] | None:
    """Give the value and where it is set; None where it cannot be seen."""
    if setting.value is None:
        return None
    set_for = SetFor(setting.set_for)
    if setting.name in options:
        if not setting.is_own:
            return None if set_for is SetFor.SERVER else (setting.value, set_for)
        set_for = SetFor.URL
    return setting.value, set_for


def _search_path(setting: tuple[str, SetFor] | None, role: str | None, url: ConnectionUrl) -> SearchPath | None:
    """Give the path. Prisma's engine sends a URL's schema when it connects, as the only one: that wins."""
    if url.schema is not None:
        return SearchPath((url.schema,), SetFor.SCHEMA_IN_URL)
    if setting is None:
        return None
    value, set_for = setting
    own = () if role is None else (role,)
    found = (own if name == "$user" else (name,) for name in names(value))
    return SearchPath(tuple(dict.fromkeys(name for each in found for name in each)), set_for)


def _time_zone(setting: tuple[str, SetFor] | None) -> TimeZone | None:
    return None if setting is None else TimeZone(time_zone(setting[0]), setting[1])


def _limit(value: str, set_for: SetFor) -> Limit | None:
    """Give the time; None where there is no limit, which is written as 0."""
    time = seconds(value)
    return Limit(time, set_for) if time and time > 0 else None

"""The whole reading of the database: one connection, two round trips."""

import time
from contextlib import closing
from datetime import UTC, timedelta
from typing import Any

import psycopg

from ...model.database import BlockingSession, DatabaseReading
from ...model.knowledge import Unavailable
from ...model.schema import Schema
from ...model.seed import SeedCount, SeedExpectation
from ...model.session_limits import SessionLimits
from ...model.settings import DatabaseSettings
from ...model.value import replace
from ...prisma.connection_url import ConnectionUrl, parse_connection_url
from ..attempt import GatherError
from .access import enter
from .activity import activity, ask_blocking, ask_lock
from .catalog import CatalogRow, ask_catalog, catalog
from .conditions import ask_condition_code
from .history import ask_history_table, plan_history
from .holders import HolderRow, ask_holders, holders
from .log_settings import ask_log_settings, log_settings
from .null_fractions import ask_null_fractions, null_fractions
from .overview import Overview, ask_overview
from .owner_code import ask_owner_code
from .position import ask_position, position
from .privileges import ask_privileges, privileges
from .query import Query, sendable
from .refusal import refused
from .replica import ask_replica, ask_server_identity, replica, system_identifier
from .replication_slots import ask_replication_slots, longest_slot
from .rights import ask_rights, rights
from .seeds import ask_seed_tables, names_read, plan_seeds
from .session import Session
from .session_limits import ask_session_limits, backend_of, session_limits
from .sizes import NOT_MEASURED, ask_sizes, sizes
from .watching import ask_tick, tick_of

# "No limit" that still can be added to a clock's time.
_ANY_TIME = timedelta(days=1)


def read_database(
    settings: DatabaseSettings,
    seeds: tuple[SeedExpectation, ...],
    within: timedelta | None,
    *,
    with_catalog: bool = True,
    holders_since: timedelta | None = None,
    long_wait: timedelta = timedelta(seconds=5),
    with_null_fractions: bool = False,
    with_rights: bool = False,
    expects_deployment: bool = False,
) -> DatabaseReading:
    """Read everything *within* the time given, in two round trips; *with_catalog*, the schema too.

    Where *holders_since* is given, also who holds a lock in a transaction that has been open for longer. A session
    that has waited for a lock for longer than *long_wait* counts as such. *with_null_fractions*, also which part of a
    column is NULL, in a round trip more. *with_rights*, also who owns what and may do what with it.
    One more reads what a deployment does: where it *expects_deployment*, or one runs.

    What fails by itself is `Unavailable` in its place, and so is what the time no longer sufficed
    for. Raises `GatherError` where nothing can be read at all.
    """
    within = _ANY_TIME if within is None else within
    until = time.monotonic() + within.total_seconds()
    url, connection = enter(settings, until)
    schema = _watched(settings, url)
    with closing(connection):
        kinds = ask_catalog() if with_catalog else None
        holding = ask_holders(holders_since) if holders_since is not None else None
        blocking = ask_blocking(long_wait)
        session = Session(connection, settings, until)
        owning = ask_rights(schema) if with_rights and with_catalog else None
        found = _read(session, url, schema, seeds, kinds, blocking=blocking, holding=holding, owning=owning)
        if expects_deployment or found.may_deploy:
            ticking = ask_tick()
            session.ask([session.catalog_transaction([ticking], "current")])
            found = replace(found, tick=tick_of(ticking))
        if not with_null_fractions:
            return found
        measuring = ask_null_fractions()
        session.ask([session.catalog_transaction([measuring], "current")])
        return replace(found, null_fractions=null_fractions(measuring))


def watched_schema(settings: DatabaseSettings) -> str | None:
    """Give the schema that `read_database` will watch; None where it depends on a secret that is yet to be fetched."""
    if settings.schema is not None or settings.identity is not None:
        return _watched(settings, None)
    if settings.url is None or not settings.url.is_at_hand:
        return None
    try:
        return _watched(settings, parse_connection_url(settings.url.value))
    except ValueError:
        return None


def _watched(settings: DatabaseSettings, url: ConnectionUrl | None) -> str:
    return sendable(settings.schema or (url and url.schema) or "public")


def read_schema(settings: DatabaseSettings) -> Schema:
    """Read the schema alone; raises `GatherError`."""
    reading = read_database(settings, (), None)
    if isinstance(reading.catalog, Unavailable):
        raise GatherError(reading.catalog.because, lasting=reading.catalog.lasting)
    return reading.catalog


def _read(
    session: Session,
    url: ConnectionUrl,
    schema: str,
    seeds: tuple[SeedExpectation, ...],
    kinds: list[Query[CatalogRow]] | None,
    *,
    blocking: Query[BlockingSession],
    holding: Query[HolderRow] | None,
    owning: list[Query[CatalogRow]] | None,
) -> DatabaseReading:
    """Ask first what may be asked, then all of it: the snapshot in which the catalog is read ends by itself, soon."""
    seen, tables = ask_overview(schema), ask_history_table(schema)
    names = names_read(schema, seeds)
    seed_tables, code = ask_seed_tables(schema, seeds), ask_owner_code(names)
    conditions = ask_condition_code(schema, seeds, names)
    own, own_pid = ask_privileges(schema), session.connection.info.backend_pid
    session.ask([session.catalog_transaction([seen, tables, seed_tables, code, own, *conditions], "current")])
    overview = _overview(seen, url)

    history = plan_history(schema, overview, tables, code)
    counts = plan_seeds(schema, overview, seeds, seed_tables, code=code, conditions=conditions)
    lock, measuring, slots = ask_lock(), ask_sizes(), ask_replication_slots()
    standby, identity, limiting = ask_replica(overview), ask_server_identity(overview), ask_session_limits(schema)
    with_catalog: list[Query[Any]] = [] if kinds is None else [*kinds, measuring, limiting, slots]
    locating = None if kinds is None else ask_position(overview)
    logging = None if kinds is None else ask_log_settings()
    asked = [
        *history.queries,
        lock,
        blocking,
        standby,
        identity,
        locating,
        logging,
        *with_catalog,
        holding,
        *(owning or ()),
    ]
    session.ask(
        [
            session.catalog_transaction([query for query in asked if query is not None], "one snapshot"),
            *(session.count_transaction(query, schema) for count in counts for query in count.queries),
        ]
    )
    backends = {overview.backend_pid, backend_of(limiting)} - {None} if kinds is not None else {overview.backend_pid}
    measured = NOT_MEASURED if kinds is None else sizes(measuring)
    return DatabaseReading(
        name=overview.database,
        schema=schema,
        server_version=overview.server_version,
        now=overview.now.astimezone(UTC),
        history=history.fact(),
        catalog=Unavailable("it was not asked for") if kinds is None else catalog(kinds),
        empty_tables=measured.empty,
        seeds=tuple(SeedCount(seed, count.fact()) for seed, count in zip(seeds, counts, strict=True)),
        activity=activity(lock, blocking, overview),
        privileges=privileges(own),
        host=None if url.is_local else url.host,
        replica=replica(standby),
        system_identifier=system_identifier(identity),
        log=log_settings(logging),
        position=position(locating, system_identifier(identity)),
        pooled=backends != {own_pid},
        pools_transactions=url.pgbouncer or len(backends) > 1,
        sizes=measured.sizes,
        holders=() if holding is None else holders(holding),
        slot=None if kinds is None else longest_slot(slots),
        rights=None if owning is None else rights(owning),
        limits=SessionLimits() if kinds is None else session_limits(limiting, url),
    )


def _overview(seen: Query[Overview], url: ConnectionUrl) -> Overview:
    try:
        return seen.one()
    except psycopg.Error as error:
        reason = refused(f"{url} cannot be read", error)
        raise GatherError(reason.because, lasting=reason.lasting) from None

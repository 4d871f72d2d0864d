"""The facts of a production for plans elsewhere: read by the readers of a check, within its time limits."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from ..gather.attempt import InBackground
from ..model.app import AppReading
from ..model.database import DatabaseReading, History, HistoryRow
from ..model.disk import Storage
from ..model.knowledge import NotKnownError, Unavailable, known
from ..model.production_facts import AppliedMigration, ProductionFacts, TableFacts
from ..model.schema import Kind, Schema
from ..model.settings import Target
from .gathering import HANDOVER, app_of, storage_of


def read_production_facts(target: Target, longest: timedelta) -> ProductionFacts | Unavailable:
    """Read database, app and disk at once, within the target's deadline and *longest*; no release and no row is read.

    Unavailable where the history cannot be read, or the target sleeps: nothing of it is woken.
    """
    from ..checks.replica import without_stale_data  # noqa: PLC0415  # most processes read no facts
    from ..gather.database import read_database  # noqa: PLC0415  # as above

    now = datetime.now(UTC)
    if (until := target.sleeps_until(now)) is not None:
        return Unavailable(f"the target sleeps until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    limit = min(target.deadline, longest)
    in_hand = limit - HANDOVER
    reading = InBackground(
        partial(read_database, target.database, (), in_hand, long_wait=target.max_block, with_null_fractions=True)
    )
    reading_app = InBackground(partial(app_of, target, in_hand))
    reading_storage = None
    if target.server is not None:
        reading_storage = InBackground(partial(storage_of, target.server, target.identity, in_hand))
    try:
        database = known(without_stale_data(reading.within(limit).fact, target.patience))
        history = known(database.history)
    except NotKnownError as error:
        return error.unavailable
    app = reading_app.within(limit).fact
    storage = None if reading_storage is None else reading_storage.within(limit).fact
    try:
        return production_facts(
            target,
            database,
            history,
            app.most_replicas if isinstance(app, AppReading) else None,
            storage if isinstance(storage, Storage) else None,
        )
    except ValueError as error:
        # A history may hold a name that nobody could have deployed.
        return Unavailable(f"what was read is not in the form of facts: {str(error).splitlines()[0]}", lasting=True)


def production_facts(
    target: Target,
    database: DatabaseReading,
    history: History,
    most_replicas: int | None = None,
    storage: Storage | None = None,
) -> ProductionFacts:
    """Give what a plan needs of a reading; the largest tables first."""
    from ..postgres.catalog_digest import catalog_digest  # noqa: PLC0415  # as above

    catalog = database.catalog if isinstance(database.catalog, Schema) else None
    extensions = () if catalog is None else (each.name[0] for each in catalog.objects if each.kind is Kind.EXTENSION)
    return ProductionFacts(
        version=1,
        target=target.name,
        read_at=database.now,
        schema=database.schema,
        server_version=database.server_version,
        applied=_applied(history.rows),
        unfinished=tuple(dict.fromkeys(each.name for each in history.rows if each.is_unfinished)),
        catalog=None if catalog is None else catalog_digest(catalog),
        extensions=tuple(sorted(extensions)),
        tables=_tables(database),
        limits=database.limits,
        deploying_role=history.owned_as,
        prisma=target.prisma,
        policy=target.policy,
        most_replicas=most_replicas,
        max_block=target.max_block.total_seconds(),
        slot=database.slot,
        storage=storage,
    )


def _applied(rows: Iterable[HistoryRow]) -> tuple[AppliedMigration, ...]:
    found: dict[str, AppliedMigration] = {}
    for each in rows:
        if each.finished_at is not None and each.rolled_back_at is None:
            took = None if each.started_at is None else max((each.finished_at - each.started_at).total_seconds(), 0.0)
            found[each.name] = AppliedMigration(each.name, took)
    return tuple(found.values())


def _tables(database: DatabaseReading) -> tuple[TableFacts, ...]:
    found = (
        TableFacts(
            schema, name, size.bytes, size.rows, size.index_bytes, size.toast_bytes, size.counted_bytes,
            size.fillfactor, database.null_fractions.get((schema, name), {}),
        )
        for (schema, name), size in database.sizes.items()
    )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.bytes, each.schema, each.name)))

"""What a run reads, all of it at once."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from importlib import import_module

from ..gather.attempt import InBackground, Reading
from ..model.app import AppReading
from ..model.azure import Identity
from ..model.database import DatabaseReading
from ..model.disk import Storage
from ..model.endpoint import Probe
from ..model.knowledge import Unavailable
from ..model.question import NO_ANSWERS
from ..model.release import Release
from ..model.server import ServerExpectation, ServerReading
from ..model.settings import Target
from ..model.value import dataclass
from .size import is_large

# A server that has gone silent is given up at most this long after its time is over.
HANDOVER = timedelta(seconds=2)
_IMPORTED_MEANWHILE = ("..diagnose.diagnosis", "..checks.registry", "..checks.causes")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What each source gave, and how long it took."""

    release: Reading[Release]
    ahead: Release | Unavailable | None
    database: Reading[DatabaseReading]
    endpoints: Reading[tuple[Probe | Unavailable, ...]]
    server: Reading[ServerReading | None]
    app: Reading[AppReading | None]
    storage: Storage | Unavailable | None = None

    @property
    def probes(self) -> tuple[Probe | Unavailable, ...]:
        probes = self.endpoints.fact
        return (probes,) if isinstance(probes, Unavailable) else probes

    @property
    def took(self) -> Mapping[str, timedelta]:
        """How long each source took."""
        return {
            "database": self.database.took,
            "endpoints": self.endpoints.took,
            "server": self.server.took,
            "app": self.app.took,
        }


def gather(
    target: Target,
    release: str | None,
    on_read: Callable[[str], None],
    *,
    deploying: bool,
    expects_deployment: bool = False,
) -> Gathered:
    """Read the independent sources at once: a run takes as long as the slowest of them.

    *deploying*: a deployment is about to run, so the sessions are read for which it would wait. *expects_deployment*:
    one may be running, so it is read what it does.
    """
    # Imported where they are used: the function app is indexed without them.
    from ..gather.database import read_database, watched_schema  # noqa: PLC0415
    from ..gather.endpoints import probe_endpoints  # noqa: PLC0415
    from ..gather.release import read_release  # noqa: PLC0415

    limit = target.deadline
    # Readers of several things hand over what they have by then; waiting exactly as long would lose that too.
    in_hand = limit - HANDOVER
    reading_release = InBackground(
        partial(read_release, target.releases, release, in_hand), partial(on_read, "release")
    )
    reading_ahead = None
    if target.ahead:
        reading_ahead = InBackground(partial(read_release, target.ahead, None, in_hand), partial(on_read, "ahead"))
    reading_database = InBackground(
        partial(
            read_database,
            target.database,
            target.seeds,
            in_hand,
            with_catalog=target.compare_schema,
            holders_since=target.max_block if deploying and target.plan != "off" else None,
            long_wait=target.max_block,
            expects_deployment=expects_deployment,
            with_rights=target.compare_privileges,
        ),
        partial(on_read, "database"),
    )
    probing = InBackground(partial(probe_endpoints, target.endpoints, limit), partial(on_read, "endpoints"))
    reading_server = _reading_server(target, in_hand, on_read)
    reading_app = InBackground(partial(app_of, target, in_hand), partial(on_read, "app"))
    reading_storage = None
    if target.server is not None and target.plan != "off":
        reading_storage = InBackground(partial(storage_of, target.server, target.identity, in_hand))
    for module in _IMPORTED_MEANWHILE:
        import_module(module, __package__)
    from ..diagnose.schema import schema_of_release  # noqa: PLC0415  # see pipeline.py
    from .kept_schemas import KeptSchema  # noqa: PLC0415  # as above

    found = reading_release.within(limit)
    schema = watched_schema(target.database)
    if target.compare_schema and schema is not None and isinstance(found.fact, Release) and not is_large(found.fact):
        # For as long as the database has not answered there is nothing else to do.
        kept = KeptSchema(found.fact, schema, NO_ANSWERS)
        kept.take()
        schema_of_release(found.fact, schema)
        kept.keep()
    return Gathered(
        found,
        None if reading_ahead is None else reading_ahead.within(limit).fact,
        reading_database.within(limit),
        probing.within(limit),
        reading_server.within(limit),
        reading_app.within(limit),
        None if reading_storage is None else reading_storage.within(limit).fact,
    )


def gather_of_sleeping(target: Target, on_read: Callable[[str], None]) -> Gathered:
    """Read only the server's state from Azure while the target sleeps: a probe might wake the rest."""
    asleep, at_once = Unavailable("the target sleeps"), timedelta(0)
    server = _reading_server(target, target.deadline - HANDOVER, on_read).within(target.deadline)
    return Gathered(
        Reading(asleep, at_once), None, Reading(asleep, at_once), Reading((), at_once), server, Reading(None, at_once)
    )


def _reading_server(
    target: Target, in_hand: timedelta, on_read: Callable[[str], None]
) -> InBackground[ServerReading | None]:
    return InBackground(partial(_server_of, target, in_hand), partial(on_read, "server"))


def _server_of(target: Target, within: timedelta) -> ServerReading | None:
    if target.server is None:
        return None
    # Imported here, in a thread of its own: Azure's library is heavy.
    from ..gather.server import read_server  # noqa: PLC0415

    return read_server(target.server, target.identity, within)


def app_of(target: Target, within: timedelta) -> AppReading | None:
    """Read the app, where the settings name one; raises `GatherError`."""
    if target.app is None:
        return None
    from ..gather.app import read_app  # noqa: PLC0415  # as above

    return read_app(target.app, target.identity, within)


def storage_of(server: ServerExpectation, identity: Identity, within: timedelta) -> Storage:
    """Read what the server's disk has left; raises `GatherError`."""
    from ..gather.storage import read_storage  # noqa: PLC0415  # as above

    return read_storage(server, identity, within)

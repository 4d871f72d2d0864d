"""A deployment watched while it runs: one reading before, then one tick a second, each in one round trip."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial

from ..diagnose.diagnosis import diagnose
from ..diagnose.watching import File, Limits, files_of, opening_texts, watched
from ..gather.attempt import GatherError, attempt
from ..gather.database.watching import OPENING, Watch
from ..model.azure import Identity
from ..model.database import DatabaseReading, History
from ..model.diagnosis import Diagnosis
from ..model.disk import Storage
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.plan import Plan, Relation
from ..model.report import Trigger
from ..model.schema import Kind, Schema
from ..model.server import ServerExpectation
from ..model.settings import Target
from ..model.value import dataclass, replace
from ..model.watching import Phase, Seen, Stop, Watched
from ..net.background import Started
from ..remedies.stopping import Production, stop_of
from .pipeline import read_facts

_SECONDS_A_TICK = 1.0
_SECONDS_A_MEASUREMENT = 60.0
_AZURE_WITHIN = timedelta(seconds=30)
_AT_ONCE = timedelta(0)
_TABLES = frozenset({Kind.TABLE, Kind.MATERIALIZED_VIEW})


class CannotWatchError(Exception):
    """The production cannot be read; the text says what of it, and why."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment of *target* will run, or is running, as it was read before it is watched."""

    target: Target
    production: Production
    files: tuple[File, ...]
    tables: frozenset[Relation]


def deployment_of(target: Target) -> Deployment:
    """Read release, history and catalog once. Raises `CannotWatchError`."""
    facts, _ = read_facts(replace(without_surroundings(target), plan="deploy"), Trigger.TERMINAL, deploying=True)
    diagnosis = diagnose(replace(facts, watching=True))
    database = facts.database
    if isinstance(database, Unavailable):
        raise CannotWatchError(database.because)
    if isinstance(diagnosis, Unavailable):
        raise CannotWatchError(diagnosis.because)
    return _deployment(target, database, diagnosis)


def seen_deployment(facts: Facts) -> Seen | None:
    """Give what the running deployment does, and how to stop it, as the run read it beside all else."""
    database = facts.database
    if isinstance(database, Unavailable) or database.tick is None:
        return None
    if isinstance(database.tick, Unavailable):
        return Seen(database.tick)
    diagnosis = diagnose(replace(facts, watching=True))
    if isinstance(diagnosis, Unavailable):
        return Seen(diagnosis)
    target = facts.target
    deployment = _deployment(target, database, diagnosis)
    limits = Limits(target.max_block, target.queue_alert)
    found = watched(database.tick, deployment.files, deployment.tables, limits, None)
    return Seen(found, stop_of(found, deployment.files, deployment.production))


def without_surroundings(target: Target) -> Target:
    """Give *target* with its database and release alone, awake: who deploys has woken it."""
    return replace(
        target.without_privileges(), seeds=(), endpoints=(), server=None, app=None, sleep=(), paused_until=None
    )


def _deployment(target: Target, database: DatabaseReading, diagnosis: Diagnosis) -> Deployment:
    assert isinstance(database.history, History)  # noqa: S101  # without one there is no diagnosis
    plan = diagnosis.plan if isinstance(diagnosis.plan, Plan) else None
    return Deployment(
        target,
        Production(diagnosis.migrations, target.remedy, database, database.history),
        files_of(diagnosis.migrations, plan, target.prisma),
        frozenset(_tables(database)),
    )


def _tables(database: DatabaseReading) -> Iterator[Relation]:
    if isinstance(database.catalog, Schema):
        yield from ((each.name[0], each.name[1]) for each in database.catalog.objects if each.kind in _TABLES)


def ticks(deployment: Deployment, sleep: Callable[[float], None] = time.sleep) -> Iterator[Seen]:
    """Give what happens, at most once a second, until the deployment has ended. What cannot be read is tried again."""
    target = deployment.target
    limits = Limits(target.max_block, target.queue_alert)
    stops = _Stops(deployment.files, deployment.production)
    disk = _Disk(target)
    before: Watched | None = None
    with closing(Watch(target.database, opening_texts(deployment.files, OPENING))) as watch:
        while before is None or before.phase is not Phase.ENDED:
            began = time.monotonic()
            try:
                before = watched(watch.tick(), deployment.files, deployment.tables, limits, before)
            except GatherError as error:
                yield Seen(Unavailable(str(error), error.lasting, error.server))
            else:
                yield Seen(before, stops.of(before), disk.newest())
            if before is None or before.phase is not Phase.ENDED:
                sleep(max(0.0, began + _SECONDS_A_TICK - time.monotonic()))


class _Stops:
    """How to stop what is seen: worked out again only where the deployment has gone on, or waits for somebody else."""

    def __init__(self, files: Sequence[File], production: Production) -> None:
        self._files, self._production = files, production
        self._of: object = None
        self._stop = Stop()

    def of(self, seen: Watched) -> Stop:
        session = seen.session
        awaited = session.awaited.kind if session is not None and session.awaited is not None else None
        roots = tuple((each.pid, each.since) for each in seen.chain if not each.blockers)
        now = (seen.phase, session and (session.pid, session.since), seen.place, awaited, roots)
        if now != self._of:
            self._of, self._stop = now, stop_of(seen, self._files, self._production)
        return self._stop


class _Disk:
    """How full the server's disk is, asked of Azure beside the ticks: it measures once a minute."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._known: Storage | Unavailable | None = None
        self._asked = 0.0
        self._asking: Started[Storage | Unavailable] | None = None

    def newest(self) -> Storage | Unavailable | None:
        """Give what is known by now; ask again where that is a minute old. Never waits."""
        if self._target.server is None:
            return None
        if self._asking is not None and self._asking.has_ended(_AT_ONCE):
            self._known, self._asking = self._asking.outcome(), None
        if self._asking is None and (not self._asked or time.monotonic() - self._asked >= _SECONDS_A_MEASUREMENT):
            self._asked = time.monotonic()
            self._asking = Started(partial(_storage_of, self._target.server, self._target.identity))
        return self._known


def _storage_of(server: ServerExpectation, identity: Identity) -> Storage | Unavailable:
    from ..gather.storage import read_storage  # noqa: PLC0415  # it brings Azure's library, which is heavy

    return attempt(partial(read_storage, server, identity, _AZURE_WITHIN))

"""Which earlier releases run on the schema of production: today, and after the pending migrations."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ..model.diagnosis import Comparison
from ..model.facts import Facts
from ..model.knowledge import NotKnownError, Unavailable
from ..model.release import PastRelease
from ..model.schema import Column, Definition, Kind, Schema
from ..model.value import replace
from ..model.ways_back import WayBack
from ..postgres.naming import unquoted
from ..postgres.replay import Replay
from ..prisma.clients.tables import Changed
from .clients import KnownSchema, client_schema
from .impact import Changes, client_near
from .live_plan import Planned
from .runs_on import RunsOn
from .scripts import UnparsedScript

Run = Mapping[str, Changes]


def ways_back(facts: Facts, comparison: Comparison | Unavailable, name: str, planned: Planned) -> tuple[WayBack, ...]:
    """Say of each release that was read before this one whether it runs, newest first.

    Where none is known, and something is pending, it is said of the release that runs now. *name* is the watched
    schema; of the pending migrations is *planned* what they change: nothing where none are pending.
    """
    run = planned.changes
    if isinstance(comparison, Unavailable):
        return tuple(WayBack(each.version, None, None, because=comparison.because) for each in facts.past_releases)
    if not facts.past_releases and (isinstance(run, Unavailable) or not run):
        return ()
    if facts.past_releases:
        live = _on_their_types(comparison.actual.objects)
        found = zip(facts.past_releases, _known_by(facts.past_releases, name), strict=True)
        return tuple(
            way_back(release.version, known, live, run, assumed=release.schema_sql is None) for release, known in found
        )
    return (_of_running(facts, comparison, name, planned),)


def _of_running(facts: Facts, comparison: Comparison, name: str, planned: Planned) -> WayBack:
    """Say it of the release that runs now. The plan has followed its client, or one that knows the live schema."""
    known = client_schema(facts.running_schema, name)
    made = all_objects(comparison.expected) if known is None else known
    is_as_live = not (comparison.differences or comparison.left_out)
    if planned.way_back is not None and not isinstance(made, Unavailable) and (known is not None or is_as_live):
        return planned.way_back
    live = _on_their_types(comparison.actual.objects)
    return way_back(None, made, live, planned.changes, assumed=known is None)


def way_back(
    release: str | None,
    known: KnownSchema | Unavailable,
    live: KnownSchema,
    run: Run | Unavailable,
    *,
    assumed: bool = False,
) -> WayBack:
    """Say whether a client that knows *known* runs on *live*, and on what *run* makes of it."""
    if isinstance(known, Unavailable):
        return WayBack(release, None, None, because=known.because)
    differing = _differing(known, live)
    changes = {} if isinstance(run, Unavailable) else run
    client = client_near(known, live, [each.objects for each in changes.values()], differing)
    found = RunsOn(client.suffers())
    for migration, changed in changes.items():
        found.take_in(migration, *client.follow(changed.objects, changed.opaque, changed.grants))
    if isinstance(run, Unavailable):
        return found.without_run(release, run.because, assumed=assumed)
    return found.way_back(release, assumed=assumed)


def _differing(known: KnownSchema, live: KnownSchema) -> Changed:
    """What is not the same on both sides, as it is on each."""
    ours = {
        subject: (definition, found)
        for subject, definition in known.items()
        if definition != (found := live.get(subject))
    }
    return {**ours, **{subject: (None, found) for subject, found in live.items() if subject not in known}}


def _on_their_types(objects: KnownSchema) -> KnownSchema:
    """The *objects* of a catalog, in which each column hangs on the enum or domain that it, or its elements, are of.

    In a replay it does; by that a client's columns are found whose type has changed.
    """
    types = {subject.name: subject for subject in objects if subject.kind in (Kind.ENUM, Kind.DOMAIN)}

    def on_its_type(definition: Definition) -> Definition:
        # The types of pg_catalog, which most columns have, stand without a schema.
        if not isinstance(definition, Column) or "." not in definition.type:
            return definition
        found = types.get(unquoted(definition.type))
        return definition if found is None else replace(definition, hangs_on=(*definition.hangs_on, found))

    return {subject: on_its_type(definition) for subject, definition in objects.items()} if types else objects


def _known_by(releases: Sequence[PastRelease], schema: str) -> Iterator[KnownSchema | Unavailable]:
    """The schema that the client of each release knows, by its ``schema.sql``, else by its migrations."""
    scripts = [
        ()
        if each.migrations is None or each.schema_sql is not None
        else tuple(UnparsedScript(one.name, one.script) for one in each.migrations if one.script is not None)
        for each in releases
    ]
    made = _made(tuple(scripts), schema)
    for release, found in zip(releases, made, strict=True):
        if release.schema_sql is not None:
            known = client_schema(release.schema_sql, schema)
            assert known is not None  # noqa: S101  # there is a file
            yield known
        elif release.migrations is None:
            yield Unavailable("the file of one of its migrations is not at hand")
        else:
            yield found


# The releases before this one stay the same for many runs.
@lru_cache(maxsize=2)
def _made(releases: tuple[tuple[UnparsedScript, ...], ...], schema: str) -> tuple[KnownSchema | Unavailable, ...]:
    """What each release's scripts make. A release mostly goes on where the one before it ended."""
    made: dict[tuple[UnparsedScript, ...], KnownSchema | Unavailable] = {}
    replay, done = Replay(schema), tuple[UnparsedScript, ...]()
    for scripts in sorted(set(releases), key=len):
        if scripts[: len(done)] != done:
            replay, done = Replay(schema), ()
        try:
            for script in scripts[len(done) :]:
                replay.run_all(script)
        except NotKnownError as error:
            made[scripts] = error.unavailable
            replay, done = Replay(schema), ()
            continue
        done = scripts
        made[scripts] = all_objects(replay.freeze())
    return tuple(made[scripts] for scripts in releases)


def all_objects(schema: Schema) -> KnownSchema | Unavailable:
    """Its objects, unless one of them is not known: a client may use that."""
    subject = next(iter(schema.opaque), None)
    if subject is not None:
        return Unavailable(f"not all of its migrations is understood ({subject}: {schema.opaque[subject]})")
    if schema.mentioned:
        return Unavailable(f"not all of its migrations is understood ({schema.mentioned[0][1]})")
    return schema.objects

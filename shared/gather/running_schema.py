"""The ``schema.sql`` of the release that runs, which is mostly older than the one that the sources have now."""

import json
from collections.abc import Sequence
from datetime import timedelta

from ..model.release import Release
from ..model.release_settings import ReleaseSettings
from ..prisma.release import MigrationsNotFoundError, read_migrations
from .attempt import GatherError
from .last_good import key_of_place, last_good
from .sources import IS_REMOTE, read_artifact
from .sources.cache import Cache

_VERSION_IN_PATH = "{release}"
_AT_ONCE = timedelta(0)


def keep_schema(cache: Cache, settings: ReleaseSettings, release: Release) -> None:
    """Keep what the client of *release* knows: by the time its successor is read, it is the one that runs."""
    if release.schema_sql is not None and release.version is not None:
        cache.put(_key(settings, release.version), release.schema_sql)


def running_schema(sources: Sequence[ReleaseSettings], version: str, read: Release | None) -> bytes | None:
    """The ``schema.sql`` of the release called *version*; None where it has none, or it cannot be had at once.

    *read* is the release that was read in this run. Nothing is downloaded: it is that release's, or lies in a
    folder or archive of that version, or was kept when its version was read.
    """
    if read is not None and _is(read.version, version):
        return read.schema_sql
    cache = Cache.here()
    for settings in sources:
        found = _kept(cache, settings, version) if settings.source in IS_REMOTE else _lying(settings, version)
        if found is not None:
            return found
    return None


def _kept(cache: Cache, settings: ReleaseSettings, version: str) -> bytes | None:
    found = cache.get(_key(settings, version))
    if found is not None:
        return found
    kept = last_good(cache, settings, version)
    return None if kept is None else kept[0].schema_sql


def _lying(settings: ReleaseSettings, version: str) -> bytes | None:
    if settings.path is None or _VERSION_IN_PATH not in settings.path:
        return None
    try:
        artifact = read_artifact(settings, version, _AT_ONCE)
        return read_migrations(artifact.files, artifact.folders, settings.migrations).schema_sql
    except (GatherError, MigrationsNotFoundError):
        return None


def _is(version: str | None, other: str) -> bool:
    return version is not None and _plain(version) == _plain(other)


def _plain(version: str) -> str:
    """``v1.42.0`` and ``1.42.0`` are one version."""
    return version.lower().removeprefix("v")


def _key(settings: ReleaseSettings, version: str) -> str:
    return f"schema {json.dumps([key_of_place(settings), _plain(version)])}"

"""The releases that a place had before: which ones they were, and what of them is at hand."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from ..model.release import Migration, PastRelease, Release
from ..model.release_settings import ReleaseSettings
from ..model.value import dataclass
from .last_good import key_of_place
from .running_schema import running_schema
from .sources import IS_REMOTE
from .sources.cache import Cache

# So many are given; more are kept, since a candidate may be read and never deployed.
_MOST_GIVEN, _MOST_KEPT = 3, 6
_File = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Outline:
    """A release's *version*, the *digest* of its migrations, and the name and digest of each file, in order."""

    version: str
    digest: str
    files: tuple[_File, ...]


def keep_outline(cache: Cache, settings: ReleaseSettings, release: Release) -> None:
    """Keep which files *release* has. The order is that in which the versions were first read."""
    if release.version is None:
        return
    known = _outlines(cache, settings)
    if any((each.version, each.digest) == (release.version, release.digest) for each in known):
        return
    outline = _Outline(release.version, release.digest, tuple(map(_file, release.migrations)))
    # A version that has other files now stays where it was.
    kept = [outline if each.version == outline.version else each for each in known]
    if outline not in kept:
        kept.append(outline)
    packed = [[each.version, each.digest, each.files] for each in kept[-_MOST_KEPT:]]
    cache.put(_key(settings), json.dumps(packed).encode())


def past_releases(sources: Sequence[ReleaseSettings], read: Release) -> tuple[PastRelease, ...]:
    """Give the last releases that the place of *read* had before it, newest first. Nothing is downloaded."""
    for settings in sources:
        if settings.place != read.place or settings.source not in IS_REMOTE or read.version is None:
            continue
        outlines = _outlines(Cache.here(), settings)
        place = next((place for place, each in enumerate(outlines) if each.version == read.version), 0)
        found = outlines[max(0, place - _MOST_GIVEN) : place]
        files = {_file(each): each for each in (*read.earlier, *read.migrations)} if found else {}
        return tuple(_past(each, files, settings) for each in reversed(found))
    return ()


def _past(outline: _Outline, files: Mapping[_File, Migration], settings: ReleaseSettings) -> PastRelease:
    missing = next((each[0] for each in outline.files if each not in files), None)
    migrations = tuple(files[each] for each in outline.files) if missing is None else None
    schema_sql = running_schema((settings,), outline.version, None)
    return PastRelease(outline.version, migrations, schema_sql, missing)


def _file(migration: Migration) -> _File:
    return migration.name, "" if migration.script is None else sha256(migration.script).hexdigest()[:32]


def _outlines(cache: Cache, settings: ReleaseSettings) -> list[_Outline]:
    kept = cache.get(_key(settings))
    if kept is None:
        return []
    return [
        _Outline(version, digest, tuple((name, file) for name, file in files))
        for version, digest, files in json.loads(kept)
    ]


def _key(settings: ReleaseSettings) -> str:
    return f"outlines {key_of_place(settings)}"

"""Older files of migrations that a source has changed since: what production ran may be among them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

from ..model.release import Migration, Release
from ..model.release_settings import ReleaseSettings
from .last_good import key_of_place, last_of_place
from .sources.cache import Cache

# Applied files are hardly ever edited. Each file is kept once, and the oldest give way.
_MOST_FILES = 200
_MOST_BYTES = 8 * 1024 * 1024


def earlier_files(cache: Cache, settings: ReleaseSettings) -> tuple[Migration, ...]:
    """The older files that were kept of the place that *settings* name, newest first."""
    kept = cache.get(_key(settings))
    return () if kept is None else tuple(_files(kept))


def keep_earlier_files(cache: Cache, settings: ReleaseSettings, release: Release) -> None:
    """Keep what the same place had before in place of files of *release*, which has just been read."""
    before = last_of_place(cache, settings, release.digest)
    if before is None:
        return
    now = {migration.name: migration.script for migration in release.migrations}
    known = earlier_files(cache, settings)
    changed = [
        Migration(each.name, each.script) for each in before.migrations if _was_changed(each, now.get(each.name))
    ]
    new = [each for each in changed if each not in known]
    if new:
        cache.put(_key(settings), _packed(list(_bounded([*new, *known]))))


def _was_changed(migration: Migration, script: bytes | None) -> bool:
    return script is not None and migration.script is not None and script != migration.script


def _bounded(files: Iterable[Migration]) -> Iterator[Migration]:
    size = 0
    for number, migration in enumerate(files):
        size += len(migration.script or b"")
        if number >= _MOST_FILES or size > _MOST_BYTES:
            return
        yield migration


def _packed(files: Sequence[Migration]) -> bytes:
    scripts = [migration.script or b"" for migration in files]
    head = [(migration.name, len(script)) for migration, script in zip(files, scripts, strict=True)]
    return json.dumps(head).encode() + b"\n" + b"".join(scripts)


def _files(kept: bytes) -> Iterator[Migration]:
    line, _, scripts = kept.partition(b"\n")
    head = json.loads(line)
    ends = accumulate((size for _, size in head), initial=0)
    for (name, _), (start, end) in zip(head, pairwise(ends), strict=True):
        yield Migration(name, scripts[start:end])


def _key(settings: ReleaseSettings) -> str:
    return f"earlier files {key_of_place(settings)}"

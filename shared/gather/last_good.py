"""The release that a source gave last, kept for when it is down."""

import json
from collections.abc import Set
from dataclasses import astuple, fields
from datetime import datetime

from ..model.release import Acceptance, Migration, Release
from ..model.release_settings import ReleaseSettings
from .sources.cache import Cache

# The identity for reading does not make it another release.
_NO_MATTER = frozenset({"token", "identity"})
_VERSION = frozenset({"tag", "ref"})


def keep_last_good(
    cache: Cache, settings: ReleaseSettings, asked_for: str | None, release: Release, now: datetime
) -> None:
    """Keep *release*, which was read, or found to be the same as before, *now*."""
    scripts = [*(migration.script or b"" for migration in release.migrations), release.schema_sql or b""]
    sizes = [None if migration.script is None else len(migration.script) for migration in release.migrations]
    head = {
        "at": now.isoformat(),
        "version": release.version,
        "source": release.source,
        "digest": release.digest,
        "provider": release.provider,
        "place": release.place,
        "origin": release.origin,
        "folder": release.folder,
        "migrations": [
            (migration.name, size, [astuple(each) for each in migration.accepted])
            for migration, size in zip(release.migrations, sizes, strict=True)
        ],
        "schema_sql": None if release.schema_sql is None else len(release.schema_sql),
        "mistakes": release.mistakes,
    }
    key = _key(settings, asked_for)
    cache.put(key, json.dumps(head).encode() + b"\n" + b"".join(scripts))
    cache.put(key_of_place(settings), f"{release.digest}\n{key}".encode())


def last_good(cache: Cache, settings: ReleaseSettings, asked_for: str | None) -> tuple[Release, datetime] | None:
    """Give what *settings* gave last for the version *asked_for*, never for another one, and when that was."""
    return _kept(cache, _key(settings, asked_for))


def last_of_place(cache: Cache, settings: ReleaseSettings, digest: str) -> Release | None:
    """Give what the same place gave last, of whatever version; None where it had the same *digest*, or is not known."""
    last = cache.get(key_of_place(settings))
    if last is None:
        return None
    before, _, key = last.decode().partition("\n")
    kept = None if before == digest else _kept(cache, key)
    return None if kept is None else kept[0]


def key_of_place(settings: ReleaseSettings) -> str:
    """What is the same for all versions of one place."""
    return f"place {json.dumps(_said(settings, _NO_MATTER | _VERSION))}"


def _kept(cache: Cache, key: str) -> tuple[Release, datetime] | None:
    kept = cache.get(key)
    if kept is None:
        return None
    line, _, scripts = kept.partition(b"\n")
    head = json.loads(line)
    migrations, start = [], 0
    for name, size, accepted in head.pop("migrations"):
        script = None if size is None else scripts[start : start + size]
        migrations.append(Migration(name, script, tuple(Acceptance(*each) for each in accepted)))
        start += size or 0
    schema_sql = None if head.pop("schema_sql") is None else scripts[start:]
    at, mistakes = datetime.fromisoformat(head.pop("at")), tuple(head.pop("mistakes"))
    return Release(**head, migrations=tuple(migrations), schema_sql=schema_sql, mistakes=mistakes), at


def _key(settings: ReleaseSettings, asked_for: str | None) -> str:
    return f"release {json.dumps([*_said(settings, _NO_MATTER), asked_for])}"


def _said(settings: ReleaseSettings, but: Set[str]) -> list[tuple[str, object]]:
    return [(each.name, getattr(settings, each.name)) for each in fields(settings) if each.name not in but]

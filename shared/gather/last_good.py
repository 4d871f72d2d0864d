"""The release that a source gave last, kept for when it is down."""

import json
from dataclasses import fields
from datetime import datetime

from shared.gather.sources.cache import Cache
from shared.model.release import Migration, Release
from shared.model.release_settings import ReleaseSettings

# As whom it was read makes it no other release.
_NO_MATTER = {"token", "identity"}


def keep_last_good(
    cache: Cache, settings: ReleaseSettings, asked_for: str | None, release: Release, now: datetime
) -> None:
    """Keep *release*, which was read, or found to be the same as before, *now*."""
    scripts = [migration.script or b"" for migration in release.migrations]
    sizes = [None if migration.script is None else len(migration.script) for migration in release.migrations]
    head = {
        "at": now.isoformat(),
        "version": release.version,
        "source": release.source,
        "digest": release.digest,
        "provider": release.provider,
        "place": release.place,
        "origin": release.origin,
        "migrations": [(migration.name, size) for migration, size in zip(release.migrations, sizes, strict=True)],
    }
    cache.put(_key(settings, asked_for), json.dumps(head).encode() + b"\n" + b"".join(scripts))


def last_good(cache: Cache, settings: ReleaseSettings, asked_for: str | None) -> tuple[Release, datetime] | None:
    """Give what *settings* gave last for the version *asked_for*, never for another one, and when that was."""
    kept = cache.get(_key(settings, asked_for))
    if kept is None:
        return None
    line, _, scripts = kept.partition(b"\n")
    head = json.loads(line)
    migrations, start = [], 0
    for name, size in head.pop("migrations"):
        migrations.append(Migration(name, None if size is None else scripts[start : start + size]))
        start += size or 0
    at = datetime.fromisoformat(head.pop("at"))
    return Release(**head, migrations=tuple(migrations)), at


def _key(settings: ReleaseSettings, asked_for: str | None) -> str:
    said = [(each.name, getattr(settings, each.name)) for each in fields(settings) if each.name not in _NO_MATTER]
    return f"release {json.dumps([*said, asked_for])}"

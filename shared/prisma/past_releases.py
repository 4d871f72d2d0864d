"""The releases that were read before one: what is remembered of each, and its files found again among that one's."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from ..model.last_seen import SeenRelease
from ..model.release import Migration, PastRelease, Release

# What is remembered of a file: so many hexadecimal digits of its digest.
_DIGITS = 12
_MOST_GIVEN = 3


def seen_release(release: Release, version: str, seen: Mapping[str, SeenRelease]) -> SeenRelease:
    """What is remembered of *release*, after those *seen* before. One that has other files now keeps its number."""
    known = seen.get(version)
    if known is not None and known.digest == release.digest:
        return known
    number = known.number if known is not None else 1 + max((each.number for each in seen.values()), default=0)
    return SeenRelease(number, release.digest, "".join(map(_digest, release.migrations)))


def past_releases(seen: Mapping[str, SeenRelease], release: Release) -> tuple[PastRelease, ...]:
    """Give the last ones of *seen* that were first read before *release*, newest first."""
    this = seen.get(release.version or "")
    before = sorted((each.number, version) for version, each in seen.items() if each is not this)
    older = [version for number, version in before if this is None or number < this.number][-_MOST_GIVEN:]
    files = {_digest(each): each for each in (*release.earlier, *release.migrations)} if older else {}
    return tuple(PastRelease(version, _found(seen[version], files)) for version in reversed(older))


def _found(seen: SeenRelease, files: Mapping[str, Migration]) -> tuple[Migration, ...] | None:
    digests = [seen.files[start : start + _DIGITS] for start in range(0, len(seen.files), _DIGITS)]
    found = [files[each] for each in digests if each in files]
    return tuple(found) if len(found) == len(digests) else None


def _digest(migration: Migration) -> str:
    name = migration.name.encode("utf-8", "surrogatepass")
    parts: Iterable[bytes] = (name, b"\0", b"-" if migration.script is None else b"+" + migration.script)
    return sha256(b"".join(parts)).hexdigest()[:_DIGITS]

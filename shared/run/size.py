"""How large the scripts of a run are, and from where on they are checked in a process of their own."""

from collections.abc import Iterator

from ..model.knowledge import Unavailable
from ..model.release import Migration, Release

# Bytes, and semicolons: a short statement costs as much as a long one. Up to both, ordinary scripts are checked in some
# three seconds of processor time and 150 MiB, applied or pending. Hardly an application has half of them; what a worker
# keeps from run to run is of no use to a process of its own.
_LARGE, _MANY = 500_000, 5_000


def is_large(*releases: Release | Unavailable | None) -> bool:
    """Say whether the scripts of *releases* take so long to check that a process of their own is worth its while."""
    scripts = [script for _, script in _scripts(releases)]
    return sum(map(len, scripts)) > _LARGE or sum(script.count(b";") for script in scripts) > _MANY


def largest(*releases: Release | Unavailable | None) -> str | None:
    """The name of the migration whose script is the largest; None where there is none."""
    scripts = _scripts(releases)
    return max(scripts, key=lambda each: len(each[1]), default=("", b""))[0] or None


def names(*releases: Release | Unavailable | None) -> Iterator[str]:
    """Every migration that has a script, once."""
    return (name for name, _ in _scripts(releases))


def _scripts(releases: tuple[Release | Unavailable | None, ...]) -> Iterator[tuple[str, bytes]]:
    """Every script by its migration's name; one that two releases have alike counts once."""
    found = dict.fromkeys(each for release in releases for each in _migrations(release))
    return ((each.name, each.script) for each in found if each.script is not None)


def _migrations(release: Release | Unavailable | None) -> tuple[Migration, ...]:
    return release.migrations if isinstance(release, Release) else ()

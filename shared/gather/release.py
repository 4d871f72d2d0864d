"""The release, from whichever source the settings name."""

from collections.abc import Sequence

from shared.gather.attempt import GatherError
from shared.gather.sources import read_artifact
from shared.model.release import Release
from shared.model.release_settings import ReleaseSettings
from shared.prisma.release import MigrationsNotFoundError, read_migrations


def read_release(sources: Sequence[ReleaseSettings], release: str | None = None) -> Release:
    """Read the migrations of the first of *sources* that answers, of the version *release* where one is asked for.

    Raises `GatherError` with the reasons of all of them.
    """
    reasons: list[GatherError] = []
    for source in sources:
        try:
            return _read(source, release)
        except GatherError as error:
            reasons.append(error)
    raise GatherError("; ".join(map(str, reasons)), lasting=all(reason.lasting for reason in reasons))


def _read(settings: ReleaseSettings, release: str | None) -> Release:
    artifact = read_artifact(settings, release)
    try:
        folder = read_migrations(artifact.files, artifact.folders, settings.migrations)
    except MigrationsNotFoundError as error:
        raise GatherError(f"the release {settings.place}: {error}") from None
    return Release(artifact.version, artifact.source, folder.digest, folder.provider, folder.migrations)

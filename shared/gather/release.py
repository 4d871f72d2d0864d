"""The release, from whichever source the settings name."""

from shared.gather.attempt import GatherError
from shared.gather.sources import read_artifact
from shared.model.release import Release
from shared.model.settings import ReleaseSettings
from shared.prisma.release import MigrationsNotFoundError, read_migrations


def read_release(settings: ReleaseSettings, release: str | None = None) -> Release:
    """Read the migrations that *settings* point at, of the version *release* where one is asked for."""
    artifact = read_artifact(settings, release)
    try:
        folder = read_migrations(artifact.files, artifact.folders, settings.migrations)
    except MigrationsNotFoundError as error:
        raise GatherError(f"the release {settings.path}: {error}") from None
    return Release(artifact.version, artifact.source, folder.digest, folder.provider, folder.migrations)

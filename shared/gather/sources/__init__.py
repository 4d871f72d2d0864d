"""Where releases come from. Another source is a file beside these and a line in `_SOURCES`."""

from collections.abc import Callable, Mapping

from shared.gather.sources.archive import read_archive
from shared.gather.sources.artifact import Artifact
from shared.gather.sources.folder import read_folder
from shared.model.release_settings import ReleaseSettings

_SOURCES: Mapping[str, Callable[[ReleaseSettings, str | None], Artifact]] = {
    "folder": read_folder,
    "archive": read_archive,
}


def read_artifact(settings: ReleaseSettings, release: str | None) -> Artifact:
    """Read what Prisma reads of the release called *release*, or of the newest; raise `GatherError`."""
    return _SOURCES[settings.source](settings, release)

"""Where releases come from. Another source is a file beside these and a line in `_SOURCES`."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from ...model.release_settings import ReleaseSettings
from .archive import read_archive
from .artifact import Artifact
from .folder import read_folder

LONGEST = timedelta(seconds=90)
# What they gave is kept for when they are down.
IS_REMOTE = frozenset({"github", "blob", "image"})


def read_artifact(settings: ReleaseSettings, release: str | None, within: timedelta = LONGEST) -> Artifact:
    """Read what Prisma reads of the release called *release*, or of the newest; raise `GatherError`.

    *within* holds for what comes over a network.
    """
    return _SOURCES[settings.source](settings, release, within)


def _folder(settings: ReleaseSettings, release: str | None, _: timedelta) -> Artifact:
    return read_folder(settings, release)


def _archive(settings: ReleaseSettings, release: str | None, _: timedelta) -> Artifact:
    return read_archive(settings, release)


# Imported where they are used: they bring requests.
def _github(settings: ReleaseSettings, release: str | None, within: timedelta) -> Artifact:
    from .github import read_github  # noqa: PLC0415
    from .web import Web  # noqa: PLC0415

    return read_github(settings, release, Web(f"the release of {settings.repository}", within))


def _blob(settings: ReleaseSettings, release: str | None, within: timedelta) -> Artifact:
    from .blob import read_blob  # noqa: PLC0415
    from .web import Web  # noqa: PLC0415

    return read_blob(settings, release, Web(f"the container {settings.container}", within))


def _image(settings: ReleaseSettings, release: str | None, within: timedelta) -> Artifact:
    from .image import read_image  # noqa: PLC0415
    from .web import Web  # noqa: PLC0415

    return read_image(settings, release, Web(f"the image of {settings.place}", within))


_SOURCES: Mapping[str, Callable[[ReleaseSettings, str | None, timedelta], Artifact]] = {
    "folder": _folder,
    "archive": _archive,
    "github": _github,
    "blob": _blob,
    "image": _image,
}

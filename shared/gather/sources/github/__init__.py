"""A release on GitHub: an asset of it, or the source itself."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any, BinaryIO

from ....model.release_settings import ReleaseSettings, is_git_name
from ..archive import unpack
from ..artifact import Artifact, Collector
from ..cache import Cache, Contents, contents_once
from ..named import insist_on_name
from ..web import Web
from .api import BYTES, JSON, GitHub

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHORT = 7
_SHOWN = 5
_CHUNK = 1024 * 1024


def read_github(settings: ReleaseSettings, release: str | None, web: Web) -> Artifact:
    """Read the release called *release* by its tag, else what the settings mean: a tag, a ref, or the latest release.

    The tarball is taken of the commit, to which a tag may be moved again; it needs no release on GitHub.
    A *release* of 40 hexadecimal digits is a commit. What was downloaded once is not a second time.
    """
    reading = _Reading(settings, web)
    if release is not None:
        insist_on_name(release)
    tag = release or settings.tag
    if settings.asset is not None:
        return reading.asset(settings.asset, tag)
    if release is not None and _COMMIT.fullmatch(release):
        return reading.source(release, release)
    if tag is None and settings.ref is not None:
        commit = reading.github.commit(settings.ref)
        return reading.source(commit, f"{settings.ref}@{commit[:_SHORT]}")
    if tag is None:
        tag = reading.github.release(None)["tag_name"]
        if not is_git_name(tag):
            raise web.refused(f"its latest release has the tag {tag[:100]!a}, which is no name in git")
    return reading.source(reading.github.commit(f"tags/{tag}"), tag)


class _Reading:
    def __init__(self, settings: ReleaseSettings, web: Web) -> None:
        self._settings, self._web, self._cache = settings, web, Cache.here()
        self.github = GitHub(settings, web, self._cache)

    def source(self, commit: str, version: str) -> Artifact:
        what = f"the source of commit {commit[:_SHORT]}"
        contents = self._downloaded(f"tarball/{commit}", commit, JSON, what)
        return self._artifact(contents, version, f"{self._settings.repository}@{commit}")

    def asset(self, pattern: str, tag: str | None) -> Artifact:
        release = self.github.release(tag)
        version = release["tag_name"]
        asset = self._matching(pattern, release, version)
        # One that is uploaded again keeps neither.
        identity = f"asset {asset['id']} {asset.get('updated_at')}"
        path, what = f"releases/assets/{asset['id']}", f"the asset {asset['name']} of {version}"
        contents = self._downloaded(path, identity, BYTES, what, asset.get("digest"))
        return self._artifact(contents, version, f"{self._settings.repository} {version} {asset['name']}")

    def _matching(self, pattern: str, release: Mapping[str, Any], version: str) -> Mapping[str, Any]:
        listed = release.get("assets")
        assets: list[Mapping[str, Any]] = (
            [each for each in listed if _is_whole(each)] if isinstance(listed, list) else []
        )
        matching = [asset for asset in assets if fnmatchcase(asset["name"], pattern)]
        if len(matching) == 1:
            return matching[0]
        names = sorted(asset["name"] for asset in matching or assets)
        listing = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        if matching:
            raise self._web.refused(f"{len(matching)} assets of {version} match {pattern}: {listing}")
        instead = f"there is {listing}" if names else "it has none at all"
        raise self._web.refused(f"no asset of {version} matches {pattern}: {instead}")

    def _downloaded(self, path: str, identity: str, accept: str, what: str, digest: str | None = None) -> Contents:
        key = f"github {self.github.url} {identity} in {self._settings.migrations}"

        def downloaded() -> Contents:
            collector = Collector(f"{what} of {self._settings.repository}", self._settings.migrations)
            with self.github.download(path, accept, what) as answer, self._web.stored(answer) as file:
                if digest is not None and digest != _digest(file):
                    raise self._web.down(f"{what} came otherwise than GitHub announced it (its digest differs)")
                unpack(file, collector)
            return Contents(collector.files, frozenset(collector.folders))

        return contents_once(self._cache, key, downloaded)

    def _artifact(self, contents: Contents, version: str, origin: str) -> Artifact:
        return Artifact(contents.files, contents.folders, version, self._settings.source, origin)


def _is_whole(asset: object) -> bool:
    """Say whether it is an asset, and one that was uploaded to its end."""
    return (
        isinstance(asset, dict)
        and isinstance(asset.get("id"), int)
        and isinstance(asset.get("name"), str)
        and asset.get("state", "uploaded") == "uploaded"
        and isinstance(asset.get("digest", ""), str | None)
    )


def _digest(file: BinaryIO) -> str:
    digest = sha256()
    while part := file.read(_CHUNK):
        digest.update(part)
    file.seek(0)
    return f"sha256:{digest.hexdigest()}"

"""What holds for a release wherever it comes from."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient, ContainerClient

from shared.gather.attempt import GatherError
from shared.gather.release import read_release
from shared.model.release import Migration
from shared.model.release_settings import ReleaseSettings
from shared.model.setting_types import Secret
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.cloud.github import TOKEN, FakeGitHub, tarball
from tests.cloud.registry import FakeRegistry, packed, tar
from tests.gather.servers import Reply

FOLDER = "apps/backend/prisma/migrations"
FIRST = {
    f"{FOLDER}/migration_lock.toml": b'provider = "postgresql"\n',
    f"{FOLDER}/1_a/migration.sql": b"SELECT 1;\r\n\xff",
}
SECOND = {**FIRST, f"{FOLDER}/2_b/migration.sql": b"SELECT 2;", "README.md": b"read me"}
_numbers = itertools.count()


class Shelf(Protocol):
    """A place for releases: *settings* is how the monitor is told of it."""

    settings: ReleaseSettings

    def publish(self, version: str, files: dict[str, bytes]) -> None: ...

    def break_latest(self) -> None: ...


@dataclass
class Folders:
    root: Path

    def __post_init__(self) -> None:
        self.settings = ReleaseSettings("folder", f"{self.root}/{{release}}", FOLDER)
        self._latest = self.root

    def publish(self, version: str, files: dict[str, bytes]) -> None:
        self._latest = self.root / version
        for path, content in files.items():
            (self._latest / path).parent.mkdir(parents=True, exist_ok=True)
            (self._latest / path).write_bytes(content)

    def break_latest(self) -> None:
        """Of all that can be wrong with a folder: the migrations are a file."""
        self._latest.rename(self.root / ".moved")
        (self._latest / FOLDER).parent.mkdir(parents=True)
        (self._latest / FOLDER).write_text("no folder")


@dataclass
class Archives:
    root: Path

    def __post_init__(self) -> None:
        self.settings = ReleaseSettings("archive", f"{self.root}/{{release}}.tar.gz", FOLDER)
        self._latest = self.root

    def publish(self, version: str, files: dict[str, bytes]) -> None:
        self._latest = self.root / f"{version}.tar.gz"
        self._latest.write_bytes(tarball(files))

    def break_latest(self) -> None:
        self._latest.write_bytes(self._latest.read_bytes()[:-9])


class OnGitHub:
    def __init__(self, cloud: Cloud) -> None:
        self.github = FakeGitHub(cloud, private=True)
        token = Secret("env:GITHUB_TOKEN", TOKEN)
        self.settings = ReleaseSettings("github", None, FOLDER, repository="example/app", token=token)

    def publish(self, version: str, files: dict[str, bytes]) -> None:
        self.github.release(version, files)

    def break_latest(self) -> None:
        self.github.download = lambda body: Reply(body=body[:-9])


class Blobs:
    def __init__(self, cloud: Cloud, container: ContainerClient) -> None:
        self.container = container
        self.settings = ReleaseSettings(
            "blob", None, FOLDER, container=container.url, prefix="production/", identity=cloud.identity
        )
        self._latest = ""

    def publish(self, version: str, files: dict[str, bytes]) -> None:
        self._latest = f"production/{version}.tar.gz"
        self.container.upload_blob(self._latest, tarball(files))

    def break_latest(self) -> None:
        self.container.upload_blob(self._latest, tarball(SECOND)[:-9], overwrite=True)


class Images:
    def __init__(self, cloud: Cloud) -> None:
        self.registry = FakeRegistry(cloud)
        image = "usasset.azurecr.io/api:latest"
        self.settings = ReleaseSettings("image", None, FOLDER, image=image, identity=cloud.identity)

    def publish(self, version: str, files: dict[str, bytes]) -> None:
        labels = {"org.opencontainers.image.version": version, "org.opencontainers.image.revision": "6dcb09b"}
        self.registry.push(version, [tar([("etc/motd", b"")]), tar(list(files.items()))], labels)
        self.registry.manifests["latest"] = self.registry.manifests[version]

    def break_latest(self) -> None:
        for digest in self.registry.blobs:
            self.registry.blobs[digest] = packed(b"", "gzip")


@pytest.fixture(params=["folder", "archive", "github", "blob", "image"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    with ExitStack() as stack:
        cloud: Cloud
        match request.param:
            case "folder":
                yield Folders(tmp_path / "releases")
            case "archive":
                (tmp_path / "releases").mkdir()
                yield Archives(tmp_path / "releases")
            case "github":
                cloud = request.getfixturevalue("cloud")
                yield OnGitHub(cloud)
            case "blob":
                cloud = request.getfixturevalue("cloud")
                azurite: Azurite = request.getfixturevalue("azurite")
                credential = stack.enter_context(ManagedIdentityCredential(client_id=cloud.identity.client_id))
                blobs = stack.enter_context(BlobServiceClient(azurite.url("blob"), credential))
                yield Blobs(cloud, stack.enter_context(blobs.create_container(f"contract{next(_numbers)}")))
            case _:
                cloud = request.getfixturevalue("cloud")
                yield Images(cloud)


def refusal(shelf: Shelf, release: str | None = None) -> str:
    with pytest.raises(GatherError) as refused:
        read_release([shelf.settings], release)
    assert "hunter2" not in f"{refused.value} {refused.value.__context__!r} {shelf.settings!r}"
    assert refused.value.__cause__ is None
    return str(refused.value)


def test_the_same_release_is_the_same_everywhere(shelf: Shelf) -> None:
    shelf.publish("v1", SECOND)
    release = read_release([shelf.settings])
    assert release.migrations == (Migration("1_a", b"SELECT 1;\r\n\xff"), Migration("2_b", b"SELECT 2;"))
    assert (release.version, release.provider, release.source) == ("v1", "postgresql", shelf.settings.source)
    assert release.digest == "sha256:74386e51d637330a25aa797ac002e66867e9921aa631d5b56b2fadef81c6f3e5"
    assert (release.instead_of, release.stale) == ((), None)
    assert release.place == shelf.settings.place
    assert release.origin


def test_read_twice_it_is_the_same(shelf: Shelf) -> None:
    shelf.publish("v1", SECOND)
    assert read_release([shelf.settings]) == read_release([shelf.settings])


def test_a_version_by_name_while_there_is_a_newer_one(shelf: Shelf) -> None:
    shelf.publish("v1", FIRST)
    shelf.publish("v2", SECOND)
    named, newest = read_release([shelf.settings], "v1"), read_release([shelf.settings], "v2")
    assert (named.version, [each.name for each in named.migrations]) == ("v1", ["1_a"])
    assert (newest.version, [each.name for each in newest.migrations]) == ("v2", ["1_a", "2_b"])


def test_a_version_that_is_not_there(shelf: Shelf) -> None:
    shelf.publish("v1", FIRST)
    read_release([shelf.settings])
    assert "v9" in refusal(shelf, "v9")


@pytest.mark.parametrize("name", ["../v1", "v1/../../x", "", "v1\n", "v1 x", "\u202ev1"])
def test_a_name_that_is_none(shelf: Shelf, name: str) -> None:
    shelf.publish("v1", FIRST)
    assert f"{name!a}" in refusal(shelf, name)


def test_one_that_is_broken(shelf: Shelf) -> None:
    shelf.publish("v1", SECOND)
    shelf.break_latest()
    assert refusal(shelf)


def test_one_without_migrations(shelf: Shelf) -> None:
    shelf.publish("v1", {"README.md": b"", "apps/x": b""})
    told = refusal(shelf)
    assert f"no folder {FOLDER} in it" in told
    assert ("its Dockerfile must COPY" in told) is isinstance(shelf, Images)

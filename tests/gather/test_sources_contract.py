"""What holds for a release wherever it comes from."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import pytest
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient, ContainerClient

from shared.gather.attempt import GatherError
from shared.gather.release import read_release
from shared.gather.sources import artifact
from shared.model.release import Acceptance, Migration
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
_CHECKSUM = sha256(b"SELECT 2;").hexdigest()
ACCEPT = f"""
checksum = "{_CHECKSUM}"
[[accepted]]
code = "deploy-blocks"
line = 1
reason = "the table is small"
""".encode()
ACCEPTED = Acceptance("deploy-blocks", 1, "the table is small", _CHECKSUM)
_numbers = itertools.count()


class Shelf(Protocol):
    """A place for releases, and the *settings* that name it for the monitor."""

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


def test_what_the_monitor_reads_besides_comes_from_everywhere(shelf: Shelf) -> None:
    files = {
        f"{FOLDER}/schema.sql": b"CREATE TABLE a ();",
        f"{FOLDER}/2_b/accept.toml": ACCEPT,
        f"{FOLDER}/1_a/accept.toml": b"x = 1",
        "db/schema.sql": b"none of a migrations folder",
        f"{FOLDER}/2_b/schema.sql": b"nor is this",
        f"{FOLDER}/accept.toml": b"nor this",
    }
    shelf.publish("v1", {**SECOND, **files})
    release = read_release([shelf.settings])
    assert release.schema_sql == b"CREATE TABLE a ();"
    assert release.migrations == (Migration("1_a", b"SELECT 1;\r\n\xff"), Migration("2_b", b"SELECT 2;", (ACCEPTED,)))
    assert release.mistakes == (
        "1_a/accept.toml: unknown key 'x' (known: accepted, checksum)",
        "1_a/accept.toml: `checksum` must be the SHA-256 of migration.sql, 64 lower-case digits",
    )
    assert release.digest == "sha256:74386e51d637330a25aa797ac002e66867e9921aa631d5b56b2fadef81c6f3e5"
    assert read_release([shelf.settings]) == release


def test_a_large_file_that_prisma_does_not_read_is_left_out(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "MAX_FILE", 100)
    large = {f"{FOLDER}/schema.sql": b"x" * 101, "db/schema.sql": b"x" * 999, f"{FOLDER}/1_a/accept.toml": b"x" * 101}
    shelf.publish("v1", {**SECOND, **large})
    release = read_release([shelf.settings])
    why = "was not read: it is larger than a file may be, or a link to a file that is not read"
    assert (release.schema_sql, release.mistakes) == (None, (f"1_a/accept.toml {why}", f"schema.sql {why}"))
    assert [migration.name for migration in release.migrations] == ["1_a", "2_b"]


def test_read_twice_it_is_the_same(shelf: Shelf) -> None:
    shelf.publish("v1", SECOND)
    assert read_release([shelf.settings]) == read_release([shelf.settings])


def test_a_version_by_name_while_there_is_a_newer_one(shelf: Shelf) -> None:
    shelf.publish("v1", FIRST)
    shelf.publish("v2", SECOND)
    named, newest = read_release([shelf.settings], "v1"), read_release([shelf.settings], "v2")
    assert (named.version, [each.name for each in named.migrations]) == ("v1", ["1_a"])
    assert (newest.version, [each.name for each in newest.migrations]) == ("v2", ["1_a", "2_b"])


def test_a_version_that_does_not_exist(shelf: Shelf) -> None:
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
    sentence = refusal(shelf)
    assert f"no folder {FOLDER} in it" in sentence
    assert ("its Dockerfile must COPY" in sentence) is isinstance(shelf, Images)

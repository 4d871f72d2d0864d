"""A release that outlives the instance that read it: kept in the container of the memory."""

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import ContainerClient

from shared.gather.attempt import GatherError
from shared.gather.release import read_release
from shared.gather.sources import beside_memory
from shared.gather.sources.beside_memory import BesideMemory
from shared.gather.sources.cache import Cache, keep_behind
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.cloud.github import API, CODELOAD, FakeGitHub
from tests.gather.test_release import FILES, on_github

_NUMBERS = count(1)
Instance = Callable[[], None]


@pytest.fixture
def container(cloud: Cloud, azurite: Azurite) -> Iterator[ContainerClient]:
    with (
        ManagedIdentityCredential(client_id=cloud.identity.client_id) as credential,
        ContainerClient(azurite.url("blob"), f"beside-{next(_NUMBERS)}", credential) as client,
    ):
        client.create_container()
        yield client


@pytest.fixture
def new_instance(cloud: Cloud, container: ContainerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """Give what begins another instance of the app: with a disk that nothing is on."""

    def begin() -> None:
        folder = tmp_path / f"instance-{next(_NUMBERS)}"
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        keep_behind(BesideMemory(container.url, cloud.identity))

    begin()
    return begin


@pytest.fixture
def github(cloud: Cloud) -> FakeGitHub:
    github = FakeGitHub(cloud)
    github.release("v1", FILES)
    return github


def test_another_instance_has_it_where_the_source_is_down(
    github: FakeGitHub, cloud: Cloud, new_instance: Instance
) -> None:
    fresh = read_release([on_github()])
    new_instance()
    cloud.take_away(API)
    stale = read_release([on_github()])
    assert stale.stale is not None
    assert (stale.version, stale.digest, stale.migrations, stale.folder) == (
        fresh.version, fresh.digest, fresh.migrations, fresh.folder,
    )  # fmt: skip


def test_another_instance_downloads_nothing_that_has_not_changed(github: FakeGitHub, new_instance: Instance) -> None:
    fresh = read_release([on_github()])
    downloads = len(github.sent(CODELOAD))
    assert downloads == 1
    new_instance()
    assert read_release([on_github()]) == fresh
    assert len(github.sent(CODELOAD)) == downloads


def test_storage_that_does_not_answer_is_in_nobodys_way(
    github: FakeGitHub, azurite: Azurite, container: ContainerClient, new_instance: Instance, cloud: Cloud
) -> None:
    container.delete_container()
    assert read_release([on_github()]).version == "v1"
    cloud.take_away(azurite.url("blob").split("/")[2])
    new_instance()
    assert read_release([on_github()]).version == "v1"
    new_instance()
    cloud.take_away(API)
    with pytest.raises(GatherError):
        read_release([on_github()])


def test_what_is_damaged_is_not_found(container: ContainerClient, new_instance: Instance) -> None:
    Cache.here().put("a", b"value")
    Cache.here().put("b", b"other")
    new_instance()
    assert Cache.here().get("a") == b"value"
    new_instance()
    names = sorted(blob.name for blob in container.list_blobs())
    first, second = (container.download_blob(name).readall() for name in names)
    for name, value in zip(names, (second, first[:-1]), strict=True):
        container.upload_blob(name, value, overwrite=True)
    assert (Cache.here().get("a"), Cache.here().get("b")) == (None, None)


def test_it_is_bounded(container: ContainerClient, new_instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside_memory, "MOST", 3)
    monkeypatch.setattr(beside_memory, "LARGEST", 100)
    Cache.here().put("large", bytes(range(256)))
    assert list(container.list_blobs()) == []
    for number in range(5):
        Cache.here().put(f"{number}", b"value")
    assert len(list(container.list_blobs())) == 3

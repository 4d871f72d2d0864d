"""What every place of a memory keeps: a folder, and a container of a real storage emulator by its public name."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import ContainerClient

from shared.memory import GROUPS, MemoryFile, MemoryPlace, RememberError, memory_of, memory_of_groups, next_runs
from shared.memory.blob import MemoryBlob
from shared.model.azure import Identity
from shared.model.digest import digest
from shared.model.memory import Memory, NotReceived
from shared.model.settings import MemorySettings
from tests.builders import NOW
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.memory.sample import DAMAGED, EVERYTHING, REPORT, TEXTS

_NUMBERS = count(1)
NOTHING = timedelta(0)


class Kept(Protocol):
    """Where the documents are, as an operator sees them: beside our code, not through it."""

    settings: MemorySettings

    def names(self) -> list[str]: ...
    def read(self, name: str) -> bytes: ...
    def write(self, name: str, document: bytes) -> None: ...
    def place(self, sleep: Callable[[float], None]) -> MemoryPlace: ...


@dataclass
class Folder:
    path: Path

    def __post_init__(self) -> None:
        self.settings = MemorySettings(folder=str(self.path))

    def names(self) -> list[str]:
        paths = (path for path in self.path.rglob("*") if path.is_file() and not path.name.startswith("."))
        return sorted(path.relative_to(self.path).as_posix() for path in paths)

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def write(self, name: str, document: bytes) -> None:
        (self.path / name).write_bytes(document)

    def place(self, sleep: Callable[[float], None]) -> MemoryPlace:
        return MemoryFile(self.path, "production", sleep=sleep)


@dataclass
class InStorage:
    """By the real SDK, which must find all as our own requests leave it."""

    client: ContainerClient
    identity: Identity

    def __post_init__(self) -> None:
        self.settings = MemorySettings(container=self.client.url, identity=self.identity)

    def names(self) -> list[str]:
        return sorted(blob.name for blob in self.client.list_blobs())

    def read(self, name: str) -> bytes:
        return self.client.download_blob(name).readall()

    def write(self, name: str, document: bytes) -> None:
        self.client.upload_blob(name, document, overwrite=True)

    def place(self, sleep: Callable[[float], None]) -> MemoryPlace:
        return MemoryBlob(self.client.url, self.identity, "production", sleep=sleep)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "memory")


@pytest.fixture
def storage(cloud: Cloud, azurite: Azurite) -> Iterator[InStorage]:
    """A container that does not exist yet."""
    with (
        ManagedIdentityCredential(client_id=cloud.identity.client_id) as credential,
        ContainerClient(azurite.url("blob"), f"memory-{next(_NUMBERS)}", credential) as client,
    ):
        yield InStorage(client, cloud.identity)


@pytest.fixture(params=["folder", "storage"])
def kept(request: pytest.FixtureRequest) -> Kept:
    place: Kept = request.getfixturevalue(request.param)
    return place


# Every damage in a folder, and one in storage; the others there with the long tests.
DAMAGED_THERE = [
    pytest.param(
        where, *each.values, id=f"{where}-{each.id}", marks=[pytest.mark.long] if where != "folder" and number else []
    )
    for where in ("folder", "storage")
    for number, each in enumerate(DAMAGED)
]


def remembers(place: MemoryPlace, memory: Memory) -> None:
    with place.alone():
        place.load()
        place.save(memory)


def test_what_is_saved_is_loaded(kept: Kept) -> None:
    place = memory_of("production", kept.settings)
    assert place.load() == Memory("production")
    with place.alone():
        assert place.load() == Memory("production")
        place.save(EVERYTHING, TEXTS)
        assert place.load() == EVERYTHING
        place.save(replace(EVERYTHING, not_received=()))
    assert memory_of("production", kept.settings).load() == replace(EVERYTHING, not_received=())
    assert kept.names() == ["production.json", f"production.texts/{REPORT}.json"]


def test_long_texts_are_beside_it_as_long_as_something_refers_to_them(kept: Kept) -> None:
    place, text = memory_of("production", kept.settings), '{"half of a pair": "\ud800"}'
    other = digest(text)
    with place.alone():
        place.save(replace(EVERYTHING, last_report=other), {other: text, **TEXTS})
    reader = memory_of("production", kept.settings)
    assert [reader.text(each) for each in (other, REPORT, "of nothing")] == [text, TEXTS[REPORT], None]
    with place.alone():
        place.save(replace(place.load(), undelivered=(), answers=(), schema=None, schema_changes=None))
    assert kept.names() == ["production.json", f"production.texts/{other}.json"]
    with place.alone():
        place.save(Memory("production"))
    assert kept.names() == ["production.json"]


def test_half_a_surrogate_pair_is_repaired(kept: Kept) -> None:
    """JSON can hold one, and no message could carry it on."""
    half = replace(EVERYTHING, not_received=(NotReceived("team", "a\ud800b"),), week_sent=None)
    place = memory_of("production", kept.settings)
    remembers(place, half)
    assert place.load() == replace(half, not_received=(NotReceived("team", "a\ufffdb"),))


def test_a_text_that_is_written_twice_is_one(kept: Kept) -> None:
    place = memory_of("production", kept.settings)
    for _ in range(2):
        with place.alone():
            place.load()
            place.save(EVERYTHING, TEXTS)
    assert place.text(REPORT) == TEXTS[REPORT]


@pytest.mark.parametrize("name", ["../production", "/etc/hostname", "..", ""])
def test_a_damaged_reference_leads_nowhere_else(name: str, kept: Kept) -> None:
    place = memory_of("production", kept.settings)
    with place.alone():
        place.save(EVERYTHING, TEXTS)
    assert place.text(name) is None


def test_every_target_has_its_own(kept: Kept) -> None:
    remembers(memory_of("production", kept.settings), EVERYTHING)
    remembers(memory_of("staging", kept.settings), Memory("staging", week_sent=NOW))
    assert memory_of("production", kept.settings).load() == EVERYTHING
    assert memory_of("staging", kept.settings).load() == Memory("staging", week_sent=NOW)


def test_what_all_targets_have_in_common_is_beside_them(kept: Kept) -> None:
    of_groups = replace(EVERYTHING, target=GROUPS)
    place = memory_of_groups(kept.settings)
    with place.alone():
        place.save(of_groups, TEXTS)
    assert memory_of_groups(kept.settings).load() == of_groups
    assert memory_of_groups(kept.settings).text(REPORT) == TEXTS[REPORT]
    assert next_runs(["production", GROUPS], kept.settings) == {GROUPS: NOW}
    assert kept.names() == ["~groups.json", f"~groups.texts/{REPORT}.json"]


@pytest.mark.parametrize(("kept", "damage", "problem"), DAMAGED_THERE, indirect=["kept"])
def test_what_cannot_be_understood_is_set_aside_whole(
    damage: Callable[[bytes], bytes], problem: str, kept: Kept
) -> None:
    place = memory_of("production", kept.settings)
    remembers(place, EVERYTHING)
    damaged = damage(kept.read("production.json"))
    kept.write("production.json", damaged)
    with place.alone():
        loaded = place.load()
        place.save(loaded)
        assert place.load() == Memory("production")
    assert loaded.lost is not None
    assert f"production.json could not be understood ({problem}) and was set aside as " in loaded.lost
    (aside,) = (name for name in kept.names() if name.startswith("production.json.unreadable-"))
    assert aside in loaded.lost
    assert kept.read(aside) == damaged


def test_who_only_looks_sets_nothing_aside(kept: Kept) -> None:
    place = memory_of("production", kept.settings)
    remembers(place, EVERYTHING)
    kept.write("production.json", b"{")
    assert place.load().lost == (
        "production.json could not be understood (no JSON): silences are gone, and what is still wrong is sent again"
    )
    assert kept.names() == ["production.json"]


def test_a_run_that_does_not_end_is_not_waited_for_for_ever(kept: Kept) -> None:
    with memory_of("production", kept.settings).alone():
        with (
            pytest.raises(RememberError, match="another run of production has not ended within 0:00:00: nothing was"),
            memory_of("production", kept.settings, NOTHING).alone(),
        ):
            pytest.fail("it is not alone")
        with memory_of("staging", kept.settings, NOTHING).alone():
            assert memory_of("production", kept.settings).load() == Memory("production"), "who only reads need not wait"


def test_who_has_ended_keeps_nobody_out(kept: Kept) -> None:
    with pytest.raises(KeyError), memory_of("production", kept.settings).alone():
        raise KeyError
    with memory_of("production", kept.settings, NOTHING).alone():
        pass


def test_who_waits_goes_on_when_the_other_has_ended(kept: Kept) -> None:
    with ExitStack() as first:
        first.enter_context(memory_of("production", kept.settings).alone())
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            first.close()

        with kept.place(sleep).alone():
            assert len(waits) == 1


def test_when_targets_are_to_be_checked_again_is_known_without_reading_all(kept: Kept) -> None:
    assert next_runs(["production"], kept.settings) == {}
    remembers(memory_of("production", kept.settings), EVERYTHING)
    remembers(memory_of("staging", kept.settings), Memory("staging"))
    assert next_runs(["production", "staging", "new"], kept.settings) == {"production": NOW}
    remembers(memory_of("production", kept.settings), replace(EVERYTHING, next_run_at=None))
    assert next_runs(["production", "staging"], kept.settings) == {}

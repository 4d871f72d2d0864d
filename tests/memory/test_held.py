"""A memory that cannot be written for a while: this process knows all the same what it told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.memory import MemoryPlace, RememberError, memory_of
from shared.model.memory import Memory, Run
from shared.model.report import Verdict
from shared.model.settings import MemorySettings
from tests.builders import NOW


def after_run(number: int) -> Memory:
    run = Run(NOW + number * timedelta(minutes=5), Verdict.PASSED, timedelta(0))
    return Memory("production", runs=(run,))


class Disk:
    """A folder that can be taken away: a file stands in its place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> MemoryPlace:
        return memory_of("production", MemorySettings(str(self._path)))

    def save(self, memory: Memory) -> None:
        place = self.place
        with place.alone():
            place.save(memory)

    def fill_up(self) -> None:
        self._path.rename(self._path.with_name("away"))
        self._path.write_text("")

    def make_room(self) -> None:
        self._path.unlink()
        self._path.with_name("away").rename(self._path)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path / "memory")
    disk.save(after_run(1))
    return disk


def test_what_could_not_be_written_is_known_here(disk: Disk) -> None:
    disk.fill_up()
    for number in (2, 3):
        with pytest.raises(RememberError):
            disk.save(after_run(number))
        assert disk.place.load() == after_run(number)
    disk.make_room()
    assert disk.place.load() == after_run(3), "what is written there is older"
    disk.save(after_run(4))
    assert disk.place.load() == after_run(4)


def test_what_another_process_has_written_since_counts(disk: Disk, tmp_path: Path) -> None:
    disk.fill_up()
    with pytest.raises(RememberError):
        disk.save(after_run(2))
    disk.make_room()
    other = memory_of("production", MemorySettings(f"{tmp_path}/./memory"))
    with other.alone():
        other.save(after_run(3))
    assert disk.place.load() == after_run(3)


def test_a_silence_that_could_not_be_written_is_held_too(disk: Disk) -> None:
    disk.fill_up()
    silenced = replace(after_run(1), week_told=NOW)
    with pytest.raises(RememberError):
        disk.save(silenced)
    assert disk.place.load() == silenced

"""A memory that cannot be written for a while: this process knows all the same what it sent."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.memory import MemoryPlace, RememberError, held, memory_of
from shared.model.memory import Memory, Run, Window
from shared.model.report import Verdict
from shared.model.settings import MemorySettings
from tests.builders import NOW


def after_runs(*numbers: int) -> Memory:
    runs = tuple(Run(NOW + number * timedelta(minutes=5), Verdict.PASSED, timedelta(0)) for number in numbers)
    return Memory("production", runs=runs)


WINDOW = Window(NOW, "verify", NOW)


class Disk:
    """A folder that can be taken away: a file stands in its place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> MemoryPlace:
        return memory_of("production", MemorySettings(str(self._path)))

    def run(self, number: int, **changes: object) -> None:
        """Add a run to what is remembered."""
        again(self.place, number, **changes)

    def fill_up(self) -> None:
        self._path.rename(self._path.with_name("away"))
        self._path.write_text("")

    def make_space(self) -> None:
        self._path.unlink()
        self._path.with_name("away").rename(self._path)


def again(place: MemoryPlace, number: int, **changes: object) -> None:
    with place.alone():
        before = place.load()
        runs = (*before.runs, *after_runs(number).runs)
        place.save(replace(before, runs=runs, lost=None, **changes))  # type: ignore[arg-type]  # any field


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path / "memory")
    disk.run(1)
    return disk


def test_what_could_not_be_written_is_known_here(disk: Disk) -> None:
    disk.fill_up()
    for number in (2, 3):
        with pytest.raises(RememberError):
            disk.run(number)
    assert disk.place.load() == after_runs(1, 2, 3)
    disk.make_space()
    assert disk.place.load() == after_runs(1, 2, 3), "what is written there counts again"
    disk.run(4)
    assert disk.place.load() == after_runs(1, 2, 3, 4)


def test_what_another_process_has_written_since_counts_too(disk: Disk, tmp_path: Path) -> None:
    disk.fill_up()
    with pytest.raises(RememberError):
        disk.run(2, week_sent=NOW)
    disk.make_space()
    again(memory_of("production", MemorySettings(f"{tmp_path}/./memory")), 3, last_report="3")
    assert disk.place.load() == replace(after_runs(1, 2, 3), week_sent=NOW, last_report="3")


def test_what_another_process_ended_does_not_return(disk: Disk, tmp_path: Path) -> None:
    disk.run(2, window=WINDOW)
    place = disk.place
    with place.alone():
        before = place.load()
        disk.fill_up()
        with pytest.raises(RememberError):
            place.save(replace(before, runs=after_runs(1, 2, 3).runs))
    disk.make_space()
    again(memory_of("production", MemorySettings(f"{tmp_path}/./memory")), 4, window=None)
    assert disk.place.load() == after_runs(1, 2, 3, 4)


def test_a_silence_that_could_not_be_written_is_held_too(disk: Disk) -> None:
    disk.fill_up()
    with pytest.raises(RememberError):
        disk.run(2, week_sent=NOW)
    assert disk.place.load() == replace(after_runs(1, 2), week_sent=NOW)


def test_what_cannot_be_read_is_known_from_before(disk: Disk) -> None:
    disk.fill_up()
    assert disk.place.load() == after_runs(1)
    disk.make_space()
    assert disk.place.load() == after_runs(1)


def test_a_damaged_document_is_lost_all_the_same(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "memory" / "production.json").write_text("{")
    found = disk.place.load()
    assert found == replace(Memory("production"), lost=found.lost)
    assert found.lost is not None


def test_a_process_knows_so_many_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "MOST_KNOWN", 5)
    monkeypatch.setattr(held, "_known", type(held._known)())
    places = [memory_of(f"target-{number}", MemorySettings(str(tmp_path / "many"))) for number in range(6)]
    for number, place in enumerate(places):
        with place.alone():
            place.save(replace(Memory(f"target-{number}"), week_sent=NOW))
    (tmp_path / "many").rename(tmp_path / "gone")
    (tmp_path / "many").write_text("")
    assert places[0].load().week_sent is None
    assert [place.load().week_sent for place in places[1:]] == [NOW] * 5

"""A real folder: written whole, by one at a time, and never a reason not to notify people."""

import json
import multiprocessing
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.memory import MemoryFile, RememberError
from shared.memory.codec import NotInShapeError, from_json, to_json
from shared.model.memory import Incident, Memory
from tests.builders import NOW
from tests.memory.sample import EVERYTHING, INCIDENT, MESSAGE, REPORT, TEXTS


@pytest.fixture
def file(tmp_path: Path) -> MemoryFile:
    return MemoryFile(tmp_path / "memory", "production")


def stored(shape: type) -> set[str]:
    keys = {"notified": "told", "not_received": "unheard", "week_sent": "week_told"}
    return {keys.get(name, name) for name in shape.__slots__}  # type: ignore[attr-defined]  # of ours


def test_the_keys_of_stored_documents_stay() -> None:
    document = to_json(EVERYTHING)
    assert [each for each in document["incidents"] if "told" in each]
    assert [each for each in document["undelivered"] if "heard" in each]
    assert [each for each in document["runs"] if "blind" in each.get("several", {})]


def test_every_field_is_carried() -> None:
    """Fields at their defaults are left out of the document: none of the sample's may be at its own."""
    assert set(to_json(EVERYTHING)) == stored(Memory) - {"lost", "out_of_reach", "unsaved"}
    assert set(to_json(INCIDENT)) == stored(Incident) - {"check", "is_open"}
    assert from_json(Memory, json.loads(json.dumps(to_json(EVERYTHING)))) == EVERYTHING


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Memory.__slots__, *Incident.__slots__]), inner, max_size=4), max_leaves=20))  # fmt: skip
def test_whatever_the_document_holds_is_understood_or_refused(document: object) -> None:
    try:
        assert isinstance(from_json(Memory, document), Memory)
    except NotInShapeError as error:
        assert str(error).startswith("document")  # noqa: PT017  # either outcome is right


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond *size*, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, previous)


def test_a_full_disk_is_said_and_leaves_the_old_memory(file: MemoryFile, tmp_path: Path) -> None:
    with file.alone():
        file.save(Memory("production", week_sent=NOW))
        with (
            at_most(64),
            pytest.raises(RememberError, match=r"cannot write .*production\.json: File too large; the monitor could"),
        ):
            file.save(EVERYTHING)
        assert file.load() == Memory("production", week_sent=NOW)
    assert not list((tmp_path / "memory").glob("*.part"))


def test_a_folder_that_cannot_be_made_keeps_nobody_from_notifying(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file where the folder should be")
    file = MemoryFile(tmp_path / "memory", "production")
    with file.alone():
        assert file.load().lost == (
            "production.json cannot be read (Not a directory): silences are gone, and what is still wrong is sent again"
        )
        with pytest.raises(RememberError, match="cannot write"):
            file.save(EVERYTHING)


def _hold(folder: Path, end: Connection) -> None:
    with MemoryFile(folder, "production").alone():
        end.send("held")
        end.poll(30)


@dataclass(frozen=True, slots=True)
class OtherRun:
    """Another process that holds the memory until it gets a signal."""

    process: multiprocessing.context.SpawnProcess
    end: Connection

    def finish(self) -> None:
        self.end.close()
        self.process.join()


@pytest.fixture
def other_run(tmp_path: Path) -> Iterator[OtherRun]:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_hold, args=(tmp_path / "memory", theirs), daemon=True)
    process.start()
    theirs.close()
    assert mine.poll(30)
    assert mine.recv() == "held"
    run = OtherRun(process, mine)
    yield run
    run.finish()


def never(_seconds: float) -> None:
    raise AssertionError("nothing is to be waited for")


def test_two_runs_at_once_go_one_after_the_other(tmp_path: Path, other_run: OtherRun) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        other_run.finish()

    with MemoryFile(tmp_path / "memory", "production", sleep=sleep).alone():
        assert len(waits) == 1


def test_a_run_that_does_not_end_is_not_waited_for_for_ever(tmp_path: Path, other_run: OtherRun) -> None:
    file = MemoryFile(tmp_path / "memory", "production", patience=timedelta(0), sleep=never)
    with pytest.raises(RememberError, match="another run of production has not ended within"), file.alone():
        pytest.fail("it is not alone")
    with MemoryFile(tmp_path / "memory", "staging", patience=timedelta(0), sleep=never).alone():
        assert other_run.process.is_alive(), "another target has its own"


def test_a_run_that_is_killed_locks_nobody_out(tmp_path: Path, other_run: OtherRun) -> None:
    other_run.process.kill()
    other_run.process.join()
    with MemoryFile(tmp_path / "memory", "production", patience=timedelta(0), sleep=never).alone():
        assert other_run.process.exitcode == -signal.SIGKILL


def test_what_a_run_left_that_died_before_it_could_refer_to_it_is_deleted(file: MemoryFile, tmp_path: Path) -> None:
    texts = tmp_path / "memory" / "production.texts"
    with file.alone():
        file.save(EVERYTHING, TEXTS)
        (texts / "of-nothing.json").write_text("{}")
        (texts / ".half.json.part").write_text("{")
        file.save(EVERYTHING)
    assert [path.name for path in texts.iterdir()] == [f"{REPORT}.json"]


def test_a_document_without_its_texts_still_has_all_that_matters(file: MemoryFile) -> None:
    """What people must receive is in it: the first line of each message that was not delivered."""
    with file.alone():
        file.save(EVERYTHING)
    (kept,) = file.load().undelivered
    assert file.text(str(kept.whole)) is None
    assert (kept.message.headline, kept.message.events) == (MESSAGE.headline, MESSAGE.events)

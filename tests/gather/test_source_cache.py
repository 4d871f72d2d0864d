"""The cache: what it keeps, what it drops, and what it does not trust."""

import os
import zlib
from pathlib import Path

import pytest

from shared.gather.sources import cache as cache_module
from shared.gather.sources.cache import Cache, Contents, keep_contents, kept_contents


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_what_is_kept_is_there_in_another_process_too(folder: Path) -> None:
    Cache(folder).put("a", b"1")
    assert (Cache(folder).get("a"), Cache(folder).get("b")) == (b"1", None)
    Cache(folder).put("a", b"2")
    assert Cache(folder).get("a") == b"2"


def test_it_lies_where_temporary_things_do(temporary_folder: Path) -> None:
    Cache.here().put("a", b"1")
    (made,) = temporary_folder.iterdir()
    assert (made.name, made.stat().st_mode & 0o777) == (f"migration-monitor-{os.geteuid()}", 0o700)


def test_contents(folder: Path) -> None:
    contents = Contents({"a/1/migration.sql": b"\0\n", "a/é": b""}, frozenset({"a", "a/1", "ü"}))
    keep_contents(Cache(folder), "k", contents)
    assert kept_contents(Cache(folder), "k") == contents
    assert kept_contents(Cache(folder), "other") is None


def test_the_least_recently_used_give_way(folder: Path) -> None:
    cache = Cache(folder, most=4000)
    for number in range(3):
        cache.put(f"{number}", os.urandom(1200))
        aged(folder, seconds=100)
    assert cache.get("0") is not None
    cache.put("3", os.urandom(1200))
    assert [cache.get(f"{number}") is not None for number in range(4)] == [True, False, True, True]


def test_what_is_too_large_is_not_kept(folder: Path) -> None:
    cache = Cache(folder, most=1000)
    cache.put("a", b"1")
    cache.put("large", os.urandom(600))
    assert (cache.get("a"), cache.get("large")) == (b"1", None)


def test_damage_is_seen(folder: Path) -> None:
    cache = Cache(folder)
    cache.put("a", b"1" * 100)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert cache.get("a") is None, position
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert cache.get("a") is None, size


def test_one_value_does_not_pass_for_another(folder: Path) -> None:
    cache = Cache(folder)
    cache.put("a", b"1")
    (of_a,) = folder.iterdir()
    cache.put("b", b"2")
    (of_b,) = (path for path in folder.iterdir() if path != of_a)
    of_a.replace(of_b)
    assert cache.get("b") is None


def test_what_would_unpack_to_too_much(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(folder)
    cache.put("a", bytes(10_000))
    monkeypatch.setattr(cache_module, "_MAX_UNPACKED", 100)
    assert cache.get("a") is None
    assert len(zlib.compress(bytes(10_000), 1)) < 1000


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_that_is_open_to_others_keeps_nothing(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    cache = Cache(folder)
    assert cache.problem == f"nothing is kept in {folder}: it is open to other users, or theirs"
    cache.put("a", b"1")
    assert (cache.get("a"), list(folder.iterdir())) == (None, [])


def test_nor_does_somebody_elses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(mode=0o700)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert Cache(folder).problem is not None


def test_nor_a_link_or_a_file_in_its_place(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    assert Cache(folder).problem == f"nothing is kept in {folder}: it is no folder"
    folder.unlink()
    folder.write_text("")
    problem = Cache(folder).problem
    assert problem is not None
    assert problem.startswith(f"nothing is kept in {folder}: ")


def test_a_disk_that_takes_nothing_is_no_reason_to_fail(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(folder)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    cache.put("a", b"1")
    assert (cache.get("a"), list(folder.iterdir())) == (None, [])
    assert (
        Cache(folder / "does-not" / "exist").problem
        == f"nothing is kept in {folder}/does-not/exist: No such file or directory"
    )


def aged(folder: Path, *, seconds: int) -> None:
    """Let some time pass."""
    for path in folder.iterdir():
        at = path.stat().st_mtime - seconds
        os.utime(path, (at, at))

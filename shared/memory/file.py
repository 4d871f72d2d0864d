"""A target's memory in a local file: replaced whole, by one run at a time, set aside if it is damaged."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from ..model.memory import Memory
from .codec import NotInShapeError
from .document import PATIENCE, lost, not_ended, not_written, understood, written
from .place import NO_TEXTS

_PAUSE = 0.1


class MemoryFile:
    """The document of one target. *sleep* waits between two looks at a lock that another run holds."""

    def __init__(
        self,
        folder: Path,
        target: str,
        *,
        patience: timedelta = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._target = target
        self._path = folder / f"{target}.json"
        # No other target's document is called so, whatever the targets are called.
        self._texts = folder / f"{target}.texts"
        self._patience, self._sleep = patience, sleep
        self._is_alone = False

    def load(self) -> Memory:
        """Give what is remembered; never raises, since what is found now must be sent in any case.

        Where the document cannot be read or understood, the memory is empty and `Memory.lost` says
        why. Who is `alone`, and will write, sets it aside.
        """
        text = self._read()
        return text if isinstance(text, Memory) else self._understood(text)

    def newer(self, tag: str | None) -> tuple[Memory, str | None] | None:
        text = self._read()
        if isinstance(text, Memory):
            return text, None
        now = sha256(text).hexdigest()
        if now == tag:
            return None
        memory = self._understood(text)
        return memory, now if memory.lost is None else None

    def _read(self) -> bytes | Memory:
        """Give the document, or the empty memory of one that does not exist or cannot be read."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return Memory(self._target)
        except OSError as error:
            return lost(self._target, self._path.name, f"cannot be read ({error.strerror})", out_of_reach=True)

    def _understood(self, text: bytes) -> Memory:
        try:
            return understood(text, self._target)
        except NotInShapeError as error:
            problem = str(error)
        if not self._is_alone:
            return self._lost(f"could not be understood ({problem})")
        aside = self._path.with_name(f"{self._path.name}.unreadable-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        with suppress(OSError):  # `save` will meet the same, and say so
            self._path.replace(aside)
        return self._lost(f"could not be understood ({problem}) and was set aside as {aside.name}")

    def save(self, memory: Memory, texts: Mapping[str, str] = NO_TEXTS) -> None:
        """Replace the document: a reader finds the old one or the new one, also after a crash."""
        new = [self._beside(digest) for digest in texts]
        try:
            if texts:
                self._texts.mkdir(exist_ok=True)
            for path, text in zip(new, texts.values(), strict=True):
                _replace(path, text.encode("utf-8", "surrogatepass"))
            _replace(self._path, written(memory))
        except OSError as error:
            problem = error.strerror
        else:
            if self._is_alone:
                self._clear({self._beside(digest) for digest in memory.documents()})
            return
        raise not_written(str(self._path), problem)

    def text(self, digest: str) -> str | None:
        try:
            return self._beside(digest).read_bytes().decode("utf-8", "surrogatepass")
        except (OSError, ValueError):
            return None

    def _beside(self, digest: str) -> Path:
        # It comes out of a document that may be damaged, and leads nowhere else.
        return self._texts / f"{Path(digest).name}.json"

    def _clear(self, kept: Set[Path]) -> None:
        """Delete the documents that nothing refers to, also those of a run that died before it could refer to them."""
        with suppress(OSError):
            for path in self._texts.iterdir():
                if path not in kept:
                    path.unlink()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs of this target out from reading to writing; the system frees the lock of a run that dies.

        Where no lock can be had because rights or space are missing, nobody is kept out: `save` will say so,
        after people have been notified.
        """
        path = self._path.with_name(f".{self._path.name}.lock")
        with ExitStack() as held:
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                self._wait_for(held.enter_context(path.open("a+b")).fileno())
            self._is_alone = True
            held.callback(setattr, self, "_is_alone", False)
            yield

    def _wait_for(self, file: int) -> None:
        deadline = time.monotonic() + self._patience.total_seconds()
        while not _locked(file):
            if time.monotonic() >= deadline:
                raise not_ended(self._target, self._patience)
            self._sleep(_PAUSE)

    def _lost(self, what: str) -> Memory:
        return lost(self._target, self._path.name, what)


def _locked(file: int) -> bool:
    """Take the lock if nobody has it; closing the file gives it back."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  # only there

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  # it does not exist there

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the second is Windows' word for it
        return False
    return True


def _replace(path: Path, document: bytes) -> None:
    """Write beside *path*, whole, and put that in its place."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Have the new name itself survive a power cut; Windows has no such thing."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

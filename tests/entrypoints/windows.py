"""A terminal of a given size, in which a command that redraws its screen runs."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator

from tests.patience import SECONDS

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def without_escapes(text: str) -> str:
    return _ESCAPE.sub("", text)


class Window:
    """A terminal of *columns* and *rows*, in which a program runs. It knows what the screen of `watch` writes."""

    def __init__(self, words: list[str], columns: int, rows: int) -> None:
        self._ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
        self._process = subprocess.Popen(
            words, stdin=its, stdout=its, stderr=its, env={**environment, "TERM": "xterm"}, start_new_session=True
        )
        os.close(its)
        self.written = ""

    def frames(self) -> Iterator[str]:
        """Each picture, without colours, as soon as it is complete."""
        seen = 0
        deadline = time.monotonic() + SECONDS
        while self._read():
            assert time.monotonic() < deadline, self.written
            *complete, _ = self.written.split("\x1b[J")
            for frame in complete[seen:]:
                yield _ESCAPE.sub("", frame.rpartition("\x1b[H")[2]).replace("\r\n", "\n")
            seen = len(complete)

    def until(self, text: str, times: int) -> None:
        while self.written.count(text) < times:
            assert self._read(), self.written

    def ended(self) -> int:
        deadline = time.monotonic() + SECONDS
        while self._read():
            assert time.monotonic() < deadline, self.written
        os.close(self._ours)
        return self._process.wait()

    def interrupt(self) -> None:
        os.killpg(self._process.pid, 2)

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], SECONDS)[0]:
            self._process.kill()
            raise TimeoutError(self.written)
        try:
            chunk = os.read(self._ours, 65536).decode(errors="replace")
        except OSError:  # Linux says so where the other end was closed by all
            return False
        self.written += chunk
        return bool(chunk)

"""The command line as a process that stays: a script that is followed does not start the monitor again each time.

``python -m tests.remedies.law.cli`` prints its port. A request is the URL of the database and the command's words, each
ended by NUL, their number first. The answer is the exit status on a line of its own, then what was printed.
"""

import io
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from shared.entrypoints.cli.main import main

_ROOT = Path(__file__).parents[3]
# No command of ours ends so.
CRASHED = 70
_CLIENT = """\
#!/usr/bin/env bash
exec 3<>"/dev/tcp/127.0.0.1/{port}"
printf '%s\\0' "$(($# + 1))" "$DATABASE_URL" "$@" >&3
read -r status <&3
cat <&3
exit "$status"
"""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """*client* is the program that asks it."""

    port: int
    client: Path

    def run(self, url: str, *words: str) -> tuple[int, str]:
        with socket.create_connection(("127.0.0.1", self.port)) as connection, connection.makefile("rb") as answer:
            connection.sendall("".join(f"{word}\0" for word in (str(len(words) + 1), url, *words)).encode())
            status, printed = int(answer.readline()), answer.read().decode()
            assert status != CRASHED, printed
            return status, printed

    def resident(self, script: str) -> str:
        """Give *script* with the resident monitor instead of one that starts each time."""
        return script.replace(f"{sys.executable} {_ROOT / 'monitor.py'}", str(self.client))


@contextmanager
def resident_command_line(folder: Path) -> Iterator[CommandLine]:
    command = [sys.executable, "-m", "tests.remedies.law.cli"]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        client = folder / "monitor"
        client.write_text(_CLIENT.format(port=port))
        client.chmod(0o755)
        try:
            yield CommandLine(port, client)
        finally:
            server.terminate()


def _serve() -> None:
    sys.argv[0] = str(_ROOT / "monitor.py")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            _answer(connection)


def _answer(connection: socket.socket) -> None:
    with connection, connection.makefile("rb") as request:
        count = int(_word(request))
        os.environ["DATABASE_URL"], *words = (_word(request) for _ in range(count))
        with _printed() as printed:
            try:
                status = main(words)
            except SystemExit as ended:
                status = int(ended.code or 0)
            except Exception:  # noqa: BLE001  # it ends the command, as it would end the process
                traceback.print_exc()
                status = CRASHED
        connection.sendall(f"{status}\n".encode() + printed.getvalue())


@contextmanager
def _printed() -> Iterator[io.BytesIO]:
    printed = io.BytesIO()
    text = io.TextIOWrapper(printed, encoding="utf-8", write_through=True)
    with redirect_stdout(text), redirect_stderr(text):
        yield printed
    text.detach()


def _word(request: io.BufferedReader) -> str:
    found = bytearray()
    while (byte := request.read(1)) != b"\0":
        found += byte
    return found.decode()


if __name__ == "__main__":
    _serve()

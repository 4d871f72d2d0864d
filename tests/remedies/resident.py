"""Prisma's engine as a process that stays: a command takes 40 ms instead of the 400 that loading it takes."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent of a *script*: for each part the tags of its statements that ended, and whether all of it did."""

    script: str
    parts: tuple[tuple[tuple[str, ...], bool], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    ok: bool
    error: str
    result: Any


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine of one worker. It listens on *port*; `npx` in *folder* knows how to ask it."""

    folder: Path
    port: int

    def ask(self, url: str, folder: Path, parts: Path | None, *command: str) -> Answer:
        answer = self._asked(url, str(folder), str(parts or ""), "migrate", *command)
        return Answer(answer["status"] == 0, answer["error"] or "", answer["result"])

    def sent(self) -> list[Sent]:
        """Everything that was sent of scripts since this was asked last, in order."""
        return [
            Sent(each["script"], tuple((tuple(part["ended"]), not part["failed"]) for part in each["pieces"]))
            for each in self._asked("sent")["result"]
        ]

    def _asked(self, *words: str) -> dict[str, Any]:
        with socket.create_connection(("127.0.0.1", self.port)) as connection, connection.makefile("rb") as answers:
            connection.sendall("".join(f"{word}\0" for word in (str(len(words)), *words)).encode())
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer


@contextmanager
def resident_engine(folder: Path) -> Iterator[Engine]:
    """Start the engine that is installed in *folder*; it ends with us, whatever happens."""
    # Node may only be there beside what is installed.
    path = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    command = ["node", "--no-deprecation", str(folder / "server.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=path) as server:
        assert server.stdout is not None
        yield Engine(folder, int(server.stdout.readline()))
        assert server.stdin is not None
        server.stdin.close()

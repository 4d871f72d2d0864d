"""Channels that fail in every way: each takes, refuses, drips, hangs up, or kills the process that sends."""

import json
import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from tests.gather.servers import rude_server

# What a channel does with the next message: "dies" takes it and kills the sender, "loses" takes it and hangs up.
Temper = Literal["takes", "refuses", "too large", "busy", "asks for a pause", "drips", "resets", "loses", "dies"]
HTTP: dict[str, bytes] = {
    "takes": b"200 OK",
    "refuses": b"401 Unauthorized",
    "too large": b"413 Content Too Large",
    "busy": b"503 Service Unavailable",
    "asks for a pause": b"429 Too Many Requests",
}
# Slack's Web API says what is wrong in the body of a 200.
SLACK: dict[str, str] = {"refuses": "invalid_auth", "too large": "msg_too_long", "busy": "internal_error"}
SMTP: dict[str, bytes] = {
    "takes": b"250 taken",
    "refuses": b"550 refused",
    "too large": b"552 too large",
    "busy": b"451 come again",
    "asks for a pause": b"421 come again",
}


def _body(lines: BinaryIO) -> bytes:
    """Give the body of a request. One whose sender was killed before its end is none."""
    length = 0
    while (line := lines.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length"):
            length = int(line.split(b":")[1])
    body = lines.read(length)
    if not body or len(body) < length:
        raise ConnectionAbortedError
    return body


@dataclass
class Receiver:
    """One channel; *kill* ends the process that sends now, `received` has the ids of what was taken, in order.

    `alerts` are the keys of those that are open, where this is a PagerDuty service, with what each says.
    """

    name: str
    kill: Callable[[], None]
    temper: Temper = "takes"
    received: list[str] = field(default_factory=list)
    alerts: dict[str, str] = field(default_factory=dict)

    def http(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            document = json.loads(_body(lines))
        is_short = document["report"] is None
        temper: Temper = "takes" if self.temper == "too large" and is_short else self.temper
        if self._is_taken(temper):
            self.received.append(document["message"]["id"])
        self._answer(connection, temper)

    def _answer(self, connection: socket.socket, temper: Temper) -> None:
        if temper in HTTP:
            pause = b"Retry-After: 600\r\n" if temper == "asks for a pause" else b""
            connection.sendall(b"HTTP/1.1 " + HTTP[temper] + b"\r\nContent-Length: 0\r\n" + pause + b"\r\n")
        else:
            self._misbehave(connection, temper, b"HTTP/1.1 200 OK\r\nX: ")

    def slack(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            body = _body(lines)
        document = json.loads(body)
        temper: Temper = "takes" if self.temper == "too large" and b"first line" in body else self.temper
        if self._is_taken(temper) and "metadata" in document:
            self.received.append(document["metadata"]["event_payload"]["id"])
        if temper == "takes" or temper in SLACK:
            said = {"ok": True, "ts": "1.5"} if temper == "takes" else {"ok": False, "error": SLACK[temper]}
            answer = json.dumps(said).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        else:
            self._answer(connection, temper)

    def pagerduty(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            body = _body(lines)
        event = json.loads(body)
        is_small = event["event_action"] != "trigger" or b"first line" in body
        temper: Temper = "takes" if self.temper == "too large" and is_small else self.temper
        if self._is_taken(temper):
            if event["event_action"] == "trigger":
                self.alerts[event["dedup_key"]] = event["payload"]["summary"]
            elif event["event_action"] == "resolve":
                self.alerts.pop(event["dedup_key"], None)
        self._answer(connection, temper)

    def smtp(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            while line := lines.readline():
                if line.lower().startswith(b"data"):
                    connection.sendall(b"354 go on\r\n")
                    mail = b"".join(iter(lines.readline, b".\r\n"))
                    is_short = b"first line" in mail
                    temper: Temper = "takes" if self.temper == "too large" and is_short else self.temper
                    found = re.search(rb"Message-ID: <(\w+)@", mail)
                    assert found is not None
                    if self._is_taken(temper):
                        self.received.append(found[1].decode())
                    if temper not in SMTP:
                        self._misbehave(connection, temper, b"250")
                        return
                    connection.sendall(SMTP[temper] + b"\r\n")
                else:
                    connection.sendall(b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 yes\r\n")

    def _is_taken(self, temper: Temper) -> bool:
        return temper in {"takes", "loses", "dies"}

    def _misbehave(self, connection: socket.socket, temper: Temper, start: bytes) -> None:
        if temper == "dies":
            self.kill()
        if temper == "drips":
            with suppress(OSError):
                connection.sendall(start)
                while not threading.Event().wait(0.05):
                    connection.sendall(b"-")
        # With something left to read, closing it is a reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


@dataclass
class Killer:
    """Ends the processes that run now, with a signal that nothing can catch."""

    pids: list[int] = field(default_factory=list)

    def __call__(self) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


_BEHAVIOURS = {"mail": Receiver.smtp, "chat": Receiver.slack, "paging": Receiver.pagerduty}


@contextmanager
def receivers(kill: Callable[[], None]) -> Iterator[tuple[dict[str, Receiver], dict[str, int]]]:
    every = {name: Receiver(name, kill) for name in ("team", "oncall", "mail", "chat", "paging")}
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(rude_server(_BEHAVIOURS.get(name, Receiver.http).__get__(each)))[0]
            for name, each in every.items()
        }
        yield every, ports

"""The status page at this machine alone: a small server for who sits at it, of the routes that a deployed monitor has.

It listens on the loopback interface. A page of the web that a browser at this machine shows cannot read it either: a
name that leads here (DNS rebinding) is not the name in the address, and forms are signed.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Lock
from urllib.parse import parse_qsl, unquote, urlsplit

from ...net.background import Started
from . import acts, pages
from .answer import HttpAnswer, not_found
from .call import HttpCall
from .openapi import openapi
from .site import Route, Site

_LOOPBACK = "127.0.0.1"
_READS: Mapping[str, Route] = {
    "status": pages.status,
    "report": pages.report,
    "badge": pages.badge,
    "metrics": pages.metrics,
    "openapi.json": lambda _call, _site, _now: openapi(),
}
_WRITES: Mapping[str, Route] = {"silence": acts.silence, "check": acts.check}
_LARGEST_BODY = 64 * 1024
_START = "/api/status"


class Checks:
    """Checks that readers ask for, in the background and one at a time; *check* is called with a target's name.

    A target that waits already is not queued again. One that is being checked is: what was changed meanwhile counts.
    """

    def __init__(self, check: Callable[[str], None]) -> None:
        self._check = check
        self._queue, self._waiting, self._lock = SimpleQueue[str](), set[str](), Lock()
        self._worker = Started(self._work)

    def queue(self, target: str) -> None:
        with self._lock:
            if target in self._waiting:
                return
            self._waiting.add(target)
        self._queue.put(target)

    def _work(self) -> None:
        while True:
            target = self._queue.get()
            with self._lock:
                self._waiting.discard(target)
            self._check(target)


class LocalServer(ThreadingHTTPServer):
    """Serves *site* on *port* of this machine (0: a free one); raises OSError where that is taken.

    Without *checks* there is no "check now".
    """

    daemon_threads = True

    def __init__(self, site: Site, port: int, checks: Checks | None = None) -> None:
        super().__init__((_LOOPBACK, port), _Handler)
        self.site, self.checks = site, checks

    @property
    def url(self) -> str:
        return f"http://{_LOOPBACK}:{self.server_port}{_START}"

    @property
    def own_names(self) -> set[str]:
        """What a browser says in `Host` that was sent here by an address of this machine."""
        return {f"{name}:{self.server_port}" for name in (_LOOPBACK, "localhost")}


class _Handler(BaseHTTPRequestHandler):
    server: LocalServer
    server_version = "monitor"
    sys_version = ""
    # A connection on which nothing comes is closed.
    timeout = 30

    def do_GET(self) -> None:
        self._answer(_READS)

    def do_HEAD(self) -> None:
        self._answer(_READS)

    def do_POST(self) -> None:
        self._answer(_WRITES)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's own name
        """Write nothing: an address may hold what is nobody's business."""

    def _answer(self, routes: Mapping[str, Route]) -> None:
        if (self.headers.get("Host") or "").lower() not in self.server.own_names:
            self._send(HttpAnswer(HTTPStatus.MISDIRECTED_REQUEST, "", {}))
            return
        url = urlsplit(self.path)
        if url.path == "/":
            self._send(HttpAnswer(HTTPStatus.FOUND, "", {"Location": _START}))
            return
        name, target = _words(url.path)
        route, body = routes.get(name), self._body()
        if route is None or body is None or (route is acts.check and self.server.checks is None):
            self._send(not_found())
            return
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        call = HttpCall(self.command, url.path, target, query, dict(self.headers), body)
        answer = route(call, self.server.site, datetime.now(UTC))
        if self.server.checks is not None:
            for message in answer.queued:
                self.server.checks.queue(json.loads(message)["target"])
        self._send(answer)

    def _body(self) -> bytes | None:
        """Give what was sent; None where it is too long, or its length is not said."""
        if self.command != "POST":
            return b""
        length = self.headers.get("Content-Length") or ""
        return self.rfile.read(int(length)) if length.isdecimal() and int(length) <= _LARGEST_BODY else None

    def _send(self, answer: HttpAnswer) -> None:
        body = answer.body.encode()
        # What was not read of a request must not be taken for the next one.
        self.close_connection = True
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Type": answer.media_type}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _words(path: str) -> tuple[str, str]:
    """Give the route that *path* names, and its target: "" where it names none."""
    match path.split("/"):
        case ["", "api", name]:
            return name, ""
        case ["", "api", name, target] | ["", "api", name, target, ""]:
            return name, unquote(target)
    return "", ""

"""Real servers on loopback: correct ones for HTTP, and rude ones that do what they like with a connection."""

import atexit
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer; one that *breaks_off* ends after so many bytes of its body, in the middle of them."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    breaks_off: int | None = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Who comes when more than these wait is let in a second later.
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away in the middle are what is tested."""


@contextmanager
def http_server(
    reply: Callable[[Request], Reply], tls: ssl.SSLContext | None = None
) -> Iterator[tuple[int, list[Request]]]:
    """Serve on a free port of 127.0.0.1; give the port and the list of its requests."""
    seen: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            seen.append(request)
            answer = reply(request)
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: answer.breaks_off])
            if answer.breaks_off is not None:
                self.close_connection = True

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = answer  # noqa: N815  # http.server's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        # The handshake belongs to the connection's own thread, not to the one that accepts.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def rude_server(behave: Callable[[socket.socket], None]) -> Iterator[tuple[int, threading.Semaphore]]:
    """Serve on a free port; *behave* has each connection for itself. Give the port, and a count of those that ended."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Semaphore(0)

    def one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            behave(connection)
        ended.release()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], ended
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


@cache
def nobody() -> int:
    """Give a port on which nobody listens, and nobody will: it is taken for as long as this process runs."""
    taken = socket.socket()  # bound, and not listening
    atexit.register(taken.close)
    taken.bind(("127.0.0.1", 0))
    return int(taken.getsockname()[1])

"""The HTTP client against servers that answer well, badly, late, without end and for somebody else."""

import gzip
import itertools
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from shared.net import exchange
from shared.net.client import Document, LateError, Limits, NoAnswerError, Request, ask, asked
from shared.net.deadline import Deadline
from tests.gather.servers import Reply, http_server, nobody, rude_server
from tests.gather.servers import Request as Received
from tests.patience import SECONDS, growing

SECRET = "hunter2"  # what must appear nowhere
CREDENTIALS = {"Authorization": f"Bearer {SECRET}", "X-Key": SECRET}
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    caplog.set_level(logging.DEBUG)
    yield
    assert SECRET not in caplog.text


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which nobody waits for."""
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    return paused


def limits(seconds: float = SECONDS, size: int = MIB, **more: object) -> Limits:
    return Limits(Deadline.after(timedelta(seconds=seconds)), size, https_only=False, **more)  # type: ignore[arg-type]


def at(port: int, path: str = "/", **more: object) -> Request:
    return Request(f"http://127.0.0.1:{port}{path}?sig={SECRET}", **more)  # type: ignore[arg-type]


def streamed(request: Request, bounds: Limits) -> bytes:
    with asked(request, bounds) as answer:
        return answer.read(-1)


def whole(request: Request, bounds: Limits) -> bytes:
    return ask(request, bounds).content


BOTH = pytest.mark.parametrize("read", [whole, streamed])


def because(read: Callable[[Request, Limits], object], request: Request, bounds: Limits) -> NoAnswerError:
    with pytest.raises(NoAnswerError) as caught:
        read(request, bounds)
    assert SECRET not in f"{caught.value!r} {request!r}"
    # No exception of a library is at hand, whose text has the URL.
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    return caught.value


def in_turn(*replies: Reply) -> Callable[[Received], Reply]:
    left = itertools.chain(replies, itertools.repeat(replies[-1]))
    return lambda _: next(left)


def saying(start: bytes, then: Callable[[socket.socket], None] = lambda _: None) -> Callable[[socket.socket], None]:
    def say(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(start)
        then(connection)

    return say


def drip(connection: socket.socket) -> None:
    while not threading.Event().wait(0.01):
        connection.sendall(b"1")


OK = b"HTTP/1.1 200 OK\r\n"
# The head of a gzip of one block that is not compressed: whatever bytes follow are its content.
STORED = b"\x1f\x8b\x08" + bytes(6) + b"\xff\x00\xff\xff\x00\x00"


def was_connected(error: NoAnswerError) -> bool:
    return not str(error).startswith("no connection to ")


class TestTime:
    @BOTH
    @pytest.mark.parametrize(
        "start",
        [
            pytest.param(b"", id="the status"),
            pytest.param(OK + b"X: ", id="headers"),
            pytest.param(OK + b"Content-Length: 99999\r\n\r\n", id="a body"),
            pytest.param(OK + b"\r\n", id="a body that ends with the connection"),
            pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n", id="the size of a chunk"),
            pytest.param(OK + b"Content-Encoding: gzip\r\n\r\n" + STORED, id="what is packed"),
        ],
    )
    def test_who_drips_is_cut(self, read: Callable[[Request, Limits], object], start: bytes) -> None:
        """Each byte restarts the socket's own timeout; and what was cut never counts as the end of a body."""
        with rude_server(saying(start, drip)) as (port, ended):
            for seconds in growing(0.3):
                error = because(read, at(port), limits(seconds))
                assert isinstance(error, LateError)
                if was_connected(error):
                    break
            assert str(error) == f"no whole answer from 127.0.0.1:{port} within {seconds:.3g} s"
            assert ended.acquire(timeout=SECONDS), "the connection is still open"

    @BOTH
    def test_one_step_has_a_limit_too(self, read: Callable[[Request, Limits], object]) -> None:
        with rude_server(saying(b"", drip_nothing)) as (port, _):
            error = because(read, at(port), limits(read=0.1))
        assert (type(error), str(error)) == (LateError, f"no whole answer from 127.0.0.1:{port} within 0.1 s")

    def test_no_time_is_left(self) -> None:
        with http_server(in_turn(Reply())) as (port, seen):
            error = because(ask, at(port), limits(0))
        assert str(error) == f"no connection to 127.0.0.1:{port} within 0 s"
        assert seen == []

    def test_tries_end_with_the_time(self, pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exchange, "_FIRST_PAUSE", 2 * SECONDS)
        monkeypatch.setattr(exchange, "_LONGEST_PAUSE", 2 * SECONDS)
        with http_server(in_turn(Reply(503))) as (port, seen):
            assert ask(at(port), limits(tries=9)).status == 503
        assert (len(seen), pauses) == (1, [])


def drip_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


class TestSize:
    BOMB = gzip.compress(bytes(64 * MIB))

    @BOTH
    @pytest.mark.parametrize(
        "reply",
        [
            pytest.param(Reply(body=bytes(MIB + 1)), id="announced"),
            pytest.param(Reply(body=BOMB, headers={"Content-Encoding": "gzip"}), id="a bomb"),
            pytest.param(Reply(body=gzip.compress(BOMB), headers={"Content-Encoding": "gzip, gzip"}), id="two bombs"),
        ],
    )
    def test_more_is_an_error(self, read: Callable[[Request, Limits], object], reply: Reply) -> None:
        with http_server(in_turn(reply)) as (port, _):
            error = because(read, at(port), limits())
        assert (str(error), error.lasting) == (f"127.0.0.1:{port} sends more than 1,048,576 bytes", True)

    @BOTH
    def test_so_much_and_no_more(self, read: Callable[[Request, Limits], object]) -> None:
        with http_server(in_turn(Reply(body=bytes(MIB)))) as (port, _):
            assert read(at(port), limits()) == bytes(MIB)

    def test_it_may_be_cut_instead(self) -> None:
        with http_server(in_turn(Reply(body=self.BOMB, headers={"Content-Encoding": "gzip"}))) as (port, _):
            document = ask(at(port), limits(cut=True))
        assert (document.content, document.cut) == (bytes(MIB), True)

    @BOTH
    def test_what_is_packed_stays_so_where_that_is_asked_for(self, read: Callable[[Request, Limits], object]) -> None:
        with http_server(in_turn(Reply(body=self.BOMB, headers={"Content-Encoding": "gzip"}))) as (port, seen):
            assert read(at(port), limits(packed=True)) == self.BOMB
        assert seen[0].headers["accept-encoding"] == "identity"

    @BOTH
    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            pytest.param(b"Content-Length: 9\r\n\r\nhalf", None, id="less than it says"),
            pytest.param(b"Content-Length: 2\r\n\r\nok and more", b"ok", id="more than it says"),
            pytest.param(b"Content-Length: -5\r\n\r\nok", b"ok", id="less than none"),
            pytest.param(b"Content-Length: many\r\n\r\nok", b"ok", id="no number"),
            pytest.param(b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", b"ok", id="chunks count"),
            pytest.param(b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf", None, id="half a chunk"),
            pytest.param(b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", None, id="no last chunk"),
        ],
    )  # fmt: skip
    def test_a_length_that_is_not_true(
        self, read: Callable[[Request, Limits], object], answer: bytes, outcome: bytes | None
    ) -> None:
        with rude_server(saying(OK + answer)) as (port, _):
            if outcome is not None:
                assert read(at(port), limits()) == outcome
                return
            error = because(read, at(port), limits())
        assert str(error) == f"127.0.0.1:{port} closed the connection before the whole answer was there"


@contextmanager
def hop(location: str, status: int = 302) -> Iterator[tuple[int, list[Received]]]:
    """A server that redirects ``/`` to *location*, in which ``{port}`` is its own, and answers all else."""
    ports: list[int] = []

    def reply(request: Received) -> Reply:
        moved = {"Location": location.format(port=ports[0])}
        return Reply(status, b"", moved) if request.path.startswith("/?") else Reply()

    with http_server(reply) as (port, seen):
        ports.append(port)
        yield port, seen


class TestRedirects:
    def test_none_is_followed_unasked(self) -> None:
        with hop("/there") as (port, seen):
            assert ask(at(port), limits()).status == 302
        assert len(seen) == 1

    def test_an_end(self) -> None:
        with http_server(in_turn(Reply(302, b"", {"Location": "/again"}))) as (port, seen):
            error = because(ask, at(port), limits(redirects=3))
        assert str(error) == f"more than 3 redirects, the last from 127.0.0.1:{port}"
        assert len(seen) == 4

    @pytest.mark.parametrize(
        ("location", "goes_along"),
        [
            pytest.param("/there", True, id="a path"),
            pytest.param("http://127.0.0.1:{port}/there", True, id="this host"),
            pytest.param("http://user:x@127.0.0.1:{port}/there", True, id="this host with a user"),
            pytest.param("http://localhost:{port}/there", False, id="another name"),
            pytest.param("http://127.0.0.1.:{port}/there", False, id="another spelling"),
            pytest.param("//localhost:{port}/there", False, id="without a scheme"),
        ],
    )
    def test_credentials_stay_with_their_host(
        self, monkeypatch: pytest.MonkeyPatch, location: str, goes_along: bool
    ) -> None:
        resolve = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: resolve("127.0.0.1", *more, **named))
        with hop(location) as (port, seen):
            sent = at(port, headers={"X-Team": "us"}, credentials=CREDENTIALS)
            assert ask(sent, limits(redirects=1)).status == 200
        first, second = (request.headers for request in seen)
        assert (first["authorization"], first["x-key"]) == (CREDENTIALS["Authorization"], SECRET)
        assert second["x-team"] == "us"
        assert (SECRET in repr(second)) is goes_along

    def test_another_port_is_another_place_and_there_is_no_way_back(self) -> None:
        with hop("/never") as (port, seen), hop(f"http://127.0.0.1:{port}/back") as (other, between):
            home = hop(f"http://127.0.0.1:{other}/?x")
            with home as (start, first):
                assert ask(at(start, credentials=CREDENTIALS), limits(redirects=5)).status == 200
        assert SECRET in repr(first)
        assert "authorization" not in repr(between) + repr(seen)

    @pytest.mark.parametrize(
        ("url", "location", "same"),
        [
            ("https://a/x", "https://A:443/y", True),
            ("http://a/x", "https://a/y", True),
            ("http://a:8080/x", "https://a:8080/y", False),
            ("https://a/x", "http://a/y", False),
            ("https://a/x", "https://a:8443/y", False),
            ("https://a/x", "https://a.b/y", False),
            ("http://[::1]/x", "http://[::1]:80/y", True),
        ],
    )
    def test_what_the_same_place_is(self, url: str, location: str, same: bool) -> None:
        assert exchange._is_same_place(url, location) is same

    def test_only_https_where_that_is_asked_for(self) -> None:
        with hop("http://127.0.0.1:1/") as (port, _):
            bounds = Limits(Deadline.after(timedelta(seconds=SECONDS)), MIB, redirects=1)
            assert str(because(ask, at(port), bounds)) == f"127.0.0.1:{port} redirects to an address without https"


class TestTries:
    @pytest.mark.parametrize(
        ("first", "status", "pause"),
        [
            pytest.param(Reply(503), 200, (0.125, 0.25), id="away"),
            pytest.param(Reply(429, headers={"Retry-After": "3"}), 200, (3, 3), id="a pause it asks for"),
            pytest.param(Reply(429, headers={"Retry-After": "a date"}), 200, (2, 4), id="until a date"),
            pytest.param(Reply(503, headers={"Retry-After": "60"}), 503, None, id="a pause that is too long"),
            pytest.param(Reply(404), 404, None, id="an answer"),
            pytest.param(Reply(501), 501, None, id="no use"),
        ],
    )
    def test_what_is_transient_is_tried_again(
        self, pauses: list[float], first: Reply, status: int, pause: tuple[float, float] | None
    ) -> None:
        if first.headers.get("Retry-After") == "a date":
            soon = format_datetime(datetime.now(UTC) + timedelta(seconds=4), usegmt=True)
            first = Reply(first.status, headers={"Retry-After": soon})
        with http_server(in_turn(first, Reply())) as (port, seen):
            assert ask(at(port), limits(tries=2)).status == status
        assert [pause is not None and pause[0] <= each <= pause[1] for each in pauses] == ([True] if pause else [])
        assert len(seen) == 1 + len(pauses)

    def test_no_answer_is_tried_again_to_the_last(self, pauses: list[float]) -> None:
        port = nobody()
        error = because(ask, at(port), limits(tries=3))
        assert str(error) == f"127.0.0.1:{port} refused the connection"
        assert len(pauses) == 2

    def test_the_last_answer_counts(self, pauses: list[float]) -> None:
        with http_server(in_turn(Reply(500), Reply(503))) as (port, seen):
            assert ask(at(port), limits(tries=2)).status == 503
        assert (len(seen), len(pauses)) == (2, 1)

    def test_a_body_goes_along_each_time(self, pauses: list[float]) -> None:
        with http_server(in_turn(Reply(500), Reply())) as (port, seen):
            ask(at(port, method="PUT", body=b"it"), limits(tries=2))
        assert [(request.method, request.body) for request in seen] == [("PUT", b"it")] * 2


class TestConnections:
    def test_one_that_is_kept_serves_the_next_request(self) -> None:
        connections = itertools.count()

        def serve(connection: socket.socket) -> None:
            next(connections)
            while connection.recv(65536):
                connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")

        with rude_server(serve) as (port, _):
            assert [whole(at(port), limits(kept=True)) for _ in range(3)] == [b"ok"] * 3
            assert next(connections) == 1
            assert whole(at(port), limits()) == b"ok"
        assert next(connections) == 3

    def test_one_that_is_kept_is_cut_all_the_same(self) -> None:
        def serve(connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")
            connection.recv(65536)
            connection.sendall(OK + b"Content-Length: 99999\r\n\r\n")
            drip(connection)

        with rude_server(serve) as (port, ended):
            for seconds in growing(0.3):
                assert whole(at(port), limits(kept=True)) == b"ok"
                error = because(ask, at(port), limits(seconds, kept=True))
                assert isinstance(error, LateError)
                if was_connected(error):
                    break
            assert ended.acquire(timeout=SECONDS), "the connection is still open"

    def test_nothing_is_kept_of_cookies_and_taken_from_netrc(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login us password {SECRET}\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        with http_server(in_turn(Reply(headers={"Set-Cookie": "session=1"}))) as (port, seen):
            for _ in range(2):
                ask(at(port), limits(kept=True))
        assert [{"cookie", "authorization"} & set(request.headers) for request in seen] == [set(), set()]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        pytest.param(Request("http://a..b/"), "a..b:80 is no address to ask", id="a host"),
        pytest.param(at(1, headers={"X": "a\r\nY: b"}), "the request to 127.0.0.1:1 cannot be put into HTTP", id="a header"),
        pytest.param(at(1, credentials={"X": "–"}), "the request to 127.0.0.1:1 cannot be put into HTTP", id="a secret"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent(request_: Request, words: str) -> None:
    error = because(ask, request_, limits())
    assert str(error) == words


def test_json() -> None:
    read = [Document(200, {}, "", content).json() for content in (b'{"a": 1}', b"[" * 100_000, b"\xff", b"")]
    assert read == [{"a": 1}, None, None, None]


def test_nothing_heavy_is_imported_before_something_is_asked() -> None:
    code = (
        "import sys, shared.net.client, shared.azure.container, shared.gather.arm, shared.gather.endpoints, "
        "shared.gather.sources.web, shared.alerts.delivery.post; sys.exit({'requests', 'urllib3', 'ssl'} & set(sys.modules) != set())"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0

import gzip
import itertools
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.gather.endpoints import CONCURRENT, MAX_BODY, probe_endpoints
from shared.model.endpoint import Answer, EndpointExpectation, NoAnswer, Probe
from shared.model.knowledge import Unavailable
from shared.model.setting_types import Secret
from tests.gather.servers import Reply, Request, http_server, nobody, rude_server
from tests.patience import LONG, SECONDS, growing

MINUTE = timedelta(minutes=1)
# That the settings allow.
LONGEST = timedelta(minutes=2)
NOW = timedelta(0)
TOKEN = "t0ken-of-production"  # what must appear nowhere
CREDENTIALS = {
    "Authorization": Secret("env:A", f"Bearer {TOKEN}"),
    "X-Session": Secret("env:B", TOKEN),
    "X-Team": "us",
}
PROXIES = [name for name in os.environ if name.lower().endswith("_proxy")]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name)


def endpoint(url: str | int, **fields: Any) -> EndpointExpectation:
    """An endpoint at a URL or a port of this machine, tried again at once."""
    address = url if isinstance(url, str) else f"http://127.0.0.1:{url}/health"
    return EndpointExpectation(**{"name": "health", "url": address, "pause": NOW, **fields})


def probe(url: str | int, **fields: Any) -> Probe:
    (probed,) = probe_endpoints((endpoint(url, **fields),), MINUTE)
    assert isinstance(probed, Probe)
    return probed


def answer(url: str | int, **fields: Any) -> Answer:
    """The answer to a single try."""
    (outcome,) = probe(url, tries=1, **fields).tries
    assert isinstance(outcome, Answer), outcome
    return outcome


def because(url: str | int, **fields: Any) -> str:
    """Why a single try had no answer."""
    (outcome,) = probe(url, tries=1, **fields).tries
    assert isinstance(outcome, NoAnswer), outcome
    return outcome.because


def in_turn(*replies: Reply) -> Callable[[Request], Reply]:
    left = itertools.chain(replies, itertools.repeat(replies[-1]))
    return lambda _request: next(left)


def statuses(probed: Probe) -> list[int | None]:
    return [outcome.status if isinstance(outcome, Answer) else None for outcome in probed.tries]


def test_an_answer_as_expected_ends_it(tmp_path: Path) -> None:
    with http_server(in_turn(Reply(200, b'{"a": 1}'))) as (port, seen):
        (outcome,) = probe(port).tries
    assert isinstance(outcome, Answer)
    assert (outcome.status, outcome.body, outcome.cut, outcome.certificate_expires) == (200, b'{"a": 1}', False, None)
    assert timedelta(0) < outcome.latency < timedelta(seconds=10)
    assert len(seen) == 1


def test_three_tries_and_it_stays_broken() -> None:
    with http_server(in_turn(Reply(500))) as (port, seen):
        assert statuses(probe(port)) == [500, 500, 500]
    assert len(seen) == 3


def test_it_recovers_on_the_second_try() -> None:
    with http_server(in_turn(Reply(503), Reply(200))) as (port, _):
        assert statuses(probe(port)) == [503, 200]


def test_a_wrong_body_is_tried_again() -> None:
    with http_server(in_turn(Reply(200, b"[]"), Reply(200, b"[1]"))) as (port, _):
        assert [o.body for o in probe(port, min_items=1).tries if isinstance(o, Answer)] == [b"[]", b"[1]"]


def test_a_slow_but_right_answer_is_tried_again() -> None:
    with http_server(in_turn(Reply(200))) as (port, _):
        assert statuses(probe(port, max_latency=timedelta(microseconds=1))) == [200, 200, 200]
        assert statuses(probe(port, max_latency=MINUTE)) == [200]


def test_not_let_in_is_a_plain_answer() -> None:
    with http_server(in_turn(Reply(401))) as (port, _):
        assert statuses(probe(port, tries=2)) == [401, 401]


def test_there_is_a_pause_between_tries() -> None:
    times = []

    def reply(_: Request) -> Reply:
        times.append(time.monotonic())
        return Reply(500)

    with http_server(reply) as (port, _):
        probe(port, pause=timedelta(milliseconds=60))
    assert all(second - first >= 0.06 for first, second in itertools.pairwise(times))


def test_probes_come_in_the_order_of_expectations() -> None:
    with http_server(lambda request: Reply(int(request.path[1:]))) as (port, _):
        expectations = tuple(endpoint(f"http://127.0.0.1:{port}/{status}", tries=1) for status in range(200, 220))
        probes = probe_endpoints(expectations, MINUTE)
    assert [p.expectation for p in probes if isinstance(p, Probe)] == list(expectations)
    assert [statuses(p) for p in probes if isinstance(p, Probe)] == [[status] for status in range(200, 220)]


def test_nothing_to_ask() -> None:
    assert probe_endpoints((), MINUTE) == ()


def test_no_more_than_eight_at_once() -> None:
    together, at_once, most = threading.Barrier(CONCURRENT, timeout=SECONDS), itertools.count(1), []
    inside: set[int] = set()

    def reply(_: Request) -> Reply:
        ticket = next(at_once)
        inside.add(ticket)
        most.append(len(inside))
        together.wait()
        inside.discard(ticket)
        return Reply()

    with http_server(reply) as (port, _):
        probes = probe_endpoints(tuple(endpoint(port, tries=1, timeout=LONGEST) for _ in range(2 * CONCURRENT)), LONG)
    assert [statuses(p) for p in probes if isinstance(p, Probe)] == [[200]] * 16
    assert max(most) == CONCURRENT


class TestWhatIsSent:
    def test_the_request(self) -> None:
        with http_server(in_turn(Reply())) as (port, seen):
            headers = {"X-Team": "Zürich", "Authorization": Secret("env:TOKEN", f"Bearer {TOKEN}")}
            answer(f"http://127.0.0.1:{port}/a?b=c", method="POST", headers=headers, body="né")
        (request,) = seen
        assert (request.method, request.path, request.body) == ("POST", "/a?b=c", "né".encode())
        assert request.headers == {
            "host": f"127.0.0.1:{port}",
            "user-agent": "migration-monitor",
            "accept": "*/*",
            "accept-encoding": request.headers["accept-encoding"],
            "connection": "keep-alive",
            "content-length": "3",
            "x-team": "Zürich",
            "authorization": f"Bearer {TOKEN}",
        }

    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_every_method(self, method: str) -> None:
        with http_server(in_turn(Reply(200, b"x"))) as (port, seen):
            assert answer(port, method=method).body == (b"" if method == "HEAD" else b"x")
        assert [request.method for request in seen] == [method]

    def test_settings_may_name_another_user_agent(self) -> None:
        with http_server(in_turn(Reply())) as (port, seen):
            answer(port, headers={"user-agent": "us"})
        assert seen[0].headers["user-agent"] == "us"

    def test_no_cookie_is_kept(self) -> None:
        with http_server(in_turn(Reply(500, headers={"Set-Cookie": "session=1"}))) as (port, seen):
            probe(port)
        assert [request.headers.get("cookie") for request in seen] == [None, None, None]

    def test_netrc_is_not_asked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login us password {TOKEN}\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        with http_server(in_turn(Reply())) as (port, seen):
            answer(port)
        assert "authorization" not in seen[0].headers

    def test_a_name_in_another_script(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []

        def resolve(host: str, *_: object, **__: object) -> list[Any]:
            asked.append(host)
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert because("http://bücher.example/ü") == "the name in bücher.example:80 could not be resolved"
        assert asked == ["xn--bcher-kva.example"]


class TestBody:
    @pytest.mark.parametrize(("size", "cut"), [(MAX_BODY, False), (MAX_BODY + 1, True)])
    def test_a_body_ends_at_the_cap(self, size: int, cut: bool) -> None:
        with http_server(in_turn(Reply(200, bytes(size)))) as (port, _):
            read = answer(port)
        assert (len(read.body), read.cut) == (MAX_BODY, cut)

    def test_what_is_packed_counts_unpacked(self) -> None:
        bomb = gzip.compress(bytes(20 * MAX_BODY))
        with http_server(in_turn(Reply(200, bomb, {"Content-Encoding": "gzip"}))) as (port, _):
            read = answer(port)
        assert (read.body, read.cut) == (bytes(MAX_BODY), True)

    def test_a_body_that_is_not_packed_as_it_says(self) -> None:
        with http_server(in_turn(Reply(200, b"plain", {"Content-Encoding": "gzip"}))) as (port, _):
            assert because(port) == f"127.0.0.1:{port} sent a body that is not packed as its header says"

    def test_no_body(self) -> None:
        with http_server(in_turn(Reply(204, b""))) as (port, _):
            assert answer(port, status=204).body == b""


def silent(connection: socket.socket) -> None:
    """Take what comes and answer nothing, until the other side goes."""
    while connection.recv(65536):
        pass


def dripping(start: bytes) -> Callable[[socket.socket], None]:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        while not threading.Event().wait(0.01):
            connection.sendall(b"x")

    return drip


def saying(what: bytes) -> Callable[[socket.socket], None]:
    def say(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(what)

    return say


class TestNoAnswer:
    def test_refused(self) -> None:
        port = nobody()
        assert because(port) == f"127.0.0.1:{port} refused the connection"

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            pytest.param(socket.EAI_NONAME, "the name in api.example:443 could not be resolved", id="unknown"),
            pytest.param(socket.EAI_AGAIN, "no name server answered for api.example:443", id="no name server"),
        ],
    )
    def test_a_name(self, monkeypatch: pytest.MonkeyPatch, error: int, words: str) -> None:
        def resolve(*_: object, **__: object) -> list[Any]:
            raise socket.gaierror(error, "no")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert because("https://api.example/x") == words

    def test_no_way_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def connect(*_: object) -> None:
            raise OSError(101, "Network is unreachable")

        monkeypatch.setattr(socket.socket, "connect", connect)
        assert because("http://192.0.2.1/") == "cannot reach 192.0.2.1:80: Network is unreachable"

    @pytest.mark.parametrize(
        ("behave", "words"),
        [
            pytest.param(
                lambda _: None, "closed the connection before the whole answer was there", id="closed at once"
            ),
            pytest.param(
                saying(b""), "closed the connection before the whole answer was there", id="closed unanswered"
            ),
            pytest.param(
                saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
                "closed the connection before the whole answer was there",
                id="closed half-way",
            ),
            pytest.param(
                saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf"),
                "closed the connection before the whole answer was there",
                id="closed within a chunk",
            ),
        ],
    )
    def test_closed(self, behave: Callable[[socket.socket], None], words: str) -> None:
        with rude_server(behave) as (port, _):
            assert because(port) == f"127.0.0.1:{port} {words}"

    @pytest.mark.parametrize(
        "garbage",
        [
            pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n" * 9, id="another protocol"),
            pytest.param(b"HTTP/1.1 2x0 OK\r\n\r\n", id="no status"),
            pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", id="too many headers"),
            pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000, id="a header without end"),
        ],
    )
    def test_garbage(self, garbage: bytes) -> None:
        with rude_server(saying(garbage)) as (port, _):
            assert because(port) == f"what 127.0.0.1:{port} sent is not HTTP"

    @pytest.mark.parametrize(
        "behave",
        [
            pytest.param(silent, id="silent"),
            pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX: "), id="drips headers"),
            pytest.param(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"), id="drips a body"),
        ],
    )
    def test_the_whole_request_is_bounded_and_then_cut(self, behave: Callable[[socket.socket], None]) -> None:
        with rude_server(behave) as (port, ended):
            for seconds in growing(0.3):
                words = because(port, timeout=timedelta(seconds=seconds))
                if not words.startswith("no connection to "):
                    break
            assert words == f"no whole answer from 127.0.0.1:{port} within {seconds:.3g} s"
            assert ended.acquire(timeout=SECONDS), "the connection is still open"

    def test_a_name_server_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answered = threading.Event()

        def resolve(*_: object, **__: object) -> list[Any]:
            answered.wait(SECONDS)
            raise socket.gaierror(socket.EAI_AGAIN, "late")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        words = because("http://api.example/", timeout=timedelta(milliseconds=50))
        answered.set()
        assert words == "no connection to api.example:80 within 0.05 s"

    def test_a_header_that_http_cannot_carry(self) -> None:
        headers: dict[str, str] = {}
        expectation = endpoint(1, tries=1, headers=headers)
        headers["X-Injected"] = f"a\r\nX-Token: {TOKEN}"  # past the rules of the settings
        (probed,) = probe_endpoints((expectation,), MINUTE)
        assert probed == Probe(expectation, (NoAnswer("the request to 127.0.0.1:1 cannot be put into HTTP"),))

    @pytest.mark.parametrize(
        ("host", "words"),
        [
            pytest.param("a..example", "a..example:80 is no address to ask", id="an empty part"),
            pytest.param("x" * 64, f"{'x' * 64}:80 is no address to ask", id="a part that is too long"),
            pytest.param("*.ü.example", "*.ü.example:80 is no address to ask", id="not to be encoded"),
            pytest.param("[fe80::1]", "the name in [fe80::1]:80 could not be resolved", id="IPv6"),
        ],
    )
    def test_a_host_that_leads_nowhere(self, monkeypatch: pytest.MonkeyPatch, host: str, words: str) -> None:
        def resolve(*_: object, **__: object) -> list[Any]:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert because(f"http://{host}/?key={TOKEN}") == words


class TestTime:
    def test_no_further_try_is_begun_that_might_not_end_in_time(self) -> None:
        with http_server(in_turn(Reply(500))) as (port, seen):
            expectation = endpoint(port, timeout=LONGEST, tries=3)
            (probed,) = probe_endpoints((expectation,), 0.9 * LONGEST)
        assert isinstance(probed, Probe)
        assert statuses(probed) == [500]
        assert len(seen) == 1

    def test_an_endpoint_that_was_cut_short_is_not_called_broken(self) -> None:
        with rude_server(silent) as (port, _):
            for seconds in growing(0.3):
                (probed,) = probe_endpoints((endpoint(port, timeout=LONGEST),), timedelta(seconds=seconds))
                assert isinstance(probed, Unavailable)
                if "no whole answer" in (said := probed.because):
                    break
        begins, ends = (
            f"endpoint health: no whole answer from 127.0.0.1:{port} within ",
            " s, all that was left of this run",
        )
        assert said.startswith(begins)
        assert said.endswith(ends)

    def test_those_whose_turn_never_came(self) -> None:
        with rude_server(silent) as (port, _):
            asked = tuple(endpoint(port, tries=1, timeout=LONGEST) for _ in range(CONCURRENT + 1))
            never = Unavailable("endpoint health was not asked: the time for this run was over")
            for seconds in growing(0.3):
                probes = probe_endpoints(asked, timedelta(seconds=seconds))
                assert all(isinstance(p, Unavailable) for p in probes)
                assert never in probes
                if probes.count(never) == 1:
                    break

    def test_no_time_at_all(self) -> None:
        (probed,) = probe_endpoints((endpoint(nobody()),), timedelta(0))
        assert isinstance(probed, Unavailable)


class TestRedirects:
    @staticmethod
    def to(location: str, status: int = 302, body: bytes = b"") -> Callable[[Request], Reply]:
        return lambda request: Reply(status, body, {"Location": location}) if request.path == "/health" else Reply()

    def test_a_redirect_is_an_answer(self) -> None:
        with http_server(self.to("/moved")) as (port, seen):
            assert answer(port, status=302).status == 302
        assert len(seen) == 1

    def test_it_is_followed_where_the_settings_say_so(self) -> None:
        with http_server(self.to("/moved?x=1")) as (port, seen):
            assert answer(port, follow_redirects=True).status == 200
        assert [request.path for request in seen] == ["/health", "/moved?x=1"]

    def test_five_times_and_no_more(self) -> None:
        def hop(request: Request) -> Reply:
            number = int(request.path[1:])
            return Reply(302, b"", {"Location": f"/{number - 1}"}) if number else Reply()

        with http_server(hop) as (port, seen):
            assert answer(f"http://127.0.0.1:{port}/5", follow_redirects=True).status == 200
            seen.clear()
            words = because(f"http://127.0.0.1:{port}/6", follow_redirects=True)
        assert words == f"more than 5 redirects, the last from 127.0.0.1:{port}"
        assert len(seen) == 6

    @pytest.mark.parametrize(
        ("status", "then"),
        [(301, ("GET", b"")), (302, ("GET", b"")), (303, ("GET", b"")), (307, ("POST", b"x")), (308, ("POST", b"x"))],
    )
    def test_what_becomes_of_a_post(self, status: int, then: tuple[str, bytes]) -> None:
        with http_server(self.to("/moved", status)) as (port, seen):
            answer(port, method="POST", body="x", follow_redirects=True)
        assert (seen[1].method, seen[1].body) == then

    def test_no_credential_follows_to_another_host(self) -> None:
        with http_server(in_turn(Reply())) as (there, seen):
            elsewhere = f"http://localhost:{there}/back"
            with http_server(self.to(elsewhere)) as (port, _):
                answer(port, headers=CREDENTIALS, follow_redirects=True)
        assert TOKEN not in repr(seen)
        assert [request.headers["x-team"] for request in seen] == ["us"]

    def test_nor_on_the_way_back(self) -> None:
        ports: list[int] = []

        def reply(request: Request) -> Reply:
            if request.path == "/health":
                return Reply(302, b"", {"Location": f"http://localhost:{ports[0]}/there"})
            if request.path == "/there":
                return Reply(302, b"", {"Location": f"http://127.0.0.1:{ports[0]}/back"})
            return Reply()

        with http_server(reply) as (port, seen):
            ports.append(port)
            answer(port, headers=CREDENTIALS, follow_redirects=True)
        assert [("authorization" in r.headers, "x-session" in r.headers) for r in seen] == [
            (True, True),
            (False, False),
            (False, False),
        ]

    def test_credentials_stay_on_the_same_host(self) -> None:
        with http_server(self.to("/moved")) as (port, seen):
            answer(port, headers=CREDENTIALS, follow_redirects=True)
        assert [request.headers["x-session"] for request in seen] == [TOKEN, TOKEN]

    @pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "http://[::1/x", "file:///etc/passwd"])
    def test_to_nowhere(self, location: str) -> None:
        with http_server(self.to(location)) as (port, _):
            words = because(port, follow_redirects=True)
        assert words == f"127.0.0.1:{port} redirects to an invalid address"

    def test_the_sentence_names_where_it_ended(self) -> None:
        closed = nobody()
        with http_server(self.to(f"http://127.0.0.1:{closed}/?key={TOKEN}")) as (port, _):
            assert because(port, follow_redirects=True) == f"127.0.0.1:{closed} refused the connection"

    def test_what_comes_with_a_redirect_is_not_unpacked(self) -> None:
        with http_server(
            lambda r: (
                Reply(302, b"no gzip", {"Location": "/moved", "Content-Encoding": "gzip"})
                if r.path == "/health"
                else Reply()
            )
        ) as (port, _):
            assert answer(port, follow_redirects=True).status == 200


class TestProxies:
    def test_the_environment_names_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with http_server(in_turn(Reply(200, b"by proxy"))) as (port, seen):
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
            assert answer("http://api.example/health").body == b"by proxy"
        assert [request.path for request in seen] == ["http://api.example/health"]

    def test_and_what_goes_past_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{nobody()}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with http_server(in_turn(Reply())) as (port, _):
            assert answer(port).status == 200

    def test_one_that_does_not_exist(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", f"http://us:{TOKEN}@127.0.0.1:{nobody()}")
        assert because("http://api.example/health") == (
            "the proxy on the way to api.example:80 cannot be reached or refuses the connection"
        )


class TestSecrets:
    @pytest.fixture
    def _logged(self, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
        caplog.set_level(logging.DEBUG)
        yield
        assert TOKEN not in caplog.text

    @pytest.mark.usefixtures("_logged")
    @pytest.mark.parametrize(
        "behave",
        [
            pytest.param(lambda _: None, id="closed"),
            pytest.param(saying(b"garbage\r\n" * 9), id="garbage"),
            pytest.param(silent, id="late"),
            pytest.param(saying(b"HTTP/1.1 200 OK\r\nX\r\nContent-Length: 2\r\n\r\nok"), id="odd headers"),
            pytest.param(saying(b"HTTP/1.1 302 No\r\nLocation: http://[/\r\nContent-Length: 0\r\n\r\n"), id="redirect"),
            pytest.param(
                saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"), id="gzip"
            ),
        ],
    )
    def test_no_secret_is_in_what_is_said(self, behave: Callable[[socket.socket], None]) -> None:
        with rude_server(behave) as (port, _):
            probed = probe(
                f"http://127.0.0.1:{port}/?code={TOKEN}",
                headers={"Authorization": Secret("env:TOKEN", TOKEN)},
                timeout=timedelta(milliseconds=100),
                follow_redirects=True,
            )
        assert TOKEN not in repr(probed.tries)

    def test_nor_in_what_is_unavailable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with rude_server(silent) as (port, _):
            expectation = endpoint(f"http://127.0.0.1:{port}/?code={TOKEN}", headers={"Cookie": Secret("env:C", TOKEN)})
            (probed,) = probe_endpoints((expectation,), timedelta(milliseconds=100))
        assert isinstance(probed, Unavailable)
        assert TOKEN not in probed.because


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = "import sys, shared.gather.endpoints; sys.exit({'requests', 'urllib3', 'ssl'} & set(sys.modules) != set())"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0

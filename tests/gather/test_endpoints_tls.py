"""Certificates: the trusted, the expiring, and those that end the conversation."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from shared.gather.endpoints import probe_endpoints
from shared.model.endpoint import Answer, EndpointExpectation, NoAnswer, Probe
from shared.model.knowledge import Unavailable
from tests.gather.servers import Reply, Request, http_server, rude_server

MINUTE = timedelta(minutes=1)
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5)
LATER = SOON + timedelta(days=90)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def _trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def tls(
    authority: trustme.CA,
    name: str = "127.0.0.1",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_before=not_before, not_after=not_after).configure_cert(context)
    return context


@contextmanager
def api(context: ssl.SSLContext, reply: Reply = Reply()) -> Iterator[int]:  # noqa: B008  # frozen
    with http_server(lambda _: reply, context) as (port, _seen):
        yield port


def ask(url: str, **fields: Any) -> Answer | NoAnswer:
    (probed,) = probe_endpoints((EndpointExpectation("health", url, tries=1, **fields),), MINUTE)
    assert isinstance(probed, Probe), probed
    return probed.tries[0]


def expiry(url: str, **fields: Any) -> datetime | None:
    outcome = ask(url, **fields)
    assert isinstance(outcome, Answer), outcome
    return outcome.certificate_expires


@pytest.mark.parametrize(
    ("method", "reply"),
    [
        pytest.param("GET", Reply(), id="a body, connection kept"),
        pytest.param("GET", Reply(204, b""), id="no body"),
        pytest.param("HEAD", Reply(), id="HEAD"),
        pytest.param("GET", Reply(200, b"", {"Connection": "close"}), id="connection closed"),
        pytest.param("GET", Reply(302, b"", {"Location": "/x"}), id="redirect"),
        pytest.param("GET", Reply(500), id="error"),
    ],
)
def test_every_answer_has_the_certificate_s_expiry(authority: trustme.CA, method: str, reply: Reply) -> None:
    with api(tls(authority, not_after=SOON), reply) as port:
        assert expiry(f"https://127.0.0.1:{port}/", method=method, status=reply.status) == SOON


def test_of_a_redirect_the_certificate_that_expires_first_counts(authority: trustme.CA) -> None:
    for first, second in ((SOON, LATER), (LATER, SOON)):
        with api(tls(authority, not_after=second)) as there:
            moved = Reply(302, b"", {"Location": f"https://127.0.0.1:{there}/"})
            with api(tls(authority, not_after=first), moved) as here:
                assert expiry(f"https://127.0.0.1:{here}/", follow_redirects=True) == SOON


def test_through_a_proxy_it_is_the_servers(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    def tunnel(client: socket.socket) -> None:
        asked = client.recv(65536).split()
        host, port = asked[1].decode().split(":")
        with socket.create_connection((host, int(port))) as server:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            relay(client, server)

    with api(tls(authority, not_after=SOON)) as port, rude_server(tunnel) as (proxy, _):
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy}")
        assert expiry(f"https://127.0.0.1:{port}/") == SOON


def relay(client: socket.socket, server: socket.socket) -> None:
    import select  # noqa: PLC0415

    ends = {client: server, server: client}
    while True:
        for ready in select.select(list(ends), [], [])[0]:
            if not (chunk := ready.recv(65536)):
                return
            ends[ready].sendall(chunk)


def refused(port: int, host: str = "127.0.0.1") -> str:
    outcome = ask(f"https://{host}:{port}/?code=secret")
    assert isinstance(outcome, NoAnswer), outcome
    return outcome.because.replace(str(port), "P")


def test_expired(authority: trustme.CA) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with api(tls(authority, not_before=past, not_after=past + timedelta(days=90))) as port:
        assert refused(port) == "TLS: the certificate of 127.0.0.1:P has expired"


def test_not_valid_yet(authority: trustme.CA) -> None:
    with api(tls(authority, not_before=SOON, not_after=LATER)) as port:
        assert refused(port) == "TLS: the certificate of 127.0.0.1:P is not valid yet"


def test_for_another_name(authority: trustme.CA) -> None:
    with api(tls(authority, "api.example")) as port:
        assert refused(port, "localhost") == "TLS: the certificate of localhost:P is for another name"
        assert refused(port) == "TLS: the certificate of 127.0.0.1:P is for another address"


def test_from_an_issuer_that_is_not_trusted() -> None:
    with api(tls(trustme.CA())) as port:
        assert refused(port) == "TLS: the certificate of 127.0.0.1:P comes from an issuer that is not trusted"


def test_self_signed(tmp_path: Path) -> None:
    itself = trustme.CA()
    itself.cert_pem.write_to_path(tmp_path / "self.pem")
    itself.private_key_pem.write_to_path(tmp_path / "self.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "self.pem", tmp_path / "self.key")
    with api(context) as port:
        assert refused(port) == "TLS: the certificate of 127.0.0.1:P is self-signed"


def test_plain_http_where_tls_is_expected() -> None:
    with http_server(lambda _: Reply()) as (port, _):
        assert refused(port) in {
            "TLS with 127.0.0.1:P failed: wrong version number",
            "TLS with 127.0.0.1:P failed: record layer failure",
        }


def test_closed_during_the_handshake() -> None:
    def leave(connection: socket.socket) -> None:
        connection.recv(65536)

    with rude_server(leave) as (port, _):
        assert refused(port) == "127.0.0.1:P closed the connection before the whole answer was there"


def test_a_bundle_that_does_not_exist_is_our_own_fault(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with api(tls(authority)) as port:
        (probed,) = probe_endpoints((EndpointExpectation("health", f"https://127.0.0.1:{port}/"),), MINUTE)
    assert probed == Unavailable(
        "the CA bundle that the environment names does not exist: /nowhere/ca.pem", lasting=True
    )


def test_a_redirect_to_a_host_that_is_not_trusted(authority: trustme.CA) -> None:
    def moved(_: Request) -> Reply:
        return Reply(302, b"", {"Location": f"https://127.0.0.1:{there}/"})

    with api(tls(trustme.CA())) as there, http_server(moved, tls(authority)) as (port, _):
        outcome = ask(f"https://127.0.0.1:{port}/", follow_redirects=True)
    assert outcome == NoAnswer(f"TLS: the certificate of 127.0.0.1:{there} comes from an issuer that is not trusted")

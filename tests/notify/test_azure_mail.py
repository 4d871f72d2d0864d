"""Mail by Azure Communication Services: without its extra a plain sentence; with it the real SDK against loopback.

The extra is not part of the usual installation: ``pip install -r requirements-extras.txt`` lets these tests run.
"""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import trustme

from shared.model.alerts import Channel
from shared.model.azure import Identity
from shared.notify.deliver import Delivery, deliver
from tests.gather.servers import Reply, Request, http_server
from tests.report.news import opened

INSTALLED = find_spec("azure.communication") is not None and find_spec("azure.identity") is not None
HOST = "example.communication.azure.com"
TOKEN = "hunter2-of-the-identity"
CHANNEL = Channel(
    "mail",
    "email",
    sender="DoNotReply@example.com",
    recipients=("team@example.com", "ada@example.com"),
    endpoint=f"https://{HOST}",
    identity=Identity("11111111-2222-3333-4444-555555555555"),
    tries=2,
)
OPERATION = f"https://{HOST}/emails/operations/1?api-version=2023-03-31"


def sent(channel: Channel = CHANNEL) -> Delivery:
    [delivery] = deliver(opened(), [channel], sleep=lambda _seconds: None)
    assert "hunter2" not in repr(delivery)
    return delivery


@pytest.mark.skipif(INSTALLED, reason="the extra is installed here")
def test_without_the_extra_it_says_what_to_install() -> None:
    assert sent() == Delivery(
        "mail", False, "Azure Communication Services needs what is in requirements-extras.txt; it is not installed"
    )


@contextmanager
def connect_proxy(port: int) -> Iterator[int]:
    """Send every CONNECT to *port* of this machine, whichever host it asks for."""

    def copy(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve(connection: socket.socket) -> None:
        with connection, socket.create_connection(("127.0.0.1", port)) as inner, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=copy, args=(inner, connection), daemon=True)
            back.start()
            copy(connection, inner)
            back.join()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def azure(
    mail: Callable[[Request], Reply], folder: Path, patch: pytest.MonkeyPatch, *, identity: int = 200
) -> Iterator[list[Request]]:
    """Be the identity endpoint of an app, and the Communication Services; give the requests to the latter."""
    authority = trustme.CA()
    root = folder / "root.pem"
    authority.cert_pem.write_to_path(str(root))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    token = json.dumps(
        {"error": "no such identity"}
        if identity != 200
        else {"access_token": TOKEN, "expires_on": "4102444800", "resource": "r", "token_type": "Bearer"}
    )
    with (
        http_server(lambda _: Reply(identity, token.encode(), {"Content-Type": "application/json"})) as (tokens, _),
        http_server(mail, context) as (port, seen),
        connect_proxy(port) as proxy,
    ):
        for name, value in {
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{tokens}/token",
            "IDENTITY_HEADER": "header",
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy}",
            "NO_PROXY": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": str(root),
        }.items():
            patch.setenv(name, value)
        yield seen


def service(status: str) -> Callable[[Request], Reply]:
    body = json.dumps({"id": "1", "status": status}).encode()
    kind = {"Content-Type": "application/json"}

    def reply(request: Request) -> Reply:
        if request.method == "POST":
            return Reply(
                202,
                body.replace(status.encode(), b"Running"),
                {**kind, "Operation-Location": OPERATION, "Retry-After": "0"},
            )
        return Reply(200, body, kind)

    return reply


needs_extra = pytest.mark.skipif(not INSTALLED, reason="needs requirements-extras.txt")


@needs_extra
def test_a_mail_is_sent_by_managed_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with azure(service("Succeeded"), tmp_path, monkeypatch) as seen:
        assert sent() == Delivery("mail", True, "Azure Communication Services: Succeeded")
    document = json.loads(seen[0].body)
    assert seen[0].path.startswith("/emails:send?")
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert document["senderAddress"] == "DoNotReply@example.com"
    assert [to["address"] for to in document["recipients"]["to"]] == ["team@example.com", "ada@example.com"]
    assert document["content"]["subject"] == f"⛔ {opened().headline}"
    assert {"References", "In-Reply-To", "Auto-Submitted"} <= document["headers"].keys()


@needs_extra
@pytest.mark.parametrize(
    ("mail", "said", "passing"),
    [
        (lambda _: Reply(401, b"{}"), "Azure Communication Services answered 401", False),
        (lambda _: Reply(429, b"{}"), "Azure Communication Services answered 429", True),
        (lambda _: Reply(500, b"{}"), "Azure Communication Services answered 500", True),
    ],
)
def test_refusals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail: Callable[[Request], Reply], said: str, passing: bool
) -> None:
    with azure(mail, tmp_path, monkeypatch) as seen:
        assert sent() == Delivery("mail", False, said, passing)
    assert len(seen) == (2 if passing else 1)


@needs_extra
def test_a_mail_that_fails_on_its_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with azure(service("Failed"), tmp_path, monkeypatch):
        delivery = sent()
    assert not delivery.taken
    assert delivery.said.startswith("Azure Communication Services")


@needs_extra
def test_without_an_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tokens are cached in the process by the identity's id.
    stranger = replace(CHANNEL, identity=Identity("99999999-2222-3333-4444-555555555555"))
    with azure(service("Succeeded"), tmp_path, monkeypatch, identity=400) as seen:
        delivery = sent(stranger)
    assert not delivery.taken
    assert seen == []
    assert delivery.said == "Azure Communication Services: no token for the managed identity"

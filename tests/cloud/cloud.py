"""The cloud on loopback: the real SDKs run against it with their real public URLs, and need no seam for it.

An identity endpoint as an app has it, a proxy that leads every ``host:443`` here, and one TLS server
that has any name that a client asks for.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from shared.model.azure import Identity
from tests.cloud.authority import server_side, write_root
from tests.cloud.identity import HEADER, IdentityEndpoint
from tests.cloud.proxy import connect_proxy
from tests.cloud.vault import FakeVault
from tests.gather.servers import Reply, Request, http_server

Handler = Callable[[Request], Reply]
# What another identity, proxy or authority could come from.
_OTHERS = ("https_proxy", "HTTP_PROXY", "http_proxy", "no_proxy", "all_proxy", "ALL_PROXY", "CURL_CA_BUNDLE", "IDENTITY_SERVER_THUMBPRINT", "MSI_ENDPOINT", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE")  # fmt: skip


class Cloud:
    """What answers where. A host that nobody plugged in cannot be reached.

    *identity* is a user-assigned one of this cloud's own: what is cached in the process for one
    test's identity is never another's.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tokens = IdentityEndpoint()
        self.identity = Identity(str(uuid4()))
        self.requests: list[tuple[str, Request]] = []
        self._handlers: dict[str, Handler] = {}
        self._ports: dict[str, int] = {}
        self._away: set[str] = set()
        self._open: dict[str, list[socket.socket]] = {}
        self._ended = threading.Event()

    def host(self, name: str, reply: Handler | Reply) -> None:
        """Have *reply* answer for *name*, with every URL and method."""
        self._handlers[name] = reply if callable(reply) else lambda _: reply

    def at(self, name: str, port: int) -> None:
        """Have a server of this machine, with its own TLS, be *name*."""
        self._ports[name] = port

    def vault(self, name: str = "usasset-kv") -> FakeVault:
        """Put up a Key Vault."""
        vault = FakeVault(f"https://{name}.vault.azure.net", self.tokens)
        self.host(urlsplit(vault.url).netloc, vault.reply)
        return vault

    def seen_by(self, name: str) -> list[Request]:
        """Give the requests that *name* was sent, in order."""
        return [request for host, request in self.requests if host == name]

    def take_away(self, name: str) -> None:
        """Let nobody reach *name* until it is given back, not even over connections that are open."""
        self._away.add(name)
        for connection in self._open.pop(name, []):
            with suppress(OSError):  # it has ended by itself
                connection.shutdown(socket.SHUT_RDWR)

    def give_back(self, name: str) -> None:
        self._away.discard(name)

    def silence(self, _: Request) -> Reply:
        """Never answer: a handler, for a host or for the identity endpoint."""
        self._ended.wait()
        # Nobody waits any more, and this is no answer after which a client would try again.
        return Reply(403)

    def opened(self, name: str, connection: socket.socket) -> None:
        self._open.setdefault(name, []).append(connection)

    def reply(self, request: Request) -> Reply:
        name = request.headers["host"].removesuffix(":443")
        self.requests.append((name, request))
        return self._handlers[name](request)

    def port_of(self, name: str, tls_port: int) -> int | None:
        if name in self._away:
            return None
        return self._ports.get(name, tls_port if name in self._handlers else None)

    def end(self) -> None:
        self._ended.set()


@contextmanager
def loopback_cloud(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Put up a cloud, and have the environment lead there."""
    cloud = Cloud(write_root(folder))
    with ExitStack() as stack:
        identity, _ = stack.enter_context(http_server(cloud.tokens.reply))
        tls, _ = stack.enter_context(http_server(cloud.reply, server_side()))
        proxy = stack.enter_context(connect_proxy(lambda name: cloud.port_of(name, tls), cloud.opened))
        stack.callback(cloud.end)
        for name in _OTHERS:
            patch.delenv(name, raising=False)
        for name, value in {
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{identity}/msi/token",
            "IDENTITY_HEADER": HEADER,
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy}",
            "NO_PROXY": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": str(cloud.root),
            "SSL_CERT_FILE": str(cloud.root),
        }.items():
            patch.setenv(name, value)
        yield cloud

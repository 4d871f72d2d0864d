"""The connections of one exchange: when their certificates expire, and a way to end a read that waits."""

import logging
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool

from .client import NotAskedError

# It writes whole URLs into its log, at level debug and in warnings: they hold keys, signatures, a webhook's password.
logging.getLogger("urllib3.connectionpool").setLevel(logging.CRITICAL)

# Only asked what follows from an answer or the environment. To send, it would add cookies and what ~/.netrc holds.
SESSION = requests.Session()
_OF_THIS_THREAD = threading.local()


class Watcher:
    """Sees every connection that the thread uses which *watches*.

    *certificate_expires* is when the first of them will be refused. *cut* ends a read
    that waits: the timeouts of sockets restart with every byte that comes.
    """

    def __init__(self) -> None:
        self.is_connected = self.is_cut = False
        self.certificate_expires: datetime | None = None
        self._sockets: list[Any] = []
        self._lock = threading.Lock()

    def watches(self) -> None:
        _OF_THIS_THREAD.watcher = self

    def see(self, connection: Any) -> None:
        with self._lock:
            self._sockets.append(connection.sock)
            if self.is_cut:
                _shut(connection.sock)
        self.is_connected = True
        # To a proxy that forwards, the certificate is the proxy's own.
        if hasattr(connection.sock, "getpeercert") and not connection.proxy_is_forwarding:
            certificate = connection.sock.getpeercert() or {}
            if ends := certificate.get("notAfter"):
                expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
                self.certificate_expires = min(expires, self.certificate_expires or expires)

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            for connected in self._sockets:
                _shut(connected)


class Adapter(HTTPAdapter):
    """What requests sends with. It never tries twice, and its connections are seen by the watcher of their thread."""

    def __init__(self) -> None:
        super().__init__(max_retries=0, pool_maxsize=32)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, *args, **options)
        assert isinstance(pool, HTTPConnectionPool)  # noqa: S101  # the only kind there is; the stubs say less
        pool.ConnectionCls = _watched(pool.ConnectionCls)
        return pool


def environment_for(url: str) -> dict[str, Any]:
    """Give the proxies and the CA bundle that the environment names for *url*, as requests reads them."""
    environment = SESSION.merge_environment_settings(url, {}, True, None, None)
    bundle = environment["verify"]
    if isinstance(bundle, str) and not Path(bundle).exists():
        raise NotAskedError(f"the CA bundle that the environment names does not exist: {bundle}", lasting=True)
    return dict(environment)


@cache
def _watched(kind: type[Any]) -> type[Any]:
    if hasattr(kind, "is_watched"):
        return kind

    class Watched(kind):  # type: ignore[misc]  # plain or TLS, as urllib3 chose
        is_watched = True

        def connect(self) -> None:
            super().connect()
            _OF_THIS_THREAD.watcher.see(self)

        def putrequest(self, *args: Any, **options: Any) -> None:
            # One that was open before; else `connect` follows.
            if self.sock is not None:
                _OF_THIS_THREAD.watcher.see(self)
            super().putrequest(*args, **options)

    return Watched


def _shut(connected: Any) -> None:
    # Not its own method: an SSLSocket would drop its state, in which another thread is reading.
    # TLS to a proxy inside which there is TLS again is not a socket, but holds one.
    with suppress(OSError):
        socket.socket.shutdown(getattr(connected, "socket", connected), socket.SHUT_RDWR)

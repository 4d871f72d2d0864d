"""The connections of one try, watched: how long their certificates last, and a way to cut them."""

import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool


class Watcher:
    """Sees every connection that is made for one try.

    *certificate_expires* is when the first of them will be refused. *cut* ends a read
    that waits: the timeouts of sockets begin anew with every byte that comes.
    """

    def __init__(self) -> None:
        self.connected = False
        self.certificate_expires: datetime | None = None
        self._sockets: list[Any] = []
        self._is_cut = False
        self._lock = Lock()

    def see(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._sockets.append(connection.sock)
            if self._is_cut:
                _shut(connection.sock)
        self.connected = True
        # To a proxy that forwards, the certificate is the proxy's own.
        if not connection.proxy_is_forwarding:
            self._note_expiry(connection.sock)

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for connected in self._sockets:
                _shut(connected)

    def _note_expiry(self, connected: Any) -> None:
        certificate = connected.getpeercert() if hasattr(connected, "getpeercert") else None
        if certificate:
            expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
            self.certificate_expires = min(expires, self.certificate_expires or expires)


class WatchedAdapter(HTTPAdapter):
    """What requests sends with, on connections that tell *watcher* of themselves. It never tries twice."""

    def __init__(self, watcher: Watcher) -> None:
        super().__init__(max_retries=0)
        self._watcher = watcher

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, *args, **options)
        assert isinstance(pool, HTTPConnectionPool)  # noqa: S101  # the only kind there is; the stubs say less
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._watcher)
        return pool


def _watched(kind: type[Any], watcher: Watcher) -> type[Any]:
    class Watched(kind):  # type: ignore[misc]  # plain or TLS, as urllib3 chose
        def connect(self) -> None:
            super().connect()
            watcher.see(self)

    return Watched


def _shut(connected: Any) -> None:
    # Not its own method: an SSLSocket would drop its state, in which another thread is reading.
    # TLS to a proxy inside which there is TLS again is not a socket, but holds one.
    with suppress(OSError):
        socket.socket.shutdown(getattr(connected, "socket", connected), socket.SHUT_RDWR)

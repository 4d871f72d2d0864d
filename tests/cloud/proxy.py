"""The way to the Internet: a proxy that sends every CONNECT to a server of this machine, whatever host it asks for."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def connect_proxy(
    port_of: Callable[[str], int | None], on_open: Callable[[str, socket.socket], None] = lambda _name, _client: None
) -> Iterator[int]:
    """Listen on a free port, and give it. A host without a port of *port_of* cannot be reached: 502.

    *on_open* is called with each connection to a host, so that a test can cut it.
    """

    def serve(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            name = _asked_for(client)
            port = port_of(name)
            if port is None:
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", port)) as server:
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                on_open(name, client)
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_copy, args=(server, client), daemon=True)
                back.start()
                _copy(client, server)
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


def _asked_for(client: socket.socket) -> str:
    """Give the host in ``CONNECT host:443 HTTP/1.1``, which a client sends in one piece."""
    request = client.recv(65536).decode("latin-1")
    return request.split(" ")[1].rpartition(":")[0]


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if hasattr(socket, "TCP_QUICKACK"):
                # To a proxy urllib3 sends the second piece of a request once the first is acknowledged: else after 40 ms.
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            sink.sendall(data)
    # Both ways end: half a conversation is none, and who has gone must not leave the other waiting.
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

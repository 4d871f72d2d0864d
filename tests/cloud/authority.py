"""One authority that vouches for every public name there is: for the length of a test run it is trusted alone."""

import ssl
from functools import cache
from pathlib import Path

import trustme


@cache
def authority() -> trustme.CA:
    return trustme.CA()


def write_root(folder: Path) -> Path:
    """Write the file of the authority to trust."""
    path = folder / "root.pem"
    authority().cert_pem.write_to_path(path)
    return path


def server_side() -> ssl.SSLContext:
    """Give the TLS of a server with any name that a client asks for: its certificate carries that name."""
    context = _showing("nobody.invalid")

    def become(connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name is not None:
            connection.context = _showing(name)

    context.sni_callback = become
    return context


@cache
def _showing(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(name).configure_cert(context)
    return context

"""HTTP with the standard library: bounded in time and size, and no key goes to another host."""

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

_LARGEST = 20_000_000
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NoReplyError(Exception):
    """There is no answer; the text says why in a sentence without a key."""


@dataclass(frozen=True)
class Answer:
    """What came back; the names of *headers* are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> Answer:
    """Send one request and read the whole answer within *seconds*; redirects are answers, too."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or parts.scheme not in {"https", "http"} or (parts.scheme == "http" and host not in _LOOPBACK):
        raise NoReplyError("the URL must begin with https:// and name a host")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=seconds)
    end = time.monotonic() + seconds
    try:
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection.request(method, path, body, {"User-Agent": "migration-monitor-action", **headers})
        response = connection.getresponse()
        content = bytearray()
        while part := response.read1(65_536):
            content += part
            if len(content) > _LARGEST or time.monotonic() > end:
                raise NoReplyError(f"{host} sends too much, or too slowly")
        # A connection that breaks off looks as if the answer had ended there.
        if response.length:
            raise NoReplyError(f"the answer of {host} breaks off")
    except ssl.SSLError as error:
        raise NoReplyError(f"no secure connection to {host}: {error.reason}") from None
    except TimeoutError:
        raise NoReplyError(f"{host} does not answer within {seconds:.0f} s") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoReplyError(f"{host} does not answer: {type(error).__name__}") from None
    finally:
        connection.close()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, bytes(content))


def same_place(url: str, location: str) -> str | None:
    """Give the address that *location* means, seen from *url*; None where it is on another host."""
    there = urljoin(url, location)
    here, parts = urlsplit(url), urlsplit(there)
    return there if (here.scheme, here.netloc) == (parts.scheme, parts.netloc) else None

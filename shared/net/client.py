"""The one way to ask over HTTP: bounded in time, size and redirects; no credential goes to another host.

Nothing is added that nobody gave: no cookies, nothing from ``~/.netrc``. requests is imported with the first request.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ..model.value import dataclass
from .deadline import Deadline


class NoAnswerError(Exception):
    """There is no whole answer; the text says why in a sentence that shows no URL, header or body.

    *lasting*: no waiting helps.
    """

    def __init__(self, because: str, *, lasting: bool = False) -> None:
        super().__init__(because)
        self.lasting = lasting


class LateError(NoAnswerError):
    """The time ran out."""


class NotAskedError(NoAnswerError):
    """Nobody was asked: what this machine's environment says of the network cannot be followed."""


@dataclass(frozen=True, slots=True)
class Request:
    """*credentials* are headers too; they go to the host of *url* and to no other that it redirects to."""

    url: str = field(repr=False)
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """*deadline* ends the whole exchange, tries and redirects included; *connect* and *read* are seconds for one step.

    More than *size* bytes of a body are an error, or *cut* off a document. *packed*: the body is given as it came, not
    as its header says. *kept*: the connection is shared and stays open for later requests.
    """

    deadline: Deadline
    size: int
    connect: float = 5.0
    read: float = 10.0
    tries: int = 1
    redirects: int = 0
    https_only: bool = True
    packed: bool = False
    cut: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. *address* is ``host:port`` of who gave it in the end.

    *read* gives so many bytes of the body, fewer only at its end, or all for -1. It raises `NoAnswerError`.
    """

    status: int
    headers: Mapping[str, str]
    address: str
    read: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Document:
    """An answer that was read as a whole. *certificate_expires*: when the first certificate on the way does."""

    status: int
    headers: Mapping[str, str]
    address: str
    content: bytes
    cut: bool = False
    took: timedelta = timedelta(0)
    certificate_expires: datetime | None = None

    def json(self) -> Any:
        """Give what the JSON says, None where it is none: then no field is where it should be."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


def ask(request: Request, limits: Limits) -> Document:
    """Send it and read the whole answer, whatever its status. Raises `NoAnswerError`."""
    from .exchange import Exchange  # noqa: PLC0415  # heavy

    return Exchange(request, limits).document()


def asked(request: Request, limits: Limits) -> AbstractContextManager[Answer]:
    """Send it and give the answer, whatever its status; its body waits to be read. Raises `NoAnswerError`."""
    from .exchange import Exchange  # noqa: PLC0415  # heavy

    return Exchange(request, limits).answer()


def bearer(token: str | None) -> dict[str, str]:
    """Give a token as credentials; none where there is none."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def address_of(url: str) -> str:
    """``host:port``, all that may be shown of a URL."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or {'http': 80}.get(parts.scheme, 443)}"

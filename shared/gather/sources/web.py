"""Asking release sources over HTTPS: one time for all of it, and what their failures mean."""

import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import field
from datetime import timedelta
from hashlib import sha256
from typing import BinaryIO, cast

from ...model.value import dataclass, replace
from ...net.client import Answer, Document, Limits, NoAnswerError, Request, address_of, asked
from ...net.deadline import Deadline
from ..attempt import GatherError
from .cache import Cache
from .down import SourceDownError

MAX_DOCUMENT = 8 * 1024 * 1024
MAX_ARCHIVE = 512 * 1024 * 1024
_MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
_READ_SECONDS = 20.0
# Load balancers drop a request now and then: nobody is notified of that.
_TRIES = 2
_LONGEST_HOLD = 60


@dataclass(slots=True)
class Web:
    """Asks for one release: *origin* is what the source is called in errors, *within* how long all of it may take."""

    origin: str
    within: timedelta
    _deadline: Deadline = field(init=False)

    def __post_init__(self) -> None:
        self._deadline = Deadline.after(self.within)

    @contextmanager
    def asked(self, request: Request, most: int | None = None) -> Iterator[Answer]:
        """Send it and follow a GET's redirects. *most* bytes can be read, by default as many as an archive may have.

        What is packed comes as it was packed: it is unpacked where its size is bounded.
        """
        size, is_get = MAX_ARCHIVE if most is None else most, request.method == "GET"
        tries, redirects = (_TRIES, _MAX_REDIRECTS) if is_get else (1, 0)
        limits = Limits(self._deadline, size, read=_READ_SECONDS, tries=tries, redirects=redirects, packed=True)
        try:
            with asked(request, limits) as answer:
                yield answer
        except NoAnswerError as error:
            raise (self.refused(str(error)) if error.lasting else self.down(str(error))) from None

    def document(self, request: Request) -> Document:
        """Send it and read the whole answer, whatever its status."""
        with self.asked(request, MAX_DOCUMENT) as answer:
            return Document(answer.status, answer.headers, answer.address, answer.read(-1))

    def confirmed(self, cache: Cache, request: Request) -> Document:
        """Give the document of before where the server says that it still holds (304), else the new one.

        For as long as the server itself said that it would hold it is not asked: a verification that waits
        looks every few seconds.
        """
        secret = sha256(request.credentials.get("Authorization", "").encode()).hexdigest()
        key = "\n".join(["document", request.url, secret, *(f"{name}: {it}" for name, it in request.headers.items())])
        etag, holds, content = _kept_document(cache, key)
        if holds:
            return Document(200, {}, address_of(request.url), content)
        known = {"If-None-Match": etag} if etag else {}
        document = self.document(replace(request, headers={**request.headers, **known}))
        if etag and document.status == 304:
            document = replace(document, status=200, content=content)
        fresh = document.headers.get("ETag")
        if fresh and document.status == 200:
            cache.put(key, f"{fresh}\n{_holds_until(document.headers)}\n".encode() + document.content)
        return document

    @contextmanager
    def stored(self, answer: Answer) -> Iterator[BinaryIO]:
        """Give the answer's body as a file that can be read anywhere, and is gone afterwards."""
        with ExitStack() as stack:
            try:
                file = stack.enter_context(tempfile.TemporaryFile())
                while part := answer.read(_CHUNK):
                    file.write(part)
                file.seek(0)
            except OSError as error:
                because = f"it cannot be put on this machine's disk: {error.strerror or type(error).__name__}"
                raise self.down(because) from None
            yield cast("BinaryIO", file)

    def down(self, because: str, *, lasting: bool = False) -> SourceDownError:
        return SourceDownError(f"{self.origin}: {because}", lasting=lasting)

    def refused(self, because: str) -> GatherError:
        """Say that the source has answered, and has no such release."""
        return GatherError(f"{self.origin}: {because}", lasting=True)

    def unexpected(self, answer: Answer | Document) -> GatherError:
        """Say that the status is none that means anything here."""
        is_passing = answer.status >= 500 or answer.status in {408, 429}
        return self.down(f"{answer.address} answered {answer.status}", lasting=not is_passing)

    @property
    def left(self) -> timedelta:
        return self._deadline.left


def _kept_document(cache: Cache, key: str) -> tuple[str, bool, bytes]:
    """Give the ETag of what was kept, whether it still holds without asking, and the document itself."""
    etag, _, rest = (cache.get(key) or b"").partition(b"\n")
    until, _, content = rest.partition(b"\n")
    now = time.time()
    # Not further ahead than it can have been set: the clock may have been put back.
    holds = bool(until) and now < int(until) <= now + _LONGEST_HOLD
    return etag.decode(), holds, content


def _holds_until(headers: Mapping[str, str]) -> int:
    """Give until when an answer holds by its own words, a minute at most: GitHub says so much."""
    age = re.search(r"max-age=(\d{1,6})", headers.get("Cache-Control", ""))
    return int(time.time()) + min(int(age[1]) if age else 0, _LONGEST_HOLD)

"""Asking release sources over HTTPS: bounded, to the end of the time, and with no secret on the way to another host."""

import json
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import field
from datetime import timedelta
from hashlib import sha256
from typing import Any, BinaryIO, cast
from urllib.parse import urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter

from shared.gather.attempt import GatherError
from shared.gather.http.environment import environment_for
from shared.gather.http.failure import BROKEN, address_of, no_answer_because
from shared.gather.sources.cache import Cache
from shared.gather.sources.down import SourceDownError
from shared.model.urls import is_https
from shared.model.value import dataclass

MAX_DOCUMENT = 8 * 1024 * 1024
MAX_ARCHIVE = 512 * 1024 * 1024
_MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
# For one connection and for one read; the time for the whole source is what counts in the end.
_CONNECT_SECONDS, _READ_SECONDS = 10.0, 20.0
# Load balancers drop a request now and then: nobody must hear of that.
_TRIES, _PAUSE_SECONDS = 2, 0.25
_LONGEST_HOLD = 60


class Body:
    """The bytes of an answer as they come, read once and forwards; more than *most* of them is an error."""

    def __init__(self, web: "Web", raw: urllib3.BaseHTTPResponse, url: str, most: int) -> None:
        self._web, self._raw, self._url, self._left = web, raw, url, most
        self._most = most

    def read(self, size: int = -1, /) -> bytes:
        """Give *size* bytes, fewer only at the end; without a size all there are."""
        parts = []
        while size and (part := self._some(_CHUNK if size < 0 else min(size, _CHUNK))):
            parts.append(part)
            size = size if size < 0 else size - len(part)
        return b"".join(parts)

    def _some(self, at_most: int) -> bytes:
        self._web.insist_on_time(self._url)
        try:
            part = self._raw.read1(at_most, decode_content=False)
        except BROKEN as error:
            failure = self._web.no_answer(error, self._url)
        else:
            self._left -= len(part)
            if self._left < 0:
                raise GatherError(
                    f"{self._web.origin}: {address_of(self._url)} sends more than {self._most:,} bytes", lasting=True
                )
            return part
        # Here, where no exception is at hand any more whose text has the URL.
        raise failure


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; its *body* waits to be read. *address* is ``host:port`` of who gave it in the end."""

    status: int
    headers: Mapping[str, str]
    address: str
    body: Body


@dataclass(frozen=True, slots=True)
class Document:
    """An answer that was read as a whole; a *status* of 200 may be that of an earlier time, confirmed just now."""

    status: int
    headers: Mapping[str, str]
    address: str
    content: bytes

    def json(self) -> Any:
        """Give what the JSON says, None where it is none: then no field is where it should be."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


@dataclass(slots=True)
class Web:
    """Asks for one release: *origin* is what the source is called in errors, *within* how long all of it may take."""

    origin: str
    within: timedelta
    _ends: float = field(init=False)

    def __post_init__(self) -> None:
        self._ends = time.monotonic() + self.within.total_seconds()

    @contextmanager
    def asked(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        authorization: str | None = None,
        form: Mapping[str, str] | None = None,
        most: int | None = None,
    ) -> Iterator[Answer]:
        """Send a GET, or with a *form* a POST, and follow a GET's redirects; *authorization* goes to no other host.

        At most *most* bytes of the answer can be read, by default as many as an archive may have.
        """
        with ExitStack() as stack:
            for number in range(1 + _MAX_REDIRECTS):
                request = self._request(url, headers or {}, authorization, form)
                response = self._sent(stack, request)
                target = requests.Session().get_redirect_target(response) if form is None else None
                if target is None:
                    body = Body(self, response.raw, url, MAX_ARCHIVE if most is None else most)
                    yield Answer(response.status_code, response.headers, address_of(url), body)
                    return
                location = _absolute(url, target)
                if location is None or number == _MAX_REDIRECTS:
                    break
                if address_of(location) != address_of(url):
                    authorization = None
                url = location
        raise self.down(f"{address_of(url)} redirects too often, or to what is not https")

    def document(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        authorization: str | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Document:
        """Send it and read the whole answer, whatever its status."""
        with self.asked(url, headers, authorization=authorization, form=form, most=MAX_DOCUMENT) as answer:
            return Document(answer.status, answer.headers, answer.address, answer.body.read())

    def confirmed(
        self, cache: Cache, url: str, headers: Mapping[str, str], *, authorization: str | None = None
    ) -> Document:
        """Give the document of before where the server says that it still holds (304), else the new one.

        For as long as the server itself said that it would hold it is not asked: a verification that waits
        looks every few seconds.
        """
        secret = sha256((authorization or "").encode()).hexdigest()
        key = "\n".join(["document", url, secret, *(f"{name}: {value}" for name, value in headers.items())])
        etag, holds, content = _kept_document(cache, key)
        if holds:
            return Document(requests.codes.ok, {}, address_of(url), content)
        known = {"If-None-Match": etag} if etag else {}
        document = self.document(url, {**headers, **known}, authorization=authorization)
        if etag and document.status == requests.codes.not_modified:
            document = Document(requests.codes.ok, document.headers, document.address, content)
        fresh = document.headers.get("ETag")
        if fresh and document.status == requests.codes.ok:
            cache.put(key, f"{fresh}\n{_holds_until(document.headers)}\n".encode() + document.content)
        return document

    @contextmanager
    def stored(self, answer: Answer) -> Iterator[BinaryIO]:
        """Give the answer's body as a file that can be read anywhere, and is gone afterwards."""
        with ExitStack() as stack:
            try:
                file = stack.enter_context(tempfile.TemporaryFile())
                while part := answer.body.read(_CHUNK):
                    file.write(part)
                file.seek(0)
            except OSError as error:
                full = self.down(f"it cannot be put on this machine's disk: {error.strerror or type(error).__name__}")
            else:
                yield cast("BinaryIO", file)
                return
        raise full

    def down(self, because: str, *, lasting: bool = False) -> SourceDownError:
        return SourceDownError(f"{self.origin}: {because}", lasting=lasting)

    def refused(self, because: str) -> GatherError:
        """Say that the source has answered, and has no such release."""
        return GatherError(f"{self.origin}: {because}", lasting=True)

    def unexpected(self, answer: Answer | Document) -> GatherError:
        """Say that the status is none that means anything here."""
        is_passing = answer.status >= 500 or answer.status in {408, 429}
        return self.down(f"{answer.address} answered {answer.status}", lasting=not is_passing)

    def no_answer(self, error: Exception, url: str) -> SourceDownError:
        late = f"no whole answer from {address_of(url)} in time"
        return self.down(no_answer_because(error, url) or late)

    @property
    def left(self) -> timedelta:
        return timedelta(seconds=max(0.0, self._ends - time.monotonic()))

    def insist_on_time(self, url: str) -> float:
        """Give the seconds that are left; raise where there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise self.down(f"no whole answer from {address_of(url)} within {self.within.total_seconds():.3g} s")
        return left

    def _request(
        self, url: str, headers: Mapping[str, str], authorization: str | None, form: Mapping[str, str] | None
    ) -> requests.PreparedRequest:
        # What is packed is to come as it was packed: it is unpacked where its size is bounded.
        own = {"User-Agent": "migration-monitor", "Accept-Encoding": "identity"}
        secret = {} if authorization is None else {"Authorization": authorization}
        all_of_them = {**own, **headers, **secret}
        try:
            return requests.Request("GET" if form is None else "POST", url, headers=all_of_them, data=form).prepare()
        except (requests.RequestException, UnicodeError):
            pass
        raise self.refused(f"the request to {address_of(url)} cannot be put into HTTP")

    def _sent(self, stack: ExitStack, request: requests.PreparedRequest) -> requests.Response:
        """Send it on a connection of its own; a GET that came to nothing is sent once more."""
        url = request.url or ""
        tries = _TRIES if request.method == "GET" else 1
        for number in range(tries):
            is_last = number == tries - 1
            if number:
                time.sleep(_PAUSE_SECONDS)
            left = self.insist_on_time(url)
            timeout = (min(_CONNECT_SECONDS, left), min(_READ_SECONDS, left))
            # Not a session's own sending: it would add cookies and what ~/.netrc holds.
            adapter = HTTPAdapter(max_retries=0)
            stack.callback(adapter.close)
            try:
                response = adapter.send(request, timeout=timeout, **environment_for(url))
            except BROKEN as error:
                failure = self.no_answer(error, url)
                continue
            stack.callback(response.close)
            if response.status_code < 500 or is_last:
                return response
        # Here, where no exception is at hand any more whose text has the URL or a header.
        raise failure


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


def _absolute(url: str, target: str) -> str | None:
    """Give the address that *target* means, seen from *url*; None where it is not https."""
    try:
        location = urljoin(url, target)
    except ValueError:
        return None
    return location if is_https(location) else None

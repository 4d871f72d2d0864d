"""One exchange over HTTP, with its tries and redirects."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from threading import Timer
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from .background import Started
from .client import Answer, Document, LateError, Limits, NoAnswerError, Request, address_of
from .connections import SESSION, Adapter, Watcher, environment_for
from .failure import BROKEN, no_answer_because
from .pause import pause_after, seconds_asked_for

T = TypeVar("T")

_CHUNK = 64 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
# A load balancer that drops a request, or a service that is busy: another try may help.
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
# The timeout of a socket may end a moment before the whole time does.
_CLOSE_TO_THE_END = 0.05
# Its connections stay open: to make one takes longer than most of what is asked over it.
_KEPT = Adapter()


class Exchange:
    """Used once. What may hang before there is an answer, name resolution included, runs in a thread of its own."""

    def __init__(self, request: Request, limits: Limits) -> None:
        self._request, self._limits = request, limits
        self._url, self._credentials = request.url, request.credentials
        self._began = time.monotonic()
        self._watcher = Watcher()
        # The response that is being read, and what is to be closed with it.
        self._open = ExitStack()
        self._size_left = limits.size + limits.cut

    def document(self) -> Document:
        size = self._limits.size
        with self.answer() as answer:
            content = answer.read(size + 1 if self._limits.cut else -1)
            took = timedelta(seconds=time.monotonic() - self._began)
        cut, expires = len(content) > size, self._watcher.certificate_expires
        return Document(answer.status, answer.headers, answer.address, content[:size], cut, took, expires)

    @contextmanager
    def answer(self) -> Iterator[Answer]:
        opening = Started(self._opened)
        if not opening.has_ended(self._limits.deadline.left):
            self._watcher.cut()
            raise self._late()
        answer = _unless_failed(opening.outcome())
        end = Timer(self._limits.deadline.seconds_left, self._watcher.cut)
        end.daemon = True
        end.start()
        try:
            yield answer
        finally:
            end.cancel()
            self._open.close()

    def _opened(self) -> Answer | NoAnswerError:
        self._watcher.watches()
        answer = self._outcome(self._answer)
        if isinstance(answer, NoAnswerError):
            self._open.close()
        return answer

    def _outcome(self, do: Callable[[], T]) -> T | NoAnswerError:
        """Give what *do* gives, or why there is nothing: to be raised where the library's error is not at hand."""
        try:
            outcome = do()
        except NoAnswerError as error:
            return error
        except BROKEN as error:
            because = no_answer_because(error, self._url)
        else:
            # A connection that was cut looks as if the answer had ended there.
            return self._late() if self._watcher.is_cut else outcome
        return self._late() if because is None or self._watcher.is_cut else NoAnswerError(because)

    def _answer(self) -> Answer:
        method, body = self._request.method, self._request.body
        for _ in range(1 + self._limits.redirects):
            request = self._prepared(method, body)
            response = self._sent(request)
            target = SESSION.get_redirect_target(response) if self._limits.redirects else None
            if target is None:
                return Answer(response.status_code, response.headers, address_of(self._url), self._reader(response))
            self._go(target)
            SESSION.rebuild_method(request, response)
            method, body = request.method or "GET", body if response.status_code in {307, 308} else None
        raise NoAnswerError(f"more than {self._limits.redirects} redirects, the last from {address_of(self._url)}")

    def _go(self, target: str) -> None:
        """Go where *target* leads, seen from here; to another place without the credentials."""
        here, location = address_of(self._url), _absolute(self._url, target)
        if location is None:
            raise NoAnswerError(f"{here} redirects to an invalid address")
        if self._limits.https_only and not location.startswith("https:"):
            raise NoAnswerError(f"{here} redirects to an address without https")
        if not _is_same_place(self._url, location):
            self._credentials = {}
        self._url = location

    def _prepared(self, method: str, body: bytes | None) -> requests.PreparedRequest:
        headers = requests.utils.default_headers()
        headers["User-Agent"] = "migration-monitor"
        if self._limits.packed:
            headers["Accept-Encoding"] = "identity"
        headers.update({**self._request.headers, **self._credentials})
        return requests.Request(method, self._url, headers=headers, data=body).prepare()

    def _sent(self, request: requests.PreparedRequest) -> requests.Response:
        """Give the answer; what is transient is tried again, as often and as long as the limits allow."""
        for tried in range(1, 1 + self._limits.tries):
            outcome, asked_for = self._outcome(lambda: self._try(request)), None
            if isinstance(outcome, requests.Response):
                if outcome.status_code not in _TRANSIENT:
                    break
                asked_for = seconds_asked_for(outcome.headers.get("Retry-After"))
            pause = pause_after(tried, _FIRST_PAUSE, _LONGEST_PAUSE, asked_for)
            if tried == self._limits.tries or pause is None or pause >= self._limits.deadline.seconds_left:
                break
            time.sleep(pause)
        return _unless_failed(outcome)

    def _try(self, request: requests.PreparedRequest) -> requests.Response:
        self._open.close()
        self._watcher.is_connected = False
        left = self._limits.deadline.seconds_left
        if not left:
            raise self._late()
        adapter = _KEPT if self._limits.kept else self._open.enter_context(closing(Adapter()))
        timeout = (min(self._limits.connect, left), min(self._limits.read, left))
        response = adapter.send(request, timeout=timeout, **environment_for(self._url))
        return self._open.enter_context(closing(response))

    def _reader(self, response: requests.Response) -> Callable[[int], bytes]:
        def some(at_most: int) -> bytes:
            unpack = not self._limits.packed
            part: bytes = _unless_failed(self._outcome(lambda: response.raw.read1(at_most, decode_content=unpack)))
            self._size_left -= len(part)
            if self._size_left < 0:
                because = f"{address_of(self._url)} sends more than {self._limits.size:,} bytes"
                raise NoAnswerError(because, lasting=True)
            return part

        def read(size: int) -> bytes:
            parts = []
            while size and (part := some(_CHUNK if size < 0 else min(size, _CHUNK))):
                parts.append(part)
                size = size if size < 0 else size - len(part)
            return b"".join(parts)

        return read

    def _late(self) -> LateError:
        limits, is_connected = self._limits, self._watcher.is_connected
        seconds = limits.deadline.limit.total_seconds()
        if limits.deadline.seconds_left > _CLOSE_TO_THE_END:
            seconds = min(limits.read if is_connected else limits.connect, seconds)
        what = "whole answer from" if is_connected else "connection to"
        return LateError(f"no {what} {address_of(self._url)} within {seconds:.3g} s")


def _unless_failed(outcome: T | NoAnswerError) -> T:
    if isinstance(outcome, NoAnswerError):
        raise outcome
    return outcome


def _absolute(url: str, target: str) -> str | None:
    """Give the address that *target* means, seen from *url*; None where it means none."""
    try:
        location = urljoin(url, target)
        parts = urlsplit(location)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return location if usable else None


def _is_same_place(url: str, location: str) -> bool:
    """Say whether both are one host and port; on the standard ports also where plain HTTP leads to TLS."""
    here, there = urlsplit(url), urlsplit(location)
    addresses = address_of(url), address_of(location)
    if here.scheme == there.scheme:
        return addresses[0] == addresses[1]
    return here.scheme == "http" and addresses == (f"{here.hostname}:80", f"{here.hostname}:443")

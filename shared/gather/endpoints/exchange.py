"""One try: a request, whatever it is redirected to, and the answer or the reason there is none."""

import time
from contextlib import closing
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import requests

from shared.gather.attempt import InBackground
from shared.gather.endpoints.transport import WatchedAdapter, Watcher
from shared.gather.http.environment import environment_for
from shared.gather.http.failure import BROKEN, address_of, no_answer_because, too_late
from shared.model.endpoint import Answer, EndpointExpectation, NoAnswer
from shared.model.knowledge import Unavailable
from shared.model.setting_types import Secret

MAX_BODY = 2 * 1024 * 1024
MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
_BODY_GOES_ALONG = {requests.codes.temporary_redirect, requests.codes.permanent_redirect}


def ask(expectation: EndpointExpectation, limit: timedelta) -> Answer | NoAnswer:
    """Send the request once and read the answer; raise `TimeoutError`, a sentence, if that takes longer than *limit*.

    The limit holds for all of it, name resolution and a server that sends a byte a second included.
    """
    exchange = _Exchange(expectation, limit)
    outcome = InBackground(exchange.run).within(limit).fact
    if isinstance(outcome, Unavailable):
        exchange.watcher.cut()
        raise TimeoutError(exchange.too_late())
    return outcome


class _Exchange:
    def __init__(self, expectation: EndpointExpectation, limit: timedelta) -> None:
        self.watcher = Watcher()
        self._expectation = expectation
        self._limit = limit
        self._url = expectation.url
        self._may_see_credentials = True
        self._started = time.monotonic()
        # Only asked where a redirect leads: sending, it would add cookies and what ~/.netrc holds.
        self._session = requests.Session()
        environment_for(self._url)

    def too_late(self) -> str:
        return too_late(self._url, self._limit, connected=self.watcher.connected)

    def run(self) -> Answer | NoAnswer:
        try:
            return self._converse()
        except BROKEN as error:
            because = no_answer_because(error, self._url)
        # Here, where no exception is at hand any more whose text has the URL or a header.
        if because is None:
            raise TimeoutError(self.too_late())
        return NoAnswer(because)

    def _converse(self) -> Answer | NoAnswer:
        request = self._request(self._expectation.method, self._expectation.url, self._expectation.body)
        for _ in range(1 + MAX_REDIRECTS):
            # A connection of its own for each: then it is known whose certificate it showed.
            with closing(WatchedAdapter(self.watcher)) as adapter, closing(self._send(adapter, request)) as response:
                target = self._session.get_redirect_target(response) if self._expectation.follow_redirects else None
                if target is None:
                    body, cut = _body(response)
                    return Answer(response.status_code, body, cut, self._took(), self.watcher.certificate_expires)
            location = _absolute(self._url, target)
            if location is None:
                return NoAnswer(f"{address_of(self._url)} redirects to an address that is none")
            request = self._redirected(request, response, location)
        return NoAnswer(f"more than {MAX_REDIRECTS} redirects, the last from {address_of(self._url)}")

    def _send(self, adapter: WatchedAdapter, request: requests.PreparedRequest) -> requests.Response:
        self.watcher.connected = False
        left = max(0.001, (self._limit - self._took()).total_seconds())
        return adapter.send(request, timeout=(left, left), **environment_for(self._url))

    def _request(self, method: str, url: str, body: str | None) -> requests.PreparedRequest:
        headers = {**requests.utils.default_headers(), "User-Agent": "migration-monitor"}
        for name, value in self._expectation.headers.items():
            if self._may_see_credentials or name not in self._expectation.credentials:
                headers[name] = value.value if isinstance(value, Secret) else value
        data = None if body is None else body.encode()
        return requests.Request(method, url, headers=headers, data=data).prepare()

    def _redirected(
        self, request: requests.PreparedRequest, response: requests.Response, location: str
    ) -> requests.PreparedRequest:
        """Give the request that follows, as requests would; to another host it goes without credentials."""
        if self._session.should_strip_auth(self._url, location):  # type: ignore[no-untyped-call]  # the stubs lack it
            self._may_see_credentials = False
        self._url = location
        self._session.rebuild_method(request, response)
        body = self._expectation.body if response.status_code in _BODY_GOES_ALONG else None
        return self._request(request.method or "GET", location, body)

    def _took(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._started)


def _body(response: requests.Response) -> tuple[bytes, bool]:
    """Give the unpacked body up to the cap, and whether there was more. What is packed is unpacked in small pieces."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_BODY:
            return bytes(body[:MAX_BODY]), True
    return bytes(body), False


def _absolute(url: str, target: str) -> str | None:
    """Give the address that *target* means, seen from *url*; None where it means none."""
    try:
        location = urljoin(url, target)
        parts = urlsplit(location)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return location if usable else None

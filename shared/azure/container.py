"""A container of blobs, asked by Azure Storage's REST interface.

The few operations that are wanted do not pay for the SDK, whose import takes longer than they do: the
timer waits for it every five minutes.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote, urlencode, urlsplit

from ..model.azure import Identity
from ..model.value import dataclass
from ..net.client import Limits, NoAnswerError, Request, ask, bearer
from ..net.deadline import Deadline
from .credential import forget_token, token
from .error import AzureError
from .storage import API_VERSION, SCOPE, Listed, page_of, why_refused

_LONGEST, _TRIES = timedelta(seconds=60), 3
# A document of the monitor's is below 1 MiB, a page of a listing below 8; more is not ours.
_MOST_BYTES = 64 * 1024 * 1024
_MOST_BLOBS = 100_000
_PASSING = (429, 500, 502, 503, 504)
# What is said about a blob, not about the call: the caller knows what it means.
_ANSWERS = {
    HTTPStatus.OK,
    HTTPStatus.CREATED,
    HTTPStatus.ACCEPTED,
    HTTPStatus.NOT_MODIFIED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """*code* is Azure's own word for what went wrong, such as ``ContainerNotFound``."""

    status: int
    code: str | None
    etag: str | None
    body: bytes

    @property
    def is_done(self) -> bool:
        return self.status < HTTPStatus.MULTIPLE_CHOICES


class Container:
    """The container at *url*, ``https://ACCOUNT.blob.core.windows.net/NAME``, asked as *identity*.

    *role* is what that identity needs, for the words of a refusal; *longest* is for all tries of one request.
    """

    def __init__(self, url: str, identity: Identity, role: str, longest: timedelta = _LONGEST) -> None:
        self.url = url.rstrip("/")
        self._identity, self._role, self._longest = identity, role, longest

    def ask(
        self,
        method: str,
        blob: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Ask for *blob*, or for the container itself; raises `AzureError` where there is no answer about it.

        What passes is tried again, so that an operation may be carried out twice.
        """
        url = self.url if blob is None else f"{self.url}/{quote(blob, safe='/')}"
        url = f"{url}?{urlencode(query)}" if query else url
        for _ in range(2):
            given = token(self._identity, SCOPE)
            answer = self._sent(method, url, {**(headers or {}), "x-ms-version": API_VERSION}, given, body)
            if answer.status != HTTPStatus.UNAUTHORIZED:
                break
            forget_token(self._identity, given)  # it may have been revoked; a fresh one says whether it was that
        if answer.status not in _ANSWERS:
            raise self._refused(answer)
        return answer

    def names(self, prefix: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
        """Give every blob's name under *prefix* and its metadata, 5,000 for each question; none without container."""
        return ((blob.name, blob.metadata) for blob in self.listed(prefix))

    def listed(self, prefix: str) -> Iterator[Listed]:
        """Give every blob under *prefix*, as `names` does."""
        marker, count = "", 0
        while count <= _MOST_BLOBS:
            query = {"restype": "container", "comp": "list", "include": "metadata", "prefix": prefix, "marker": marker}
            answer = self.ask("GET", query=query)
            if not answer.is_done:
                return
            page = page_of(answer.body)
            if page is None:
                raise AzureError(f"{urlsplit(self.url).netloc} answered with something else than a list of blobs")
            yield from page.blobs
            # An empty page counts too: a listing must end.
            marker, count = page.marker, count + max(1, len(page.blobs))
            if not marker:
                return
        raise AzureError(f"{urlsplit(self.url).netloc} lists more than {_MOST_BLOBS:,} blobs")

    def _sent(self, method: str, url: str, headers: Mapping[str, str], given: str, body: bytes) -> Answer:
        request = Request(url, method, headers, bearer(given), body)
        # Writes are tried again, too: each says on what it depends, so that one that arrived twice is refused.
        limits = Limits(Deadline.after(self._longest), _MOST_BYTES, tries=_TRIES, packed=True, kept=True)
        try:
            document = ask(request, limits)
        except NoAnswerError as error:
            raise AzureError(str(error)) from None
        code, etag = document.headers.get("x-ms-error-code"), document.headers.get("ETag")
        return Answer(document.status, code, etag, document.content)

    def _refused(self, answer: Answer) -> AzureError:
        because = why_refused(self._identity, self._role, self.url, answer.status, answer.code)
        if because is not None:
            return AzureError(because, lasting=True)
        code = f"{answer.status} {answer.code}" if (answer.code or "").isalnum() else f"{answer.status}"
        return AzureError(f"{urlsplit(self.url).netloc} answered {code}", lasting=answer.status not in _PASSING)

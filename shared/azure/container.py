"""A container of blobs, asked by Azure Storage's REST interface.

The few operations that are wanted do not pay for the SDK, whose import takes longer than they do: the
timer waits for it every five minutes.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from shared.azure.credential import forget_token, token
from shared.azure.error import AzureError
from shared.azure.storage import API_VERSION, SCOPE, Listed, page_of, why_refused
from shared.model.azure import Identity
from shared.model.value import dataclass

if TYPE_CHECKING:
    import requests

_CONNECT_SECONDS, _READ_SECONDS, _RETRIES, _BACKOFF_SECONDS = 5, 10, 2, 0.2
# A document of the monitor's is below 1 MiB, a page of a listing below 8; more is not ours.
_MOST_BYTES, _CHUNK = 64 * 1024 * 1024, 64 * 1024
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

    *role* is what that identity needs, for the words of a refusal.
    """

    def __init__(self, url: str, identity: Identity, role: str) -> None:
        self.url = url.rstrip("/")
        self._identity, self._role = identity, role

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
        for _ in range(2):
            bearer = token(self._identity, SCOPE)
            own = {"x-ms-version": API_VERSION, "Authorization": f"Bearer {bearer}"}
            answer = self._sent(method, url, query or {}, {**(headers or {}), **own}, body)
            if answer.status != HTTPStatus.UNAUTHORIZED:
                break
            forget_token(self._identity, bearer)  # it may have been taken back; a fresh one says whether it was that
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

    def _sent(self, method: str, url: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        import requests  # noqa: PLC0415  # heavy
        import urllib3  # noqa: PLC0415  # as above

        # What is packed would unpack to any size: everything comes as it is, and so much of it.
        headers = {"Accept-Encoding": "identity", **headers}
        try:
            with _session().request(
                method,
                url,
                params=query,
                headers=headers,
                data=body,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                code = response.headers.get("x-ms-error-code")
                content = _bounded(response)
                if content is not None:
                    return Answer(response.status_code, code, response.headers.get("ETag"), content)
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            pass  # raised below, where no exception is at hand whose text has more than ours
        else:
            raise AzureError(f"{urlsplit(self.url).netloc} sends more than {_MOST_BYTES:,} bytes")
        raise AzureError(
            f"{urlsplit(self.url).netloc} cannot be reached: no such name, or the network or a firewall is in the way"
        )

    def _refused(self, answer: Answer) -> AzureError:
        because = why_refused(self._identity, self._role, self.url, answer.status, answer.code)
        if because is not None:
            return AzureError(because, lasting=True)
        code = f"{answer.status} {answer.code}" if (answer.code or "").isalnum() else f"{answer.status}"
        return AzureError(f"{urlsplit(self.url).netloc} answered {code}", lasting=answer.status not in _PASSING)


def _bounded(response: "requests.Response") -> bytes | None:
    """Give the whole body as it came; None where it is larger than anything of ours."""
    parts, size = [], 0
    while part := response.raw.read(_CHUNK, decode_content=False):
        size += len(part)
        if size > _MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


@cache
def _session() -> "requests.Session":
    """One for all: it keeps connections, and each costs more than what is asked over it."""
    import requests  # noqa: PLC0415  # heavy
    from requests.adapters import HTTPAdapter  # noqa: PLC0415  # as above
    from urllib3.util.retry import Retry  # noqa: PLC0415  # as above

    session = requests.Session()
    retries = Retry(
        total=_RETRIES,
        backoff_factor=_BACKOFF_SECONDS,
        status_forcelist=_PASSING,
        # Writes too: each says on what it depends, so that one that arrived twice is refused, not done twice.
        allowed_methods=None,
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    session.mount("https://", HTTPAdapter(max_retries=retries, pool_maxsize=32))
    return session

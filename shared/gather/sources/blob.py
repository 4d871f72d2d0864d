"""A release in a container of Azure's blob storage, read by identity.

Two calls of the service's REST interface. Its own client would take 0.3 s to import, and could do
nothing here that these do not; time and size are bounded as for every other source.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlencode

from ...azure.credential import forget_token, token
from ...azure.error import AzureError
from ...azure.storage import API_VERSION, SCOPE, Listed, Page, page_of, why_refused
from ...model.release_settings import ReleaseSettings
from ...model.value import dataclass
from ...net.client import Answer, Document, Request, bearer
from ..attempt import GatherError
from .archive import SUFFIXES, unpack, without_suffix
from .artifact import MAX_ENTRIES, Artifact, Collector
from .cache import Cache, Contents, contents_once
from .named import insist_on_name
from .web import Web

_PAGE = 1000
_SHOWN = 5
_ROLE = "Storage Blob Data Reader"


@dataclass(frozen=True, slots=True)
class _Blob:
    name: str
    etag: str
    modified: datetime


def read_blob(settings: ReleaseSettings, release: str | None, web: Web) -> Artifact:
    """Read the archive whose name is the prefix, *release* and a suffix, or else the newest with that prefix."""
    return _Reading(settings, web).read(release)


class _Reading:
    def __init__(self, settings: ReleaseSettings, web: Web) -> None:
        self._settings, self._web = settings, web
        self._container = (settings.container or "").rstrip("/")
        try:
            self._token = token(settings.identity, SCOPE, web.left)
        except AzureError as error:
            raise web.down(error.because, lasting=error.lasting) from None

    def read(self, release: str | None) -> Artifact:
        prefix = self._settings.prefix
        blob = self._newest(prefix) if release is None else self._called(prefix + insist_on_name(release))
        contents = self._contents(blob)
        version = release or without_suffix(blob.name.removeprefix(prefix)) or None
        origin = f"{self._container}/{blob.name}"
        return Artifact(contents.files, contents.folders, version, self._settings.source, origin)

    def _newest(self, prefix: str) -> _Blob:
        found = list(self._archives(prefix))
        if not found:
            begins = f" whose name begins with {prefix}" if prefix else ""
            raise self._web.refused(f"there is no archive ({', '.join(SUFFIXES)}) in it{begins}")
        return max(found, key=lambda blob: (blob.modified, blob.name))

    def _called(self, name: str) -> _Blob:
        found = [blob for blob in self._archives(name) if blob.name.removeprefix(name).lower() in SUFFIXES]
        if not found:
            raise self._web.refused(f"there is no {name} in it, with any of {', '.join(SUFFIXES)}")
        if len(found) > 1:
            names = ", ".join(sorted(blob.name for blob in found)[:_SHOWN])
            raise self._web.refused(f"{len(found)} archives in it are called so: {names}")
        return found[0]

    def _archives(self, prefix: str) -> Iterator[_Blob]:
        """Give all archives whose name begins with *prefix*, page by page."""
        marker, count = "", 0
        while True:
            query = {"restype": "container", "comp": "list", "prefix": prefix, "maxresults": _PAGE, "marker": marker}
            url = f"{self._container}?{urlencode({name: value for name, value in query.items() if value})}"
            document = self._web.document(self._request(url))
            self._insist_on_success(document)
            page = self._parsed(document)
            count += len(page.blobs)
            for blob in map(_blob, page.blobs):
                if blob is not None and blob.name.lower().endswith(SUFFIXES):
                    yield blob
            if count > MAX_ENTRIES:
                raise self._web.refused(f"it holds more than {MAX_ENTRIES:,} blobs: a longer `prefix` names fewer")
            marker = page.marker
            if not marker:
                return

    def _parsed(self, document: Document) -> Page:
        page = page_of(document.content)
        if page is None:
            raise self._web.down(f"{document.address} answered with something else than a list of blobs")
        return page

    def _contents(self, blob: _Blob) -> Contents:
        cache, key = Cache.here(), f"blob {self._container}/{blob.name} {blob.etag} in {self._settings.migrations}"
        return contents_once(cache, key, partial(self._downloaded, blob))

    def _downloaded(self, blob: _Blob) -> Contents:
        collector = Collector(f"the blob {self._container}/{blob.name}", self._settings.migrations)
        request = self._request(f"{self._container}/{quote(blob.name)}", {"If-Match": blob.etag})
        with self._web.asked(request) as answer:
            if answer.status in {404, 412}:
                raise self._web.down(f"{blob.name} was replaced while it was to be read ({answer.status})")
            self._insist_on_success(answer)
            with self._web.stored(answer) as file:
                unpack(file, collector)
        return Contents(collector.files, frozenset(collector.folders))

    def _request(self, url: str, headers: Mapping[str, str] | None = None) -> Request:
        return Request(url, headers={"x-ms-version": API_VERSION, **(headers or {})}, credentials=bearer(self._token))

    def _insist_on_success(self, answer: Answer | Document) -> None:
        if answer.status != 200:
            raise self._refusal(answer)

    def _refusal(self, answer: Answer | Document) -> GatherError:
        identity, code = self._settings.identity, answer.headers.get("x-ms-error-code")
        if answer.status == 401:
            forget_token(identity, self._token)
        because = why_refused(identity, _ROLE, self._container, answer.status, code)
        if because is not None:
            return self._web.down(because, lasting=True)
        if answer.status == 404:
            return self._web.refused("there is no such container (404)")
        return self._web.unexpected(answer)


def _blob(listed: Listed) -> _Blob | None:
    """Give an entry of a listing; None for one that does not say all that is needed."""
    if not (listed.name and listed.etag) or listed.modified is None:
        return None
    return _Blob(listed.name, listed.etag, listed.modified)

"""The registry that holds an image: distribution API v2, anonymously or at Azure by identity.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from ....azure.credential import forget_token, token
from ....azure.error import AzureError
from ....azure.identity_errors import named
from ....model.azure import Identity
from ....model.urls import is_https
from ....model.value import dataclass
from ....net.client import Answer, Document, Request, bearer
from ...attempt import GatherError
from ..cache import Cache
from ..web import Web
from .reference import ImageReference

_INDEXES = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
_MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
_AZURE = (".azurecr.io", ".azurecr.cn", ".azurecr.us")
# Accepted whether or not the registry takes the tokens of Azure's management as well.
_SCOPE = "https://containerregistry.azure.net/.default"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_ROLE = "AcrPull"


@dataclass(frozen=True, slots=True)
class Blob:
    """A part of an image that a manifest names: its *digest* says what it is, so it never changes."""

    digest: str
    media_type: str
    size: int


class Registry:
    """Asks the registry of *image* for its parts; what comes is held against its digest."""

    def __init__(self, image: ImageReference, identity: Identity, web: Web, cache: Cache) -> None:
        self._image, self._identity, self._web, self._cache = image, identity, web, cache
        self._url = f"https://{image.host}/v2/{image.repository}"
        self._token: str | None = None

    def manifest(self, wanted: str) -> tuple[str, Mapping[str, Any]]:
        """Give the index or manifest called *wanted*, a tag or a digest, and its digest."""
        url, is_digest = f"{self._url}/manifests/{wanted}", _DIGEST.fullmatch(wanted) is not None
        content = self._cache.get(f"manifest {wanted}") if is_digest else None
        if content is None:
            document = self._asked(url, {"Accept": f"{_INDEXES}, {_MANIFESTS}"})
            self._insist_on_success(document, f"{self._image.name} has no {wanted}")
            content = document.content
        digest = f"sha256:{sha256(content).hexdigest()}"
        if is_digest and digest != wanted:
            raise self._web.down(f"{self._image.host} sent another manifest than {wanted[:19]}…")
        self._cache.put(f"manifest {digest}", content)
        return digest, _object(content, self._web, "a manifest")

    def config(self, blob: Blob) -> Mapping[str, Any]:
        content = self._cache.get(f"config {blob.digest}")
        if content is None:
            document = self._asked(f"{self._url}/blobs/{blob.digest}", {})
            self._insist_on_success(document, f"{self._image.name} has lost its configuration")
            content = document.content
            if f"sha256:{sha256(content).hexdigest()}" != blob.digest:
                raise self._web.down(f"{self._image.host} sent another configuration than the manifest names")
            self._cache.put(f"config {blob.digest}", content)
        return _object(content, self._web, "a configuration")

    @contextmanager
    def blob(self, blob: Blob) -> Iterator[Answer]:
        """Give the answer with the bytes of *blob*, which wait to be read; storage elsewhere sees no token."""
        url = f"{self._url}/blobs/{blob.digest}"
        # It was asked for manifests before: whatever it wants to see is at hand.
        with self._web.asked(self._request(url), blob.size) as answer:
            if answer.status != 401:
                self._insist_on_success(answer, f"{self._image.name} has lost its layer {blob.digest[:19]}…")
                yield answer
                return
        self._log_in(answer.headers)
        with self._web.asked(self._request(url), blob.size) as answer:
            self._insist_on_success(answer, f"{self._image.name} has lost its layer {blob.digest[:19]}…")
            yield answer

    def blob_of(self, descriptor: object) -> Blob:
        """Read what a manifest says of one of its parts."""
        if isinstance(descriptor, dict):
            digest, size = descriptor.get("digest"), descriptor.get("size")
            if isinstance(digest, str) and _DIGEST.fullmatch(digest) and isinstance(size, int) and size >= 0:
                return Blob(digest, str(descriptor.get("mediaType", "")), size)
        raise self._web.refused("its manifest names a part by something else than sha256 and size")

    def _asked(self, url: str, headers: Mapping[str, str]) -> Document:
        document = self._web.document(self._request(url, headers))
        if document.status == 401 and self._token is None:
            self._log_in(document.headers)
            document = self._web.document(self._request(url, headers))
        return document

    def _request(self, url: str, headers: Mapping[str, str] | None = None) -> Request:
        return Request(url, headers=headers or {}, credentials=bearer(self._token))

    def _log_in(self, headers: Mapping[str, str]) -> None:
        """Get the token that the registry's challenge asks for."""
        if self._image.host.endswith(_AZURE):
            self._token = self._azure_token()
            return
        scheme, _, rest = headers.get("WWW-Authenticate", "").partition(" ")
        challenge = dict(_CHALLENGE.findall(rest))
        realm = challenge.get("realm", "")
        if scheme.lower() != "bearer" or not is_https(realm):
            raise self._web.down(
                f"{self._image.host} lets nobody read {self._image.name} without a password", lasting=True
            )
        query = {"service": challenge.get("service", ""), "scope": f"repository:{self._image.repository}:pull"}
        joint = "&" if "?" in realm else "?"
        document = self._web.document(Request(f"{realm}{joint}{urlencode(query)}"))
        if document.status in {401, 403}:
            because = f"{document.address} gives no token to read {self._image.name} without a password"
            raise self._web.down(f"{because} ({document.status})", lasting=True)
        self._token = self._token_in(document, "token", "access_token")

    def _azure_token(self) -> str:
        """Exchange a token of the identity for one of the registry: first for all of it, then for this repository."""
        host, within = self._image.host, self._web.left
        try:
            own = token(self._identity, _SCOPE, within)
        except AzureError as error:
            raise self._web.down(error.because, lasting=error.lasting) from None
        form = {"grant_type": "access_token", "service": host, "access_token": own}
        exchanged = self._web.document(_form(f"https://{host}/oauth2/exchange", form))
        if exchanged.status == 401:
            forget_token(self._identity, own)
        refresh = self._token_in(exchanged, "refresh_token")
        scope = f"repository:{self._image.repository}:pull"
        form = {"grant_type": "refresh_token", "service": host, "scope": scope, "refresh_token": refresh}
        return self._token_in(self._web.document(_form(f"https://{host}/oauth2/token", form)), "access_token")

    def _token_in(self, document: Document, *names: str) -> str:
        self._insist_on_success(document, f"{document.address} gives no tokens")
        found = document.json()
        if isinstance(found, dict):
            for name in names:
                value = found.get(name)
                if isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]+", value):
                    return value
        raise self._web.down(f"{document.address} answered with something else than a token")

    def _insist_on_success(self, answer: Answer | Document, missing: str) -> None:
        if answer.status == 200:
            return
        if answer.status == 404:
            raise self._web.refused(f"{missing} (404)")
        if answer.status in {401, 403}:
            raise self._refusal(answer.status)
        if answer.status == 429:
            raise self._web.down(f"{answer.address} is asked too often (429)")
        raise self._web.unexpected(answer)

    def _refusal(self, status: int) -> GatherError:
        host = self._image.host
        if not host.endswith(_AZURE):
            because = (
                f"{host} does not let {self._image.name} be read without a password ({status}), or has no such image"
            )
        else:
            because = (
                f"{host} refuses it to {named(self._identity)} ({status}): it needs the role {_ROLE} on the registry"
            )
        return self._web.down(because, lasting=True)


def _form(url: str, form: Mapping[str, str]) -> Request:
    return Request(url, "POST", {"Content-Type": "application/x-www-form-urlencoded"}, body=urlencode(form).encode())


def _object(content: bytes, web: Web, what: str) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise web.down(f"the registry answered with something else than {what}")
    return document

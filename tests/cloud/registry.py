"""A registry of container images, and images to put into it: built byte by byte, as a build would."""

import gzip
import io
import json
import re
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import zstandard

from tests.cloud.cloud import Cloud
from tests.cloud.identity import json_reply
from tests.gather.servers import Reply, Request

OCI_INDEX, OCI_MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
STORE = "eusmanaged1.blob.core.windows.net"
RESOURCE = "https://containerregistry.azure.net"
# A path with its content; a folder ends with "/", a whiteout is a file, a link has a Link.
Entries = Sequence[tuple[str, "bytes | Link"]]


@dataclass(frozen=True)
class Link:
    target: str
    hard: bool = False


def tar(entries: Entries, *, ends: bool = True) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in entries:
            entry = tarfile.TarInfo(name.rstrip("/"))
            if isinstance(content, Link):
                entry.type = tarfile.LNKTYPE if content.hard else tarfile.SYMTYPE
                entry.linkname = content.target
                archive.addfile(entry)
            elif name.endswith("/"):
                entry.type = tarfile.DIRTYPE
                archive.addfile(entry)
            else:
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        size = archive.offset
    return buffer.getvalue() if ends else buffer.getvalue()[:size]


def packed(content: bytes, how: str) -> bytes:
    match how:
        case "gzip":
            return gzip.compress(content, mtime=0)
        case "zstd":
            return zstandard.compress(content)
        case _:
            return content


def digest_of(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


@dataclass
class FakeRegistry:
    """One repository of a registry at *host*. At Azure it wants tokens of the *cloud*'s identity, elsewhere anybody's."""

    cloud: Cloud
    host: str = "usasset.azurecr.io"
    repository: str = "api"
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    redirects: bool = True
    pull_allowed: bool = True
    instead: dict[str, Reply] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cloud.host(self.host, self._reply)
        self.cloud.host(STORE, lambda request: Reply(body=self.blobs[urlsplit(request.path).path.strip("/")]))

    def push(
        self,
        tag: str,
        layers: Iterable[bytes],
        labels: Mapping[str, str] | None = None,
        *,
        how: str = "gzip",
        media_type: str = OCI_MANIFEST,
        config: object = None,
    ) -> str:
        """Put an image up, its layers from the base to the top, and give its digest."""
        config = config or {"architecture": "amd64", "os": "linux", "config": {"Labels": labels}, "rootfs": {}}
        suffix = "" if how == "none" else f"+{how}"
        manifest = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": self.blob(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
            "layers": [self.blob(packed(layer, how), f"{LAYER}{suffix}") for layer in layers],
        }
        return self.manifest(tag, media_type, manifest)

    def index(self, tag: str, entries: Iterable[tuple[str, str, str]]) -> str:
        """Put an index up over (digest, os, architecture)."""
        listed = [
            {
                "mediaType": OCI_MANIFEST,
                "digest": digest,
                "size": len(self.manifests[digest][1]),
                "platform": {"os": system, "architecture": architecture},
            }
            for digest, system, architecture in entries
        ]
        return self.manifest(tag, OCI_INDEX, {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed})

    def manifest(self, tag: str, media_type: str, document: object) -> str:
        content = json.dumps(document).encode()
        digest = digest_of(content)
        self.manifests[tag] = self.manifests[digest] = media_type, content
        return digest

    def blob(self, content: bytes, media_type: str) -> dict[str, Any]:
        digest = digest_of(content)
        self.blobs[digest] = content
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def downloads(self) -> list[str]:
        """Give the digests of the blobs that were asked for, in order."""
        paths = (request.path for request in self.cloud.seen_by(self.host))
        return [match[1] for path in paths if (match := re.search(r"/blobs/(sha256:\w+)$", path))]

    def _reply(self, request: Request) -> Reply:
        path = urlsplit(request.path).path
        if path in self.instead:
            return self.instead[path]
        if path.startswith("/oauth2/"):
            return self._azure_token(path, request) if request.method == "POST" else self._anybodys_token(request)
        if request.headers.get("authorization") != "Bearer pull-hunter2":
            realm = f'realm="https://{self.host}/oauth2/token",service="{self.host}"'
            scope = f'scope="repository:{self.repository}:pull"'
            errors = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required", "detail": None}]}
            return json_reply(errors, 401, {"WWW-Authenticate": f"Bearer {realm},{scope}"})
        if not self.pull_allowed:
            return json_reply({"errors": [{"code": "DENIED", "message": "denied hunter2"}]}, 403)
        kind, _, name = path.removeprefix(f"/v2/{self.repository}/").partition("/")
        if kind == "manifests" and name in self.manifests:
            media_type, content = self.manifests[name]
            assert media_type in request.headers["accept"]
            return Reply(
                body=content, headers={"Content-Type": media_type, "Docker-Content-Digest": digest_of(content)}
            )
        if kind == "blobs" and name in self.blobs:
            if self.redirects:
                return Reply(307, b"", {"Location": f"https://{STORE}/{name}?sig=hunter2"})
            return Reply(body=self.blobs[name])
        return json_reply({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}, 404)

    def _azure_token(self, path: str, request: Request) -> Reply:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        assert form["service"] == self.host
        own = self.cloud.tokens.token_for(RESOURCE, self.cloud.identity.client_id)
        if path == "/oauth2/exchange" and (form["grant_type"], form["access_token"]) == ("access_token", own):
            return json_reply({"refresh_token": "refresh-hunter2"})
        wanted = ("refresh_token", "refresh-hunter2", f"repository:{self.repository}:pull")
        if path == "/oauth2/token" and (form["grant_type"], form["refresh_token"], form["scope"]) == wanted:
            return json_reply({"access_token": "pull-hunter2"})
        return json_reply({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}, 401)

    def _anybodys_token(self, request: Request) -> Reply:
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        assert query == {"service": self.host, "scope": f"repository:{self.repository}:pull"}
        return json_reply({"token": "pull-hunter2", "expires_in": 300})


def revision(
    name: str, images: Mapping[str, str], *, weight: int = 100, active: bool = True, created: str = "2026-11-01"
) -> dict[str, Any]:
    """As in the examples of Container Apps' REST interface (Revisions_List)."""
    return {
        "id": f"{APP}/revisions/{name}",
        "name": name,
        "type": "Microsoft.App/containerApps/revisions",
        "properties": {
            "createdTime": f"{created}T00:00:00+00:00",
            "fqdn": f"{name}.kindforest.westeurope.azurecontainerapps.io",
            "template": {
                "containers": [
                    {"image": image, "name": container, "resources": {"cpu": 0.5, "memory": "1Gi"}}
                    for container, image in images.items()
                ],
            },
            "active": active,
            "replicas": 1,
            "trafficWeight": weight,
            "healthState": "Healthy",
            "provisioningState": "Provisioned",
            "runningState": "Running",
        },
    }


APP = "/subscriptions/34adfa4f-cedf-4dc0-ba29-b6d1a69ab345/resourceGroups/usasset/providers/Microsoft.App/containerApps/usasset-api"

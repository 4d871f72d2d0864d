"""GitHub, as far as releases need it: payloads as in the examples of its REST documentation."""

import gzip
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from urllib.parse import unquote, urlsplit

from tests.cloud.cloud import Cloud
from tests.cloud.identity import json_reply
from tests.gather.servers import Reply, Request

API, CODELOAD, ASSETS = "api.github.com", "codeload.github.com", "release-assets.githubusercontent.com"
TOKEN = "github_pat_hunter2"
_RESET = 4_102_444_800  # 2100-01-01
Files = dict[str, bytes]


def tarball(files: Files, folder: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"{folder}{path}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


@dataclass
class Release:
    tag: str
    files: Files
    assets: dict[str, bytes] = field(default_factory=dict)
    draft: bool = False
    prerelease: bool = False


@dataclass
class FakeGitHub:
    """One repository. *private* wants `TOKEN`; *instead* answers for the API in place of all this."""

    cloud: Cloud
    repository: str = "example/app"
    private: bool = False
    releases: list[Release] = field(default_factory=list)
    branches: dict[str, Files] = field(default_factory=dict)
    instead: Callable[[Request], Reply | None] = lambda _: None
    asset_digests: bool = True
    holds: str = "no-cache"
    download: Callable[[bytes], Reply] = field(default=lambda body: Reply(body=body))

    def __post_init__(self) -> None:
        self.cloud.host(API, self._api)
        self.cloud.host(CODELOAD, self._codeload)
        self.cloud.host(ASSETS, self._asset_store)

    def release(self, tag: str, files: Files, **rest: object) -> Release:
        """Publish one; it is the latest from now on, unless it is a draft or a prerelease."""
        release = Release(tag, files, **rest)  # type: ignore[arg-type]  # the rest is Release's own
        self.releases.insert(0, release)
        return release

    def sent(self, host: str = API) -> list[str]:
        return [unquote(urlsplit(request.path).path) for request in self.cloud.seen_by(host)]

    def _commits(self) -> dict[str, Files]:
        all_files = [*self.branches.values(), *(release.files for release in self.releases)]
        return {commit_of(files): files for files in all_files}

    def _api(self, request: Request) -> Reply:
        instead = self.instead(request)
        if instead is not None:
            return instead
        authorization = request.headers.get("authorization")
        if authorization not in {None, f"Bearer {TOKEN}"}:
            return json_reply({"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}, 401)
        prefix = f"/repos/{self.repository}/"
        path = unquote(urlsplit(request.path).path)
        if not path.startswith(prefix) or (self.private and authorization is None):
            return _not_found()
        answer = self._answer(path.removeprefix(prefix), request)
        etag = f'W/"{sha256(answer.body).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": self.holds}
        if answer.status == 200 and request.headers.get("if-none-match") == etag:
            return Reply(304, b"", headers)
        return Reply(answer.status, answer.body, {**headers, **answer.headers})

    def _answer(self, path: str, request: Request) -> Reply:
        if path == "releases/latest":
            return self._published(r for r in self.releases if not r.draft and not r.prerelease)
        if match := re.fullmatch(r"releases/tags/(.+)", path):
            return self._published(r for r in self.releases if not r.draft and r.tag == match[1])
        if match := re.fullmatch(r"commits/(tags/)?(.+)", path):
            assert request.headers["accept"] == "application/vnd.github.sha"
            tags = {release.tag: release.files for release in self.releases}
            found = (tags if match[1] else self.branches).get(match[2])
            if found is None:
                return json_reply({"message": f"No commit found for SHA: {match[2]}", "status": "422"}, 422)
            return Reply(body=commit_of(found).encode(), headers={"Content-Type": "application/vnd.github.sha"})
        if match := re.fullmatch(r"tarball/(.+)", path):
            if match[1] not in self._commits():
                return _not_found()
            location = f"https://{CODELOAD}/{self.repository}/legacy.tar.gz/{match[1]}?token=signed-hunter2"
            return Reply(302, b"", {"Location": location})
        if match := re.fullmatch(r"releases/assets/(\d+)", path):
            assert request.headers["accept"] == "application/octet-stream"
            location = f"https://{ASSETS}/{match[1]}?sig=signed-hunter2"
            return Reply(302, b"", {"Location": location})
        return _not_found()

    def _published(self, releases: Iterable[Release]) -> Reply:
        release = next(iter(releases), None)
        if release is None:
            return _not_found()
        url = f"https://{API}/repos/{self.repository}/releases"
        assets = [
            {
                "url": f"{url}/assets/{_number(content)}",
                "id": _number(content),
                "node_id": "MDEyOlJlbGVhc2VBc3NldDE=",
                "name": name,
                "label": "short description",
                "state": "uploaded",
                "content_type": "application/gzip",
                "size": len(content),
                "digest": f"sha256:{sha256(content).hexdigest()}" if self.asset_digests else None,
                "download_count": 42,
                "created_at": "2013-02-27T19:35:32Z",
                "updated_at": "2013-02-27T19:35:32Z",
            }
            for name, content in release.assets.items()
        ]
        return json_reply(
            {
                "url": f"{url}/1",
                "tarball_url": f"https://{API}/repos/{self.repository}/tarball/{release.tag}",
                "id": 1,
                "tag_name": release.tag,
                "target_commitish": "master",
                "name": release.tag,
                "body": "Description of the release",
                "draft": release.draft,
                "prerelease": release.prerelease,
                "immutable": False,
                "assets": assets,
            }
        )

    def _codeload(self, request: Request) -> Reply:
        commit = urlsplit(request.path).path.rpartition("/")[2]
        folder = f"{self.repository.replace('/', '-')}-{commit[:7]}/"
        return self.download(tarball(self._commits()[commit], folder))

    def _asset_store(self, request: Request) -> Reply:
        number = int(urlsplit(request.path).path.strip("/"))
        contents = [content for release in self.releases for content in release.assets.values()]
        return self.download(next(content for content in contents if _number(content) == number))


def commit_of(files: Files) -> str:
    return sha1(repr(sorted(files.items())).encode()).hexdigest()


def rate_limited(_: Request) -> Reply:
    limit = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(_RESET)}
    return json_reply({"message": "API rate limit exceeded for 20.1.2.3."}, 403, limit)


def _number(content: bytes) -> int:
    return int(sha256(content).hexdigest()[:8], 16)


def _not_found() -> Reply:
    document = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
    return Reply(404, json.dumps(document).encode(), {"Content-Type": "application/json"})

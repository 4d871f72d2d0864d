"""Blob storage: on its own emulator, and with the refusals that an emulator does not have."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient, ContainerClient

from shared.gather.attempt import GatherError
from shared.gather.sources import blob as blob_source
from shared.gather.sources import read_artifact
from shared.gather.sources.artifact import Artifact
from shared.gather.sources.down import SourceDownError
from shared.model.release_settings import ReleaseSettings
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.cloud.github import tarball
from tests.gather.servers import Reply, Request

OLD = tarball({"1_a/migration.sql": b"SELECT 1;"})
NEW = tarball({"1_a/migration.sql": b"SELECT 1;", "2_b/migration.sql": b"SELECT 2;"})
_numbers = itertools.count()
HOST = "usassetreleases.blob.core.windows.net"
CONTAINER = f"https://{HOST}/releases"
RESOURCE = "https://storage.azure.com"


@pytest.fixture
def container(cloud: Cloud, azurite: Azurite) -> Iterator[ContainerClient]:
    with (
        ManagedIdentityCredential(client_id=cloud.identity.client_id) as credential,
        BlobServiceClient(azurite.url("blob"), credential) as blobs,
        blobs.create_container(f"releases{next(_numbers)}") as container,
    ):
        yield container


@pytest.fixture
def read(cloud: Cloud, container: ContainerClient) -> Callable[..., Artifact]:
    def read(release: str | None = None, prefix: str = "") -> Artifact:
        settings = ReleaseSettings("blob", container=container.url, prefix=prefix, identity=cloud.identity)
        return read_artifact(settings, release)

    return read


class TestOnTheEmulator:
    def test_the_newest_under_the_prefix(self, container: ContainerClient, read: Callable[..., Artifact]) -> None:
        container.upload_blob("production/v1.tar.gz", OLD)
        container.upload_blob("production/notes v2?.txt", b"newer, and no archive")
        container.upload_blob("staging/v9.zip", b"newer, and not asked for")
        only = read(prefix="production/")
        assert (only.version, only.source, set(only.files)) == ("v1", "blob", {"1_a/migration.sql"})
        assert only.origin == f"{container.url}/production/v1.tar.gz"

    def test_odd_names(self, container: ContainerClient, read: Callable[..., Artifact]) -> None:
        container.upload_blob("a b&c/größe #1+%41.tgz", OLD)
        assert read(prefix="a b&c/").version == "größe #1+%41"

    def test_a_named_one(self, container: ContainerClient, read: Callable[..., Artifact]) -> None:
        container.upload_blob("app-v1.tar.gz", OLD)
        container.upload_blob("app-v1.1.tar.gz", NEW)
        assert (read("v1", "app-").version, len(read("v1", "app-").files)) == ("v1", 1)
        assert len(read("v1.1", "app-").files) == 2

    def test_none_or_two_are_called_so(self, container: ContainerClient, read: Callable[..., Artifact]) -> None:
        with pytest.raises(GatherError, match=r"there is no archive .* in it whose name begins with production/$"):
            read(prefix="production/")
        container.upload_blob("v1.tar.gz", OLD)
        container.upload_blob("v1.zip", OLD)
        with pytest.raises(GatherError, match=r"2 archives in it are called so: v1\.tar\.gz, v1\.zip$"):
            read("v1")
        with pytest.raises(GatherError, match=r"there is no v9 in it, with any of \.zip, \.tar\.gz, \.tgz, \.tar$"):
            read("v9")

    def test_one_that_was_replaced_is_read_again(
        self, container: ContainerClient, read: Callable[..., Artifact]
    ) -> None:
        container.upload_blob("v1.tgz", OLD)
        assert len(read().files) == 1
        container.upload_blob("v1.tgz", NEW, overwrite=True)
        assert len(read().files) == 2

    def test_listed_in_pages(
        self, container: ContainerClient, read: Callable[..., Artifact], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(blob_source, "_PAGE", 2)
        for number in range(5):
            container.upload_blob(f"v{number}.tgz", OLD)
        assert read("v4").version == "v4"

    def test_a_container_that_does_not_exist(self, cloud: Cloud, azurite: Azurite) -> None:
        settings = ReleaseSettings("blob", container=f"{azurite.url('blob')}/nowhere", identity=cloud.identity)
        with pytest.raises(GatherError) as refused:
            read_artifact(settings, None)
        assert str(refused.value) == f"the container {settings.container}: there is no such container (404)"


def listing(*entries: tuple[str, datetime, str], marker: str = "") -> Reply:
    """As in the examples of List Blobs."""
    blobs = "".join(
        f"<Blob><Name>{escape(name)}</Name><Properties><Last-Modified>{format_datetime(at, usegmt=True)}</Last-Modified>"
        f"<Etag>{etag}</Etag><Content-Length>7</Content-Length><ResourceType>file</ResourceType></Properties></Blob>"
        for name, at, etag in entries
    )
    folder = "<Blob><Name>a.zip</Name><Properties><Last-Modified>Fri, 01 Jan 2100 00:00:00 GMT</Last-Modified><Etag>0x1</Etag><ResourceType>directory</ResourceType></Properties></Blob>"
    document = f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://{HOST}/" ContainerName="releases"><Blobs>{folder}{blobs}</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>'
    return Reply(body=document.encode("utf-8"), headers={"Content-Type": "application/xml"})


def read_from(cloud: Cloud, **settings: Any) -> Artifact:
    return read_artifact(ReleaseSettings("blob", container=CONTAINER, identity=cloud.identity, **settings), None)


def refusal(cloud: Cloud) -> str:
    with pytest.raises(GatherError) as refused:
        read_from(cloud)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
    return str(refused.value).removeprefix(f"the container {CONTAINER}: ")


class TestOfTheServiceAlone:
    @pytest.mark.parametrize("zone", ["", " -0000", " +0200"])
    def test_times_of_any_zone_can_be_held_against_each_other(self, cloud: Cloud, zone: str) -> None:
        page = listing(
            ("v1.tgz", datetime(2026, 11, 22, tzinfo=UTC), "0x1"), ("v2.tgz", datetime(2026, 11, 24, tzinfo=UTC), "0x2")
        )
        page = Reply(body=page.body.replace(b"24 Nov 2026 00:00:00 GMT", b"24 Nov 2026 00:00:00" + zone.encode()))
        cloud.host(HOST, lambda request: page if "comp=list" in request.path else Reply(body=OLD))
        assert read_from(cloud).version == "v2"

    def test_the_newest_by_its_time_is_downloaded_once(self, cloud: Cloud) -> None:
        now = datetime(2026, 11, 22, 9, tzinfo=UTC)
        downloads: list[Request] = []

        def reply(request: Request) -> Reply:
            assert cloud.tokens.accepts(request, RESOURCE)
            if "comp=list" in request.path:
                return listing(
                    ("v9.tgz", now - timedelta(days=1), "0x9"), ("v10.tgz", now, "0x10"), ("v8.tgz", now, '"0x8"')
                )
            downloads.append(request)
            return Reply(body=OLD)

        cloud.host(HOST, reply)
        assert read_from(cloud).version == "v8", "of two at one time it is the same one in every run"
        assert read_from(cloud).version == "v8"
        assert [(request.path, request.headers["if-match"]) for request in downloads] == [("/releases/v8.tgz", '"0x8"')]

    @pytest.mark.parametrize(
        ("status", "code", "expected"),
        [
            (401, "InvalidAuthenticationInfo", "the account does not accept the token of {who} (401 InvalidAuthenticationInfo): are both of the same tenant?"),
            (403, "AuthorizationPermissionMismatch", "{who} may not: it needs the role Storage Blob Data Reader on {container} (403 AuthorizationPermissionMismatch)"),
            (403, "AuthorizationFailure", "the account's network rules do not let this address in, or {who} may do nothing there (403 AuthorizationFailure)"),
            (404, "ContainerNotFound", "there is no such container (404)"),
            (503, "ServerBusy", "{host}:443 answered 503"),
            (409, "ContainerBeingDeleted", "{host}:443 answered 409"),
        ],
    )  # fmt: skip
    def test_refused(self, cloud: Cloud, status: int, code: str, expected: str) -> None:
        cloud.host(HOST, Reply(status, b"<Error>hunter2</Error>", {"x-ms-error-code": code}))
        who = f"the managed identity with client id {cloud.identity.client_id}"
        assert refusal(cloud) == expected.format(host=HOST, who=who, container=CONTAINER)

    def test_replaced_while_it_was_read(self, cloud: Cloud) -> None:
        now = datetime(2026, 11, 22, 9, tzinfo=UTC)
        cloud.host(HOST, lambda r: listing(("v1.tgz", now, "0x1")) if "comp=list" in r.path else Reply(412))
        assert refusal(cloud) == "v1.tgz was replaced while it was to be read (412)"

    def test_broken(self, cloud: Cloud) -> None:
        now = datetime(2026, 11, 22, 9, tzinfo=UTC)
        cloud.host(HOST, lambda r: listing(("v1.tgz", now, "0x1")) if "comp=list" in r.path else Reply(body=OLD[:-5]))
        assert refusal(cloud) == f"the blob {CONTAINER}/v1.tgz is truncated or corrupt"

    def test_no_token(self, cloud: Cloud) -> None:
        cloud.tokens.status = 400
        assert refusal(cloud).startswith("no token for https://storage.azure.com: the managed identity with client id")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>",
            b'<!DOCTYPE a [<!ENTITY b "hunter2">]><EnumerationResults>&b;</EnumerationResults>',
            b"\xff\xfe<",
        ],
    )
    def test_what_is_no_listing(self, cloud: Cloud, body: bytes) -> None:
        cloud.host(HOST, Reply(body=body))
        assert refusal(cloud) == f"{HOST}:443 answered with something else than a list of blobs"

    def test_without_an_end(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(blob_source, "MAX_ENTRIES", 20)
        now = datetime(2026, 11, 22, 9, tzinfo=UTC)
        cloud.host(HOST, lambda _: listing(("v1.tgz", now, "0x1"), marker="more"))
        assert refusal(cloud) == "it holds more than 20 blobs: a longer `prefix` names fewer"

    def test_a_token_that_was_refused_is_fetched_again(self, cloud: Cloud) -> None:
        cloud.host(HOST, Reply(401))
        with pytest.raises(SourceDownError):
            read_from(cloud)
        with pytest.raises(SourceDownError):
            read_from(cloud)
        assert cloud.tokens.asked_for(RESOURCE) == 2

"""What only a blob can meet: others who write at the same time, no rights, no container, no network."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobLeaseClient, ContainerClient

from shared.memory import MemoryPlace, RememberError, memory_of, next_runs
from shared.memory.blob import MemoryBlob
from shared.model.memory import Memory
from shared.model.settings import MemorySettings
from tests.builders import NOW
from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply, Request
from tests.memory.sample import EVERYTHING

_NUMBERS = count(1)
HOST = "refusing.blob.core.windows.net"
AGAIN = "silences are gone, and what is still wrong is sent again"
(SILENCE,) = EVERYTHING.silences


@dataclass(frozen=True)
class Storage:
    client: ContainerClient
    settings: MemorySettings

    def place(self, sleep: Callable[[float], None] | None = None) -> MemoryBlob:
        container, identity = str(self.settings.container), self.settings.identity
        if sleep is None:
            return MemoryBlob(container, identity, "production", patience=timedelta(0))
        return MemoryBlob(container, identity, "production", sleep=sleep)

    def end_lease(self) -> None:
        """Do what a minute does."""
        BlobLeaseClient(self.client.get_blob_client("production.json")).break_lease(0)


@pytest.fixture
def storage(cloud: Cloud, azurite: Azurite) -> Iterator[Storage]:
    name = f"blobs-{next(_NUMBERS)}"
    with (
        ManagedIdentityCredential(client_id=cloud.identity.client_id) as credential,
        ContainerClient(azurite.url("blob"), name, credential) as client,
    ):
        yield Storage(client, MemorySettings(container=f"{azurite.url('blob')}/{name}", identity=cloud.identity))


def test_what_others_wrote_meanwhile_is_merged(storage: Storage) -> None:
    """Where a lease ran out, two runs write what they made of the same document: both are kept."""
    first, second = storage.place(), storage.place()
    with first.alone():
        first.save(replace(EVERYTHING, silences=(), undelivered=()))
        mine = first.load()
        storage.end_lease()
        with second.alone():
            second.save(replace(second.load(), silences=(SILENCE,)))
        first.save(replace(mine, undelivered=EVERYTHING.undelivered))
        assert first.load() == EVERYTHING
    assert storage.place().load() == EVERYTHING


def test_what_is_unchanged_is_not_read_again(storage: Storage) -> None:
    assert storage.place().newer(None) == (Memory("production"), None)
    storage.place().save(EVERYTHING)
    found = storage.place().newer(None)
    assert found is not None
    memory, tag = found
    assert (memory, storage.place().newer(tag)) == (storage.place().load(), None)
    other = storage.place()
    other.save(replace(other.load(), next_run_at=None))
    changed = storage.place().newer(tag)
    assert changed is not None
    assert (changed[0].next_run_at, changed[1] == tag) == (None, False)


def test_another_run_that_took_over_is_waited_for(storage: Storage) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        storage.end_lease()

    first, second = storage.place(sleep), storage.place()
    with first.alone():
        first.save(EVERYTHING)
        storage.end_lease()
        with second.alone():
            second.save(replace(second.load(), silences=()))
            first.save(replace(EVERYTHING, undelivered=()))
    assert len(waits) == 1
    assert storage.place().load() == replace(EVERYTHING, silences=(), undelivered=())


def test_what_was_written_without_having_been_read_loses_nothing(
    storage: Storage, cloud: Cloud, azurite: Azurite
) -> None:
    """The storage was away when it was to be read, and is back when it is to be written."""
    before = storage.place()
    with before.alone():
        before.save(EVERYTHING)
    place = storage.place()
    cloud.take_away(azurite.host("blob"))
    with place.alone():
        loaded = place.load()
        assert loaded.lost is not None
        cloud.give_back(azurite.host("blob"))
        place.save(replace(loaded, week_sent=NOW + timedelta(days=7)))
    after = storage.place().load()
    assert (after.silences, after.undelivered) == (EVERYTHING.silences, EVERYTHING.undelivered)
    assert after.week_sent == NOW + timedelta(days=7)


def test_a_memory_that_was_taken_away_does_not_return(storage: Storage) -> None:
    place = storage.place()
    with place.alone():
        place.save(EVERYTHING)
        storage.end_lease()
        storage.client.delete_blob("production.json")
        place.save(replace(EVERYTHING, week_sent=NOW + timedelta(days=7)))
    assert storage.place().load() == Memory("production", 1, week_sent=NOW + timedelta(days=7))


def test_what_others_left_there_is_set_aside(storage: Storage) -> None:
    place = storage.place()
    with place.alone():
        place.save(EVERYTHING)
        storage.end_lease()
        storage.client.upload_blob("production.json", b"scribble", overwrite=True)
        place.save(replace(EVERYTHING, not_received=()))
    assert storage.place().load() == replace(EVERYTHING, not_received=())
    (aside,) = (name for name in storage.client.list_blob_names() if "unreadable" in name)
    assert storage.client.download_blob(aside).readall() == b"scribble"


def test_the_lease_of_a_run_that_dies_ends_by_itself(storage: Storage) -> None:
    with storage.place().alone():
        lease = storage.client.get_blob_client("production.json").get_blob_properties().lease
        assert (lease.state, lease.duration) == ("leased", "fixed")


def test_moments_that_are_none_are_left_out(storage: Storage) -> None:
    storage.client.create_container()
    for number in range(3):
        storage.client.upload_blob(f"t{number}.json", b"", metadata={"next_run_at": NOW.isoformat()})
    storage.client.upload_blob("scribble.json", b"", metadata={"next_run_at": "soon"})
    storage.client.upload_blob("naive.json", b"", metadata={"next_run_at": "2026-11-22T09:05:00"})
    storage.client.upload_blob("bare.json", b"")
    assert next_runs([], storage.settings) == {"t0": NOW, "t1": NOW, "t2": NOW}


PAGE = """<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs><Blob><Name>{name}.json</Name>
<Metadata><next_run_at>2026-11-22T09:05:00+00:00</next_run_at></Metadata></Blob></Blobs>{marker}</EnumerationResults>"""


def test_pages_are_followed(cloud: Cloud) -> None:
    def page(request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
        if query["marker"] == ["2!96!x"]:
            return Reply(200, PAGE.format(name="b", marker="<NextMarker />").encode())
        return Reply(200, PAGE.format(name="a", marker="<NextMarker>2!96!x</NextMarker>").encode())

    cloud.host(HOST, page)
    assert list(next_runs([], refusing(cloud))) == ["a", "b"]


def test_a_listing_without_an_end(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.azure.container._MOST_BLOBS", 20)
    cloud.host(HOST, Reply(200, PAGE.format(name="a", marker="<NextMarker>2!96!x</NextMarker>").encode()))
    with pytest.raises(RememberError, match=f"{HOST} lists more than 20 blobs"):
        next_runs([], refusing(cloud))


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_document_of_any_size_is_not_read_to_its_end(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Packed it stays as it came, and is no document; else it ends where no memory is larger."""
    monkeypatch.setattr("shared.azure.container._MOST_BYTES", 1024 * 1024)
    body = bytes(2 * 1024 * 1024)
    packed = gzip.compress(body) if encoding == "gzip" else body
    cloud.host(HOST, Reply(200, packed, {"Content-Encoding": encoding}))
    memory = memory_of("production", refusing(cloud)).load()
    assert memory.lost is not None
    assert ("no JSON" if encoding == "gzip" else "sends more than 1,048,576 bytes") in memory.lost


@pytest.mark.parametrize("body", [b"", b"<html>", b'<!DOCTYPE a [<!ENTITY b "c">]><EnumerationResults/>'])
def test_what_is_no_listing_ends_in_a_sentence(cloud: Cloud, body: bytes) -> None:
    cloud.host(HOST, Reply(200, body))
    with pytest.raises(RememberError, match=f"{HOST} answered with something else than a list of blobs"):
        next_runs([], refusing(cloud))


def refusing(cloud: Cloud) -> MemorySettings:
    return MemorySettings(container=f"https://{HOST}/memory", identity=cloud.identity)


def error(status: int, code: str) -> Reply:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>RequestId:hunter2</Message></Error>'
    return Reply(status, body.encode(), {"x-ms-error-code": code, "Content-Type": "application/xml"})


@pytest.mark.parametrize(
    ("status", "code", "because"),
    [
        pytest.param(
            403,
            "AuthorizationPermissionMismatch",
            "the managed identity with client id {id} may not: it needs the role Storage Blob Data Contributor on "
            f"https://{HOST}/memory (403 AuthorizationPermissionMismatch)",
            id="no role",
        ),
        pytest.param(
            403,
            "AuthorizationFailure",
            "the account's network rules do not let this address in, or the managed identity with client id {id} "
            "may do nothing there (403 AuthorizationFailure)",
            id="firewall",
        ),
        pytest.param(
            401,
            "InvalidAuthenticationInfo",
            "the account does not accept the token of the managed identity with client id {id} "
            "(401 InvalidAuthenticationInfo): are both of the same tenant?",
            id="another tenant",
        ),
        pytest.param(503, "ServerBusy", f"{HOST} answered 503 ServerBusy", id="busy for long"),
        pytest.param(302, "", f"{HOST} answered 302", id="somebody else's page"),
    ],
)
def test_what_storage_refuses_keeps_nobody_from_notifying(cloud: Cloud, status: int, code: str, because: str) -> None:
    cloud.host(HOST, error(status, code))
    because = because.format(id=cloud.identity.client_id)
    place = memory_of("production", refusing(cloud))
    assert_only_said(place, because)
    with pytest.raises(RememberError) as caught:
        next_runs([], refusing(cloud))
    assert str(caught.value) == f"the memories in https://{HOST}/memory cannot be listed: {because}"
    assert "hunter2" not in str(caught.value)


def assert_only_said(place: MemoryPlace, because: str) -> None:
    with place.alone():
        assert place.load() == replace(
            Memory("production"), lost=f"production.json cannot be read ({because}): {AGAIN}", out_of_reach=True
        )
        with pytest.raises(RememberError) as caught:
            place.save(EVERYTHING)
    assert str(caught.value) == (
        f"cannot write https://{HOST}/memory/production.json: {because}; the monitor could not save its state"
    )


def test_storage_that_cannot_be_reached(cloud: Cloud) -> None:
    place = memory_of("production", refusing(cloud))
    assert_only_said(place, f"the proxy on the way to {HOST}:443 cannot be reached or refuses the connection")


def test_without_a_token_the_step_is_said(cloud: Cloud) -> None:
    cloud.tokens.status = 400
    cloud.host(HOST, error(404, "BlobNotFound"))
    lost = memory_of("production", refusing(cloud)).load().lost
    assert lost is not None
    assert lost.startswith(
        "production.json cannot be read (no token for https://storage.azure.com: the managed identity"
    )


def test_a_container_that_may_not_be_made_is_named(cloud: Cloud) -> None:
    cloud.host(
        HOST,
        lambda request: (
            error(404, "ContainerNotFound") if "restype" not in request.path else error(409, "ContainerBeingDeleted")
        ),
    )
    place = memory_of("production", refusing(cloud))
    with place.alone():
        assert place.load() == Memory("production")
        with pytest.raises(RememberError) as caught:
            place.save(EVERYTHING)
    assert f"there is no container https://{HOST}/memory, and it cannot be made (ContainerBeingDeleted)" in str(
        caught.value
    )


def test_what_passes_is_tried_again(cloud: Cloud) -> None:
    answers = iter([error(500, "InternalError"), error(503, "ServerBusy")])
    cloud.host(HOST, lambda _: next(answers, error(404, "BlobNotFound")))
    assert memory_of("production", refusing(cloud)).load() == Memory("production")


def test_a_revoked_token_is_fetched_again_once(cloud: Cloud) -> None:
    def only_fresh(request: Request) -> Reply:
        valid = cloud.tokens.accepts(request, "https://storage.azure.com")
        return error(404, "BlobNotFound") if valid else error(401, "InvalidAuthenticationInfo")

    cloud.host(HOST, only_fresh)
    assert memory_of("production", refusing(cloud)).load() == Memory("production")
    cloud.tokens.rotate()
    assert memory_of("production", refusing(cloud)).load() == Memory("production")
    assert cloud.tokens.asked_for("https://storage.azure.com") == 2

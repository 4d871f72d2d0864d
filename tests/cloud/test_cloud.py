import pytest
import requests
from azure.core import MatchConditions
from azure.core.exceptions import ClientAuthenticationError, ResourceModifiedError, ServiceRequestError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from tests.cloud.azurite import Azurite
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply
from tests.patience import SECONDS


def test_hosts_are_reached_by_their_public_names(cloud: Cloud) -> None:
    cloud.host("api.github.com", lambda request: Reply(body=request.path.encode()))
    cloud.host("prod-00.westeurope.logic.azure.com", Reply(202))
    assert requests.get("https://api.github.com/a/b", timeout=SECONDS).text == "/a/b"
    assert requests.post("https://prod-00.westeurope.logic.azure.com/x", timeout=SECONDS).status_code == 202
    assert [request.path for request in cloud.seen_by("api.github.com")] == ["/a/b"]


def test_what_is_away_or_unknown_cannot_be_reached(cloud: Cloud) -> None:
    cloud.host("hc-ping.com", Reply())
    cloud.take_away("hc-ping.com")
    for name in ("hc-ping.com", "nobody.example.com"):
        with pytest.raises(requests.exceptions.ProxyError):
            requests.get(f"https://{name}", timeout=SECONDS)
    cloud.give_back("hc-ping.com")
    assert requests.get("https://hc-ping.com", timeout=SECONDS).ok


def test_silence_and_half_an_answer(cloud: Cloud) -> None:
    cloud.host("api.example.com", cloud.silence)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get("https://api.example.com", timeout=(SECONDS, 0.2))
    cloud.host("api.example.com", Reply(body=b"0123456789", breaks_off=4))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get("https://api.example.com", timeout=SECONDS)


def test_vault_and_identity(cloud: Cloud) -> None:
    vault = cloud.vault()
    vault.put("database-connection-string", "postgresql://…")
    with (
        ManagedIdentityCredential(client_id=cloud.identity.client_id) as credential,
        SecretClient(vault.url, credential, retry_total=0) as client,
    ):
        assert client.get_secret("database-connection-string").value == "postgresql://…"
        vault.refusal = "ForbiddenByRbac"
        with pytest.raises(Exception, match="Caller is not authorized"):
            client.get_secret("database-connection-string")
    assert cloud.tokens.asked_for("https://vault.azure.net") == 1


def test_storage_by_identity_alone(cloud: Cloud, azurite: Azurite) -> None:
    with (
        ManagedIdentityCredential(client_id=cloud.identity.client_id) as credential,
        BlobServiceClient(azurite.url("blob"), credential) as blobs,
        QueueClient(azurite.url("queue"), "due", credential=credential) as queue,
    ):
        with blobs.create_container("memory") as container:
            first = container.upload_blob("production.json", b"1")
            etag = first.get_blob_properties().etag
            first.upload_blob(b"2", overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified)
            with pytest.raises(ResourceModifiedError):
                first.upload_blob(b"3", overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified)
            assert first.download_blob().readall() == b"2"
        queue.create_queue()
        queue.send_message("production")
        assert [message.content for message in queue.receive_messages()] == ["production"]

        cloud.take_away(azurite.host("blob"))
        with (
            pytest.raises(ServiceRequestError),
            BlobServiceClient(azurite.url("blob"), credential, retry_total=0) as away,
        ):
            away.get_service_properties()
    cloud.give_back(azurite.host("blob"))
    with pytest.raises(ClientAuthenticationError), BlobServiceClient(azurite.url("blob"), "Z3Vlc3NlZA==") as shared_key:
        shared_key.get_service_properties()

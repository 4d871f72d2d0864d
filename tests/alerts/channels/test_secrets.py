"""Channels and the heartbeat whose secrets are in a vault."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.alerts.channels.teams.settings import TeamsChannel
from shared.alerts.channels.webhook.deliver import SIGNATURE, signature
from shared.alerts.channels.webhook.settings import WebhookChannel
from shared.alerts.delivery.deliver import Delivery, deliver
from shared.alerts.heartbeat import ping
from shared.model.alerts import Channel
from shared.model.azure import Vault
from shared.model.setting_types import Secret
from tests.alerts.news import opened
from tests.cloud.cloud import Cloud
from tests.cloud.vault import FakeVault
from tests.gather.servers import Reply, Request

TEAMS = "prod-00.westeurope.logic.azure.com"
NAME = "teams-webhook-url"
PLACE = f"vault:{NAME} of usasset-kv.vault.azure.net: "
ACCEPTED = Delivery("team", True, "Teams answered 202: accepted, look in the channel")


def url(signature: str = "hunter2") -> str:
    return f"https://{TEAMS}/workflows/1?sig={signature}"


@pytest.fixture
def vault(cloud: Cloud) -> FakeVault:
    vault = cloud.vault()
    vault.put(NAME, url())
    return vault


@pytest.fixture
def secret(cloud: Cloud, vault: FakeVault) -> Secret:
    return Secret(f"vault:{NAME}", None, Vault(vault.url, cloud.identity))


@pytest.fixture
def channel(secret: Secret) -> Channel:
    return TeamsChannel("team", url=secret, tries=2)


def taking(signature: str) -> Callable[[Request], Reply]:
    return lambda request: Reply(202 if request.path.endswith(f"sig={signature}") else 401)


def sent(*channels: Channel) -> tuple[Delivery, ...]:
    deliveries = deliver(opened(), channels, sleep=lambda _seconds: None)
    assert "hunter2" not in repr(deliveries)
    return deliveries


def test_a_channels_url_is_fetched(cloud: Cloud, vault: FakeVault, channel: Channel) -> None:
    cloud.host(TEAMS, taking("hunter2"))
    assert sent(channel) == sent(channel) == (ACCEPTED,)
    assert vault.asked == [NAME]


def test_one_that_was_rotated_is_fetched_again(cloud: Cloud, vault: FakeVault, channel: Channel) -> None:
    cloud.host(TEAMS, taking("hunter2"))
    sent(channel)
    vault.put(NAME, url("hunter2-new"))
    cloud.host(TEAMS, taking("hunter2-new"))
    assert sent(channel) == (ACCEPTED,)
    assert vault.asked == [NAME, NAME]


def test_one_that_is_wrong_is_fetched_again_and_said_once(cloud: Cloud, vault: FakeVault, channel: Channel) -> None:
    cloud.host(TEAMS, Reply(401))
    assert sent(channel) == (Delivery("team", False, "Teams answered 401 Unauthorized"),)
    assert vault.asked == [NAME, NAME]
    assert len(cloud.seen_by(TEAMS)) == 1


def test_a_channel_that_is_busy_does_not_have_it_fetched_again(
    cloud: Cloud, vault: FakeVault, channel: Channel
) -> None:
    cloud.host(TEAMS, Reply(503))
    assert sent(channel) == (Delivery("team", False, "Teams answered 503 Service Unavailable", passing=True),)
    assert vault.asked == [NAME]


@pytest.mark.parametrize(
    ("break_it", "because"),
    [
        pytest.param(
            lambda cloud, vault: setattr(vault, "refusal", "ForbiddenByFirewall"),
            PLACE + "the vault's firewall does not let this address in",
            id="refused",
        ),
        pytest.param(
            lambda cloud, vault: cloud.take_away("usasset-kv.vault.azure.net"),
            PLACE + "the vault cannot be reached: no such name, or the network or a firewall blocks the connection",
            id="away",
        ),
        pytest.param(
            lambda cloud, vault: vault.put(NAME, "http://hunter2.example.com"),
            PLACE + "it is not what is asked for there: `url` must be https://, or http:// to this machine",
            id="no URL for a secret",
        ),
    ],
)
def test_what_no_secret_could_be_had_for_is_kept(
    cloud: Cloud, vault: FakeVault, channel: Channel, break_it: Callable[[Cloud, FakeVault], Any], because: str
) -> None:
    cloud.host("paging.example.com", Reply(200))
    other = WebhookChannel("paging", url=Secret("env:PAGING", "https://paging.example.com/hook"))
    break_it(cloud, vault)
    first, second = sent(channel, other)
    assert first == Delivery("team", False, because, passing=True)
    assert second.taken


def test_what_signs_is_fetched_as_well(cloud: Cloud, vault: FakeVault, secret: Secret) -> None:
    vault.put("signing-key", "hunter2")
    signing = replace(secret, name="vault:signing-key")
    cloud.host(TEAMS, Reply(200))
    (delivery,) = sent(WebhookChannel("paging", url=secret, secret=signing))
    assert delivery.taken
    (request,) = cloud.seen_by(TEAMS)
    assert request.headers[SIGNATURE.lower()] == signature("hunter2", request.body)


class TestHeartbeat:
    def test_its_url_is_fetched(self, cloud: Cloud, vault: FakeVault, secret: Secret) -> None:
        vault.put(NAME, "https://hc-ping.com/hunter2")
        cloud.host("hc-ping.com", Reply(200))
        assert ping(secret, "start") is None
        assert ping(secret, "success") is None
        assert [request.path for request in cloud.seen_by("hc-ping.com")] == ["/hunter2/start", "/hunter2"]
        assert vault.asked == [NAME]

    def test_one_that_nobody_receives_is_fetched_again_the_next_time(
        self, cloud: Cloud, vault: FakeVault, secret: Secret
    ) -> None:
        vault.put(NAME, "https://hc-ping.com/hunter2")
        cloud.host("hc-ping.com", lambda request: Reply(200 if request.path == "/hunter2-new" else 404))
        assert ping(secret, "success") == "the heartbeat answered 404 Not Found"
        vault.put(NAME, "https://hc-ping.com/hunter2-new")
        assert ping(secret, "success") is None

    def test_without_its_url(self, vault: FakeVault, secret: Secret) -> None:
        vault.refusal = "ForbiddenByFirewall"
        assert ping(secret, "success") == f"the heartbeat: {PLACE}the vault's firewall does not let this address in"

    def test_one_that_would_be_sent_in_the_clear(self, vault: FakeVault, secret: Secret) -> None:
        vault.put(NAME, "http://hc-ping.com/hunter2")
        assert ping(secret, "success") == (
            f"the heartbeat: {PLACE}it is not what is asked for there: `heartbeat` must be https://, or http:// to this"
            " machine"
        )

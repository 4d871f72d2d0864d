"""Endpoints behind Entra, and headers out of a vault: the real SDKs, and what becomes of their tokens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.gather.endpoints import probe_endpoints
from shared.model.azure import Vault
from shared.model.endpoint import Answer, EndpointExpectation, Probe
from shared.model.knowledge import Unavailable
from shared.model.setting_types import Secret
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply, Request
from tests.patience import SECONDS

HOST = "api.example.com"
AUDIENCE = "api://folders"


def endpoint(cloud: Cloud, **fields: Any) -> EndpointExpectation:
    given = {"url": f"https://{HOST}/folders", "pause": timedelta(0), "audience": AUDIENCE, "identity": cloud.identity}
    return EndpointExpectation("folders", **{**given, **fields})


def open_endpoint(**fields: Any) -> EndpointExpectation:
    return EndpointExpectation("folders", f"https://{HOST}/folders", pause=timedelta(0), **fields)


def asked(*endpoints: EndpointExpectation, within: float = SECONDS) -> tuple[Probe | Unavailable, ...]:
    outcomes = probe_endpoints(endpoints, timedelta(seconds=within))
    assert "eyJ" not in repr(outcomes)
    assert "hunter2" not in repr(outcomes)
    return outcomes


def guarded(cloud: Cloud, audience: str = AUDIENCE) -> Callable[[Request], Reply]:
    return lambda request: Reply(200 if cloud.tokens.accepts(request, audience) else 401)


def statuses(probe: Probe | Unavailable) -> list[int]:
    assert isinstance(probe, Probe)
    return [each.status for each in probe.tries if isinstance(each, Answer)]


def test_a_token_for_the_audience_goes_along(cloud: Cloud) -> None:
    cloud.host(HOST, guarded(cloud))
    expected = endpoint(cloud)
    (probe,) = asked(expected)
    assert statuses(probe) == [200]
    assert isinstance(probe, Probe)
    # What was asked for, not what it was asked with.
    assert probe.expectation == expected
    assert asked(expected, endpoint(cloud, url=f"https://{HOST}/again"))
    assert cloud.tokens.asked_for(AUDIENCE) == 1


def test_a_token_that_is_not_let_in_is_fetched_again(cloud: Cloud) -> None:
    cloud.host(HOST, guarded(cloud))
    asked(endpoint(cloud))
    cloud.tokens.rotate()
    (probe,) = asked(endpoint(cloud))
    assert statuses(probe) == [401, 200]
    assert cloud.tokens.asked_for(AUDIENCE) == 2


def test_without_its_role_it_stays_outside(cloud: Cloud) -> None:
    cloud.host(HOST, Reply(403))
    (probe,) = asked(endpoint(cloud))
    assert statuses(probe) == [403, 403, 403]
    assert isinstance(probe, Probe)
    assert probe.expectation.authenticates


def test_that_it_was_not_let_in_outweighs_that_no_new_token_came(cloud: Cloud) -> None:
    def reply(_: Request) -> Reply:
        cloud.tokens.status = 400
        return Reply(401)

    cloud.host(HOST, reply)
    (probe,) = asked(endpoint(cloud))
    assert statuses(probe) == [401]


@pytest.mark.parametrize("status", [302, 307])
def test_the_token_does_not_follow_to_another_host(cloud: Cloud, status: int) -> None:
    cloud.host(HOST, Reply(status, headers={"Location": "https://login.microsoftonline.com/authorize"}))
    cloud.host("login.microsoftonline.com", Reply(200))
    (probe,) = asked(endpoint(cloud, follow_redirects=True))
    assert statuses(probe) == [200]
    assert "authorization" in cloud.seen_by(HOST)[0].headers
    (elsewhere,) = cloud.seen_by("login.microsoftonline.com")
    assert "authorization" not in elsewhere.headers


def test_no_token_makes_this_endpoint_unknown_and_no_other(cloud: Cloud) -> None:
    cloud.host(HOST, Reply(200))
    cloud.tokens.status = 400
    refused, other = asked(endpoint(cloud), open_endpoint())
    assert refused == Unavailable(
        f"endpoint folders was not asked: no token for {AUDIENCE}: the managed identity with client id"
        f" {cloud.identity.client_id} is not assigned to this app: assign it (az functionapp identity assign), or put the"
        " client id of one that is assigned into the settings",
        lasting=True,
    )
    assert statuses(other) == [200]


def test_an_identity_that_is_slow(cloud: Cloud) -> None:
    cloud.tokens.instead = cloud.silence
    (slow,) = asked(endpoint(cloud), within=1)
    assert isinstance(slow, Unavailable)
    assert not slow.lasting
    assert "the identity endpoint gave none" in slow.because


class TestFromVault:
    NAME = "folders-api-key"

    def endpoint(self, cloud: Cloud, url: str) -> EndpointExpectation:
        key = Secret(f"vault:{self.NAME}", None, Vault(url, cloud.identity))
        return open_endpoint(headers={"X-Api-Key": key})

    def test_a_header(self, cloud: Cloud) -> None:
        vault = cloud.vault()
        vault.put(self.NAME, "hunter2")
        cloud.host(HOST, lambda request: Reply(200 if request.headers.get("x-api-key") == "hunter2" else 401))
        first, second = asked(self.endpoint(cloud, vault.url), self.endpoint(cloud, vault.url))
        assert statuses(first) == statuses(second) == [200]
        assert vault.asked == [self.NAME]

    def test_one_that_was_rotated(self, cloud: Cloud) -> None:
        vault = cloud.vault()
        vault.put(self.NAME, "hunter2")
        cloud.host(HOST, lambda request: Reply(200 if request.headers.get("x-api-key") == "hunter2-new" else 401))
        asked(self.endpoint(cloud, vault.url))
        vault.put(self.NAME, "hunter2-new")
        (probe,) = asked(self.endpoint(cloud, vault.url))
        assert statuses(probe)[-1] == 200

    def test_one_that_no_header_can_hold(self, cloud: Cloud) -> None:
        vault = cloud.vault()
        vault.put(self.NAME, "hunter2\n")
        (refused,) = asked(self.endpoint(cloud, vault.url))
        assert refused == Unavailable(
            f"endpoint folders was not asked: vault:{self.NAME} of usasset-kv.vault.azure.net: it is not what is asked for"
            " there: `headers.X-Api-Key` is not what a header can hold: one trimmed line",
            lasting=True,
        )

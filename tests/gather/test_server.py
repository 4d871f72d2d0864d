"""The PostgreSQL server through Azure's own library, as it answers and as it does not."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest

from shared.gather.attempt import GatherError
from shared.gather.server import read_server
from shared.model.knowledge import Unavailable
from shared.model.server import FirewallRule, Server, ServerExpectation, ServerReading
from tests.cloud.arm import GROUP, HOST, SERVER, FakeArm, error, garbage, parameter, rule, server
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply, Request
from tests.patience import SECONDS, growing

EXPECTED = ServerExpectation(SERVER)
RULES, PARAMETERS = f"{SERVER}/firewallRules", f"{SERVER}/configurations"
# As tests/cloud/arm.py says it, to the microsecond.
RESTORABLE_SINCE = datetime(2026, 11, 15, 23, 7, 25, 816656, tzinfo=UTC)
READY = Server(
    "usasset-db", "Ready", "16", "Disabled", 7, geo_backup=False, public=True, earliest_restore=RESTORABLE_SINCE
)


def read(cloud: Cloud, expectation: ServerExpectation = EXPECTED, seconds: float = SECONDS) -> ServerReading:
    reading = read_server(expectation, cloud.identity, timedelta(seconds=seconds))
    assert not {"somebody@example.com", "eyJ"} & set(str(reading).split("'"))
    return reading


def open_to(name: str, first: str, last: str | None = None) -> FirewallRule:
    return FirewallRule(name, IPv4Address(first), IPv4Address(last or first))


def test_reads_all_three_with_one_token_and_a_request_each(cloud: Cloud, arm: FakeArm) -> None:
    assert read(cloud) == ServerReading(READY, (open_to("office", "203.0.113.7"),), {"require_secure_transport": "on"})
    assert sorted(arm.asked) == sorted([SERVER, RULES, PARAMETERS])
    assert arm.versions == {"2022-12-01"}
    assert cloud.tokens.asked_for("https://management.azure.com") == 1


def test_asks_for_all_three_at_once(cloud: Cloud, arm: FakeArm) -> None:
    together = threading.Barrier(3)

    def once_all_are_here(request: Request) -> Reply:
        together.wait(timeout=SECONDS)
        return arm.reply(request)

    cloud.host(HOST, once_all_are_here)
    assert isinstance(read(cloud).server, Server)


def test_follows_lists_to_their_end(cloud: Cloud, arm: FakeArm) -> None:
    arm.page = 2
    arm.things[RULES] = [rule(f"r{n}", f"203.0.113.{n}") for n in range(5)]
    arm.things[PARAMETERS] = [parameter(f"p{n}", "on") for n in range(5)] + [
        parameter("require_secure_transport", "off")
    ]
    reading = read(cloud, replace(EXPECTED, api_version="2024-08-01"))
    assert reading.rules == tuple(open_to(f"r{n}", f"203.0.113.{n}") for n in range(5))
    assert reading.parameters == {"require_secure_transport": "off"}
    assert arm.versions == {"2024-08-01"}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param({"state": "Restarting"}, replace(READY, state="Restarting"), id="a state that the library does not know"),
        pytest.param({"network": {"publicNetworkAccess": "Disabled"}}, replace(READY, public=False), id="private"),
        pytest.param({"network": {"publicNetworkAccess": "Enabled", "delegatedSubnetResourceId": f"{GROUP}/x"}}, replace(READY, public=False), id="in a network of one's own"),
        pytest.param({"network": None}, READY, id="nothing said of the network"),
        pytest.param({"highAvailability": {"mode": "SameZone"}}, replace(READY, high_availability="SameZone"), id="newer than the library"),
        pytest.param({"backup": None, "version": None}, replace(READY, version=None, backup_days=None, geo_backup=None, earliest_restore=None), id="what is not said"),
    ],
)  # fmt: skip
def test_the_server_as_azure_says_it(
    cloud: Cloud, arm: FakeArm, properties: dict[str, object], expected: Server
) -> None:
    arm.things[SERVER] = server(**properties)
    assert read(cloud).server == expected


def test_an_expectation_of_no_parameters_asks_for_none(cloud: Cloud, arm: FakeArm) -> None:
    assert read(cloud, replace(EXPECTED, parameters={})).parameters == {}
    assert PARAMETERS not in arm.asked


@pytest.mark.parametrize(
    ("following", "most"),
    [
        pytest.param("https://elsewhere.example.com/more", 1, id="elsewhere"),
        pytest.param(f"https://{HOST}{RULES}?api-version=2022-12-01", 50, id="for ever"),
    ],
)
def test_a_list_goes_on_neither_elsewhere_nor_for_ever(cloud: Cloud, arm: FakeArm, following: str, most: int) -> None:
    cloud.host("elsewhere.example.com", Reply())
    arm.instead[RULES] = garbage({"value": [], "nextLink": following})
    assert read(cloud).rules == Unavailable("Azure's list goes on for too long, or elsewhere")
    assert not cloud.seen_by("elsewhere.example.com")
    assert arm.asked.count(RULES) <= most


NO_SENSE = "what Azure answered is not what its interface promises"


@pytest.mark.parametrize(
    ("reply", "because", "lasting"),
    [
        pytest.param(error(403, "AuthorizationFailed"), "{who} may not read it: it needs the role Reader on the server", True, id="403"),
        pytest.param(error(404, "ResourceNotFound"), "Azure knows none (404): see the resource id in the settings", True, id="404"),
        pytest.param(error(401, "InvalidAuthenticationToken"), "Azure does not accept the token of {who} (401): are both of the same tenant?", True, id="401"),
        pytest.param(error(400, "InvalidApiVersionParameter"), "Azure answered 400 InvalidApiVersionParameter", True, id="400"),
        pytest.param(error(429, "TooManyRequests", **{"Retry-After": "600"}), "Azure is asked too often (429)", False, id="429, and wait ten minutes"),
        pytest.param(error(500, "InternalServerError"), "Azure answered 500 InternalServerError", False, id="500"),
        pytest.param(Reply(503, b"<html>no</html>", {"Content-Type": "text/html"}), "Azure answered 503", False, id="503 without a word"),
        pytest.param(Reply(302, b"", {"Location": "https://elsewhere.example.com/"}), "Azure answered 302", False, id="elsewhere"),
        pytest.param(garbage("{"), NO_SENSE, False, id="no JSON"),
        pytest.param(garbage([1]), NO_SENSE, False, id="a list"),
        pytest.param(garbage({"properties": 1}), NO_SENSE, False, id="another shape"),
        pytest.param(garbage("null"), NO_SENSE, False, id="nothing"),
        pytest.param(garbage({"properties": {"state": 7}}), NO_SENSE, False, id="a state that is a number"),
        pytest.param(Reply(200, b"{}" * 99, {"Content-Length": "999"}, breaks_off=3), "management.azure.com:443 closed the connection before the whole answer was there", False, id="half an answer"),
    ],
)  # fmt: skip
def test_each_fails_for_itself(cloud: Cloud, arm: FakeArm, reply: Reply, because: str, lasting: bool) -> None:
    who = f"the managed identity with client id {cloud.identity.client_id}"
    arm.instead[SERVER] = reply
    reading = read(cloud)
    assert reading.server == Unavailable(f"the server usasset-db: {because.format(who=who)}", lasting)
    assert reading.rules == (open_to("office", "203.0.113.7"),)
    assert arm.asked.count(SERVER) == 1 or "closed" in because
    assert reading.parameters == {"require_secure_transport": "on"}
    assert not cloud.seen_by("elsewhere.example.com")


def test_a_revoked_token_is_not_kept(cloud: Cloud, arm: FakeArm) -> None:
    well = read(cloud)
    cloud.tokens.rotate()
    assert isinstance(read(cloud).server, Unavailable)
    assert read(cloud) == well


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([rule("r", "nowhere")], id="no address"),
        pytest.param([rule("r", "::1")], id="an address of another kind"),
        pytest.param([{"name": "r"}], id="no addresses"),
        pytest.param([7], id="no rule"),
    ],
)
def test_rules_that_make_no_sense(cloud: Cloud, arm: FakeArm, rules: list[object]) -> None:
    arm.things[RULES] = rules
    assert read(cloud).rules == Unavailable(f"the firewall rules of usasset-db: {NO_SENSE}")


def test_what_is_away_and_what_is_silent(cloud: Cloud, arm: FakeArm) -> None:
    cloud.take_away(HOST)
    proxy = "the proxy on the way to management.azure.com:443 cannot be reached or refuses the connection"
    assert read(cloud).server == Unavailable(f"the server usasset-db: {proxy}")
    cloud.give_back(HOST)
    cloud.host(HOST, cloud.silence)
    for seconds in growing(0.5):
        rules = read(cloud, seconds=seconds).rules
        assert isinstance(rules, Unavailable)
        if re.fullmatch(r"no answer within [\d.]+ s", rules.because):
            break


@pytest.mark.parametrize(
    ("break_it", "because"),
    [
        pytest.param(lambda tokens: setattr(tokens, "status", 400), "is not assigned to this app", id="400"),
        pytest.param(lambda tokens: setattr(tokens, "status", 500), "the identity endpoint answered 500", id="500"),
    ],
)
def test_without_a_token_nothing_is_asked(
    cloud: Cloud, arm: FakeArm, break_it: Callable[[object], None], because: str
) -> None:
    break_it(cloud.tokens)
    with pytest.raises(GatherError, match=because) as raised:
        read(cloud)
    assert raised.value.__cause__ is None
    assert arm.asked == []

"""Settings and the secrets that they name."""

import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from shared.alerts.channels.email.settings import SmtpServer
from shared.alerts.channels.teams.settings import TeamsChannel
from shared.azure.error import AzureError
from shared.azure.secrets import forget_secrets, with_secrets
from shared.model.azure import Vault
from shared.model.endpoint import EndpointExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests.cloud.cloud import Cloud
from tests.cloud.vault import FakeVault
from tests.gather.servers import Reply, Request

TEAMS = TeamsChannel("team", url=Secret("vault:teams-webhook-url"))


def placed(name: str, cloud: Cloud, fake: FakeVault) -> Secret:
    return Secret(f"vault:{name}", None, Vault(fake.url, cloud.identity))


def test_wherever_they_stand_each_is_fetched_once(cloud: Cloud) -> None:
    fake = cloud.vault()
    for name in ("database-url", "api-key", "smtp-password"):
        fake.put(name, f"postgresql://{name}")
    database = DatabaseSettings(placed("database-url", cloud, fake))
    endpoint = EndpointExpectation(
        "folders",
        "https://api.example.com/folders",
        headers={"X-Api-Key": placed("api-key", cloud, fake), "Accept": "text/html", "X-Other": Secret("env:X", "x")},
    )
    again = replace(endpoint, name="again")
    smtp = SmtpServer("smtp.example.com", user="monitor", password=placed("smtp-password", cloud, fake))

    filled_database, endpoints, filled_smtp = with_secrets((database, (endpoint, again), smtp))

    assert filled_database.url is not None
    assert filled_database.url.value == "postgresql://database-url"
    keys = [each.headers["X-Api-Key"] for each in endpoints]
    assert keys == [Secret("vault:api-key", "postgresql://api-key", Vault(fake.url, cloud.identity))] * 2
    assert endpoints[0].headers["Accept"] == "text/html"
    assert filled_smtp.password is not None
    assert filled_smtp.password.value == "postgresql://smtp-password"
    assert sorted(fake.asked) == ["api-key", "database-url", "smtp-password"]
    assert "postgresql" not in repr((filled_database, endpoints, filled_smtp))


def test_they_are_fetched_at_once(cloud: Cloud) -> None:
    fake = cloud.vault()
    fake.put("one", "1")
    fake.put("two", "2")
    # Each waits for the other, so they only end together.
    together = threading.Barrier(2)

    def reply(request: Request) -> Reply:
        if "authorization" in request.headers:
            together.wait(10)
        return fake.reply(request)

    cloud.host("usasset-kv.vault.azure.net", reply)
    one, two = with_secrets((placed("one", cloud, fake), placed("two", cloud, fake)))
    assert (one.value, two.value) == ("1", "2")


def test_what_is_at_hand_stays_the_same_object() -> None:
    shape = (replace(TEAMS, url=Secret("env:URL", "https://example.com/a")), DatabaseSettings(Secret("env:X", "x")))
    assert with_secrets(shape) is shape


def test_nothing_heavy_is_imported_for_what_is_at_hand() -> None:
    script = """
import sys
from shared.azure.secrets import with_secrets
from shared.model.setting_types import Secret
with_secrets(Secret("env:X", "x"))
print(sorted({"azure", "requests", "msal"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_value_that_its_place_refuses_is_named_and_not_shown(cloud: Cloud) -> None:
    fake = cloud.vault()
    fake.put("teams-webhook-url", "http://hunter2.example.com")
    channel = replace(TEAMS, url=placed("teams-webhook-url", cloud, fake))
    with pytest.raises(AzureError) as raised:
        with_secrets(channel)
    assert str(raised.value) == (
        "vault:teams-webhook-url of usasset-kv.vault.azure.net: it is not what is asked for there: `url` must be"
        " https://, or http:// to this machine"
    )
    assert raised.value.lasting
    assert raised.value.__context__ is None
    # As soon as it is set right it is used.
    fake.put("teams-webhook-url", "https://example.com/hook")
    assert with_secrets(channel).url == Secret(
        "vault:teams-webhook-url", "https://example.com/hook", Vault(fake.url, cloud.identity)
    )


def test_all_that_is_wrong_is_reported(cloud: Cloud) -> None:
    fake = cloud.vault()
    with pytest.raises(AzureError) as raised:
        with_secrets((placed("one", cloud, fake), placed("two", cloud, fake)))
    assert str(raised.value) == (
        "vault:one of usasset-kv.vault.azure.net: the vault has no secret of that name; "
        "vault:two of usasset-kv.vault.azure.net: the vault has no secret of that name"
    )


def test_one_identity_at_fault_is_reported_once(cloud: Cloud) -> None:
    fake = cloud.vault()
    cloud.tokens.status = 400
    with pytest.raises(AzureError) as raised:
        with_secrets((placed("one", cloud, fake), placed("two", cloud, fake)))
    assert str(raised.value).count("no token for https://vault.azure.net") == 1


def test_what_was_refused_is_fetched_again(cloud: Cloud) -> None:
    fake = cloud.vault()
    fake.put("one", "1")
    secret = placed("one", cloud, fake)
    first = with_secrets((secret, Secret("env:X", "x")))
    fake.put("one", "2")
    forget_secrets(first)
    assert with_secrets(secret).value == "2"

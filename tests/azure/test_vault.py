"""Secrets by the real azure-keyvault-secrets."""

import logging
import threading
import time
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from shared.azure.error import AzureError
from shared.azure.vault import KEPT_FOR, forget_secret, kept_until, secret_value
from shared.model.azure import Vault
from tests.cloud.cloud import Cloud
from tests.cloud.vault import FakeVault
from tests.gather.servers import Reply, Request
from tests.patience import LONG, growing

NAME = "database-connection-string"
VALUE = "postgresql://u:hunter2@db.example.com/app"
PLACE = f"vault:{NAME} of usasset-kv.vault.azure.net: "
HOST = "usasset-kv.vault.azure.net"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def vault_in(cloud: Cloud) -> tuple[FakeVault, Vault]:
    vault = cloud.vault()
    vault.put(NAME, VALUE)
    return vault, Vault(vault.url, cloud.identity)


def failure(vault: Vault, within: timedelta = LONG, name: str = NAME) -> AzureError:
    with pytest.raises(AzureError) as raised:
        secret_value(vault, name, within)
    text = "".join(traceback.format_exception(raised.value))
    assert "hunter2" not in text
    assert "azure.core" not in text
    return raised.value


def test_a_secret_is_fetched_once(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fake, vault = vault_in(cloud)
    assert secret_value(vault, NAME) == secret_value(vault, NAME) == VALUE
    assert fake.asked == [NAME]
    assert "hunter2" not in caplog.text
    # A function app logs from level info on.
    assert not [record for record in caplog.records if record.levelno >= logging.INFO]


def test_a_refused_secret_is_forgotten_once(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    first = secret_value(vault, NAME)
    fake.put(NAME, "rotated")
    assert secret_value(vault, NAME) == first
    forget_secret(vault, NAME, first)
    assert secret_value(vault, NAME) == "rotated"
    # Another thread had been refused with the first one too.
    forget_secret(vault, NAME, first)
    assert secret_value(vault, NAME) == "rotated"
    assert len(fake.asked) == 2


def test_who_asks_meanwhile_waits_for_the_same_answer(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    asked, go_on = threading.Event(), threading.Event()

    def reply(request: Request) -> Reply:
        if "authorization" in request.headers:
            asked.set()
            go_on.wait(10)
        return fake.reply(request)

    cloud.host(HOST, reply)
    values: list[str] = []
    threads = [threading.Thread(target=lambda: values.append(secret_value(vault, NAME))) for _ in range(5)]
    threads[0].start()
    asked.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert values == [VALUE] * 5
    assert fake.asked == [NAME]


@pytest.mark.parametrize(
    ("expires", "until"),
    [
        pytest.param(None, NOW + KEPT_FOR, id="without an end"),
        pytest.param(NOW + timedelta(days=9), NOW + KEPT_FOR, id="far from its end"),
        pytest.param(NOW + timedelta(minutes=10), NOW + timedelta(minutes=9), id="near its end"),
    ],
)
def test_how_long_it_is_kept(expires: datetime | None, until: datetime) -> None:
    assert kept_until(NOW, expires) == until


def test_near_its_end_it_is_asked_for_each_time(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    fake.put(NAME, VALUE, exp=int(time.time()) + 50)
    assert secret_value(vault, NAME) == secret_value(vault, NAME) == VALUE
    assert len(fake.asked) == 2


def test_expired(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    fake.put(NAME, VALUE, exp=1_790_000_000)
    error = failure(vault)
    assert str(error) == f"{PLACE}the secret expired at 2026-09-21 14:13 UTC: set a new one, or a later expiry"
    assert error.lasting


@pytest.mark.parametrize(
    ("refusal", "because", "lasting"),
    [
        pytest.param(
            "ForbiddenByRbac",
            "the managed identity with client id {id} may not read it: it needs the role Key Vault Secrets User on the"
            " vault or the secret",
            True,
            id="no role",
        ),
        pytest.param(
            "AccessDenied",
            "the managed identity with client id {id} may not read it: the vault's access policy must give it Get for"
            " secrets",
            True,
            id="no policy",
        ),
        pytest.param("ForbiddenByFirewall", "the vault's firewall does not let this address in", True, id="firewall"),
        pytest.param(
            "Unauthorized",
            "the vault does not accept the token of the managed identity with client id {id} (401): are both of the"
            " same tenant?",
            True,
            id="another tenant",
        ),
        pytest.param("Throttled", "the vault is asked too often (429)", False, id="too often"),
        pytest.param("InternalServerError", "the vault answered 500", False, id="broken"),
    ],
)
def test_what_the_vault_refuses(cloud: Cloud, refusal: str, because: str, lasting: bool) -> None:
    fake, vault = vault_in(cloud)
    fake.refusal = refusal
    error = failure(vault)
    assert str(error) == PLACE + because.format(id=cloud.identity.client_id)
    assert error.lasting is lasting
    assert len(fake.asked) <= 3


def test_a_refusal_passes(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    fake.refusal = "InternalServerError"
    failure(vault)
    fake.refusal = None
    assert secret_value(vault, NAME) == VALUE


def test_disabled(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    fake.put(NAME, VALUE, enabled=False)
    assert str(failure(vault)) == PLACE + "the secret is disabled"


def test_no_such_secret(cloud: Cloud) -> None:
    _, vault = vault_in(cloud)
    assert str(failure(vault, name="other")) == (
        "vault:other of usasset-kv.vault.azure.net: the vault has no secret of that name"
    )


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(403, b"<html>", {"Content-Type": "text/html"}), id="HTML"),
        pytest.param(Reply(403, b'{"error": "no"}', {"Content-Type": "application/json"}), id="other JSON"),
    ],
)
def test_a_refusal_that_says_nothing(cloud: Cloud, reply: Reply) -> None:
    fake, vault = vault_in(cloud)
    cloud.host(HOST, lambda request: reply if "authorization" in request.headers else fake.reply(request))
    assert str(failure(vault)) == (
        f"{PLACE}the vault refuses it to the managed identity with client id {cloud.identity.client_id} (403)"
    )


def test_no_such_vault(cloud: Cloud) -> None:
    _, vault = vault_in(cloud)
    cloud.take_away(HOST)
    error = failure(vault)
    assert str(error) == (
        f"{PLACE}the vault cannot be reached: no such name, or the network or a firewall blocks the connection"
    )
    assert not error.lasting


def test_half_an_answer(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    half = Reply(200, b'{"value": "hunter2"}', {"Content-Type": "application/json"}, breaks_off=12)
    cloud.host(HOST, lambda request: half if "authorization" in request.headers else fake.reply(request))
    assert "the vault cannot be reached" in str(failure(vault))


def test_a_vault_that_does_not_answer(cloud: Cloud) -> None:
    _, vault = vault_in(cloud)
    cloud.host(HOST, cloud.silence)
    for seconds in growing(0.3):
        error = failure(vault, timedelta(seconds=seconds))
        if "the identity endpoint" not in str(error):
            break
    assert str(error) == f"{PLACE}no answer within {seconds:.3g} s"
    assert not error.lasting


def test_an_identity_that_does_not_answer_is_named(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    cloud.tokens.instead = cloud.silence
    for seconds in growing(0.3):
        error = str(failure(vault, timedelta(seconds=seconds)))
        # On a slow machine the time may be over before the endpoint is asked.
        if "no answer within" not in error:
            break
    assert "the identity endpoint gave none to the managed" in error
    assert fake.asked == []


def test_an_identity_that_is_not_assigned_is_named(cloud: Cloud) -> None:
    fake, vault = vault_in(cloud)
    cloud.tokens.status = 400
    assert str(failure(vault)).startswith("no token for https://vault.azure.net: the managed identity with client id ")
    assert fake.asked == []

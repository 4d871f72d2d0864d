"""Tokens by the real azure-identity: from an app's identity endpoint, and from a CLI on PATH."""

import json
import logging
import threading
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from azure.identity import CredentialUnavailableError

from shared.azure.credential import credential_of, forget_token, token
from shared.azure.error import AzureError
from shared.azure.identity_errors import no_token
from shared.model.azure import Identity
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply
from tests.patience import LONG

RESOURCE = "https://ossrdbms-aad.database.windows.net"
SCOPE = f"{RESOURCE}/.default"
CLI = Identity(managed=False)


def failure(identity: Identity, within: timedelta = LONG) -> AzureError:
    with pytest.raises(AzureError) as raised:
        token(identity, SCOPE, within)
    # Nothing of the library's own words is left in the chain.
    assert "azure.core" not in "".join(traceback.format_exception(raised.value))
    return raised.value


def test_a_token_is_asked_for_once(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    expected = cloud.tokens.token_for(RESOURCE, cloud.identity.client_id)
    assert token(cloud.identity, SCOPE) == token(cloud.identity, SCOPE) == expected
    assert credential_of(cloud.identity).get_token(SCOPE).token == expected
    assert credential_of(cloud.identity) is credential_of(cloud.identity)
    assert cloud.tokens.asked_for(RESOURCE) == 1
    assert expected not in caplog.text
    assert cloud.tokens.token_for(RESOURCE) != expected


def test_who_begins_at_once_shares_one_token(cloud: Cloud) -> None:
    given: list[str] = []
    together = threading.Barrier(5)

    def take() -> None:
        together.wait(10)
        given.append(token(cloud.identity, SCOPE))

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == [cloud.tokens.token_for(RESOURCE, cloud.identity.client_id)] * 5
    assert cloud.tokens.asked_for(RESOURCE) == 1


def test_each_identity_and_each_service_has_its_own(cloud: Cloud) -> None:
    system = Identity()
    forget_token(system, token(system, SCOPE))
    cloud.tokens.requests.clear()
    assert token(system, SCOPE) == cloud.tokens.token_for(RESOURCE)
    assert token(cloud.identity, SCOPE) == cloud.tokens.token_for(RESOURCE, cloud.identity.client_id)
    assert token(cloud.identity, "https://vault.azure.net/.default") == cloud.tokens.token_for(
        "https://vault.azure.net", cloud.identity.client_id
    )
    assert len(cloud.tokens.requests) == 3


def test_a_token_near_its_end_is_fetched_again(cloud: Cloud) -> None:
    cloud.tokens.lifetime = 200
    first = token(cloud.identity, SCOPE)
    cloud.tokens.lifetime = 86_400
    cloud.tokens.rotate()
    second = token(cloud.identity, SCOPE)
    assert second != first
    assert token(cloud.identity, SCOPE) == second
    assert cloud.tokens.asked_for(RESOURCE) == 2


def test_a_refused_token_is_forgotten_once(cloud: Cloud) -> None:
    first = token(cloud.identity, SCOPE)
    cloud.tokens.rotate()
    forget_token(cloud.identity, first)
    second = token(cloud.identity, SCOPE)
    assert second != first
    # Another thread had been refused with the first one too.
    forget_token(cloud.identity, first)
    assert token(cloud.identity, SCOPE) == second
    assert cloud.tokens.asked_for(RESOURCE) == 2


def test_to_forget_what_was_never_asked_for(cloud: Cloud) -> None:
    forget_token(cloud.identity, "anything")
    assert cloud.tokens.requests == []


@pytest.mark.parametrize(
    ("status", "because", "lasting"),
    [
        pytest.param(
            400,
            "the managed identity with client id {id} is not assigned to this app: assign it (az functionapp identity"
            " assign), or put the client id of one that is assigned into the settings",
            True,
            id="not assigned",
        ),
        pytest.param(
            403, "the identity endpoint answered 403 for the managed identity with client id {id}", True, id="refused"
        ),
        pytest.param(
            429,
            "the identity endpoint answered 429 for the managed identity with client id {id}",
            False,
            id="too often",
        ),
        pytest.param(
            500,
            "the identity endpoint answered 500 for the managed identity with client id {id}; if that lasts, see"
            f" whether {RESOURCE} exists in the tenant",
            False,
            id="broken",
        ),
    ],
)
def test_what_the_endpoint_refuses(cloud: Cloud, status: int, because: str, lasting: bool) -> None:
    cloud.tokens.status = status
    error = failure(cloud.identity)
    assert str(error) == f"no token for {RESOURCE}: {because.format(id=cloud.identity.client_id)}"
    assert error.lasting is lasting


def test_the_system_assigned_identity_is_off(cloud: Cloud) -> None:
    system = Identity()
    forget_token(system, token(system, SCOPE))
    cloud.tokens.status = 400
    assert str(failure(system)) == (
        f"no token for {RESOURCE}: the system-assigned managed identity is not assigned to this app: assign it (az"
        " functionapp identity assign)"
    )


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(200, b"<html>"), id="no JSON"),
        pytest.param(Reply(200, b"{}", {"Content-Type": "application/json"}), id="other JSON"),
        pytest.param(Reply(200, b'{"access_token"', breaks_off=5), id="half an answer"),
    ],
)
def test_what_the_endpoint_cannot_mean(cloud: Cloud, reply: Reply) -> None:
    cloud.tokens.instead = lambda _: reply
    error = failure(cloud.identity)
    assert str(error).startswith(f"no token for {RESOURCE}: the identity endpoint could not be reached or understood")
    assert not error.lasting


def test_an_endpoint_that_does_not_answer(cloud: Cloud) -> None:
    cloud.tokens.instead = cloud.silence
    error = failure(cloud.identity, timedelta(seconds=0.2))
    assert str(error) == (
        f"no token for {RESOURCE}: the identity endpoint gave none to the managed identity with client id"
        f" {cloud.identity.client_id} within 0.2 s"
    )
    assert not error.lasting


def test_nothing_listens_at_the_endpoint(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token")
    assert "could not be reached" in str(failure(cloud.identity))


NO_ENDPOINT = (
    f"no token for {RESOURCE}: there is no identity endpoint here: assign a managed identity to the app, or at a"
    " terminal say `az` instead of `managed` in the settings"
)


def test_where_there_is_no_endpoint(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDENTITY_ENDPOINT")
    # What a virtual machine has instead; here nothing listens.
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1")
    error = failure(cloud.identity)
    assert (str(error), error.lasting) == (NO_ENDPOINT, True)


def test_where_no_network_leads_to_one() -> None:
    """On a laptop, with the settings of production."""
    said = CredentialUnavailableError("ManagedIdentityCredential authentication unavailable.")
    error = no_token(Identity("1-2-3"), RESOURCE, said)
    assert (str(error), error.lasting) == (NO_ENDPOINT, True)


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put an `az` on PATH that does what a shell script says."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def put(script: str) -> None:
        program = tmp_path / "az"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return put


def test_at_a_terminal_the_login_of_the_cli(az: Callable[[str], None]) -> None:
    answer = {"accessToken": "hunter2", "expires_on": int(time.time()) + 3600}
    az(f"""case "$*" in *"--resource {RESOURCE}") echo '{json.dumps(answer)}';; *) exit 2;; esac""")
    assert token(CLI, SCOPE) == "hunter2"


@pytest.mark.parametrize(
    ("script", "because", "lasting"),
    [
        pytest.param(None, "the Azure CLI is not installed, or not on PATH", True, id="not installed"),
        pytest.param(
            "echo 'ERROR: Please run az login to setup account.' >&2; exit 1",
            "nobody is logged in to the Azure CLI, or no more: az login",
            True,
            id="not logged in",
        ),
        pytest.param(
            "echo 'ERROR: AADSTS50076 ada@example.com' >&2; exit 1",
            "the Azure CLI gave none: az account get-access-token says why",
            False,
            id="anything else",
        ),
    ],
)
def test_what_the_cli_refuses(az: Callable[[str], None], script: str | None, because: str, lasting: bool) -> None:
    if script is not None:
        az(script)
    error = failure(CLI)
    assert str(error) == f"no token for {RESOURCE}: {because}"
    assert error.lasting is lasting


def test_a_cli_that_hangs(az: Callable[[str], None]) -> None:
    az("exec sleep 5")
    assert str(failure(CLI, timedelta(seconds=0.2))) == (
        f"no token for {RESOURCE}: `az` gave none to the login of `az` within 0.2 s"
    )

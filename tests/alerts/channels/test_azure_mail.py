"""Mail by Azure Communication Services: without its extra a plain sentence; with it the real SDK against loopback."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.alerts.channels.email.settings import EmailChannel
from shared.alerts.delivery.deliver import Delivery, deliver
from tests.alerts.news import opened
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply, Request

HOST = "example.communication.azure.com"
CHANNEL = EmailChannel(
    "mail",
    sender="DoNotReply@example.com",
    recipients=("team@example.com", "ada@example.com"),
    endpoint=f"https://{HOST}",
    tries=2,
)
OPERATION = f"https://{HOST}/emails/operations/1?api-version=2023-03-31"


def sent(cloud: Cloud) -> Delivery:
    channel = replace(CHANNEL, identity=cloud.identity)
    [delivery] = deliver(opened(), [channel], sleep=lambda _seconds: None)
    assert "eyJ" not in repr(delivery)
    return delivery


def test_without_the_extra_it_says_what_to_install(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.communication.email", None)
    assert sent(cloud) == Delivery(
        "mail",
        False,
        "Azure Communication Services needs migration-monitor[azure] (in Azure: requirements-extras.txt); it is not installed",
    )


def service(status: str) -> Callable[[Request], Reply]:
    body = json.dumps({"id": "1", "status": status}).encode()
    kind = {"Content-Type": "application/json"}

    def reply(request: Request) -> Reply:
        if request.method == "POST":
            return Reply(
                202,
                body.replace(status.encode(), b"Running"),
                {**kind, "Operation-Location": OPERATION, "Retry-After": "0"},
            )
        return Reply(200, body, kind)

    return reply


def test_a_mail_is_sent_by_managed_identity(cloud: Cloud) -> None:
    cloud.host(HOST, service("Succeeded"))
    assert sent(cloud) == Delivery("mail", True, "Azure Communication Services: Succeeded")
    seen = cloud.seen_by(HOST)
    document = json.loads(seen[0].body)
    assert seen[0].path.startswith("/emails:send?")
    assert cloud.tokens.accepts(seen[0], "https://communication.azure.com/")
    assert document["senderAddress"] == "DoNotReply@example.com"
    assert [to["address"] for to in document["recipients"]["to"]] == ["team@example.com", "ada@example.com"]
    assert document["content"]["subject"] == f"⛔ {opened().headline}"
    assert {"References", "In-Reply-To", "Auto-Submitted"} <= document["headers"].keys()


@pytest.mark.parametrize(
    ("mail", "said", "passing"),
    [
        (lambda _: Reply(401, b"{}"), "Azure Communication Services answered 401", False),
        (lambda _: Reply(429, b"{}"), "Azure Communication Services answered 429", True),
        (lambda _: Reply(500, b"{}"), "Azure Communication Services answered 500", True),
    ],
)
def test_refusals(cloud: Cloud, mail: Callable[[Request], Reply], said: str, passing: bool) -> None:
    cloud.host(HOST, mail)
    assert sent(cloud) == Delivery("mail", False, said, passing)
    assert len(cloud.seen_by(HOST)) == (2 if passing else 1)


def test_a_mail_that_fails_on_its_way(cloud: Cloud) -> None:
    cloud.host(HOST, service("Failed"))
    delivery = sent(cloud)
    assert not delivery.taken
    assert delivery.said.startswith("Azure Communication Services")


def test_without_an_identity(cloud: Cloud) -> None:
    cloud.host(HOST, service("Succeeded"))
    cloud.tokens.status = 400
    delivery = sent(cloud)
    assert delivery.said.startswith(
        "Azure Communication Services: no token for https://communication.azure.com/: the managed identity with client"
        f" id {cloud.identity.client_id} is not assigned to this app: "
    )
    assert delivery.passing
    assert not delivery.taken
    assert cloud.seen_by(HOST) == []

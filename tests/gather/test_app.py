"""The Container App over plain HTTP, as Azure answers and as it does not."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.gather.app import read_app
from shared.gather.attempt import GatherError
from shared.model.app import AppExpectation, AppReading, Image, Place, Revision, StartLimit
from shared.model.knowledge import Unavailable
from tests.cloud.arm import APP, DIGEST, HOST, FakeArm, app, error, garbage, revision, template
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply
from tests.patience import SECONDS, growing

EXPECTED = AppExpectation(APP)
REVISIONS, SECRETS = f"{APP}/revisions", f"{APP}/listSecrets"
IMAGE = Image(f"usasset.azurecr.io/api:v1.42.0@{DIGEST}", "v1.42.0", DIGEST)
SEVENTH = Revision(
    "usasset-api--0000007",
    IMAGE,
    active=True,
    traffic=100,
    health="Healthy",
    running="Running",
    provisioning="Provisioned",
    error=None,
    created_at=datetime(2026, 11, 21, 21, 24, 22, tzinfo=UTC),
)
WELL = AppReading(
    name="usasset-api",
    hosts=("usasset-api.politehill-ab123456.westeurope.azurecontainerapps.io", "api.example.com"),
    running="Running",
    one_at_a_time=True,
    newest="usasset-api--0000007",
    ready="usasset-api--0000007",
    revisions=(SEVENTH,),
    database=Place("db.example.com", "usasset"),
    most_replicas=5,
    start_limit=StartLimit(241, is_default=True),
)


def read(cloud: Cloud, expectation: AppExpectation = EXPECTED, seconds: float = SECONDS) -> AppReading:
    reading = read_app(expectation, cloud.identity, timedelta(seconds=seconds))
    assert "hunter2" not in str(reading)
    assert "somebody@example.com" not in str(reading)
    return reading


def test_reads_the_app_its_revisions_and_its_secret(cloud: Cloud, arm: FakeArm) -> None:
    assert read(cloud) == WELL
    assert sorted(arm.asked) == [APP, SECRETS, REVISIONS]
    assert arm.versions == {"2024-03-01"}
    assert cloud.tokens.asked_for("https://management.azure.com") == 1


def test_what_fails_and_what_rests(cloud: Cloud, arm: FakeArm) -> None:
    arm.page = 1
    arm.things[APP] = app(mode="Multiple", latestReadyRevisionName="usasset-api--0000007")
    failing = revision(8, "r/api:v1.43.0", trafficWeight=0, healthState="None", runningState="Failed",
        provisioningState="Failed", provisioningError="Container crashing: api", createdTime="today")  # fmt: skip
    bare = {"name": "usasset-api--0000006", "properties": {"trafficWeight": 20}}
    arm.things[REVISIONS] = [failing, bare, revision(trafficWeight=80), {}]
    reading = read(cloud)
    assert reading.one_at_a_time is False
    assert reading.revisions == (
        Revision("usasset-api--0000008", Image("r/api:v1.43.0", "v1.43.0", None), True, 0, "None", "Failed", "Failed", "Container crashing: api", None),
        Revision("usasset-api--0000006", Image("?", None, None), False, 20, None, None, None, None, None),
        replace(SEVENTH, traffic=80),
        Revision("?", Image("?", None, None), False, 0, None, None, None, None, None),
    )  # fmt: skip
    assert [each.name[-1] for each in reading.serving] == ["7", "6"]


def plain(value: str) -> Callable[[FakeArm], object]:
    env = ({"name": "DATABASE_URL", "value": value},)
    return lambda arm: arm.things.update({REVISIONS: [revision(template=template("r/api:1", env))]})


def secrets(*found: dict[str, str]) -> Callable[[FakeArm], object]:
    return lambda arm: arm.things.update({SECRETS: list(found)})


def in_vault(url: str) -> Callable[[FakeArm], object]:
    return lambda arm: arm.things.update(
        {APP: app(({"name": "database-url", "keyVaultUrl": url, "identity": "system"},))}
    )


VAULTS = "https://usasset-kv.vault.azure.net/secrets"
ELSEWHERE = "the secret behind its variable DATABASE_URL is not simply the newest version in a Key Vault"


@pytest.mark.parametrize(
    ("arrange", "database"),
    [
        pytest.param(plain("postgres://api:hunter2@DB/app?schema=x"), Place("DB", "app"), id="written out"),
        pytest.param(plain("hunter2"), "its variable DATABASE_URL: the connection URL is not PostgreSQL's: it starts with postgresql:// or postgres://", id="no URL"),
        pytest.param(plain(""), "its variable DATABASE_URL is empty", id="empty"),
        pytest.param(lambda arm: arm.things.update({REVISIONS: [revision(template=template("r/api:1", ()))]}), "its container has no variable DATABASE_URL", id="no variable"),
        pytest.param(secrets({"name": "other", "value": "x"}), "Azure does not show the secret behind its variable DATABASE_URL", id="a secret that is gone"),
        pytest.param(lambda arm: arm.instead.update({SECRETS: error(403, "AuthorizationFailed")}), "its secrets: {who} may not read it: it needs the right Microsoft.App/containerApps/listSecrets/action on the app", id="no right to the secrets"),
        pytest.param(lambda arm: arm.instead.update({REVISIONS: error(403, "AuthorizationFailed")}), Place("db.example.com", "usasset"), id="by the app's own template"),
        pytest.param(in_vault(f"{VAULTS}/database-url"), Place("db.vault.example.com", "usasset"), id="in a vault"),
        pytest.param(in_vault(f"{VAULTS}/database-url/0123"), ELSEWHERE, id="an old version in a vault"),
        pytest.param(in_vault("https://vault.azure.net.example.com/secrets/x"), ELSEWHERE, id="in no vault of Azure's"),
        pytest.param(in_vault(f"{VAULTS}/forgotten"), "the secret behind its variable DATABASE_URL: vault:forgotten of usasset-kv.vault.azure.net: the vault has no secret of that name", id="not in the vault"),
    ],
)  # fmt: skip
def test_where_the_app_finds_its_database(
    cloud: Cloud, arm: FakeArm, arrange: Callable[[FakeArm], object], database: Place | str
) -> None:
    cloud.vault().put("database-url", "postgresql://api:hunter2@db.vault.example.com/usasset")
    arrange(arm)
    found = read(cloud).database
    if isinstance(database, Place):
        assert found == database
    else:
        assert isinstance(found, Unavailable)
        assert found.because == database.format(who=f"the managed identity with client id {cloud.identity.client_id}")


NO_SENSE = "what Azure answered is not what its interface promises"


@pytest.mark.parametrize(
    ("reply", "because", "lasting"),
    [
        pytest.param(error(403, "AuthorizationFailed"), "{who} may not read it: it needs the role Reader on the app", True, id="403"),
        pytest.param(error(404, "ResourceNotFound"), "Azure knows none (404): see the resource id in the settings", True, id="404"),
        pytest.param(error(401, "InvalidAuthenticationToken"), "Azure does not accept the token of {who} (401): are both of the same tenant?", True, id="401"),
        pytest.param(error(429, "TooManyRequests"), "Azure is asked too often (429)", False, id="429"),
        pytest.param(error(400, "hunter2"), "Azure answered 400", True, id="400 with a strange code"),
        pytest.param(error(500, "InternalServerError"), "Azure answered 500 InternalServerError", False, id="500"),
        pytest.param(Reply(408), "Azure answered 408", False, id="408"),
        pytest.param(Reply(302, b"", {"Location": "https://elsewhere.example.com/"}), "Azure answered 302", False, id="elsewhere"),
        pytest.param(garbage("{"), NO_SENSE, False, id="no JSON"),
        pytest.param(garbage([1]), NO_SENSE, False, id="a list"),
        pytest.param(garbage({"properties": 1}), NO_SENSE, False, id="another shape"),
        pytest.param(garbage("[" * 100_000), NO_SENSE, False, id="brackets without end"),
        pytest.param(garbage("x" * (16 * 1024 * 1024 + 1)), "management.azure.com:443 sends more than 16,777,216 bytes", False, id="too large"),
        pytest.param(Reply(200, b"{}" * 99, {"Content-Length": "999"}, breaks_off=3), "management.azure.com:443 closed the connection before the whole answer was there", False, id="half an answer"),
    ],
)  # fmt: skip
def test_an_app_that_cannot_be_read(cloud: Cloud, arm: FakeArm, reply: Reply, because: str, lasting: bool) -> None:
    who = f"the managed identity with client id {cloud.identity.client_id}"
    arm.instead[APP] = reply
    with pytest.raises(GatherError) as raised:
        read(cloud)
    assert (str(raised.value), raised.value.lasting) == (f"the app usasset-api: {because.format(who=who)}", lasting)
    assert (raised.value.__cause__, raised.value.__context__) == (None, None)
    assert not cloud.seen_by("elsewhere.example.com")


def test_without_an_ingress_the_newest_comes_first(cloud: Cloud, arm: FakeArm) -> None:
    """As the image that runs is chosen: both must be of the same revision."""
    arm.things[REVISIONS] = [
        revision(number, f"r/api:v{number}", trafficWeight=0, active=number != 9, createdTime=created)
        for number, created in (
            (5, None),
            (6, "2026-11-21T00:00:00Z"),
            (8, "2026-11-23T00:00:00Z"),
            (9, "2026-11-24T00:00:00Z"),
        )
    ]
    assert [each.name[-1] for each in read(cloud).serving] == ["8", "6", "5"]


def test_a_revoked_token_is_fetched_once_more(cloud: Cloud, arm: FakeArm) -> None:
    read(cloud)
    cloud.tokens.rotate()
    assert read(cloud) == WELL
    assert cloud.tokens.asked_for("https://management.azure.com") == 2


def test_revisions_fail_for_themselves(cloud: Cloud, arm: FakeArm) -> None:
    arm.instead[REVISIONS] = error(500, "InternalServerError")
    reading = read(cloud)
    assert reading.revisions == Unavailable("the revisions of usasset-api: Azure answered 500 InternalServerError")
    assert (reading.serving, reading.newest) == ((), "usasset-api--0000007")


@pytest.mark.parametrize(
    ("following", "pages"),
    [
        pytest.param("https://elsewhere.example.com/more", 1, id="elsewhere"),
        pytest.param(f"https://{HOST}{REVISIONS}?api-version=2024-03-01", 20, id="for ever"),
    ],
)
def test_a_list_goes_on_neither_elsewhere_nor_for_ever(cloud: Cloud, arm: FakeArm, following: str, pages: int) -> None:
    arm.instead[REVISIONS] = garbage({"value": [], "nextLink": following})
    cloud.host("elsewhere.example.com", Reply())
    because = "the revisions of usasset-api: Azure's list goes on for too long, or elsewhere"
    assert read(cloud).revisions == Unavailable(because)
    assert arm.asked.count(REVISIONS) == pages
    assert not cloud.seen_by("elsewhere.example.com"), "the token goes to Azure alone"


def test_what_is_away_and_what_is_silent(cloud: Cloud, arm: FakeArm) -> None:
    cloud.take_away(HOST)
    with pytest.raises(GatherError, match="the app usasset-api: the proxy on the way to management"):
        read(cloud)
    cloud.give_back(HOST)
    arm.instead[SECRETS] = garbage({"value": 7})
    cloud.host(
        HOST, lambda request: cloud.silence(request) if request.path.startswith(REVISIONS) else arm.reply(request)
    )
    for seconds in growing(0.5):
        reading = read(cloud, seconds=seconds)
        assert isinstance(reading.revisions, Unavailable)
        assert isinstance(reading.database, Unavailable)
        if (
            re.fullmatch(r"no answer within [\d.]+ s", reading.revisions.because)
            and "within" not in reading.database.because
        ):
            break
    assert isinstance(reading.database, Unavailable)


def test_without_a_token_nothing_is_asked(cloud: Cloud, arm: FakeArm) -> None:
    cloud.tokens.status = 400
    with pytest.raises(GatherError, match="is not assigned to this app"):
        read(cloud)
    assert arm.asked == []


STARTUP = {"type": "Startup", "httpGet": {"path": "/health", "port": 3000}}
LIVENESS = {
    "type": "Liveness",
    "tcpSocket": {"port": 3000},
    "initialDelaySeconds": 7,
    "periodSeconds": 5,
    "failureThreshold": 4,
}


@pytest.mark.parametrize(
    ("probes", "ingress", "limit"),
    [
        pytest.param([{**STARTUP, "initialDelaySeconds": 3, "periodSeconds": 10, "failureThreshold": 6}], True, StartLimit(63), id="its own"),
        pytest.param([STARTUP], True, StartLimit(30), id="its own, with the usual numbers"),
        pytest.param([LIVENESS], True, StartLimit(241, is_default=True), id="the platform's own before liveness"),
        pytest.param([LIVENESS], False, StartLimit(27), id="without an ingress liveness alone"),
        pytest.param([], False, None, id="without an ingress none is added"),
        pytest.param([{"type": 7}, "x", {**STARTUP, "periodSeconds": "soon", "failureThreshold": None}], False, StartLimit(30), id="of another shape"),
    ],
)  # fmt: skip
def test_how_long_a_start_may_take(
    cloud: Cloud, arm: FakeArm, probes: list[object], ingress: bool, limit: StartLimit | None
) -> None:
    made = template(IMAGE.reference)
    containers = made["containers"]
    assert isinstance(containers, list)
    containers[1]["probes"] = probes
    arm.things[REVISIONS] = [revision(template=made)]
    document = app()
    if not ingress:
        document["properties"]["configuration"]["ingress"] = None  # type: ignore[index]  # as `app` makes it
    arm.things[APP] = document
    assert read(cloud).start_limit == limit

"""Container images: who may read the registry, what runs in production, and how images are named."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.gather.sources import web
from shared.gather.sources.down import SourceDownError
from shared.gather.sources.image.reference import ImageReference, parse_reference
from tests.cloud.cloud import Cloud
from tests.cloud.identity import json_reply
from tests.cloud.registry import APP, STORE, FakeRegistry, revision
from tests.gather.images import APPLICATION, LABELS, read, refusal
from tests.gather.servers import Reply, Request
from tests.patience import growing

ARM = "management.azure.com"


@pytest.fixture
def registry(cloud: Cloud) -> FakeRegistry:
    return FakeRegistry(cloud)


class TestAtAzure:
    def test_the_token_goes_nowhere_else(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [APPLICATION])
        read(cloud)
        stored = cloud.seen_by(STORE)
        assert stored
        assert not any("authorization" in request.headers for request in stored)
        own = cloud.tokens.token_for("https://containerregistry.azure.net", cloud.identity.client_id)
        exchanged = [request.path for host, request in cloud.requests if own in request.body.decode("latin-1")]
        assert exchanged == ["/oauth2/exchange"]
        assert not any(own in str(request.headers) for _, request in cloud.requests)

    @pytest.mark.parametrize("path", ["/oauth2/exchange", "/oauth2/token"])
    def test_a_role_that_is_missing(self, cloud: Cloud, registry: FakeRegistry, path: str) -> None:
        registry.instead[path] = json_reply({"errors": [{"code": "UNAUTHORIZED", "message": "hunter2"}]}, 401)
        who = f"the managed identity with client id {cloud.identity.client_id}"
        assert (
            refusal(cloud) == f"usasset.azurecr.io refuses it to {who} (401): it needs the role AcrPull on the registry"
        )
        with pytest.raises(SourceDownError):
            read(cloud)

    def test_refused_later(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.pull_allowed = False
        assert refusal(cloud).endswith(" (403): it needs the role AcrPull on the registry")

    def test_no_token(self, cloud: Cloud, registry: FakeRegistry) -> None:
        cloud.tokens.status = 400
        assert refusal(cloud).startswith("no token for https://containerregistry.azure.net: ")

    @pytest.mark.parametrize(
        "reply", [Reply(body=b"{"), json_reply([]), json_reply({"refresh_token": "a\nb"}), json_reply({})]
    )
    def test_what_is_no_token(self, cloud: Cloud, registry: FakeRegistry, reply: Reply) -> None:
        registry.instead["/oauth2/exchange"] = reply
        assert refusal(cloud) == "usasset.azurecr.io:443 answered with something else than a token"

    @pytest.mark.parametrize(("status", "words"), [(500, "answered 500"), (429, "is asked too often (429)")])
    def test_trouble(self, cloud: Cloud, registry: FakeRegistry, status: int, words: str) -> None:
        registry.instead["/v2/api/manifests/v2"] = Reply(status)
        assert refusal(cloud) == f"usasset.azurecr.io:443 {words}"


class TestElsewhere:
    @pytest.fixture
    def hub(self, cloud: Cloud) -> FakeRegistry:
        hub = FakeRegistry(cloud, "ghcr.io", "example/api", redirects=False)
        hub.push("v2", [APPLICATION], LABELS)
        return hub

    def test_anybody_may_read(self, cloud: Cloud, hub: FakeRegistry) -> None:
        assert read(cloud, image="ghcr.io/example/api:v2").version == "v1.42.0"
        assert cloud.tokens.requests == []

    @pytest.mark.parametrize(
        "challenge", ['Basic realm="hunter2"', 'Bearer realm="http://ghcr.io/token"', "", "Bearer nonsense"]
    )
    def test_not_without_a_password(self, cloud: Cloud, hub: FakeRegistry, challenge: str) -> None:
        hub.instead["/v2/example/api/manifests/v2"] = Reply(401, b"", {"WWW-Authenticate": challenge})
        assert refusal(cloud, image="ghcr.io/example/api:v2") == (
            "the image ghcr.io/example/api:v2: ghcr.io lets nobody read ghcr.io/example/api without a password"
        )

    def test_no_token_for_a_private_one(self, cloud: Cloud, hub: FakeRegistry) -> None:
        hub.instead["/oauth2/token"] = json_reply({"errors": [{"code": "DENIED", "message": "requested access"}]}, 403)
        assert refusal(cloud, image="ghcr.io/example/api:v2").endswith(
            ": ghcr.io:443 gives no token to read ghcr.io/example/api without a password (403)"
        )


class TestWhatRuns:
    @staticmethod
    def revisions(cloud: Cloud, *revisions: Mapping[str, Any], status: int = 200) -> None:
        def reply(request: Request) -> Reply:
            assert cloud.tokens.accepts(request, "https://management.azure.com")
            assert request.path.startswith(f"{APP}/revisions?api-version=")
            return json_reply({"value": revisions}, status)

        cloud.host(ARM, reply)

    def test_the_revision_with_the_traffic(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [APPLICATION], LABELS)
        self.revisions(
            cloud,
            revision("usasset-api--3", {"api": "usasset.azurecr.io/api:v3"}, weight=0, created="2026-11-03"),
            revision("usasset-api--2", {"api": "usasset.azurecr.io/api:v2"}, created="2026-11-02"),
            revision("usasset-api--1", {"api": "usasset.azurecr.io/api:v1"}, active=False),
        )
        assert read(cloud, container_app=APP).version == "v1.42.0"

    def test_the_newest_where_nothing_has_traffic(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [APPLICATION])
        old = revision("usasset-api--1", {"api": "usasset.azurecr.io/api:v1"}, weight=0, created="2026-11-01")
        new = revision("usasset-api--2", {"api": "usasset.azurecr.io/api:v2"}, weight=0, created="2026-11-02")
        self.revisions(cloud, new, old)
        assert read(cloud, container_app=APP).version == "v2"

    def test_of_several_containers_the_one_that_is_named(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [APPLICATION])
        images = {"api": "usasset.azurecr.io/api:v2", "proxy": "mcr.microsoft.com/envoy:1"}
        self.revisions(cloud, revision("usasset-api--2", images))
        assert read(cloud, container_app=APP, container_name="api").version == "v2"
        prefix = "the image of usasset-api: the revision usasset-api--2 has the containers api, proxy: "
        assert refusal(cloud, container_app=APP) == prefix + "say in `container_name` which is meant"
        assert refusal(cloud, container_app=APP, container_name="web") == prefix + "there is no web"

    def test_of_several_containers_the_one_that_knows_the_database(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [APPLICATION])
        found = revision("r", {"proxy": "mcr.microsoft.com/envoy:1", "api": "usasset.azurecr.io/api:v2", "jobs": "x/y"})
        proxy, api, jobs = found["properties"]["template"]["containers"]
        proxy["env"] = [{"name": "PORT", "value": "80"}]
        api["env"] = [{"name": "DATABASE_URL", "secretRef": "url"}]
        self.revisions(cloud, found)
        assert read(cloud, container_app=APP).version == "v2"
        jobs["env"] = [{"name": "DB", "value": "x"}, {"name": "DATABASE_URL", "value": "x"}]
        assert refusal(cloud, container_app=APP).endswith(": say in `container_name` which is meant")
        api["env"] = [{"name": "APP_DB", "secretRef": "url"}]
        assert read(cloud, container_app=APP, database_variable="APP_DB").version == "v2"
        assert read(cloud, container_app=APP, container_name="api").version == "v2"

    def test_a_verification_asks_for_a_tag_of_it(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v3", [APPLICATION])
        self.revisions(cloud, revision("usasset-api--2", {"api": "usasset.azurecr.io/api:v2"}))
        assert read(cloud, "v3", container_app=APP).version == "v3"

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (403, "the managed identity with client id {id} may not read it: it needs the role Reader on the app"),
            (404, "Azure knows none (404): see the resource id in the settings"),
            (500, "Azure answered 500"),
        ],
    )
    def test_refused(self, cloud: Cloud, status: int, expected: str) -> None:
        self.revisions(cloud, status=status)
        assert refusal(
            cloud, container_app=APP
        ) == "the image of usasset-api: the revisions of usasset-api: " + expected.format(id=cloud.identity.client_id)

    def test_nothing_runs(self, cloud: Cloud) -> None:
        self.revisions(cloud, revision("usasset-api--1", {"api": "x"}, active=False))
        assert refusal(cloud, container_app=APP).endswith(": the app has no active revision: nothing of it runs")

    def test_pages(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [APPLICATION])
        pages = [
            {"value": [revision("a", {"api": "x/y:1"}, weight=10)], "nextLink": f"https://{ARM}{APP}/revisions?page=2"},
            {"value": [revision("b", {"api": "usasset.azurecr.io/api:v2"}, weight=90)]},
        ]
        cloud.host(ARM, lambda _: json_reply(pages.pop(0)))
        assert read(cloud, container_app=APP).version == "v2"

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"value": {}}', b'{"value": [7, {"properties": 7}]}'])
    def test_what_is_no_list(self, cloud: Cloud, body: bytes) -> None:
        cloud.host(ARM, Reply(body=body))
        assert refusal(cloud, container_app=APP).startswith("the image of usasset-api: the ")


def test_time_is_over(cloud: Cloud, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.host("usasset.azurecr.io", cloud.silence)
    for seconds in growing(0.05):
        monkeypatch.setattr(web, "_READ_SECONDS", seconds)
        if refusal(cloud) == f"no whole answer from usasset.azurecr.io:443 within {seconds:.3g} s":
            break


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx", ImageReference("docker.io", "library/nginx", None, None)),
        ("nginx:1.25", ImageReference("docker.io", "library/nginx", "1.25", None)),
        ("bitnami/redis:7", ImageReference("docker.io", "bitnami/redis", "7", None)),
        ("docker.io/nginx", ImageReference("docker.io", "library/nginx", None, None)),
        ("localhost:5000/a/b:c", ImageReference("localhost:5000", "a/b", "c", None)),
        ("r.azurecr.io/a:b@sha256:" + "0" * 64, ImageReference("r.azurecr.io", "a", "b", "sha256:" + "0" * 64)),
        ("", None),
        ("r.azurecr.io/../x", None),
        ("r.azurecr.io//x", None),
        ("r.azurecr.io/x:", None),
        ("r.azurecr.io/x y", None),
        ("UPPER/x", None),
        ("https://r.azurecr.io/x", None),
    ],
)
def test_names(text: str, expected: ImageReference | None) -> None:
    assert parse_reference(text) == expected


def test_docker_names_its_hub_otherwise() -> None:
    reference = parse_reference("nginx")
    assert reference is not None
    assert (reference.host, str(reference), reference.wanted) == (
        "registry-1.docker.io",
        "docker.io/library/nginx",
        "latest",
    )

"""Container images: which one is meant, how the registry is asked, and what its layers come to."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from shared.gather.attempt import GatherError
from shared.gather.sources import read_artifact, web
from shared.gather.sources.artifact import Artifact
from shared.gather.sources.down import SourceDownError
from shared.gather.sources.image import layer as layer_module
from shared.gather.sources.image.reference import ImageReference, parse_reference
from shared.model.release_settings import ReleaseSettings
from tests.cloud.cloud import Cloud
from tests.cloud.identity import json_reply
from tests.cloud.registry import (
    APP,
    DOCKER_MANIFEST,
    LAYER,
    OCI_INDEX,
    OCI_MANIFEST,
    STORE,
    FakeRegistry,
    Link,
    digest_of,
    packed,
    revision,
    tar,
)
from tests.gather.servers import Reply, Request

ARM = "management.azure.com"
MIGRATIONS = "app/prisma/migrations"
BASE = tar([("etc/", b""), ("etc/passwd", b"root"), ("bin", Link("usr/bin")), ("usr/bin/", b"")])
APPLICATION = tar(
    [
        ("app/", b""),
        (f"{MIGRATIONS}/", b""),
        (f"{MIGRATIONS}/migration_lock.toml", b'provider = "postgresql"'),
        (f"{MIGRATIONS}/1_a/migration.sql", b"SELECT 1;"),
        ("app/node_modules/x/1/migration.sql", b"of a package"),
    ]
)
LABELS = {"org.opencontainers.image.version": "v1.42.0", "org.opencontainers.image.revision": "6dcb09b5b57875f334f6"}


@pytest.fixture
def registry(cloud: Cloud) -> FakeRegistry:
    return FakeRegistry(cloud)


def read(cloud: Cloud, release: str | None = None, **settings: Any) -> Artifact:
    settings = {"image": "usasset.azurecr.io/api:v2"} | settings if "container_app" not in settings else settings
    return read_artifact(ReleaseSettings("image", identity=cloud.identity, **settings), release)


def refusal(cloud: Cloud, release: str | None = None, **settings: Any) -> str:
    with pytest.raises(GatherError) as refused:
        read(cloud, release, **settings)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert "hunter2" not in repr(refused.value.__context__)
    return str(refused.value).removeprefix("the image usasset.azurecr.io/api:v2: ")


def scripts(artifact: Artifact) -> dict[str, bytes]:
    return {path.split("/")[-2]: content for path, content in artifact.files.items() if path.endswith("/migration.sql")}


@pytest.mark.parametrize("how", ["gzip", "zstd", "none"])
def test_an_image(cloud: Cloud, registry: FakeRegistry, how: str) -> None:
    digest = registry.push("v2", [BASE, APPLICATION], LABELS, how=how)
    image = read(cloud)
    assert (image.version, image.source, scripts(image)) == ("v1.42.0", "image", {"1_a": b"SELECT 1;"})
    assert image.origin == f"usasset.azurecr.io/api@{digest}"
    assert {MIGRATIONS, f"{MIGRATIONS}/1_a", "app", "app/node_modules"} <= image.folders


class TestPlatforms:
    def test_linux_on_amd64_without_attestations(self, cloud: Cloud, registry: FakeRegistry) -> None:
        attestation = registry.push("x", [tar([("in-toto.json", b"{}")])])
        other = registry.push("y", [tar([(f"{MIGRATIONS}/9_z/migration.sql", b"arm")])])
        ours = registry.push("z", [APPLICATION], media_type=DOCKER_MANIFEST)
        entries = [(attestation, "unknown", "unknown"), (other, "linux", "arm64"), (ours, "linux", "amd64")]
        registry.index("v2", entries)
        image = read(cloud)
        assert (set(scripts(image)), image.origin) == ({"1_a"}, f"usasset.azurecr.io/api@{ours}")

    def test_what_there_is(self, cloud: Cloud, registry: FakeRegistry) -> None:
        attestation = registry.push("x", [tar([("in-toto.json", b"{}")])])
        registry.index(
            "v2", [(attestation, "unknown", "unknown"), (registry.push("y", [APPLICATION]), "linux", "arm64")]
        )
        assert set(scripts(read(cloud))) == {"1_a"}

    def test_an_index_of_nothing_and_one_of_indexes(self, cloud: Cloud, registry: FakeRegistry) -> None:
        index = registry.index("v2", [])
        assert refusal(cloud) == "its index names no image"
        for _ in range(4):
            index = registry.index("v2", [(index, "linux", "amd64")])
        assert refusal(cloud) == "it is an index of indexes"


class TestVersion:
    @pytest.mark.parametrize(
        ("labels", "tag", "expected"),
        [
            pytest.param(LABELS, "v2", "v1.42.0", id="as labelled"),
            pytest.param({"org.opencontainers.image.version": "24.04"}, "v2", "v2", id="Ubuntu's own"),
            pytest.param({"org.opencontainers.image.version": "v3"}, "latest", "v3", id="nothing better"),
            pytest.param({"org.opencontainers.image.revision": "6dcb09b"}, "latest", "6dcb09b", id="a revision"),
            pytest.param(None, "v2", "v2", id="no labels"),
        ],
    )
    def test_of(self, cloud: Cloud, registry: FakeRegistry, labels: dict[str, str], tag: str, expected: str) -> None:
        registry.push(tag, [APPLICATION], labels)
        assert read(cloud, image=f"usasset.azurecr.io/api:{tag}").version == expected

    def test_nothing_but_the_digest(self, cloud: Cloud, registry: FakeRegistry) -> None:
        digest = registry.push("latest", [APPLICATION], config={"config": None})
        assert read(cloud, image="usasset.azurecr.io/api").version == digest[:19]
        assert read(cloud, image=f"usasset.azurecr.io/api@{digest}").version == digest[:19]

    def test_what_a_verification_asks_for_is_the_tag(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [BASE], LABELS)
        registry.push("v3-rc.1", [APPLICATION], LABELS)
        asked_for = read(cloud, "v3-rc.1")
        assert (asked_for.version, set(scripts(asked_for))) == ("v3-rc.1", {"1_a"})
        with pytest.raises(
            GatherError, match=r"^the image usasset.azurecr.io/api:v9: usasset.azurecr.io/api has no v9 "
        ):
            read(cloud, "v9")
        with pytest.raises(GatherError, match=r"^the image of .*: 'a/b' cannot be the tag of an image"):
            read(cloud, "a/b")


class TestLayers:
    def test_whiteouts_and_opaque_folders_of_their_ancestors(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push(
            "v2",
            [
                tar([(f"{MIGRATIONS}/0_gone/migration.sql", b"0"), (f"{MIGRATIONS}/0_old/migration.sql", b"0")]),
                tar(
                    [
                        ("app/.wh..wh..opq", b""),
                        (f"{MIGRATIONS}/1_a/migration.sql", b"1"),
                        (f"{MIGRATIONS}/2_b/migration.sql", b"2"),
                    ]
                ),
                tar(
                    [
                        (f"{MIGRATIONS}/.wh.1_a", b""),
                        (f"{MIGRATIONS}/2_b/migration.sql", b"2, edited"),
                        ("app/.wh..wh.plnk", b""),
                    ]
                ),
                tar([("./app/prisma/migrations/3_c/migration.sql", b"3"), ("/app/prisma/migrations/4_d/", b"")]),
            ],
        )
        image = read(cloud)
        assert scripts(image) == {"2_b": b"2, edited", "3_c": b"3"}
        assert f"{MIGRATIONS}/4_d" in image.folders
        assert f"{MIGRATIONS}/1_a" not in image.folders

    def test_the_rest_is_not_downloaded_where_it_can_add_nothing(self, cloud: Cloud, registry: FakeRegistry) -> None:
        top = tar([("app/.wh..wh..opq", b""), (f"{MIGRATIONS}/1_a/migration.sql", b"1")])
        registry.push("v2", [BASE, top, tar([("etc/motd", b"")])])
        assert set(scripts(read(cloud, migrations=MIGRATIONS))) == {"1_a"}
        assert digest_of(packed(BASE, "gzip")) not in registry.downloads()

    def test_no_layer_is_downloaded_twice(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [BASE, APPLICATION])
        read(cloud)
        before = registry.downloads()
        read(cloud)
        assert registry.downloads() == before
        new = tar([(f"{MIGRATIONS}/2_b/migration.sql", b"2")])
        registry.push("v2", [BASE, APPLICATION, new], LABELS)
        assert set(scripts(read(cloud))) == {"1_a", "2_b"}
        layers = {digest_of(packed(layer, "gzip")) for layer in (BASE, APPLICATION, new)}
        assert [digest for digest in registry.downloads()[len(before) :] if digest in layers] == [
            digest_of(packed(new, "gzip"))
        ]

    def test_links_to_files_of_the_layer(self, cloud: Cloud, registry: FakeRegistry) -> None:
        path = f"{MIGRATIONS}/1_a/migration.sql"
        registry.push("v2", [tar([(path, b"1"), (f"{MIGRATIONS}/2_b/migration.sql", Link(path, hard=True))])])
        assert scripts(read(cloud)) == {"1_a": b"1", "2_b": b"1"}
        registry.push("v2", [tar([("x.sql", b"1"), (path, Link("x.sql", hard=True))])])
        assert refusal(cloud).endswith(f"'{path}' in {layer_named(registry)} is a link to 'x.sql', which is not read")

    def test_packages_are_looked_into_where_they_are_asked_for(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [APPLICATION])
        assert "1" in scripts(read(cloud, migrations="node_modules/x"))

    def test_a_tar_without_an_end_mark(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [tar([(f"{MIGRATIONS}/1_a/migration.sql", b"1")], ends=False)])
        assert set(scripts(read(cloud))) == {"1_a"}

    def test_windows_itself_is_passed_over(self, cloud: Cloud, registry: FakeRegistry) -> None:
        foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
        config = registry.blob(b"{}", "application/vnd.oci.image.config.v1+json")
        base = {
            "mediaType": foreign,
            "digest": digest_of(b"not there"),
            "size": 9,
            "urls": ["https://mcr.microsoft.com/x"],
        }
        layers = [base, registry.blob(packed(APPLICATION, "gzip"), f"{LAYER}+gzip")]
        registry.manifest("v2", OCI_MANIFEST, {"schemaVersion": 2, "config": config, "layers": layers})
        assert set(scripts(read(cloud))) == {"1_a"}

    @pytest.mark.parametrize("how", ["gzip", "zstd", "none"])
    def test_broken(self, cloud: Cloud, registry: FakeRegistry, how: str) -> None:
        broken = packed(APPLICATION, how)
        registry.blobs.clear()
        broken = broken[:60] + b"\xff" * 40 + broken[100:]
        config = registry.blob(b"{}", "application/vnd.oci.image.config.v1+json")
        layers = [registry.blob(broken, LAYER)]
        registry.manifest("v2", OCI_MANIFEST, {"schemaVersion": 2, "config": config, "layers": layers})
        assert "corrupt" in refusal(cloud) or "no .zip" in refusal(cloud)

    @pytest.mark.parametrize("how", ["gzip", "zstd", "none"])
    def test_another_than_its_digest_says(self, cloud: Cloud, registry: FakeRegistry, how: str) -> None:
        registry.push("v2", [APPLICATION], how=how)
        digest = next(reversed(registry.blobs))
        content = registry.blobs[digest]
        registry.blobs[digest] = content[:-1] + b"!" if how == "none" else bytes(len(content))
        assert (
            refusal(cloud) == f"the layer {digest[:19]} of usasset.azurecr.io/api came otherwise than its digest says"
        )

    def test_larger_than_announced_or_broken_off(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [APPLICATION])
        digest = next(reversed(registry.blobs))
        content = registry.blobs[digest]
        registry.blobs[digest] += bytes(100)
        assert refusal(cloud) == f"{STORE}:443 sends more than {len(content)} bytes"
        cloud.host(STORE, Reply(body=content, breaks_off=20))
        assert refusal(cloud) == f"{STORE}:443 closed the connection before the whole answer was there"

    @pytest.mark.parametrize("name", ["../1/migration.sql", "app/../../x", "app/.."])
    def test_a_path_that_leads_elsewhere(self, cloud: Cloud, registry: FakeRegistry, name: str) -> None:
        registry.push("v2", [tar([(name, b"")])])
        assert "holds an entry that is no plain path: " in refusal(cloud)

    def test_too_many_entries_and_too_long_a_path(
        self, cloud: Cloud, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        registry.push("v2", [tar([("a/" * 600 + "x", b"")])])
        assert "has a path of more than 1,024 characters" in refusal(cloud)
        monkeypatch.setattr(layer_module, "MAX_ENTRIES", 3)
        registry.push("v2", [APPLICATION])
        assert refusal(cloud).endswith(" holds more than 3 entries")

    def test_a_bomb(self, cloud: Cloud, registry: FakeRegistry) -> None:
        registry.push("v2", [tar([(f"{MIGRATIONS}/1_a/migration.sql", bytes(11 * 1024 * 1024))])], how="zstd")
        assert refusal(cloud).endswith(" is larger than 10 MiB")


class TestManifests:
    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (
                {"schemaVersion": 1, "fsLayers": []},
                "its manifest is of a kind that is not read (schema 1, or no image)",
            ),
            ({"layers": [7]}, "its manifest names a part by something else than sha256 and size"),
            (
                {"layers": [{"digest": "../../x", "size": 1}]},
                "its manifest names a part by something else than sha256 and size",
            ),
            ({"layers": []}, "its manifest names a part by something else than sha256 and size"),
            (
                {"manifests": [{"digest": "sha256:1"}]},
                "its manifest names a part by something else than sha256 and size",
            ),
            ({"layers": [{}] * 300}, "it has more than 256 layers"),
            ([], "the registry answered with something else than a manifest"),
        ],
    )
    def test_of_another_kind(self, cloud: Cloud, registry: FakeRegistry, document: object, expected: str) -> None:
        registry.manifest("v2", OCI_MANIFEST, document)
        assert refusal(cloud) == expected

    def test_another_than_its_digest_says(self, cloud: Cloud, registry: FakeRegistry) -> None:
        digest = registry.push("v2", [APPLICATION])
        registry.manifests[digest] = registry.manifests[registry.push("v3", [BASE])]
        named = f"usasset.azurecr.io/api@{digest}"
        assert (
            refusal(cloud, image=named)
            == f"the image {named}: usasset.azurecr.io sent another manifest than {digest[:19]}…"
        )


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


def layer_named(registry: FakeRegistry) -> str:
    digest = next(digest for digest in reversed(registry.downloads()))
    return f"the layer {digest[:19]} of usasset.azurecr.io/api"


def test_time_is_over(cloud: Cloud, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_READ_SECONDS", 0.05)
    cloud.host("usasset.azurecr.io", cloud.silence)
    assert refusal(cloud) == "no whole answer from usasset.azurecr.io:443 in time"


def test_a_manifest_list_is_asked_for_too(cloud: Cloud, registry: FakeRegistry) -> None:
    registry.push("v2", [APPLICATION])
    read(cloud)
    accept = next(r.headers["accept"] for r in cloud.seen_by(registry.host) if "/manifests/" in r.path)
    assert OCI_INDEX in accept
    assert "manifest.list.v2" in accept
    assert json.loads(registry.manifests["v2"][1])["layers"]

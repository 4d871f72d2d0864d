"""Container images: which one is read, and what its layers come to."""

import json

import pytest

from shared.gather.attempt import GatherError
from shared.gather.sources import artifact as artifact_module
from shared.gather.sources.image import layer as layer_module
from tests.cloud.cloud import Cloud
from tests.cloud.registry import (
    DOCKER_MANIFEST,
    LAYER,
    OCI_INDEX,
    OCI_MANIFEST,
    STORE,
    FakeRegistry,
    Link,
    digest_of,
    packed,
    tar,
)
from tests.gather.images import APPLICATION, BASE, LABELS, MIGRATIONS, read, refusal, scripts
from tests.gather.servers import Reply


@pytest.fixture
def registry(cloud: Cloud) -> FakeRegistry:
    return FakeRegistry(cloud)


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
            pytest.param({**LABELS, "org.opencontainers.image.version": "v" * 999}, "v2", "v" * 128, id="too much"),
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
            "digest": digest_of(b"missing"),
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

    def test_links_count_as_what_they_lead_to(
        self, cloud: Cloud, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(artifact_module, "MAX_TOTAL", 20)
        path = f"{MIGRATIONS}/1_a/migration.sql"
        links = [(f"{MIGRATIONS}/{number}_b/migration.sql", Link(path, hard=True)) for number in range(2)]
        registry.push("v2", [tar([(path, b"SELECT 1;"), *links[:1]])])
        assert len(scripts(read(cloud))) == 2
        registry.push("v2", [tar([(path, b"SELECT 1;"), *links])])
        assert refusal(cloud).endswith(" MiB of migrations")

    @pytest.mark.parametrize("apart", [False, True], ids=["in one layer", "in several"])
    def test_more_names_than_the_memory_holds(
        self, cloud: Cloud, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch, apart: bool
    ) -> None:
        monkeypatch.setattr(layer_module, "MAX_WEIGHT", 4096)
        registry.push("v2", [tar([("a/" * 10 + "x", b"")])])
        assert read(cloud).files == {}
        deep = [tar([(f"{top}/" + "a/" * 15 + "x", b"")]) for top in "bcd"]
        registry.push("v2", deep if apart else [tar([(f"{top}/" + "a/" * 15 + "x", b"") for top in "bcd"])])
        assert refusal(cloud).endswith(" has more names of files and migrations than are read: 0 MiB")

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


def layer_named(registry: FakeRegistry) -> str:
    digest = next(digest for digest in reversed(registry.downloads()))
    return f"the layer {digest[:19]} of usasset.azurecr.io/api"


def test_a_manifest_list_is_asked_for_too(cloud: Cloud, registry: FakeRegistry) -> None:
    registry.push("v2", [APPLICATION])
    read(cloud)
    accept = next(r.headers["accept"] for r in cloud.seen_by(registry.host) if "/manifests/" in r.path)
    assert OCI_INDEX in accept
    assert "manifest.list.v2" in accept
    assert json.loads(registry.manifests["v2"][1])["layers"]

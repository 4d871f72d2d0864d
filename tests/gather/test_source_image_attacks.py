"""Images that were made to harm: what they send is bounded, whatever they say of it."""

import io
import struct
import tarfile
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zstandard

from shared.gather.attempt import GatherError
from shared.gather.sources.image import packed as packed_module
from shared.gather.sources.image.layer import Layer, read_layer
from shared.gather.sources.image.registry import Blob
from shared.gather.sources.web import Web
from tests.cloud.cloud import Cloud
from tests.cloud.registry import LAYER, OCI_MANIFEST, STORE, FakeRegistry, digest_of, packed, tar
from tests.gather.images import APPLICATION, MIGRATIONS, read, refusal, scripts
from tests.gather.servers import Reply, Request
from tests.patience import LONG

MIB = 1024 * 1024


@pytest.fixture
def registry(cloud: Cloud) -> FakeRegistry:
    return FakeRegistry(cloud)


def push_layer(registry: FakeRegistry, layer: bytes, size: int | None = None) -> None:
    """Put an image up that has this layer, as it is, and says that it is *size* bytes long."""
    config = registry.blob(b"{}", "application/vnd.oci.image.config.v1+json")
    blob = registry.blob(layer, LAYER)
    if size is not None:
        blob["size"] = size
    registry.manifest("v2", OCI_MANIFEST, {"schemaVersion": 2, "config": config, "layers": [blob]})


@contextmanager
def within_memory(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_bomb_in_what_is_passed_over(
    cloud: Cloud, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Nothing of it is kept, and unpacking ends where a layer does."""
    bomb = tar([("var/log/zeros", bytes(200 * MIB))])
    content = packed(bomb, how)
    del bomb
    assert len(content) < MIB
    monkeypatch.setattr(packed_module, "MAX_LAYER", 64 * MIB)
    push_layer(registry, content)
    with within_memory(32 * MIB):
        assert "unpacks to more than" in refusal(cloud)


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_bomb_behind_the_end_of_the_archive(
    cloud: Cloud, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(packed_module, "MAX_LAYER", 16 * MIB)
    push_layer(registry, packed(APPLICATION + bytes(64 * MIB), how))
    with within_memory(16 * MIB):
        assert "unpacks to more than" in refusal(cloud)


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_layer_that_ends_in_the_middle(how: str) -> None:
    """Its digest is right, and the tar within may be one that could end there: what packs it has no end."""
    whole = tar([(f"{MIGRATIONS}/{n}_a/migration.sql", b"SELECT 1;") for n in range(9)], ends=False)
    packing: Any = zlib.compressobj(wbits=31) if how == "gzip" else zstandard.ZstdCompressor().compressobj()
    flush = zlib.Z_SYNC_FLUSH if how == "gzip" else zstandard.COMPRESSOBJ_FLUSH_BLOCK
    content = b"".join(packing.compress(whole[at : at + 1024]) + packing.flush(flush) for at in range(0, 9216, 1024))
    content += packing.flush()
    assert len(read_packed(content).files) == 9
    for end in range(4, len(content)):
        with pytest.raises(GatherError, match=r"truncated or corrupt|is no \.zip"):
            read_packed(content[:end])


def read_packed(content: bytes) -> Layer:
    blob = Blob(digest_of(content), LAYER, len(content))
    with packed_module.checked(io.BytesIO(content), blob, "the layer", Web("the image", LONG)) as stream:
        return read_layer(stream, None)


def test_frames_one_after_the_other_and_some_to_be_skipped(cloud: Cloud, registry: FakeRegistry) -> None:
    """As zstd:chunked has them, with its index behind them."""
    skipped = struct.pack("<II", 0x184D2A50, 70_000) + bytes(70_000)
    half = len(APPLICATION) // 2
    frames = [zstandard.compress(each) for each in (APPLICATION[:half], b"", APPLICATION[half:])]
    push_layer(registry, b"".join([frames[0], skipped, *frames[1:], skipped]))
    assert set(scripts(read(cloud))) == {"1_a"}


def test_a_window_of_gigabytes(cloud: Cloud, registry: FakeRegistry) -> None:
    """A frame of zstd says how much memory it needs: 2 GiB here."""
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=31)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    push_layer(registry, compressor.compress(APPLICATION) + compressor.flush())
    with within_memory(32 * MIB):
        assert refusal(cloud).endswith(" is truncated or corrupt")


def _header(**changes: bytes) -> bytes:
    """The header of a tar's first entry, with fields overwritten and its sum made right again."""
    content = bytearray(tar([(f"{MIGRATIONS}/1_a/migration.sql", b"SELECT 1;")]))
    places = {"size": (124, 12), "name": (0, 100)}
    for field, value in changes.items():
        start, length = places[field]
        content[start : start + length] = value.ljust(length, b"\0")[:length]
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    return bytes(content)


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(_header(size=b"77777777777"), id="8 GiB are announced, 9 bytes come"),
        pytest.param(_header(size=b"\x80" + b"\x7f" * 11), id="more than any disk holds"),
        pytest.param(_header(size=b"\xff" * 12), id="fewer than none"),
        pytest.param(_header(size=b"99999999999"), id="no number"),
    ],
)
def test_a_file_whose_size_is_a_lie(cloud: Cloud, registry: FakeRegistry, layer: bytes) -> None:
    push_layer(registry, layer)
    with within_memory(32 * MIB):
        said = refusal(cloud)
    assert any(word in said for word in ("corrupt", "no .zip", "larger than 10 MiB")), said


def test_a_header_that_is_larger_than_any_name(cloud: Cloud, registry: FakeRegistry) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("x")
        entry.pax_headers = {"comment": "a" * (11 * MIB)}
        archive.addfile(entry)
    push_layer(registry, packed(buffer.getvalue(), "gzip"))
    with within_memory(64 * MIB):
        assert "has a header of" in refusal(cloud)


@pytest.mark.parametrize("size", [1, 10**15, -1], ids=["too few", "too many", "fewer than none"])
def test_a_manifest_that_lies_about_the_size_of_a_layer(cloud: Cloud, registry: FakeRegistry, size: int) -> None:
    push_layer(registry, APPLICATION, size)
    if size > len(APPLICATION):
        assert set(scripts(read(cloud))) == {"1_a"}  # what came is what its digest says, and it ended
    else:
        assert any(word in refusal(cloud) for word in ("sends more than 1 bytes", "names a part by something else"))


def test_redirects_without_end(cloud: Cloud, registry: FakeRegistry) -> None:
    push_layer(registry, APPLICATION)
    asked: list[Request] = []

    def send_on(request: Request) -> Reply:
        asked.append(request)
        return Reply(307, b"", {"Location": f"https://{STORE}/next{len(asked)}?sig=hunter2"})

    cloud.host(STORE, send_on)
    assert refusal(cloud) == f"more than 5 redirects, the last from {STORE}:443"
    assert len(asked) == 5
    assert not any("authorization" in request.headers for request in asked)


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("http://127.0.0.1/", "an address without https"),
        ("file:///etc/passwd", "an invalid address"),
        ("//[", "an invalid address"),
        ("gopher://x/", "an invalid address"),
    ],
)
def test_redirects_to_somewhere_else(cloud: Cloud, registry: FakeRegistry, target: str, what: str) -> None:
    push_layer(registry, APPLICATION)
    cloud.host(STORE, Reply(307, b"", {"Location": target}))
    assert refusal(cloud) == f"{STORE}:443 redirects to {what}"


def test_a_manifest_that_nests_without_end(cloud: Cloud, registry: FakeRegistry) -> None:
    content = b'{"manifests": ' * 50_000
    registry.manifests["v2"] = registry.manifests[digest_of(content)] = OCI_MANIFEST, content
    assert refusal(cloud) == "the registry answered with something else than a manifest"

"""Archives: what is read of them, and what a forged one can do (nothing but be refused)."""

import bz2
import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from shared.gather.attempt import GatherError
from shared.gather.sources import artifact, read_artifact, tarred, zipped
from shared.gather.sources.artifact import Artifact
from shared.model.release_settings import ReleaseSettings

FILES = {"app/1_a/migration.sql": b"SELECT 1;\r\n\xff", "app/migration_lock.toml": b"", "app/README.md": b"hello"}
Pack = Callable[[Path, Iterable[tuple[str, bytes]]], None]


def pack_zip(path: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)


def tar_bytes(entries: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in entries:
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def pack_tar(path: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    path.write_bytes(tar_bytes(entries))


def pack_tar_gz(path: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    path.write_bytes(gzip.compress(tar_bytes(entries)))


every_kind = pytest.mark.parametrize(
    ("name", "pack"),
    [
        pytest.param("app.zip", pack_zip, id="zip"),
        pytest.param("app.tar", pack_tar, id="tar"),
        pytest.param("app.tgz", pack_tar_gz, id="tar.gz"),
    ],
)


def read(path: Path, migrations: str | None = None) -> Artifact:
    return read_artifact(ReleaseSettings("archive", str(path), migrations), None)


def refusal(path: Path) -> str:
    with pytest.raises(GatherError) as refused:
        read(path)
    assert str(path) in str(refused.value)
    assert refused.value.__cause__ is None
    # A missing archive may still come; one that is broken stays so.
    assert refused.value.lasting is not str(refused.value).startswith("there is no ")
    return str(refused.value).replace(str(path), "X")


@every_kind
class TestEveryKind:
    def test_yields_what_matters_and_every_folder(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [("app/", b""), *FILES.items(), ("app/2_b/", b""), ("app/.h/x/notes", b"")])
        assert read(tmp_path / name) == Artifact(
            {path: FILES[path] for path in ("app/1_a/migration.sql", "app/migration_lock.toml")},
            frozenset({"app", "app/1_a", "app/2_b", "app/.h", "app/.h/x"}),
            "app",
            "archive",
        )

    def test_an_empty_archive_is_an_artifact_without_migrations(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [])
        assert read(tmp_path / name) == Artifact({}, frozenset(), "app", "archive")

    def test_the_suffix_does_not_decide(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / "v1.2", FILES.items())
        assert read(tmp_path / "v1.2").version == "v1.2"
        assert set(read(tmp_path / "v1.2").files) == {"app/1_a/migration.sql", "app/migration_lock.toml"}

    def test_dots_and_doubled_slashes_mean_nothing(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [("./", b""), ("./app//./1/migration.sql", b"x")])
        assert read(tmp_path / name) == Artifact(
            {"app/1/migration.sql": b"x"}, frozenset({"app", "app/1"}), "app", "archive"
        )

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_of_two_with_one_path_the_last_counts(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [("1/migration.sql", b"first"), ("./1/migration.sql", b"last")])
        assert read(tmp_path / name).files == {"1/migration.sql": b"last"}

    @pytest.mark.parametrize(
        "entry",
        [
            "/etc/1/migration.sql",
            "../1/migration.sql",
            "a/../../1/migration.sql",
            "a/..",
            "C:/1/migration.sql",
            "C:1/migration.sql",
            "..\\1\\migration.sql",
            "1\\migration.sql",
            "/folder/",
            "../folder/",
            "../folder/notes",
        ],
    )
    def test_a_path_that_leads_elsewhere_is_refused(self, tmp_path: Path, name: str, pack: Pack, entry: str) -> None:
        entry += "/" if entry.endswith("..") else ""
        pack(tmp_path / name, [("1/migration.sql", b""), (entry, b"")])
        assert refusal(tmp_path / name).startswith("the archive X holds an entry that is no plain relative path: '")

    def test_other_files_may_be_called_anything(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [("units/dev\\x2ddisk.swap", b""), ("a..b/..x", b""), ("C:", b"")])
        assert read(tmp_path / name).folders == {"units", "a..b"}

    def test_packages_are_not_opened(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [("app/node_modules/db/1/migration.sql", b"")])
        assert read(tmp_path / name) == Artifact({}, frozenset({"app", "app/node_modules"}), "app", "archive")
        assert set(read(tmp_path / name, "node_modules/db").files) == {"app/node_modules/db/1/migration.sql"}

    def test_what_is_packed_very_small_is_counted_at_its_real_size(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [("1/migration.sql", bytes(artifact.MAX_FILE))])
        assert len(read(tmp_path / name).files["1/migration.sql"]) == artifact.MAX_FILE
        pack(tmp_path / name, [("1/migration.sql", bytes(artifact.MAX_FILE + 1))])
        assert refusal(tmp_path / name) == "'1/migration.sql' in the archive X is larger than 10 MiB"

    def test_too_much_in_all(self, tmp_path: Path, name: str, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(artifact, "MAX_TOTAL", 2 * 1024 * 1024)
        pack(tmp_path / name, [(f"{number}/migration.sql", bytes(700_000)) for number in range(4)])
        assert refusal(tmp_path / name) == "the archive X holds more than 2 MiB of migrations"

    def test_large_files_that_do_not_matter_do_not_count(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [("image.bin", bytes(artifact.MAX_FILE + 1)), ("1/migration.sql", b"x")])
        assert read(tmp_path / name).files == {"1/migration.sql": b"x"}

    def test_too_many_entries(self, tmp_path: Path, name: str, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
        pack(tmp_path / name, [(f"{number}", b"") for number in range(4)])
        monkeypatch.setattr(artifact, "MAX_ENTRIES", 4)
        assert read(tmp_path / name).files == {}
        monkeypatch.setattr(artifact, "MAX_ENTRIES", 3)
        assert refusal(tmp_path / name) == "the archive X holds more than 3 entries; point at the migrations alone"

    def test_too_many_folders_in_one_path(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / name, [("a/" * 20_000 + "x", b"")])
        assert refusal(tmp_path / name).startswith("the archive X has a path of more than 1,024 characters: 'a/a/")

    def test_cut_anywhere_it_is_refused(self, tmp_path: Path, name: str, pack: Pack) -> None:
        pack(tmp_path / "whole", [(f"app/{number}/migration.sql", os.urandom(99)) for number in range(5)])
        whole = (tmp_path / "whole").read_bytes()
        # A tar goes on with zeros that mean nothing after its end mark of two blocks.
        end = len(whole.rstrip(b"\0")) if name == "app.tar" else len(whole) - 1
        for size in {*range(0, end, 61), end}:
            (tmp_path / name).write_bytes(whole[:size])
            assert refusal(tmp_path / name).startswith("the archive X is "), f"cut at {size}"


# A plain tar has no checksum of its contents.
@pytest.mark.parametrize("pack", [pytest.param(pack_zip, id="zip"), pytest.param(pack_tar_gz, id="tar.gz")])
def test_a_flipped_bit_is_refused_or_changes_no_content(tmp_path: Path, pack: Pack) -> None:
    pack(tmp_path / "whole", FILES.items())
    whole, expected, refused = (tmp_path / "whole").read_bytes(), set(FILES.values()), 0
    for position in range(len(whole)):
        (tmp_path / "app").write_bytes(whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :])
        try:
            assert set(read(tmp_path / "app").files.values()) <= expected, f"flipped at {position}"
        except GatherError:
            refused += 1
    assert refused > 0


class TestZip:
    @staticmethod
    def with_mode(path: Path, name: str, mode: int, content: bytes = b"/etc/passwd") -> None:
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, mode << 16
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(entry, content)

    @pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_links_and_devices_are_left_out(self, tmp_path: Path, kind: int) -> None:
        path = tmp_path / "app.zip"
        self.with_mode(path, "1/migration.sql", kind | 0o777)
        self.with_mode(path, "linked", kind | 0o777)
        self.with_mode(path, "2/migration.sql", stat.S_IFREG | 0o644, b"plain")
        self.with_mode(path, "3/migration.sql", stat.S_IFREG | 0o644, b"then a link in its place")
        self.with_mode(path, "3/migration.sql", kind | 0o777)
        assert read(path) == Artifact({"2/migration.sql": b"plain"}, frozenset({"1", "2", "3"}), "app", "archive")

    def test_only_what_matters_is_unpacked(self, tmp_path: Path) -> None:
        pack_zip(tmp_path / "app.zip", [("secret.bin", b"s" * 1000), ("1/migration.sql", b"x")])
        packed = bytearray((tmp_path / "app.zip").read_bytes())
        packed[len("secret.bin") + 32] ^= 0xFF  # inside the deflated bytes of the first
        (tmp_path / "app.zip").write_bytes(packed)
        assert read(tmp_path / "app.zip").files == {"1/migration.sql": b"x"}

    def test_encrypted(self, tmp_path: Path) -> None:
        pack_zip(tmp_path / "app.zip", [("1/migration.sql", b"x")])
        self.set_in_listing(tmp_path / "app.zip", offset=8, value=1)
        assert refusal(tmp_path / "app.zip") == "'1/migration.sql' in the archive X is encrypted"

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_a_compression_that_is_not_read(self, tmp_path: Path, method: int) -> None:
        with zipfile.ZipFile(tmp_path / "app.zip", "w", method) as archive:
            archive.writestr("1/migration.sql", bytes(1000))
        assert refusal(tmp_path / "app.zip") == (
            "'1/migration.sql' in the archive X is not compressed by deflate, the only method that is read"
        )

    def test_a_version_of_zip_to_come(self, tmp_path: Path) -> None:
        pack_zip(tmp_path / "app.zip", [("1/migration.sql", b"x")])
        self.set_in_listing(tmp_path / "app.zip", offset=6, value=99)
        assert refusal(tmp_path / "app.zip").startswith("the archive X uses a feature of zip that is not read")

    def test_a_size_that_lies(self, tmp_path: Path) -> None:
        pack_zip(tmp_path / "app.zip", [("1/migration.sql", bytes(200))])
        self.set_in_listing(tmp_path / "app.zip", offset=24, value=5)
        assert refusal(tmp_path / "app.zip") == "the archive X is truncated or corrupt"

    def test_a_listing_without_end_is_not_built(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        pack_zip(tmp_path / "app.zip", [(f"{number}", b"") for number in range(20)])
        monkeypatch.setattr(zipped, "MAX_ENTRIES", 19)
        assert (
            refusal(tmp_path / "app.zip") == "the archive X holds more than 19 entries; point at the migrations alone"
        )

    @pytest.mark.parametrize(
        ("raw", "name"),
        [
            pytest.param("1_ü".encode(), "1_ü", id="UTF-8 that does not say so, as macOS writes it"),
            pytest.param("1_ü".encode("cp437"), "1_ü", id="the code page of DOS"),
        ],
    )
    def test_names_that_are_not_marked_as_utf8(self, tmp_path: Path, raw: bytes, name: str) -> None:
        stand_in = "n" * len(raw)
        pack_zip(tmp_path / "app.zip", [(f"{stand_in}/migration.sql", b"x")])
        packed = (tmp_path / "app.zip").read_bytes().replace(stand_in.encode(), raw)
        (tmp_path / "app.zip").write_bytes(packed)
        assert read(tmp_path / "app.zip").folders == {name}

    def test_a_name_that_is_not_the_utf8_it_is_said_to_be(self, tmp_path: Path) -> None:
        pack_zip(tmp_path / "app.zip", [("ü/migration.sql", b"x")])
        packed = (tmp_path / "app.zip").read_bytes().replace("ü".encode(), b"\xff\xff")
        (tmp_path / "app.zip").write_bytes(packed)
        assert refusal(tmp_path / "app.zip") == (
            "the archive X is corrupt: it has a name that is not the UTF-8 it is said to be"
        )

    @staticmethod
    def set_in_listing(path: Path, *, offset: int, value: int) -> None:
        packed = bytearray(path.read_bytes())
        packed[packed.index(b"PK\x01\x02") + offset] = value
        path.write_bytes(packed)


class TestTar:
    @staticmethod
    def entry(name: str, kind: bytes, **fields: object) -> tarfile.TarInfo:
        entry = tarfile.TarInfo(name)
        entry.type = kind
        for field, value in fields.items():
            setattr(entry, field, value)
        return entry

    @staticmethod
    def pack(path: Path, entries: Mapping[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> None:
        with tarfile.open(path, "w", format=form) as archive:
            for entry, content in entries.items():
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))

    @pytest.mark.parametrize(
        "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
    )
    def test_links_and_devices_are_left_out(self, tmp_path: Path, kind: bytes) -> None:
        plain, replaced = self.entry("2/migration.sql", tarfile.REGTYPE), self.entry("3/migration.sql", tarfile.REGTYPE)
        self.pack(
            tmp_path / "app.tar",
            {
                plain: b"plain",
                self.entry("1/migration.sql", kind, linkname="2/migration.sql"): b"",
                self.entry("linked", kind, linkname="2"): b"",
                replaced: b"then a link in its place",
                self.entry("3/migration.sql", kind, linkname="/etc/passwd"): b"",
            },
        )
        assert read(tmp_path / "app.tar") == Artifact(
            {"2/migration.sql": b"plain"}, frozenset({"1", "2", "3"}), "app", "archive"
        )

    @pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
    def test_long_names(self, tmp_path: Path, form: int) -> None:
        folder = "_".join(["long"] * 40)
        self.pack(tmp_path / "app.tar", {self.entry(f"{folder}/migration.sql", tarfile.REGTYPE): b"x"}, form)
        assert read(tmp_path / "app.tar").folders == {folder}

    def test_a_name_that_is_not_utf8_is_what_prisma_takes_it_for(self, tmp_path: Path) -> None:
        entry = self.entry("1_\udce9/migration.sql", tarfile.REGTYPE)
        self.pack(tmp_path / "app.tar", {entry: b"x"}, tarfile.GNU_FORMAT)
        assert read(tmp_path / "app.tar").files == {"1_\ufffd/migration.sql": b"x"}

    def test_a_stream_without_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tarred, "MAX_STREAM", 1024**3 // 1024)
        pack_tar_gz(tmp_path / "app.tgz", [("image.bin", bytes(2 * 1024 * 1024)), ("1/migration.sql", b"x")])
        assert "unpacks to more than" in refusal(tmp_path / "app.tgz")

    def test_zeros_after_the_end_count_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tarred, "MAX_STREAM", 1024 * 1024)
        (tmp_path / "app.tgz").write_bytes(gzip.compress(tar_bytes([]) + bytes(2 * 1024 * 1024)))
        assert "unpacks to more than" in refusal(tmp_path / "app.tgz")

    def test_a_name_of_a_gigabyte_is_not_read(self, tmp_path: Path) -> None:
        name = self.entry("././@LongLink", tarfile.GNUTYPE_LONGNAME)
        name.size = 1024**3
        (tmp_path / "app.tar").write_bytes(name.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
        assert refusal(tmp_path / "app.tar") == "the archive X is corrupt: it has a header of 1,073,741,824 bytes"

    def test_names_of_names_of_names(self, tmp_path: Path) -> None:
        name = self.entry("././@LongLink", tarfile.GNUTYPE_LONGNAME)
        name.size = 1
        block = name.tobuf(tarfile.GNU_FORMAT) + b"x".ljust(512, b"\0")
        (tmp_path / "app.tgz").write_bytes(gzip.compress(block * 5000))
        assert refusal(tmp_path / "app.tgz") == "the archive X is truncated or corrupt"

    def test_a_negative_size_does_not_read_for_ever(self, tmp_path: Path) -> None:
        back = self.entry("x", tarfile.REGTYPE)
        back.size = -1024
        (tmp_path / "app.tar").write_bytes(
            tar_bytes([("1/migration.sql", b"x")])[:1024] + back.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
        )
        assert refusal(tmp_path / "app.tar") == "the archive X is corrupt: it points back into itself"

    def test_a_header_that_is_broken_in_the_middle_is_not_the_end(self, tmp_path: Path) -> None:
        whole = bytearray(tar_bytes([("1/migration.sql", b"x"), ("2/migration.sql", b"y")]))
        whole[1024 + 3] ^= 0xFF
        (tmp_path / "app.tar").write_bytes(whole)
        assert refusal(tmp_path / "app.tar") == "the archive X is truncated or corrupt: it has no end mark"

    def test_a_checksum_that_is_wrong(self, tmp_path: Path) -> None:
        packed = bytearray(gzip.compress(tar_bytes(FILES.items())))
        packed[-6] ^= 0xFF
        (tmp_path / "app.tgz").write_bytes(packed)
        assert refusal(tmp_path / "app.tgz") == "the archive X is truncated or corrupt"


class TestRefusals:
    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"SELECT 1;\n" * 200, id="text"),
            pytest.param(bz2.compress(b"x"), id="bzip2"),
            pytest.param(gzip.compress(b"SELECT 1;\n" * 200), id="gzip, but no tar"),
            pytest.param(gzip.compress(b""), id="gzip of nothing"),
        ],
    )
    def test_no_archive(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "app.zip").write_bytes(content)
        assert refusal(tmp_path / "app.zip") == (
            "the archive X is no .zip, .tar.gz or .tar archive, or its beginning is broken"
        )

    @pytest.mark.parametrize("content", [b"PK", b"PK\x03\x04" + b"x" * 500, b"\x1f\x8b", b"PK\x05\x06"])
    def test_no_more_than_the_beginning_of_one(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "app.zip").write_bytes(content)
        assert refusal(tmp_path / "app.zip") == "the archive X is truncated or corrupt"

    def test_nothing_there(self, tmp_path: Path) -> None:
        assert refusal(tmp_path / "gone.zip") == "there is no X"

    def test_a_folder(self, tmp_path: Path) -> None:
        assert refusal(tmp_path) == "X is a folder; for a folder the source is called folder"

    def test_a_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "app.zip")
        assert refusal(tmp_path / "app.zip") == "X is no plain file"

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
    def test_a_file_that_may_not_be_read(self, tmp_path: Path) -> None:
        pack_zip(tmp_path / "app.zip", [])
        (tmp_path / "app.zip").chmod(0)
        assert refusal(tmp_path / "app.zip") == "no permission to read X"


@pytest.mark.parametrize(
    ("name", "version"),
    [("v1.2.zip", "v1.2"), ("v1.2.tar.gz", "v1.2"), ("V1.TGZ", "V1"), ("v1.2.tar", "v1.2"), ("v1.2", "v1.2")],
)
def test_the_version_is_the_file_name(tmp_path: Path, name: str, version: str) -> None:
    pack_zip(tmp_path / name, [])
    assert read(tmp_path / name).version == version


def test_a_link_has_the_version_of_what_it_leads_to(tmp_path: Path) -> None:
    pack_zip(tmp_path / "v1.42.0.zip", [])
    (tmp_path / "release.zip").symlink_to("v1.42.0.zip")
    assert read(tmp_path / "release.zip").version == "v1.42.0"

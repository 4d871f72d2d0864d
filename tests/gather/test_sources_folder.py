import os
from pathlib import Path

import pytest

from shared.gather.attempt import GatherError
from shared.gather.sources import artifact, read_artifact
from shared.gather.sources.artifact import Artifact
from shared.model.release_settings import ReleaseSettings


def settings(path: Path | str, migrations: str | None = None) -> ReleaseSettings:
    return ReleaseSettings("folder", str(path), migrations)


def write(root: Path, *files: str) -> None:
    """Make each of *files* with its own path as its content; those that end in ``/`` are empty folders."""
    for file in files:
        path = root / file
        (path if file.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not file.endswith("/"):
            path.write_bytes(file.encode())


def test_yields_what_matters_and_every_folder(tmp_path: Path) -> None:
    write(tmp_path, "migration_lock.toml", "README.md", "1_a/migration.sql", "1_a/notes.sql", "2_b/", ".hidden/x/")
    assert read_artifact(settings(tmp_path), None) == Artifact(
        {"migration_lock.toml": b"migration_lock.toml", "1_a/migration.sql": b"1_a/migration.sql"},
        frozenset({"1_a", "2_b", ".hidden", ".hidden/x"}),
        None,
        "folder",
    )


def test_bytes_come_as_they_are(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf\r\n\x00\xff"
    write(tmp_path, "1/")
    (tmp_path / "1" / "migration.sql").write_bytes(content)
    assert read_artifact(settings(tmp_path), None).files == {"1/migration.sql": content}


def test_an_empty_folder_is_an_artifact_without_migrations(tmp_path: Path) -> None:
    assert read_artifact(settings(tmp_path), None) == Artifact({}, frozenset(), None, "folder")


def test_linked_folders_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "outside/migration.sql", "release/1/migration.sql", "release/2/")
    (tmp_path / "release" / "3").symlink_to(tmp_path / "outside")
    (tmp_path / "release" / "1" / "loop").symlink_to(tmp_path / "release")
    read = read_artifact(settings(tmp_path / "release"), None)
    assert (set(read.files), set(read.folders)) == ({"1/migration.sql"}, {"1", "2"})


def test_linked_files_are_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside/a", "outside/lock", "release/1/")
    (tmp_path / "release" / "1" / "migration.sql").symlink_to(tmp_path / "outside" / "a")
    (tmp_path / "release" / "migration_lock.toml").symlink_to(tmp_path / "outside" / "lock")
    read = read_artifact(settings(tmp_path / "release"), None)
    assert read.files == {"1/migration.sql": b"outside/a", "migration_lock.toml": b"outside/lock"}


@pytest.mark.parametrize("to", ["nowhere", "migration.sql", "/dev/zero", "."])
def test_a_link_that_leads_to_no_file_is_no_file(to: str, tmp_path: Path) -> None:
    write(tmp_path, "1/")
    (tmp_path / "1" / "migration.sql").symlink_to(to)
    assert read_artifact(settings(tmp_path), None) == Artifact({}, frozenset({"1"}), None, "folder")


def test_the_path_itself_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path, "v1/1/migration.sql")
    (tmp_path / "current").symlink_to("v1")
    assert set(read_artifact(settings(tmp_path / "current"), None).files) == {"1/migration.sql"}


@pytest.mark.parametrize("link", ["prisma", "prisma/migrations"])
def test_what_leads_to_the_migrations_of_the_settings_may_be_a_link(tmp_path: Path, link: str) -> None:
    write(tmp_path, f"release/{link}.real/{'migrations/' if link == 'prisma' else ''}1/migration.sql")
    (tmp_path / "release" / link).symlink_to(f"{link.rpartition('/')[2]}.real")
    (tmp_path / "release" / "other").symlink_to("prisma")
    named = read_artifact(settings(tmp_path / "release", "/prisma/migrations"), None)
    assert "prisma/migrations/1/migration.sql" in named.files
    assert "other" not in named.folders
    # Else one folder would be there twice, and nobody would know which is meant.
    assert "prisma/migrations" not in read_artifact(settings(tmp_path / "release"), None).folders


def test_a_link_on_the_way_that_leads_back_ends(tmp_path: Path) -> None:
    write(tmp_path, "release/1/migration.sql")
    (tmp_path / "release" / "prisma").symlink_to(".")
    (tmp_path / "release" / "migrations").symlink_to(".")
    read = read_artifact(settings(tmp_path / "release", "prisma/migrations"), None)
    assert max(path.count("/") for path in read.files) == 3


def test_a_pipe_called_migration_is_not_opened(tmp_path: Path) -> None:
    write(tmp_path, "1/")
    os.mkfifo(tmp_path / "1" / "migration.sql")
    assert read_artifact(settings(tmp_path), None) == Artifact({}, frozenset({"1"}), None, "folder")


def test_packages_are_not_opened(tmp_path: Path) -> None:
    write(tmp_path, "1/migration.sql", "node_modules/x/migration.sql", ".git/x/migration.sql")
    read = read_artifact(settings(tmp_path), None)
    assert (set(read.files), set(read.folders)) == ({"1/migration.sql"}, {"1", "node_modules", ".git"})


def test_packages_are_looked_into_where_the_settings_say_so(tmp_path: Path) -> None:
    write(tmp_path, "node_modules/db/migrations/1/migration.sql")
    read = read_artifact(settings(tmp_path, "node_modules/db/migrations"), None)
    assert set(read.files) == {"node_modules/db/migrations/1/migration.sql"}


def test_a_name_that_is_not_utf8_is_what_prisma_takes_it_for(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/1_\xe9"
    Path(os.fsdecode(folder)).mkdir()
    Path(os.fsdecode(folder + b"/migration.sql")).write_bytes(b"")
    assert read_artifact(settings(tmp_path), None).files == {"1_\ufffd/migration.sql": b""}


class TestBounds:
    def test_a_file_that_is_too_large(self, tmp_path: Path) -> None:
        write(tmp_path, "1/migration.sql")
        os.truncate(tmp_path / "1" / "migration.sql", artifact.MAX_FILE + 1)
        with pytest.raises(GatherError) as refused:
            read_artifact(settings(tmp_path), None)
        assert str(refused.value) == f"'1/migration.sql' in the folder {tmp_path} is larger than 10 MiB"

    def test_a_file_as_large_as_is_allowed(self, tmp_path: Path) -> None:
        write(tmp_path, "1/migration.sql")
        os.truncate(tmp_path / "1" / "migration.sql", artifact.MAX_FILE)
        assert len(read_artifact(settings(tmp_path), None).files["1/migration.sql"]) == artifact.MAX_FILE

    def test_too_much_in_all(self, tmp_path: Path) -> None:
        for number in range(11):
            write(tmp_path, f"{number}/migration.sql")
            os.truncate(tmp_path / str(number) / "migration.sql", artifact.MAX_FILE)
        with pytest.raises(GatherError, match="holds more than 100 MiB of migrations"):
            read_artifact(settings(tmp_path), None)

    def test_too_many_entries(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(artifact, "MAX_ENTRIES", 3)
        write(tmp_path, "a", "b", "c")
        assert read_artifact(settings(tmp_path), None).files == {}
        write(tmp_path, "d")
        with pytest.raises(GatherError, match="holds more than 3 entries"):
            read_artifact(settings(tmp_path), None)

    def test_a_path_that_is_too_long(self, tmp_path: Path) -> None:
        write(tmp_path, "/".join(["long" * 20] * 13) + "/")
        with pytest.raises(GatherError, match="has a path of more than 1,024 characters"):
            read_artifact(settings(tmp_path), None)


class TestRefusals:
    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(GatherError) as refused:
            read_artifact(settings(tmp_path / "gone"), None)
        assert str(refused.value) == f"there is no {tmp_path}/gone"

    def test_a_file(self, tmp_path: Path) -> None:
        write(tmp_path, "app.zip")
        with pytest.raises(GatherError, match=r"app\.zip is not a folder; for a \.zip .* the source is called archive"):
            read_artifact(settings(tmp_path / "app.zip"), None)

    def test_below_a_file(self, tmp_path: Path) -> None:
        write(tmp_path, "file")
        with pytest.raises(GatherError, match="file/x is not a folder, or lies in none"):
            read_artifact(settings(tmp_path / "file" / "x"), None)

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
    def test_a_folder_that_may_not_be_read(self, tmp_path: Path) -> None:
        write(tmp_path, "shut/")
        (tmp_path / "shut").chmod(0)
        with pytest.raises(GatherError, match=r"no permission to read .*/shut"):
            read_artifact(settings(tmp_path), None)

    def test_a_path_that_is_none(self) -> None:
        with pytest.raises(GatherError, match="cannot be a path"):
            read_artifact(settings("/tmp/\0"), None)

    def test_a_path_that_the_system_refuses(self) -> None:
        with pytest.raises(GatherError, match=r"cannot read .*: File name too long"):
            read_artifact(settings("/" + "x" * 300), None)

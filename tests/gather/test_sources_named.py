"""``{release}`` in the path: one version by name, or the newest."""

import os
import zipfile
from pathlib import Path

import pytest

from shared.gather.attempt import GatherError
from shared.gather.sources import read_artifact
from shared.model.release_settings import ReleaseSettings


def folder(path: Path, *, age: int = 0) -> None:
    (path / path.name).mkdir(parents=True)
    aged(path, age)


def archive(path: Path, *, age: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w"):
        pass
    aged(path, age)


def aged(path: Path, age: int) -> None:
    os.utime(path, (1_000_000_000 - age, 1_000_000_000 - age))


@pytest.fixture
def folders(tmp_path: Path) -> ReleaseSettings:
    folder(tmp_path / "v1.9", age=3)
    folder(tmp_path / "v1.10", age=1)
    folder(tmp_path / "v1.11", age=2)
    (tmp_path / "v2").write_text("newest, and no folder")
    folder(tmp_path / ".cache")
    folder(tmp_path / "two words")
    return ReleaseSettings("folder", f"{tmp_path}/{{release}}")


def test_a_named_release(folders: ReleaseSettings) -> None:
    read = read_artifact(folders, "v1.9")
    assert (read.version, set(read.folders)) == ("v1.9", {"v1.9"})


def test_without_a_name_the_newest_by_time(folders: ReleaseSettings) -> None:
    read = read_artifact(folders, None)
    assert (read.version, set(read.folders)) == ("v1.10", {"v1.10"})


def test_a_link_gives_way_to_what_it_points_at(folders: ReleaseSettings, tmp_path: Path) -> None:
    (tmp_path / "zz-latest").symlink_to("v1.10")
    assert read_artifact(folders, None).version == "v1.10"


def test_a_named_link_is_followed(folders: ReleaseSettings, tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to("v1.10")
    assert read_artifact(folders, "latest").folders == {"v1.10"}


@pytest.mark.parametrize(
    ("pattern", "file"),
    [
        pytest.param("app-{release}.zip", "app-1.4.0.zip", id="in a file name"),
        pytest.param("{release}/app-{release}.zip", "1.4.0/app-1.4.0.zip", id="in two parts"),
        pytest.param("{release}-{release}.zip", "1.4.0-1.4.0.zip", id="twice in a part"),
        pytest.param("builds/{release}/app.zip", "builds/1.4.0/app.zip", id="in a folder above"),
        pytest.param("a+b(c)/x.{release}.zip", "a+b(c)/x.1.4.0.zip", id="beside what a pattern would take for its own"),
    ],
)
def test_release_is_found_wherever_it_stands(tmp_path: Path, pattern: str, file: str) -> None:
    archive(tmp_path / file, age=9)
    archive(tmp_path / "builds" / "other.zip")
    (tmp_path / "1.5.0").mkdir()
    settings = ReleaseSettings("archive", f"{tmp_path}/{pattern}")
    assert read_artifact(settings, None).version == "1.4.0"
    assert read_artifact(settings, "1.4.0").version == "1.4.0"


def test_other_names_are_not_taken_for_releases(tmp_path: Path) -> None:
    archive(tmp_path / "app-1.0.zip", age=5)
    archive(tmp_path / "app-2.0.zip.part")
    archive(tmp_path / "app-..zip")
    assert read_artifact(ReleaseSettings("archive", f"{tmp_path}/app-{{release}}.zip"), None).version == "1.0"


@pytest.mark.parametrize(
    "name", ["../v1", "..", "v1..2", "a/b", "a\\b", "", ".hidden", "-rf", "v1\n", "v1\0", "v 1", "ü", "{release}"]
)
def test_a_name_that_is_none(folders: ReleaseSettings, name: str) -> None:
    with pytest.raises(GatherError, match="is no name of a release"):
        read_artifact(folders, name)


def test_a_named_release_that_does_not_exist(folders: ReleaseSettings, tmp_path: Path) -> None:
    with pytest.raises(GatherError) as refused:
        read_artifact(folders, "v3")
    assert str(refused.value) == f"there is no {tmp_path}/v3"


def test_no_release_at_all(tmp_path: Path) -> None:
    with pytest.raises(GatherError) as refused:
        read_artifact(ReleaseSettings("folder", f"{tmp_path}/{{release}}"), None)
    assert str(refused.value) == f"no release lies at {tmp_path}/{{release}}"


def test_no_folder_to_look_in(tmp_path: Path) -> None:
    with pytest.raises(GatherError, match=r"there is no .*/gone/\{release\}\.zip"):
        read_artifact(ReleaseSettings("archive", f"{tmp_path}/gone/{{release}}.zip"), None)


@pytest.mark.parametrize("source", ["folder", "archive"])
def test_a_name_for_a_path_that_holds_but_one(tmp_path: Path, source: str) -> None:
    settings = ReleaseSettings("folder" if source == "folder" else "archive", str(tmp_path))
    with pytest.raises(GatherError) as refused:
        read_artifact(settings, "v1")
    assert str(refused.value) == f"the path {tmp_path} cannot distinguish release v1 from others: put {{release}} in it"


@pytest.mark.parametrize(
    ("path", "release", "lasting"),
    [
        pytest.param("prisma", "v1", True, id="a path that cannot choose"),
        pytest.param("{release}", "../v1", True, id="no name of a release"),
        pytest.param("{release}", "v1", False, id="missing until now"),
        pytest.param("{release}", None, False, id="none there yet"),
    ],
)
def test_whether_waiting_may_bring_it(path: str, release: str | None, lasting: bool, tmp_path: Path) -> None:
    with pytest.raises(GatherError) as refused:
        read_artifact(ReleaseSettings("folder", f"{tmp_path}/{path}"), release)
    assert refused.value.lasting is lasting

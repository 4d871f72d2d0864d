"""A release source is a function in the registry, and the keys of its kind in the settings."""

from datetime import timedelta

import pytest

from shared.gather import sources
from shared.gather.release import read_release
from shared.gather.sources.artifact import Artifact
from shared.model import release_settings
from shared.model.release_settings import ReleaseSettings

SCRIPT = b"CREATE TABLE t (id int);"


def read_tape(settings: ReleaseSettings, release: str | None, _within: timedelta) -> Artifact:
    files = {f"{settings.path}/1_a/migration.sql": SCRIPT}
    return Artifact(files, frozenset({f"{settings.path}", f"{settings.path}/1_a"}), release, settings.source)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(release_settings._KEYS, "tape", ("path",))  # type: ignore[misc]
    monkeypatch.setitem(sources._SOURCES, "tape", read_tape)


def test_a_registered_source_is_read() -> None:
    release = read_release([ReleaseSettings("tape", path="migrations")], "v2")  # type: ignore[arg-type]
    assert (release.version, release.source) == ("v2", "tape")
    assert [(each.name, each.script) for each in release.migrations] == [("1_a", SCRIPT)]


def test_keys_of_other_kinds_are_mistakes() -> None:
    with pytest.raises(ValueError, match="`repository` belongs to the source github"):
        ReleaseSettings("tape", path="nine", repository="owner/name")  # type: ignore[arg-type]

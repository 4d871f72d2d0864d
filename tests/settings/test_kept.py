"""Settings are read once, as long as nothing of them changes."""

import os
from pathlib import Path

import pytest

from shared.settings import SettingsError, kept_settings
from tests.settings.test_load import ENVIRON, target

LONG_AGO = 1_700_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "monitor.toml"
    written(path, target())
    return path


def written(path: Path, text: str, at: float = LONG_AGO) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))


def test_what_has_not_changed_is_not_read_again(file: Path) -> None:
    assert kept_settings(file, ENVIRON) is kept_settings(file, dict(ENVIRON))


def test_every_change_is_seen(file: Path) -> None:
    before = kept_settings(file, ENVIRON)
    more = file.parent / "targets" / "more.toml"
    written(more, target(name="more"))
    assert [each.name for each in kept_settings(file, ENVIRON).targets] == ["production", "more"]
    written(more, target(name="other"))
    assert [each.name for each in kept_settings(file, ENVIRON).targets] == ["production", "other"]
    written(more, target(name="third"), LONG_AGO + 1)
    assert [each.name for each in kept_settings(file, ENVIRON).targets] == ["production", "third"]
    more.unlink()
    assert kept_settings(file, ENVIRON) == before
    other = {**ENVIRON, "DATABASE_URL": "postgresql://u:p@h/other"}
    url = kept_settings(file, other).targets[0].database.url
    assert url is not None
    assert url.value == other["DATABASE_URL"]


def test_what_was_written_just_now_may_change_unseen_and_is_not_kept(file: Path) -> None:
    file.write_text(target())
    assert kept_settings(file, ENVIRON) is not kept_settings(file, ENVIRON)


def test_what_cannot_be_read_is_reported_every_time(file: Path) -> None:
    kept_settings(file, ENVIRON)
    file.unlink()
    for _ in range(2):
        with pytest.raises(SettingsError, match="there is no such file"):
            kept_settings(file, ENVIRON)
    written(file, "?")
    for _ in range(2):
        with pytest.raises(SettingsError, match="is not TOML"):
            kept_settings(file, ENVIRON)

"""Targets in files of their own, in the folder ``targets`` beside the settings file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shared.model.settings import Settings
from shared.settings import SettingsError, load_settings
from tests.settings.sound import sound
from tests.settings.test_load import ENVIRON, target

CHANNEL = '[[alerts.channel]]\nname = "team"\nkind = "webhook"\nurl = "env:HOOK"\n'

Files = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Files:
    """Load settings: *main* is the settings file, and each other text a file of the folder, `_` for a dot in its name."""

    def from_texts(main: str = "", **files: str) -> Settings:
        (tmp_path / "monitor.toml").write_text(main, encoding="utf-8")
        (tmp_path / "targets").mkdir()
        for name, text in files.items():
            (tmp_path / "targets" / name.replace("_", ".")).write_text(text, encoding="utf-8")
        return load_settings(tmp_path / "monitor.toml", {**ENVIRON, "HOOK": "https://hook.example.com"})

    return from_texts


def mistakes_by_file(settings: Settings, folder: Path) -> dict[str, list[str]]:
    return {
        broken.name: [str(mistake).removeprefix(f"{folder}/") for mistake in broken.mistakes]
        for broken in settings.broken
    }


def test_all_files_are_one(load: Files, tmp_path: Path) -> None:
    settings = sound(
        load(
            target() + '[memory]\nfolder = "remembered"\n',
            b_toml=target(name="b1") + target(name="b2"),
            a_toml=target(name="a"),
            notes_txt="no settings",
            _hidden_toml="an editor's",
        )
    )
    assert [each.name for each in settings.targets] == ["production", "a", "b1", "b2"]
    assert {each.releases[0].path for each in settings.targets} == {str(tmp_path / "app")}, "all start from one folder"
    assert settings.memory.folder == str(tmp_path / "remembered")


def test_the_settings_file_needs_no_target_of_its_own(load: Files) -> None:
    assert [each.name for each in sound(load(a_toml=target(name="a"))).targets] == ["a"]


def test_what_is_in_the_settings_file_holds_for_all(load: Files, tmp_path: Path) -> None:
    more = target("[target.alerts]\nchannels = ['team']", "a") + target("[target.alerts]\nchannels = ['nobody']", "b")
    settings = load(CHANNEL, a_toml=more)
    assert [each.name for each in settings.targets] == ["a"]
    assert mistakes_by_file(settings, tmp_path) == {
        "b": ["targets/a.toml:14: target.b.alerts.channels[1]: no channel of [alerts] has this name"]
    }


def test_mistakes_name_their_file_and_line(load: Files, tmp_path: Path) -> None:
    settings = load(
        target("privileges = 1", "main"),
        a_toml=target(name="a"),
        b_toml="# more\n" + target(name="b") + target("patience = 7", "c") + "[[target]]",
    )
    assert [each.name for each in settings.targets] == ["a", "b"]
    *others, unnamed = settings.broken
    assert mistakes_by_file(replace(settings, broken=tuple(others)), tmp_path) == {
        "main": ["monitor.toml:6: target.main.privileges: expected true or false, e.g. privileges = true"],
        "c": ["targets/b.toml:13: target.c.patience: write a number and a unit: 500ms, 90s, 15m, 1h or 2d"],
    }
    assert (unnamed.name, {(mistake.file, mistake.line, mistake.key) for mistake in unnamed.mistakes}) == (
        "unnamed-5",
        {(str(tmp_path / "targets" / "b.toml"), 14, f"target[3].{key}") for key in ("name", "release", "database")},
    )


def test_mistakes_of_a_target_come_line_by_line(load: Files) -> None:
    (broken,) = load(a_toml='[[target]]\nname = "a"\npolcy = "x"\n[target.database]\nurl = "postgresql://h/d"\n').broken
    assert [(mistake.line, mistake.key) for mistake in broken.mistakes] == [
        (1, "target.a.release"),
        (3, "target.a.polcy"),
        (5, "target.a.database.url"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[[target]\n", ": is not TOML: Expected ']]' at the end of an array declaration (at line 1, column 9)", id="no TOML"),
        pytest.param("a = " + "[" * 5000, ": is nested too deeply", id="deep"),
        pytest.param("", ": target: there is none: add one with [[target]]", id="empty"),
        pytest.param("target = 1", ":1: target: there is none: add one with [[target]]", id="another kind"),
        pytest.param('[target]\nname = "a"', ":1: target: there is none: add one with [[target]]", id="single brackets"),
        pytest.param(
            "[alerts]\n" + target(name="z"), ":1: alerts: belongs into the settings file itself: only target is allowed here", id="alerts"
        ),
    ],
)  # fmt: skip
def test_a_broken_file_breaks_its_own_targets_only(load: Files, tmp_path: Path, text: str, said: str) -> None:
    settings = load(target(), a_toml=target(name="a"), b_toml=text)
    assert [each.name for each in settings.targets] == ["production", "a"]
    assert mistakes_by_file(settings, tmp_path) == {"b.toml": [f"targets/b.toml{said}"]}


def test_where_all_files_are_broken_all_are_named(load: Files, tmp_path: Path) -> None:
    settings = load("", a_toml="a", b_toml="\ud7ff = 1")
    assert settings.targets == ()
    assert list(mistakes_by_file(settings, tmp_path)) == ["a.toml", "b.toml"]


def test_a_file_with_a_name_unfit_for_a_target(load: Files, tmp_path: Path) -> None:
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "grüße.toml").write_text("?")
    (tmp_path / "monitor.toml").write_text(target())
    settings = load_settings(tmp_path / "monitor.toml", ENVIRON)
    assert [broken.name for broken in settings.broken] == ["unnamed-file-1"]


def test_names_differ_over_all_files(load: Files, tmp_path: Path) -> None:
    """Two of one name in two files: neither is watched, since either may be meant; all others are."""
    settings = load(target(), a_toml=target(name="a") + target(name="Production"), b_toml=target(name="b"))
    assert [each.name for each in settings.targets] == ["a", "b"]
    assert mistakes_by_file(settings, tmp_path) == {
        "production": [
            "monitor.toml:3: target.production.name: another target has the same name",
            "targets/a.toml:9: target.Production.name: another target has the same name",
        ]
    }


def test_two_of_one_name_in_the_settings_file_itself_make_it_unusable(load: Files) -> None:
    with pytest.raises(SettingsError, match="another target has the same name"):
        load(target() + target(), a_toml=target(name="a"))


def test_a_mistake_of_the_settings_file_itself_makes_all_unusable(load: Files, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load("target = 1\nalert = 1", a_toml=target("privileges = 1", "a"))
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "monitor.toml:1: target: expected tables, e.g. [[target]]",
        "monitor.toml:2: alert: unknown key; did you mean `alerts`?",
    ]


def test_a_folder_that_is_none_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "targets").write_text("a list for another tool")
    (tmp_path / "monitor.toml").write_text(target())
    assert [each.name for each in sound(load_settings(tmp_path / "monitor.toml", ENVIRON)).targets] == ["production"]

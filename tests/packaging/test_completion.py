"""What real shells complete."""

import shutil
import subprocess
from pathlib import Path

import pytest

from shared.entrypoints.cli.main import COMMANDS, main

BASH = """
source ./script
COMP_WORDS=(migration-monitor {words}) COMP_CWORD={last}
_shtab_migration_monitor
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# The module zpty gives zsh a terminal of its own: completion needs one. Once it has answered, it reads keys.
ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; print READ""Y'
zpty -r shell seen '*READY*'
zpty -w -n shell $'migration-monitor {words}\\t\\t'
zpty -r -m shell seen '*{awaited}*' && print -r -- $seen
zpty -d shell
"""
FISH = "source ./script; complete --do-complete 'migration-monitor {words}'"


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    assert main(["completion", request.param]) == 0
    (tmp_path / ("_migration-monitor" if request.param == "zsh" else "script")).write_text(capsys.readouterr().out)
    return str(request.param)


def completed(shell: str, words: str, awaited: str, folder: Path) -> str:
    code = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell]
    code = code.format(words=words, last=len(words.split(" ")), awaited=awaited)
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *options, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TERM": "dumb"},
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(
    ("words", "awaited"),
    [
        ("unsi", "unsilence"),
        ("check --stric", "--strict"),
        ("check --format mark", "markdown"),
        ("check --config ./mon", "./monitor.toml"),
    ],
)
def test_a_shell_completes_commands_options_and_files(shell: str, words: str, awaited: str, tmp_path: Path) -> None:
    (tmp_path / "monitor.toml").touch()
    assert awaited in completed(shell, words, awaited, tmp_path)


def test_every_command_is_completed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "fish"]) == 0
    script = capsys.readouterr().out
    assert [name for name in COMMANDS if f" -a {name} " not in script] == []

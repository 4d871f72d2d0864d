"""The installed command, away from any checkout: every file that it reads is in the wheel, every package is declared."""

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from shared.demo.incident import MIGRATIONS
from shared.model.version import VERSION
from tests.packaging.declared import ROOT

ONE_TARGET = """
[[target]]
name = "production"
release = { source = "folder", path = "migrations" }
database = { url = "env:DATABASE_URL" }
"""
IN_VAULT = ONE_TARGET.replace("env:DATABASE_URL", "vault:database-url").replace(
    "name =", 'vault = "https://example.vault.azure.net"\nname ='
)


def run(
    command: Path, *words: str | Path, folder: Path, url: str = "postgresql://u@127.0.0.1:1/app"
) -> tuple[int, str, str]:
    done = subprocess.run(
        [command, *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_one_package_and_nothing_that_only_developers_need(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
    assert {name.split("/")[0] for name in names} == {"migration_monitor", f"migration_monitor-{VERSION}.dist-info"}
    packed = {name.removeprefix("migration_monitor/") for name in names if name.startswith("migration_monitor/")}
    tracked = subprocess.run(["git", "ls-files", "shared"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert packed >= {line.removeprefix("shared/") for line in tracked.stdout.splitlines() if (ROOT / line).exists()}


def test_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed, "--version", folder=tmp_path) == (0, f"migration-monitor {VERSION}\n", "")


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"]])
def test_help_names_the_command_as_it_was_called(words: list[str], installed: Path, tmp_path: Path) -> None:
    status, by_name, _ = run(installed, *words, folder=tmp_path)
    assert (status, "  migration-monitor check --" in by_name, "monitor.py" in by_name) == (0, True, False)
    _, as_module, _ = run(installed.parent / "python", "-m", "migration_monitor", *words, folder=tmp_path)
    assert as_module.startswith("usage: python -m migration_monitor")
    _, by_file, _ = run(installed.parent / "python", ROOT / "monitor.py", *words, folder=tmp_path)
    assert by_file.startswith("usage: monitor.py")
    assert "  monitor.py check --" in by_file


def test_texts_name_the_installed_command() -> None:
    """`monitor.py` is a file of the checkout alone: who reads a report or a message may have none."""
    files = [path for path in (ROOT / "shared").rglob("*.py") if path.name != "called.py"]
    assert [str(path) for path in files if re.search(r"\bmonitor\.py\b", path.read_text(encoding="utf-8"))] == []


def test_check_finds_its_queries_and_templates(installed: Path, database: str, tmp_path: Path) -> None:
    status, report, error = run(
        installed, "check", "--migrations", MIGRATIONS, "--format", "json", folder=tmp_path, url=database
    )
    checks = {check["name"]: check["verdict"] for check in json.loads(report)["checks"]}
    assert (status, checks["history"], checks["schema"], "Traceback" in error) == (2, "failed", "passed", False)
    status, page, _ = run(
        installed, "check", "--migrations", MIGRATIONS, "--format", "html", folder=tmp_path, url=database
    )
    assert (status, page[:15].lower() == "<!doctype html>", "<style>" in page) == (2, True, True)


def test_plan_finds_the_parser(installed: Path, tmp_path: Path) -> None:
    status, plan, _ = run(installed, "plan", "--migrations", MIGRATIONS, folder=tmp_path)
    assert (status, plan.startswith("Plan of 1 migration")) == (0, True)


def test_settings(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "monitor.toml").write_text(ONE_TARGET)
    status, said, _ = run(installed, "settings", folder=tmp_path)
    assert (status, said.splitlines()[0]) == (0, "monitor.toml: valid, 1 target")


def test_what_needs_azure_names_the_extra(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "monitor.toml").write_text(IN_VAULT)
    status, said, _ = run(installed, "settings", "--resolve", folder=tmp_path)
    sentence = "Azure's libraries are not installed: install migration-monitor[azure]"
    assert (status, f"cannot be read: {sentence}" in said) == (1, True)
    status, report, _ = run(installed, "check", "--format", "json", folder=tmp_path)
    unknown = {check["unknown_because"] for check in json.loads(report)["checks"]}
    assert (status, any(sentence in str(each) for each in unknown)) == (1, True)

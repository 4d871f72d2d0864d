"""What is sent to Azure, and what stays here."""

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.entrypoints.conftest import APP

IGNORED = (APP / ".funcignore").read_text().split()


def is_sent(path: str) -> bool:
    """Apply .funcignore as .gitignore's rules are; ours are names, patterns of names, and folders within folders."""
    parts = Path(path).parts
    names = (*parts, *("/".join(parts[:depth]) for depth in range(2, len(parts))))
    return not any(fnmatch(name, pattern) for name in names for pattern in IGNORED)


def test_everything_that_runs_is_sent() -> None:
    needed = ["function_app.py", "host.json", "requirements.txt", "monitor.toml", "releases/v1.42.0.tar.gz"]
    shared = [path.relative_to(APP) for path in (APP / "shared").rglob("*") if path.is_file()]
    needed += [str(path) for path in shared if not {"__pycache__", "demo"} & set(path.parts)]
    assert {Path(path).suffix for path in needed} >= {".py", ".sql", ".html"}
    assert [path for path in needed if not is_sent(path)] == []


def test_nothing_is_sent_that_nothing_there_reads() -> None:
    sent = {path.name for path in APP.iterdir() if not path.name.startswith(".") and is_sent(path.name)}
    beside = {"LICENSE", "monitor.py", "requirements-extras.txt"}
    own = {"monitor.toml", "memory", "releases"}
    assert sent - own == {"function_app.py", "host.json", "requirements.txt", "shared"} | beside


@pytest.mark.parametrize(
    "path",
    [
        ".azure/production/.env",
        ".checkov/bin/python",
        ".env",
        ".git/config",
        ".venv/bin/python",
        "README.md",
        "azure.yaml",
        "benchmarks/warm.py",
        "shared/demo/incident.py",
        "docs/deploy.md",
        "infra/grants.sql",
        "infra/main.bicep",
        "local.settings.json",
        "monitor.azure.example.toml",
        "shared/__pycache__/run.cpython-311.pyc",
        "tests/conftest.py",
    ],
)
def test_secrets_and_what_only_developers_need_stay_here(path: str) -> None:
    assert not is_sent(path)


def test_what_is_made_here_stays_here() -> None:
    """What the repository leaves out is made by tools, but for the settings and what they name."""
    made = {line.strip("/") for line in (APP / ".gitignore").read_text().split()} - {"memory", "monitor.toml"}
    assert [path for path in sorted(made) if path not in IGNORED and is_sent(path)] == []


def test_settings_that_hold_secrets_never_reach_the_repository() -> None:
    assert {"local.settings.json", "monitor.toml", ".env", ".azure/"} <= set((APP / ".gitignore").read_text().split())


def test_the_settings_for_func_start_are_all_there() -> None:
    """Each variable that the example of the settings names has a value to start from; Azure takes only text."""
    values = json.loads((APP / "local.settings.json.example").read_text())["Values"]
    assert values["FUNCTIONS_WORKER_RUNTIME"] == "python"
    assert all(isinstance(value, str) for value in values.values())
    named = set(re.findall(r'"env:(\w+)"', (APP / "monitor.example.toml").read_text())) - {"NAME"}
    assert named <= set(values)

"""What is sent to Azure, and what stays here."""

import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

from tests.entrypoints.conftest import APP

PATTERNS = [
    line for line in (APP / ".funcignore").read_text().splitlines() if line.strip() and not line.startswith("#")
]


def is_sent(path: str) -> bool:
    """Apply .funcignore as `azd` does: from the top down, the last line that fits decides, nothing below what is out."""
    parts = Path(path).parts
    return all(_last("/".join(parts[:length])) for length in range(1, len(parts) + 1))


def _last(path: str) -> bool:
    """Say whether the last line that fits *path* lets it through."""
    sent = True
    for line in PATTERNS:
        pattern = line.removeprefix("!").removesuffix("/")
        fits = fnmatch(f"/{path}", pattern) and path.count("/") == pattern.count("/") - 1
        if fits or ("/" not in pattern and fnmatch(Path(path).name, pattern)):
            sent = line.startswith("!")
    return sent


def sent_by_git(paths: list[str], folder: Path) -> list[str]:
    """Give those of *paths* that git's own matcher lets through."""
    git: list[str | Path] = ["git", "-C", folder]
    subprocess.run([*git, "init", "--quiet"], check=True)
    (folder / ".git/info/exclude").write_text("\n".join(PATTERNS))
    command = [*git, "check-ignore", "--no-index", "--stdin"]
    found = subprocess.run(command, input="\n".join(paths), capture_output=True, text=True, check=False)
    assert found.returncode in {0, 1}, found.stderr
    ignored = set(found.stdout.splitlines())
    return [path for path in paths if path not in ignored]


SENT = [
    ".python_packages/lib/site-packages/pydantic/main.py",
    "LICENSE",
    "function_app.py",
    "host.json",
    "monitor.toml",
    "releases/v1.42.0.tar.gz",
    "requirements.txt",
    "shared/alerts/channels/teams/card.py",
    "shared/gather/sql/catalog.sql",
    "shared/report/html/templates/page.html",
]
KEPT = [
    ".azure/production/.env",
    ".checkov/bin/python",
    ".env",
    ".env.production",
    ".git/config",
    ".github/workflows/ci.yml",
    ".package/function_app.py",
    ".uv/bin/uv",
    ".venv/bin/python",
    "Dockerfile",
    "README.md",
    "action/__main__.py",
    "azure.yaml",
    "benchmarks/warm.py",
    "docs/deploy.md",
    "env/bin/python",
    "infra/grants.sql",
    "infra/main.bicep",
    "local.settings.json",
    "memory/production.json",
    "migration-monitor_env/bin/python",
    "monitor.azure.example.toml",
    "monitor.py",
    "monitor.staging.toml",
    "preview.html",
    "report.html",
    "settings/monitor.toml",
    "shared/__pycache__/run.cpython-311.pyc",
    "shared/demo/incident.py",
    "shared/demo/releases/v1.tar.gz",
    "tests/conftest.py",
    "venv/bin/python",
]


def test_what_is_named_is_sent_and_nothing_else(tmp_path: Path) -> None:
    assert [path for path in [*SENT, *KEPT] if is_sent(path)] == SENT
    assert sent_by_git([*SENT, *KEPT], tmp_path) == SENT


def test_all_of_the_code_is_sent(tmp_path: Path) -> None:
    files = [path.relative_to(APP) for path in (APP / "shared").rglob("*") if path.is_file()]
    code = [str(path) for path in files if "__pycache__" not in path.parts and "demo" not in path.parts[:2]]
    assert {Path(path).suffix for path in code} >= {".py", ".sql", ".html", ".css"}
    assert [path for path in code if not is_sent(path)] == []
    assert sent_by_git(code, tmp_path) == code


def test_settings_that_hold_secrets_never_reach_the_repository() -> None:
    assert {"local.settings.json", "monitor.toml", ".env", ".azure/"} <= set((APP / ".gitignore").read_text().split())


def test_the_settings_for_func_start_are_all_there() -> None:
    """Each variable that the example of the settings names has a value to start from; Azure takes only text."""
    values = json.loads((APP / "local.settings.json.example").read_text())["Values"]
    assert values["FUNCTIONS_WORKER_RUNTIME"] == "python"
    assert all(isinstance(value, str) for value in values.values())
    named = set(re.findall(r'"env:(\w+)"', (APP / "monitor.example.toml").read_text())) - {"NAME"}
    assert named <= set(values)

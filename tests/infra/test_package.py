"""The package as it would be sent, in the Python that runs in Azure, in Microsoft's own runtime for it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from tests import states
from tests.infra.stand_ins import run
from tests.infra.variants import APP
from tests.throwaway import create_database

pytestmark = pytest.mark.infra
RUNTIME = ["azure-functions-runtime==1.3.0", "azurefunctions-extensions-base==1.2.0"]
LARGEST_MIB = 150
# Runs in Azure's Python: index the app, ask it, print the answer.
DRIVER = """
import json, pathlib, sys
sys.path.insert(0, sys.argv[2])
from functions_runtime import FunctionsRuntime
functions = FunctionsRuntime(pathlib.Path(sys.argv[1]))
answer = functions.request("verify", "GET", "https://monitor.example.com/api/verify")
print(json.dumps({"functions": sorted(functions.bindings), "status": answer.status, "body": answer.json, "python": sys.version_info[:2]}))
functions.close()
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment of Azure's version, with the worker's own packages and none of ours."""
    interpreter = next(filter(_runs, _interpreters()), None)
    if interpreter is None:
        pytest.skip("Python 3.13 is what Azure runs, and is not here")
    folder = tmp_path_factory.mktemp("worker")
    subprocess.run([interpreter, "-m", "venv", folder], check=True)
    pip: list[str | Path] = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *RUNTIME], check=True)
    return folder / "bin/python"


def test_it_starts_and_answers(python: Path, postgres: PrivatePostgres, tmp_path: Path) -> None:
    checkout, package = tmp_path / "checkout", tmp_path / "package"
    checkout.mkdir()
    tracked = subprocess.run(["git", "-C", APP, "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        if name.split("/")[0] in {
            "shared",
            "infra",
            ".funcignore",
            "monitor.py",
            "function_app.py",
            "host.json",
            "requirements.txt",
        }:
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(APP / name, checkout / name)
    url = create_database(postgres, "packaged")
    states.load("up_to_date", url, postgres)
    shutil.copytree(states.migrations("up_to_date"), checkout / "releases/migrations")
    (checkout / "monitor.toml").write_text(
        f'[memory]\nfolder = "{tmp_path}/memory"\n[[target]]\nname = "production"\n'
        '[target.release]\nsource = "folder"\npath = "releases"\nmigrations = "migrations"\n'
        '[target.database]\nurl = "env:DATABASE_URL"\n'
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    environ |= {"DATABASE_URL": url, "PATH": f"{APP}/.checkov/bin:{environ['PATH']}"}
    hook = run(checkout / "infra/hooks/prepackage.sh", (), tmp_path, {}, environ)
    assert hook.status == 0, hook.said
    _send(checkout, package)
    assert not (package / ".env").exists()
    size = sum(path.stat().st_size for path in package.rglob("*") if path.is_file())
    assert size <= LARGEST_MIB * 2**20, f"{size / 2**20:.0f} MiB"
    environ |= {"PYTHONPATH": f"{package}/.python_packages/lib/site-packages", "MONITOR_CONFIG": "monitor.toml"}
    driver: list[str | Path] = [python, "-c", DRIVER, package, Path(__file__).parents[1] / "entrypoints"]
    answered = subprocess.run(driver, cwd=package, env=environ, capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr
    answer = json.loads(answered.stdout.splitlines()[-1])
    assert answer["python"] == [3, 13]
    assert answer["status"] == 200, answer["body"]
    # The servers of the tests have one role, which may write.
    assert [finding["code"] for finding in answer["body"]["findings"]] == ["monitor-can-write"]
    assert {"schedule", "check_target", "poisoned", "verify"} <= set(answer["functions"])


def _interpreters() -> Iterator[Path]:
    found = shutil.which("python3.13")
    yield from [Path(found)] if found else []
    # What pyenv has and did not choose is in no PATH.
    yield from sorted(
        (Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions").glob("3.13*/bin/python3.13")
    )


def _runs(interpreter: Path) -> bool:
    return subprocess.run([interpreter, "-V"], capture_output=True, check=False).returncode == 0


def _send(checkout: Path, package: Path) -> None:
    """Copy what .funcignore lets through, by git's matcher."""
    git: list[str | Path] = ["git", "-C", checkout]
    subprocess.run([*git, "init", "--quiet"], check=True)
    listed = [*git, "ls-files", "-z", "--others", "--exclude-from=.funcignore"]
    for name in filter(None, subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split("\0")):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkout / name, package / name)

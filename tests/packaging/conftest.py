"""The wheel, built once, and installed beside nothing but the packages that it declares."""

import subprocess
import sys
import venv
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from tests.packaging.declared import ROOT, links, needed_by

# All that `pip wheel` copies of a checkout for hatchling to read.
BUILT_FROM = ("shared", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build: list[str | Path] = [
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--wheel-dir",
        folder,
        ROOT,
    ]
    subprocess.run([*pip, *build], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment that has what the wheel declares without extras, and nothing else.

    The packages are those beside the tests, by links: so nothing is downloaded, and no other package can be imported.
    """
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, symlinks=True)
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        home / "bin" / "python",
    ]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    (packages,) = home.glob("lib/*/site-packages")
    for link in links(needed_by(requirements_of(wheel))):
        if link.exists() and not (packages / link.name).exists():
            (packages / link.name).symlink_to(link)
    return home / "bin" / "migration-monitor"


def requirements_of(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as files:
        (name,) = (each for each in files.namelist() if each.endswith(".dist-info/METADATA"))
        return message_from_string(files.read(name).decode()).get_all("Requires-Dist", [])

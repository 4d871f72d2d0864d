"""What an installation of the wheel takes: its size on disk, and the time of the smallest command."""

import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measured import Line, Measured
from benchmarks.process import ROOT, run
from tests.packaging.conftest import requirements_of
from tests.packaging.declared import needed_by

_MIB = 2**20
_REPETITIONS = 10


def measure() -> Iterator[Line]:
    with TemporaryDirectory(prefix="mm-") as folder:
        wheel = _built(Path(folder))
        with zipfile.ZipFile(wheel) as files:
            own = sum(file.file_size for file in files.infolist()) / _MIB
        needed = requirements_of(wheel)
    yield Measured("installed: the package itself, uncompiled", [own], unit="MiB")
    for extra, what in (("", "with all packages that it needs"), ("azure", "and those of [azure]")):
        size = own + _size(needed_by(needed, ("", extra)).values())
        yield Measured(f"installed: {what}", [size], unit="MiB")
    for words in (["monitor.py", "--version"], ["-c", "pass"]):
        runs = [run([sys.executable, *words], {}).cpu_seconds for _ in range(_REPETITIONS)]
        yield Measured(f"python {' '.join(words)}: processor time", runs)


def _built(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _size(packages: Iterable[Distribution]) -> float:
    files = (Path(str(package.locate_file(file))) for package in packages for file in package.files or ())
    return sum(file.stat().st_size for file in files if file.is_file() and file.suffix != ".pyc") / _MIB

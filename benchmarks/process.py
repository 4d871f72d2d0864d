"""A program's run from start to exit: its time, its processor's time, and the most memory that it held.

The kernel counts as a program's peak also that of the one it was started from. So a small program of its own stands
between the benchmark and what is measured.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import Measured

ROOT = Path(__file__).parents[1]
_BYTES = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in


class FailedError(Exception):
    """A program did not exit with 0; the text has its last words."""


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    cpu_seconds: float
    peak_mib: float


def run(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path = ROOT) -> Run:
    """Run *command* with *environment* beside our own; raises `FailedError` unless it exits with 0."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _MEASURE, *command],
        env={**ours, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise FailedError(f"{' '.join(map(str, command))}: {done.stderr[-3000:]}")
    return Run(*json.loads(done.stdout))


_MEASURE = f"""
import json, subprocess, sys, time
from resource import RUSAGE_CHILDREN, getrusage
started = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
seconds = time.perf_counter() - started
if done.returncode:
    sys.stderr.buffer.write(done.stdout)
used = getrusage(RUSAGE_CHILDREN)
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * {_BYTES} / 2**20]))
sys.exit(done.returncode)
"""


def check(url: str, release: Path) -> tuple[list[str | Path], dict[str, str]]:
    """Our whole check, as a pipe would run it."""
    command: list[str | Path] = [sys.executable, "monitor.py", "check", "--migrations", release, "--format", "json"]
    return command, {"DATABASE_URL": url}


def patient_check(url: str, release: Path) -> tuple[list[str | Path], dict[str, str]]:
    """Our whole check with the longest deadline there is: what is measured is its time, not whether it is in time."""
    settings = release.with_suffix(".toml")
    settings.write_text(
        '[[target]]\nname = "patient"\ndeadline = "10m"\nprivileges = false\n'
        f'release = {{ source = "folder", path = "{release}" }}\ndatabase = {{ url = "env:DATABASE_URL" }}\n'
    )
    command: list[str | Path] = [sys.executable, "monitor.py", "check", "--config", settings, "--format", "json"]
    return command, {"DATABASE_URL": url}


def lines(what: str, runs: Sequence[Run]) -> tuple[Measured, Measured, Measured]:
    return (
        Measured(f"{what}: from start to exit", [each.seconds for each in runs]),
        Measured(f"{what}: processor", [each.cpu_seconds for each in runs]),
        Measured(f"{what}: peak memory", [each.peak_mib for each in runs], unit="MiB"),
    )

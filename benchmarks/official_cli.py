"""Our whole check beside Prisma's own CLI, on the same databases, in turns.

- `migrate status` with an engine that costs nothing and says that all is well: the minimum of the official command. It
  reads no schema; our check compares it.
- `migrate diff` of the migrations against the database, by way of a shadow database, with Prisma's own engine compiled
  to WebAssembly: the official way to see drift. It sees a part of what our check sees. What PostgreSQL does is
  nobody's processor time here. Ours is taken twice: from start to exit, which ("of …") an interpreter alone that
  imports the database's driver cannot undercut; and in a process that has run before, as in the function app.

The CLI is installed by npm where there is Node; only the pinned packages, none of their scripts is run.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import psycopg
from psycopg import sql

from benchmarks.application import deploy, mixed
from benchmarks.measured import Compared, LeftOut, Line, Measured
from benchmarks.process import ROOT, Run, check, lines, run
from benchmarks.start_to_answer import DRIVER
from benchmarks.warm import look
from shared.demo.private_postgres import PrivatePostgres, private_postgres

_OURS = Path(__file__).parent / "official_cli"
_INSTALLED = ROOT / ".bench" / "official_cli"
_TABLES = 100
_SIZES = (50, 600)
_ROUNDS = 7
_ROUNDS_OF_DIFF = 3
_NODE = (20, 19)
_HALF = 0.5
_TWENTY = 20


def measure() -> Iterator[Line]:
    lacking = _install()
    if lacking is not None:
        yield LeftOut("beside the official CLI", lacking)
        return
    with TemporaryDirectory(prefix="mm-") as folder, private_postgres() as server:
        for migrations in _SIZES:
            release = Path(folder) / str(migrations)
            url = deploy(mixed(migrations, _TABLES), server, f"with_{migrations}", release)
            yield from _beside_status(migrations, url, release)
        yield from _beside_diff(_SIZES[-1], server, url, release)


def _beside_status(migrations: int, url: str, release: Path) -> Iterator[Line]:
    ours, theirs = [], []
    for number in range(_ROUNDS + 1):
        pair = run(*check(url, release)), _official(["status"], url, release, "at-once.sh")
        if number:  # the first pair warms the caches of both
            ours.append(pair[0])
            theirs.append(pair[1])
    yield from lines(f"check, {_TABLES} tables, {migrations} migrations", ours)
    yield from lines("  the official `migrate status` on an engine that costs nothing", theirs)
    for what, of in (("time", _seconds), ("processor", _cpu), ("memory", _memory)):
        share = median(map(of, ours)) / median(map(of, theirs))
        yield Compared(f"  our share of its {what}", share, _HALF)


def _beside_diff(migrations: int, server: PrivatePostgres, url: str, release: Path) -> Iterator[Line]:
    ours, theirs, warm, minimum = [], [], [], []
    look(url, release)
    for number in range(_ROUNDS_OF_DIFF):
        shadow = f"shadow_{number}"  # made here, to its advantage
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(shadow)))
        sides = ["diff", "--from-migrations", str(release), "--to-config-datasource", "--exit-code"]
        ours.append(run(*check(url, release)))
        minimum.append(run([sys.executable, "-c", DRIVER], {}))
        warm.append(_look(url, release))
        theirs.append(_official(sides, url, release, "engine.mjs", server.url(shadow)))
    yield from lines(f"the official `migrate diff` by shadow database, {migrations} migrations", theirs)
    yield Measured("  an interpreter that has imported the database's driver, and ends", list(map(_seconds, minimum)))
    yield Measured("  our check in a process that has run before", list(map(_seconds, warm)))
    yield Measured("  our check in a process that has run before: processor", list(map(_cpu, warm)))
    for what, of in (("in time", _seconds), ("on the processor", _cpu)):
        theirs_is, least = median(map(of, theirs)), median(map(of, minimum))
        faster = [theirs_is / of(each) for each in ours]
        yield Measured(
            f"  our check is faster {what}, from start to exit", faster, f"of {theirs_is / least:.1f} ×", "×"
        )
        faster_warm = theirs_is / median(map(of, warm))
        yield Compared(f"  our check is faster {what}, if run before", faster_warm, _TWENTY, more_is_better=True)


def _look(url: str, release: Path) -> Run:
    started, cpu = perf_counter(), process_time()
    look(url, release)
    return Run(perf_counter() - started, process_time() - cpu, 0)


def _official(command: list[str], url: str, release: Path, engine: str, shadow: str = "") -> Run:
    return run(
        ["node", "node_modules/prisma/build/index.js", "migrate", *command],
        {
            "DATABASE_URL": url,
            "SHADOW_DATABASE_URL": shadow,
            "MIGRATIONS": str(release),
            "PRISMA_SCHEMA_ENGINE_BINARY": str(_INSTALLED / engine),
            "CHECKPOINT_DISABLE": "1",  # neither telemetry nor a check for newer versions
            "PRISMA_HIDE_UPDATE_MESSAGE": "1",
        },
        _INSTALLED,
    )


def _seconds(each: Run) -> float:
    return each.seconds


def _cpu(each: Run) -> float:
    return each.cpu_seconds


def _memory(each: Run) -> float:
    return each.peak_mib


def _install() -> str | None:
    """Install what is missing; give what is lacking, if it cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "there is no Node here"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.removeprefix("v").split(".")[:2])) < _NODE:
        return f"Node {version} is older than {'.'.join(map(str, _NODE))}"
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    wanted = (_OURS / "package.json").read_text()
    done = _INSTALLED / "installed.json"
    if not done.exists() or done.read_text() != wanted:
        shutil.copy(_OURS / "package.json", _INSTALLED)
        install = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
        outcome = subprocess.run(install, cwd=_INSTALLED, capture_output=True, text=True, check=False)
        if outcome.returncode != 0:
            return f"npm cannot install it: {outcome.stderr.strip().splitlines()[-1]}"
        done.write_text(wanted)
    for each in _OURS.iterdir():
        shutil.copy(each, _INSTALLED)
    return None

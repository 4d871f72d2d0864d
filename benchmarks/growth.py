"""What the check costs as tables and migrations grow: to be linear, and to fit into a function app's memory."""

import sys
from collections.abc import Iterator, Sequence
from math import log
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory

from benchmarks.application import Migration, deploy, mixed, wide
from benchmarks.measured import Compared, Line, Measured
from benchmarks.open_transaction import longest_transaction
from benchmarks.process import Run, patient_check, run
from benchmarks.statements import KINDS, Mode
from demo.private_postgres import PrivatePostgres, private_postgres

_COLUMNS = 20
_TABLES = 100
_MOST_MIB = 1536
# How much more a thing may cost than in proportion to its size.
_BEND = 1.5
# The first is next to nothing: what the process itself takes.
_STATEMENTS = (10, 2_500, 5_000, 10_000)
_MOST_SECONDS = 10
_MOST_MIB_OF_STATEMENTS = 400
_MOST_POWER = 1.3


def measure() -> Iterator[Line]:
    yield from _measured(tables=(1_000, 3_000), migrations=(100, 600, 3_000))


def measure_far() -> Iterator[Line]:
    """Measure up to 25,000 tables: minutes, most of them to make the databases."""
    yield from _measured(tables=(1_000, 5_000, 25_000), migrations=())


def measure_statements() -> Iterator[Line]:
    """Measure each kind of statement, thousands of it in one migration: applied, pending, and failed half-way."""
    with TemporaryDirectory(prefix="mm-") as folder:
        for kind in KINDS:
            for mode in Mode:
                runs = {count: _judged(kind, count, mode, Path(folder) / "facts") for count in _STATEMENTS}
                what = f"statements {kind}, {mode}"
                for count, each in runs.items():
                    yield Measured(f"{count} {what}", [each.seconds], f"processor {each.cpu_seconds:.2f} s")
                yield Compared("  the most of them", each.cpu_seconds, _MOST_SECONDS, unit="s")
                yield Compared("  their peak memory", each.peak_mib, _MOST_MIB_OF_STATEMENTS, unit="MiB")
                yield Compared("  their growth: time as a power of their number", _power(runs), _MOST_POWER, unit="")


def _judged(kind: str, count: int, mode: Mode, file: Path) -> Run:
    run([sys.executable, "-m", "benchmarks.one_migration", "make", kind, str(count), mode, file], {})
    return run([sys.executable, "-m", "benchmarks.one_migration", "judge", file], {})


def _power(runs: dict[int, Run]) -> float:
    """The slope of the line through the logarithms, less what a process takes that judges next to nothing."""
    (fewest, idle), *more = runs.items()
    points = [(log(count - fewest), log(max(each.cpu_seconds - idle.cpu_seconds, 0.01))) for count, each in more]
    return linear_regression(*zip(*points, strict=True)).slope


def _measured(tables: Sequence[int], migrations: Sequence[int]) -> Iterator[Line]:
    with TemporaryDirectory(prefix="mm-") as folder, private_postgres() as server:
        home = Path(folder)
        many = {count: _checked(server, mixed(count, _TABLES), home, f"migrations_{count}") for count in migrations}
        yield from _lines(many, f"migrations, {_TABLES} tables")
        many = {count: _checked(server, wide(count, _COLUMNS), home, f"tables_{count}") for count in tables}
        yield from _lines(many, f"tables of {_COLUMNS} columns")


def _checked(server: PrivatePostgres, migrations: list[Migration], home: Path, name: str) -> tuple[Run, float]:
    url = deploy(migrations, server, name, home / name)
    command, environment = patient_check(url, home / name)
    with longest_transaction(url) as longest:
        done = run(command, environment)
    return done, longest.seconds


def _lines(checked: dict[int, tuple[Run, float]], what: str) -> Iterator[Line]:
    for count, (each, open_seconds) in checked.items():
        yield Measured(f"check, {count} {what}", [each.seconds], f"processor {each.cpu_seconds:.2f} s")
        yield Measured("  its longest transaction in the database", [open_seconds])
        yield Compared("  its peak memory", each.peak_mib, _MOST_MIB, unit="MiB")
    runs = {count: each for count, (each, _) in checked.items()}
    if len(runs) > 1:
        *_, (fewer, small), (more, large) = runs.items()
        bend = (large.cpu_seconds / small.cpu_seconds) / (more / fewer)
        yield Compared(f"  {more} against {fewer} {what}: more than in proportion", bend, _BEND)

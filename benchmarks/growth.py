"""What the check costs as tables and migrations grow: to be linear, and to fit into a function app's memory."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.application import Migration, deploy, mixed, wide
from benchmarks.measured import Compared, Line, Measured, Row, table_head
from benchmarks.open_transaction import longest_transaction
from benchmarks.process import Run, patient_check, run
from benchmarks.statements import KINDS, Mode
from shared.demo.private_postgres import PrivatePostgres, private_postgres

_COLUMNS = 20
_TABLES = 100
_MOST_MIB = 1536
# How much more a thing may cost than in proportion to its size.
_BEND = 1.5
# Next to nothing: what the process itself takes.
_IDLE = 10
# Fewer take hardly longer than the process itself, and the power would be that of what else runs on the machine.
_FEWER, _MOST = 2_000, 10_000
# What else runs on the machine makes more of a difference to a short run.
_TIMES_IF_SHORT = 2
# Seconds that two runs of the same may differ in: growth within them is none.
_NOISE = 0.2
_MOST_SECONDS = 10
_MOST_MIB_OF_STATEMENTS = 400
_MOST_POWER = 1.3


def measure() -> Iterator[Line]:
    yield from _measured(tables=(1_000, 3_000), migrations=(100, 600, 3_000))


def measure_far() -> Iterator[Line]:
    """Measure up to 25,000 tables: minutes, most of them to make the databases."""
    yield from _measured(tables=(1_000, 5_000, 25_000), migrations=())


@dataclass(frozen=True, slots=True)
class _Growth:
    """What few and many statements of one kind take."""

    fewer: Run
    more: Run
    idle: Run

    @property
    def power(self) -> float:
        """Time as a power of their number, less what a process takes that checks next to nothing."""
        few, many = (max(each.cpu_seconds - self.idle.cpu_seconds, _NOISE) for each in (self.fewer, self.more))
        return log(many / few) / log((_MOST - _IDLE) / (_FEWER - _IDLE))

    def cells(self) -> tuple[str, ...]:
        return f"{self.more.cpu_seconds:.1f} s, {self.more.peak_mib:.0f} MiB", f"{self.power:.2f}"


def measure_statements() -> Iterator[Line]:
    """Measure each kind of statement, thousands of it in one migration, as the rows of a table in Markdown.

    ``KIND`` of the environment is a part of the names of those to measure, or several whole names with ``|`` between
    them; ``MODE`` is one of applied, pending and failed (half-way). Else all kinds are measured, applied and pending.
    """
    wanted = os.environ.get("KIND", "")
    kinds = [kind for kind in KINDS if (kind in wanted.split("|") if "|" in wanted else wanted in kind)]
    modes = [Mode(os.environ["MODE"])] if os.environ.get("MODE") else [Mode.APPLIED, Mode.PENDING]
    yield from table_head(
        [f"{_MOST:,} statements of a kind", *(what for mode in modes for what in (str(mode), "power"))]
    )
    found: list[_Growth] = []
    with TemporaryDirectory(prefix="mm-") as folder:
        file = Path(folder) / "facts"
        idle = {mode: _checked_kind("SELECT", _IDLE, mode, file, _TIMES_IF_SHORT) for mode in modes}
        for kind in kinds:
            grown = [
                _Growth(
                    _checked_kind(kind, _FEWER, mode, file, _TIMES_IF_SHORT),
                    _checked_kind(kind, _MOST, mode, file),
                    idle[mode],
                )
                for mode in modes
            ]
            yield Row((kind, *(cell for each in grown for cell in each.cells())))
            found += grown
    if found:
        what = f"{_MOST:,} statements of a kind, at most"
        yield Compared(what + ": processor", max(each.more.cpu_seconds for each in found), _MOST_SECONDS, unit="s")
        yield Compared(
            what + ": memory", max(each.more.peak_mib for each in found), _MOST_MIB_OF_STATEMENTS, unit="MiB"
        )
        yield Compared(what + ": power of their number", max(each.power for each in found), _MOST_POWER, unit="")


def _checked_kind(kind: str, count: int, mode: Mode, file: Path, times: int = 1) -> Run:
    """The fastest run of so many *times*."""
    run([sys.executable, "-m", "benchmarks.one_migration", "make", kind, str(count), mode, file], {})
    runs = [run([sys.executable, "-m", "benchmarks.one_migration", "report", file], {}) for _ in range(times)]
    return min(runs, key=lambda each: each.cpu_seconds)


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

"""What the check costs as tables and migrations grow: to be linear, and to fit into a function app's memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.application import Migration, deploy, mixed, wide
from benchmarks.measured import Compared, Line, Measured
from benchmarks.open_transaction import longest_transaction
from benchmarks.process import Run, check, run
from demo.private_postgres import PrivatePostgres, private_postgres

_COLUMNS = 20
_TABLES = 100
_MOST_MIB = 1536
# How much more a thing may cost than in proportion to its size.
_BEND = 1.5


def measure() -> Iterator[Line]:
    yield from _measured(tables=(1_000, 3_000), migrations=(100, 600, 3_000))


def measure_far() -> Iterator[Line]:
    """Measure up to 25,000 tables: minutes, most of them to make the databases."""
    yield from _measured(tables=(1_000, 5_000, 25_000), migrations=())


def _measured(tables: Sequence[int], migrations: Sequence[int]) -> Iterator[Line]:
    with TemporaryDirectory(prefix="mm-") as folder, private_postgres() as server:
        home = Path(folder)
        many = {count: _checked(server, mixed(count, _TABLES), home, f"migrations_{count}") for count in migrations}
        yield from _lines(many, f"migrations, {_TABLES} tables")
        many = {count: _checked(server, wide(count, _COLUMNS), home, f"tables_{count}") for count in tables}
        yield from _lines(many, f"tables of {_COLUMNS} columns")


def _checked(server: PrivatePostgres, migrations: list[Migration], home: Path, name: str) -> tuple[Run, float]:
    url = deploy(migrations, server, name, home / name)
    command, environment = check(url, home / name)
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

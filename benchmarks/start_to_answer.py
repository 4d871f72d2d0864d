"""From the start of a process to its exit: imports of the two entry points. The whole check is measured elsewhere."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measured import Compared, Line, Measured, times
from benchmarks.process import run
from shared.settings import load_settings

_REPETITIONS = 10
# The least that any program in Python starts with that asks a PostgreSQL.
DRIVER = "import psycopg"
_MOST_SECONDS_TO_INDEX = 0.4
_MANY = 500
_INDEX = "import function_app; function_app.app.get_functions(); "
_TICK = """
from datetime import UTC, datetime
from shared.entrypoints.timer import messages
messages(datetime.now(UTC), past_due=False)
"""
_ENVIRONMENT = {"DATABASE_URL": "postgresql://u:p@localhost/app"}
_TARGET = """
[[target]]
name = "customer-{number}"
release = {{ source = "folder", path = "." }}
database = {{ url = "env:DATABASE_URL" }}
[[target.seed]]
table = "users"
exact = 6
[[target.endpoint]]
name = "folders"
url = "https://api.example.com/api/folders"
min_items = 1
"""


def measure() -> Iterator[Line]:
    index = _measured("function_app: import and index", _INDEX)
    yield index
    yield Compared("  of that", index.median, _MOST_SECONDS_TO_INDEX, unit="s")
    with TemporaryDirectory(prefix="mm-") as folder:
        yield from _ticks(Path(folder))
        yield from _settings(Path(folder))
    yield _measured("monitor.py: import", "import shared.entrypoints.cli.main, shared.run, shared.gather.database")
    yield _measured("the bare interpreter, for comparison", "pass")
    yield _measured("the bare interpreter with the driver of the database", DRIVER)


def _ticks(folder: Path) -> Iterator[Line]:
    for count in (1, _MANY):
        file = folder / f"{count}.toml"
        file.write_text(_targets(range(count)))
        targets = "1 target" if count == 1 else f"{count} targets"
        what = f"function_app: import, index and the first tick, {targets}"
        yield _measured(what, _INDEX + _TICK, {"MONITOR_CONFIG": str(file), **_ENVIRONMENT})


def _settings(folder: Path) -> Iterator[Line]:
    """Read the settings of many targets in a process that has done so before."""
    alone = folder / f"{_MANY}.toml"
    yield Measured(f"settings of {_MANY} targets in one file", times(lambda: load_settings(alone, _ENVIRONMENT), 5))
    main = folder / "monitor.toml"
    main.touch()
    (folder / "targets").mkdir()
    for number in range(_MANY):
        (folder / "targets" / f"{number}.toml").write_text(_targets([number]))
    yield Measured(f"settings of {_MANY} targets in a file each", times(lambda: load_settings(main, _ENVIRONMENT), 5))


def _targets(numbers: Iterable[int]) -> str:
    return "".join(_TARGET.format(number=number) for number in numbers)


def _measured(what: str, code: str, environment: Mapping[str, str] | None = None) -> Measured:
    command = [sys.executable, "-c", code]
    run(command, environment or {})
    return Measured(what, [run(command, environment or {}).seconds for _ in range(_REPETITIONS)])

"""From the start of a process to its exit: importing what the two doors need. The whole check is measured elsewhere."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measured import Compared, Line, Measured
from benchmarks.process import run

_REPETITIONS = 10
_MOST_SECONDS_TO_INDEX = 0.4
_MANY = 500
_INDEX = "import function_app; function_app.app.get_functions(); "
_TICK = """
from datetime import UTC, datetime
from shared.doors.schedule import messages
messages(datetime.now(UTC), past_due=False)
"""
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
        for count in (1, _MANY):
            settings = Path(folder) / f"{count}.toml"
            settings.write_text("".join(_TARGET.format(number=number) for number in range(count)))
            environment = {"MONITOR_CONFIG": str(settings), "DATABASE_URL": "postgresql://u:p@localhost/app"}
            targets = "1 target" if count == 1 else f"{count} targets"
            yield _measured(f"function_app: import, index and the first tick, {targets}", _INDEX + _TICK, environment)
    yield _measured("monitor.py: import", "import shared.doors.terminal.main, shared.run, shared.gather.database")
    yield _measured("the bare interpreter, for comparison", "pass")


def _measured(what: str, code: str, environment: Mapping[str, str] | None = None) -> Measured:
    command = [sys.executable, "-c", code]
    run(command, environment or {})
    return Measured(what, [run(command, environment or {}).seconds for _ in range(_REPETITIONS)])

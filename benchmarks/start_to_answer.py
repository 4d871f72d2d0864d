"""From the start of a process to its exit: importing what the two doors need. The whole check is measured elsewhere."""

import sys
from collections.abc import Iterator

from benchmarks.measured import Line, Measured
from benchmarks.process import run

_REPETITIONS = 10


def measure() -> Iterator[Line]:
    yield _measured("function_app: import and index", "import function_app; function_app.app.get_functions()")
    yield _measured("monitor.py: import", "import shared.doors.terminal.main, shared.run, shared.gather.database")
    yield _measured("the bare interpreter, for comparison", "pass")


def _measured(what: str, code: str) -> Measured:
    command = [sys.executable, "-c", code]
    run(command, {})
    return Measured(what, [run(command, {}).seconds for _ in range(_REPETITIONS)])

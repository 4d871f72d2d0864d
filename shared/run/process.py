"""One task in a process of its own: started, sent its values, and ended."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import IO, Any, ParamSpec, TypeVar

from ..model.report import Report
from .framed import Asked, Attributed, Begun, Bug, Exhausted, Limits, Probed, Task, Work
from .reporting import Server

# The package has another name where it is installed.
_ENTRY = f"from {__package__}.framed import main; main()"
P = ParamSpec("P")
R = TypeVar("R")
_ROOT = Path(__file__).parents[2]

# The system kills by a signal; the parser's library ends its process where it gets no memory.
_AT_A_LIMIT = frozenset({-int(getattr(signal, "SIGKILL", 9)), 1})


class EndedError(Exception):
    """The process ended, or was ended, without a report. The text says why, after the name of what was checked."""


class ReportingError(Exception):
    """A bug: no report could be made, and none could be made in this process. The text is the traceback."""


def report_by(task: Task, limits: Limits, server: Server) -> Report:
    """Give the report. *server* is asked in this process, and its time does not count. Raises EndedError."""
    report: Report = _done(task, limits, server)
    return report


def work(function: Callable[P, R], limits: Limits, *arguments: P.args, **named: P.kwargs) -> R:
    """What *function* of a module of ours gives for these arguments. Raises EndedError."""
    done: R = _done(Work(function, arguments, named), limits, None)
    return done


def _done(task: Task | Work, limits: Limits, server: Server | None) -> Any:
    try:
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", _ENTRY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=_environment(),
        )
    except OSError as error:
        raise EndedError(f"could not be checked: no process could be started for it ({error.strerror})") from None
    clock, has_begun = _Clock(process, limits.seconds), False
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  # both are pipes
    try:
        clock.run()
        _send(process.stdin, limits, task)
        while isinstance(message := pickle.load(process.stdout), Begun | Asked | Probed | Attributed):  # noqa: S301  # our own process wrote it
            has_begun = True
            if not isinstance(message, Begun):
                assert server is not None  # noqa: S101  # only a report asks
                clock.pause()
                answers = _answers(server, message)
                clock.run()
                _send(process.stdin, answers)
    except (EOFError, pickle.UnpicklingError):
        status = process.wait()  # the clock still runs
        if clock.is_over or (has_begun and status in _AT_A_LIMIT):
            raise EndedError(_too_large(limits)) from None
        how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        raise EndedError(f"could not be checked: its process ended {how}") from None
    finally:
        clock.pause()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()
    if isinstance(message, Bug):
        raise ReportingError(message.text)
    if isinstance(message, Exhausted):
        raise EndedError(_too_large(limits))
    return message


def _answers(server: Server, message: Asked | Probed | Attributed) -> Any:
    match message:
        case Asked(questions):
            return server.analyse(questions)
        case Probed(probes):
            return server.probe(probes)
        case Attributed(differences):
            return server.attribute(differences)


def _environment() -> dict[str, str]:
    """Where the modules are that this process has, and no more: what is secret may be in the rest."""
    return {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each), "PYTHONUTF8": "1"}


def _send(pipe: IO[bytes], *values: Any) -> None:
    """Send *values*. A process that no longer reads has a result or has ended: the next read shows it."""
    with suppress(OSError):
        for value in values:
            pickle.dump(value, pipe)
        pipe.flush()


def _too_large(limits: Limits) -> str:
    return f"is too large to be checked within {limits.seconds:.0f} s and {limits.mebibytes:,} MiB"


class _Clock:
    """Kills *process* once it has run for so many seconds."""

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self._process = process
        self._left = seconds
        self._since = 0.0
        self._timer: Timer | None = None
        self.is_over = False

    def run(self) -> None:
        self._since = time.monotonic()
        self._timer = Timer(max(self._left, 0), self._kill)
        self._timer.daemon = True
        self._timer.start()

    def pause(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._left -= time.monotonic() - self._since
            self._timer = None

    def _kill(self) -> None:
        self.is_over = True
        self._process.kill()

"""The process within the frame: facts in, report out, and questions to the server on the way.

It is started by `shared.run.frame`, which hands over pickled values on standard input and takes them from standard
output, so that nothing of them is on a command line, in the environment or in a file.
"""

import os
import pickle
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, BinaryIO

from ..model.attribution import Attribution
from ..model.difference import Difference
from ..model.facts import Facts
from ..model.plan import Probe, ProbeAnswers
from ..model.question import Answers, Question
from ..model.report import Trigger
from ..model.value import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be checked and reported."""

    facts: Facts
    trigger: Trigger
    took: Mapping[str, timedelta]


@dataclass(frozen=True, slots=True)
class Work:
    """A function of ours that needs nothing but its arguments, and these."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """*seconds*, of the clock and of the processor, and *mebibytes* of address space."""

    seconds: float
    mebibytes: int


@dataclass(frozen=True, slots=True)
class Begun:
    """The process has started, and has its limits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The server is to answer *questions*."""

    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Probed:
    """The rows are to answer *probes*."""

    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Attributed:
    """It is to be found when *differences* came about."""

    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A limit was reached."""


@dataclass(frozen=True, slots=True)
class Bug:
    """No report could be made, and no limit is the reason; *text* is the traceback."""

    text: str


def main() -> None:
    """Report on one task, or do one piece of work."""
    source, sink = sys.stdin.buffer, _own_output()
    limit(_received(source))
    _send(sink, Begun())
    message: Any
    try:
        message = _reported(source, sink)
    except (MemoryError, RecursionError):
        message = Exhausted()
    except Exception:  # noqa: BLE001  # the parent raises it again
        message = Bug(traceback.format_exc())
    _send(sink, message)


def limit(limits: Limits) -> None:
    """Have the system end this process at *limits*. Where it cannot, the parent's clock alone does."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415  # no other system has all of it

    seconds, memory = int(limits.seconds) + 1, limits.mebibytes * 1024 * 1024
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),  # a core dump would hold the settings' secrets
    ):
        _, allowed = resource.getrlimit(what)
        least = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(what, (least, least))


def _own_output() -> BinaryIO:
    """Standard output for messages alone: whatever else is printed goes to standard error."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sink


def _reported(source: BinaryIO, sink: BinaryIO) -> Any:
    from .reporting import Server, report_on  # noqa: PLC0415  # within the limits
    from .uncollected import uncollected  # noqa: PLC0415  # as above

    def ask(questions: Sequence[Question]) -> Answers:
        _send(sink, Asked(tuple(questions)))
        answers: Answers = _received(source)
        return answers

    def probe(probes: Sequence[Probe]) -> ProbeAnswers:
        _send(sink, Probed(tuple(probes)))
        answers: ProbeAnswers = _received(source)
        return answers

    def attribute(differences: Sequence[Difference]) -> Attribution:
        _send(sink, Attributed(tuple(differences)))
        found: Attribution = _received(source)
        return found

    with uncollected():
        task: Task | Work = _received(source)
        if isinstance(task, Work):
            return task.function(*task.arguments, **task.named)
        return report_on(task.facts, task.trigger, task.took, Server(ask, probe, attribute))


def _received(source: BinaryIO) -> Any:
    return pickle.load(source)  # noqa: S301  # the process that started this one wrote it


def _send(sink: BinaryIO, message: Any) -> None:
    pickle.dump(message, sink)
    sink.flush()

"""The deployment under way, as the last run saw it: its statement, who blocks it, who waits for it, how to stop it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ...model.finding import Step
from ...model.phrases import counted, two_units
from ...model.value import dataclass
from ...model.watching import Phase

_PHASES = {
    Phase.NONE: "no migration runs",
    Phase.WAITS: "it waits for Prisma's lock: another deployment holds it",
    Phase.BETWEEN: "between two statements",
    Phase.RUNS: "a statement runs",
    Phase.ENDED: "it has ended",
}


@dataclass(frozen=True, slots=True)
class Deploying:
    """*where* is a place in a file, *facts* are pairs of a name and a sentence, *leaves* what stopping it leaves."""

    phase: str
    where: str | None
    sql: str | None
    facts: tuple[tuple[str, str], ...]
    stop: tuple[Step, ...]
    leaves: tuple[str, ...]
    then: tuple[Step, ...]


def deploying_of(document: Any) -> Deploying | None:
    """Give the deployment that the report's `deployment` object is; None where there was none."""
    if not isinstance(document, Mapping):
        return None
    if document["phase"] is None:
        return Deploying("not known", None, None, (("Why", document["unknown_because"]),), (), (), ())
    place, stop = document["statement"], document["stop"] or {"steps": (), "leaves": (), "then": ()}
    return Deploying(
        phase=_PHASES[Phase(document["phase"])],
        where=None if place is None else _where(place),
        sql=None if place is None else place["sql"],
        facts=tuple(_facts(document)),
        stop=_steps(stop["steps"]),
        leaves=tuple(stop["leaves"]),
        then=_steps(stop["then"]),
    )


def _where(place: Mapping[str, Any]) -> str:
    first, last = place["lines"]
    return f"{place['file']}, " + (f"line {first}" if first == last else f"lines {first} to {last}")


def _facts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if document["elapsed"] is not None:
        predicted = document["predicted"]
        expected = "" if predicted is None else f", predicted {_span(predicted[0])} to {_span(predicted[1])}"
        yield "Runs for", f"{_span(document['elapsed'])}{expected}"
    session = document["session"]
    if session is not None and session["waits_for"] is not None:
        awaited = session["waits_for"]
        on = f" on {awaited['table']}" if awaited["table"] else ""
        yield "Waits for", f"{awaited['mode'] or awaited['kind']}{on}"
    if session is not None and session["progress"] is not None:
        work = session["progress"]
        percent = "" if work["percent"] is None else f", {work['percent']:.0f} %"
        yield "Progress", f"{work['command']}: {work['phase']}{percent}"
    for each in document["blockers"]:
        who = f"pid {each['pid']}" + (f" of {each['user']}" if each["user"] else "")
        name = f"{each['application']} ({who})" if each["application"] else who
        yield "Blocked by", f"{name}: {each['state'] or each['kind']}"
    queue = document["queue"]
    if queue["sessions"]:
        tables = ", ".join(f"{each['sessions']} on {each['table'] or 'no table'}" for each in queue["tables"])
        yield "Waiting behind it", f"{counted(queue['sessions'], 'session')}: {tables}"


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else two_units(timedelta(seconds=seconds))


def _steps(found: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(each["text"], each["command"]) for each in found)

"""The plan of the pending migrations: a table of statements, each unfolding to why."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from ...model.phrases import counted, size
from ...model.plan import Duration
from ...model.value import dataclass
from ..plan.wording import roughly

# A longer plan is no page that anybody reads; the JSON report has all of it.
MOST = 100


@dataclass(frozen=True, slots=True)
class PlannedRow:
    line: int
    sql: str
    outcome: str
    sqlstate: str | None
    rows: int | None
    blocks: str
    locks: tuple[str, ...]
    seconds: str
    because: str
    clients: tuple[str, ...]
    safer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedMigration:
    name: str
    rows: tuple[PlannedRow, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """*more* statements are left out; *waits* are sentences, *disk* is one."""

    verdict: str
    summary: str
    migrations: tuple[PlannedMigration, ...]
    more: int
    waits: tuple[str, ...]
    retry: str | None
    disk: str | None
    no_return: str | None


def plan_of(document: Any) -> PlanView | None:
    """Give the plan that the report's `plan` object is; None where there is none."""
    if not isinstance(document, Mapping):
        return None
    statements: Sequence[Mapping[str, Any]] = document["statements"]
    return PlanView(
        verdict=document["verdict"],
        summary=_summary(statements),
        migrations=tuple(_migrations(statements[:MOST])),
        more=max(0, len(statements) - MOST),
        waits=tuple(map(_wait, document.get("waits", ()))),
        retry=document.get("retry"),
        disk=_disk(document.get("disk")),
        no_return=_no_return(document.get("point_of_no_return")),
    )


def _migrations(statements: Sequence[Mapping[str, Any]]) -> Iterator[PlannedMigration]:
    for name, found in groupby(statements, key=lambda each: each["migration"]):
        yield PlannedMigration(name, tuple(map(_row, found)))


def _row(statement: Mapping[str, Any]) -> PlannedRow:
    return PlannedRow(
        line=statement["line"],
        sql=statement["sql"],
        outcome=statement["outcome"],
        sqlstate=statement["sqlstate"],
        rows=statement["rows"],
        blocks=statement["blocks"],
        locks=tuple(f"{mode} on {relation}" for relation, mode in statement["locks"].items()),
        seconds=_seconds(statement["seconds"]),
        because=statement["because"],
        clients=tuple(statement["clients"]),
        safer=tuple(statement.get("safer", ())),
    )


def _seconds(between: Sequence[float] | None) -> str:
    if between is None:
        return "not known"
    low, high = between
    # What is over before anybody notices needs no order of magnitude.
    if high < 1:
        return "under 1 s"
    return roughly(Duration(low, high))


def _summary(statements: Sequence[Mapping[str, Any]]) -> str:
    """``5 statements: 3 ok, 1 depends, 1 fails; 1 blocks reads``."""
    outcomes = [each["outcome"] for each in statements]
    by_outcome = ", ".join(
        f"{outcomes.count(word)} {word}" for word in ("ok", "fails", "depends", "unknown") if word in outcomes
    )
    blocking = [each["blocks"] for each in statements]
    blocked = [f"{blocking.count(what)} block {what}" for what in ("reads", "writes") if what in blocking]
    count = counted(len(statements), "statement")
    return "; ".join([f"{count}: {by_outcome}" if by_outcome else count, *blocked])


def _wait(wait: Mapping[str, Any]) -> str:
    who = " ".join(str(part) for part in (wait["kind"], wait.get("name"), f"pid {wait['pid']}") if part)
    age = wait.get("open_for")
    since = "" if age is None else f", open for {timedelta(seconds=age)}"
    first = wait["statements"][0] if wait["statements"] else None
    needs = "" if first is None else f" Line {first['line']} of {first['migration']} waits for it."
    return f"{who} holds {' and '.join(wait['modes'])} on {', '.join(wait['relations'][:3])}{since}.{needs}"


def _disk(need: Any) -> str | None:
    if not isinstance(need, Mapping) or need["bytes"] < 2**20:
        return None
    left = "" if need["left"] is None else f"; {size(max(need['left'], 0))} are left before the server turns read-only"
    return f"needs up to {size(need['bytes'])} of disk{left}"


def _no_return(place: Any) -> str | None:
    return None if not isinstance(place, Mapping) else f"line {place['line']} of {place['migration']}"

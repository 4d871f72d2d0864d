"""Every statement that was observed on a real server is predicted as it was seen: locks, rewrites and scans."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from shared.model.plan import LockMode, Outcome, Prediction, Relation
from shared.postgres.parse import Statement, read
from shared.postgres.plan.effects import predict
from shared.postgres.plan.failures import added_value
from shared.postgres.plan.footprint import Circumstances
from shared.postgres.plan.known import Known
from shared.postgres.progress.ground import Effect
from shared.postgres.replay import Replay
from tests.tables import hold

FOLDER = Path(__file__).parent
SETUP = (FOLDER / "lock_cases.sql").read_text().partition("-- cases")[0]
MODES = {str(mode): mode for mode in LockMode}


@dataclass(frozen=True)
class Observed:
    version: int
    sql: str
    locks: dict[str, LockMode]
    sqlstate: str | None
    rewrites: set[str]
    scans: set[str]


def observed() -> Iterator[Observed]:
    for line in (FOLDER / "locks.tsv").read_text().splitlines():
        if line.startswith("#"):
            continue
        versions, sql, locks, rewrites, scans = line.split("\t")
        first, _, last = versions.partition("-")
        for version in range(int(first), int(last) + 1) if last else map(int, versions.split(",")):
            failed = bool(locks) and ":" not in locks
            pairs = () if failed else (each.split(":") for each in locks.split(", ") if each)
            yield Observed(
                version,
                sql,
                {name: MODES[mode] for name, mode in pairs},
                locks[:5] if failed else None,
                set(filter(None, rewrites.split(", "))),
                set(filter(None, scans.split(", "))),
            )


def spelled(relation: Relation) -> str:
    return ".".join(relation).removeprefix("public.")


def predicted(case: Observed) -> list[Prediction]:
    """Each statement of the case, in one transaction, in the schema that the setup and those before it make."""
    replay = before_all()
    mark = replay.mark()
    known = Known(replay.freeze().objects, replay.search_path)
    found = []
    new_values: set[tuple[str, str]] = set()
    for statement in statements(case.sql):
        refusal = replay.run(statement)
        changes = replay.changes()
        changed = Effect(changes.objects, changes.opaque, changes.doubts, refusal)
        # The servers that were observed run at UTC.
        circumstances = Circumstances(case.version, "UTC", in_block=True, new_values=frozenset(new_values))
        found.append(predict(statement, known, changed, circumstances))
        if (value := added_value(statement, known, changes.objects)) is not None:
            new_values.add(value)
        known.apply(changes.objects)
    replay.undo(mark)
    return found


@cache
def before_all() -> Replay:
    replay = Replay("public")
    replay.start_session()
    for statement in read(SETUP):
        assert replay.run(statement) is None
    replay.changes()
    return replay


def statements(sql: str) -> list[Statement]:
    return [statement for part in sql.split(" ;; ") for statement in read(part)]


CASES = list(observed())


@pytest.mark.parametrize("version", sorted({case.version for case in CASES}))
def test_what_was_observed_is_predicted(version: int) -> None:
    hold(as_predicted, [case for case in CASES if case.version == version], lambda case: case.sql)


def as_predicted(case: Observed) -> None:
    found = predicted(case)
    if case.sqlstate is not None:
        last = found[-1]
        assert (last.sqlstate, last.outcome in (Outcome.FAILS, Outcome.DEPENDS)) == (case.sqlstate, True)
        # 23502: no row, no failure.
        assert (last.outcome is Outcome.FAILS) == (case.sqlstate != "23502")
        return
    assert all(each.outcome in (Outcome.OK, Outcome.DEPENDS) for each in found)
    locks: dict[str, LockMode] = {}
    for each in found:
        for relation, mode in each.effects.locks.items():
            locks[spelled(relation)] = max(mode, locks.get(spelled(relation), mode))
    strong = LockMode.SHARE_UPDATE_EXCLUSIVE
    assert {name: str(mode) for name, mode in locks.items() if mode >= strong} == {
        name: str(mode) for name, mode in case.locks.items() if mode >= strong
    }
    assert {spelled(relation) for each in found for relation in each.effects.rewrites} == case.rewrites
    assert {spelled(relation) for each in found for relation in each.effects.scans} == case.scans

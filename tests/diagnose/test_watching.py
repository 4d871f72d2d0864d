"""From a tick to what it means, without a server."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.diagnose.watching import File, Limits, watched
from shared.model.plan import Blocks, Duration, Effects, LockMode, Outcome, PlannedStatement, Prediction, Relation
from shared.model.watching import Awaited, LiveSession, Phase, Place, Tick, Watched, Work
from shared.postgres.parse import parse
from shared.postgres.same_text import plain
from shared.prisma.execution import Execution

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
LIMITS = Limits(timedelta(seconds=5), 2)
USERS, LOGS, TEAMS = ("public", "users"), ("public", "logs"), ("public", "teams")
TABLES = {USERS, LOGS, TEAMS}
EXCLUSIVE, SHARE = LockMode.ACCESS_EXCLUSIVE, LockMode.SHARE
SCRIPT = """-- AlterTable
ALTER TABLE "logs" ADD COLUMN "a" int;
ALTER TABLE "users" ADD COLUMN "a" int;
CREATE INDEX "teams_idx" ON "teams"("a");
CREATE INDEX "teams_idx2" ON "teams"("b");
"""
LOCKS: tuple[Mapping[Relation, LockMode], ...] = ({LOGS: EXCLUSIVE}, {USERS: EXCLUSIVE}, {TEAMS: SHARE}, {TEAMS: SHARE})


def file_of(
    script: str = SCRIPT,
    locks: tuple[Mapping[Relation, LockMode] | None, ...] = LOCKS,
    way: Execution = Execution.EITHER,
    name: str = "1_a",
) -> File:
    """None for the locks of a statement: it runs code that is not analysed."""
    statements = tuple(parse(script))
    planned = tuple(
        PlannedStatement(
            name,
            each.line,
            each.sql,
            Prediction(
                Outcome.UNKNOWN if taken is None else Outcome.OK, Effects(taken or {}, scans=frozenset(taken or ()))
            ),
            Blocks.NONE,
            Duration(1, 2),
        )
        for each, taken in zip(statements, locks, strict=True)
    )
    return File(name, statements, tuple(plain(each.sql) for each in statements), plain(script), planned, way)


QUIET = LiveSession(
    1, "since", "client backend", None, "ops", "idle", None, "", None, None, None, (), None, None, None, frozenset()
)  # fmt: skip
DEPLOYING = replace(QUIET, pid=2, state="active", query=SCRIPT, prisma_lock=True)


def waiting(pid: int, *blockers: int, table: Relation | None = USERS, seconds: float = 1) -> LiveSession:
    awaited = Awaited("relation", LockMode.ACCESS_SHARE, table, timedelta(seconds=seconds))
    return replace(QUIET, pid=pid, state="active", blockers=blockers, awaited=awaited)


def seen_in(*sessions: LiveSession, files: tuple[File, ...] = (), before: Watched | None = None) -> Watched:
    return watched(Tick(NOW, sessions, 0, sees_all_sessions=True), files or (file_of(),), TABLES, LIMITS, before)


def held(*locks: tuple[Relation, LockMode]) -> LiveSession:
    return replace(DEPLOYING, locks=frozenset(locks))


def awaits(session: LiveSession, table: Relation, mode: LockMode) -> LiveSession:
    return replace(session, awaited=Awaited("relation", mode, table, None))


def works(session: LiveSession, table: Relation) -> LiveSession:
    return replace(session, work=Work("CREATE INDEX", "building index", table, 1, 2))


LOGS_HELD, USERS_HELD, TEAMS_HELD = (LOGS, EXCLUSIVE), (USERS, EXCLUSIVE), (TEAMS, SHARE)


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        pytest.param(held(), (0, 0), id="nothing is locked: the first statement is about to"),
        pytest.param(held(LOGS_HELD), (0, 1), id="the first one, or the second before it locks"),
        pytest.param(awaits(held(LOGS_HELD), USERS, EXCLUSIVE), (1, 1), id="waits for the lock of the second"),
        pytest.param(held(LOGS_HELD, USERS_HELD), (1, 2), id="the second one, or the third before it locks"),
        pytest.param(held(LOGS_HELD, USERS_HELD, TEAMS_HELD), (2, 3), id="two that take the same lock"),
        pytest.param(works(held(LOGS_HELD, USERS_HELD, TEAMS_HELD), TEAMS), (2, 3), id="two that do the same work"),
        pytest.param(works(held(LOGS_HELD, USERS_HELD), USERS), (1, 1), id="only one of them works on the table"),
        pytest.param(held((LOGS, LockMode.ROW_EXCLUSIVE)), (0, 0), id="locks of rows show nothing"),
        pytest.param(held((("public", "new"), EXCLUSIVE)), (0, 0), id="nor those of a table it made"),
    ],
)
def test_the_statement_of_a_batch_as_far_as_locks_and_work_prove_it(
    session: LiveSession, expected: tuple[int, int]
) -> None:
    place = seen_in(session).place
    assert place is not None
    assert ((place.first, place.last), place.at_once) == (expected, True)
    assert (place.sql is None) is (expected[0] != expected[1])


@pytest.mark.parametrize(
    ("file", "session", "expected"),
    [
        pytest.param(file_of(locks=(None, *LOCKS[1:])), held(USERS_HELD), (0, 2), id="code that is not analysed may take it"),
        pytest.param(file_of(locks=({}, *LOCKS[1:])), awaits(held(), LOGS, EXCLUSIVE), (0, 1), id="a lock that nobody predicted shows nothing"),
        pytest.param(file_of('ALTER TABLE "users" RENAME TO "people"; ALTER TABLE "logs" ADD COLUMN "a" int;', ({USERS: EXCLUSIVE}, {LOGS: EXCLUSIVE})), replace(held(), query='ALTER TABLE "users" RENAME TO "people"; ALTER TABLE "logs" ADD COLUMN "a" int;'), (0, 1), id="with a new name nothing is proven"),
    ],
)  # fmt: skip
def test_what_is_not_proven_is_a_range(file: File, session: LiveSession, expected: tuple[int, int]) -> None:
    place = seen_in(session, files=(file,)).place
    assert place is not None
    assert (place.first, place.last) == expected


def test_a_statement_that_is_sent_alone_is_itself() -> None:
    sql = '-- a comment\nalter table "users"  ADD COLUMN "a" int;'
    place = seen_in(replace(DEPLOYING, query=sql)).place
    assert place == Place("1_a", 1, 1, (3, 3), 'ALTER TABLE "users" ADD COLUMN "a" int', 4, at_once=False)


def test_of_two_statements_with_one_text_it_is_the_next() -> None:
    file = file_of("COMMIT; ALTER TABLE logs ADD a int; COMMIT;", ({}, {LOGS: EXCLUSIVE}, {}))
    place = seen_in(replace(DEPLOYING, query="ALTER TABLE logs ADD a int"), files=(file,))
    after = seen_in(replace(DEPLOYING, query="COMMIT"), files=(file,), before=place)
    assert after.place is not None
    assert after.place.first == 2


@pytest.mark.parametrize(
    ("session", "phase"),
    [
        pytest.param(DEPLOYING, Phase.RUNS, id="its text"),
        pytest.param(replace(DEPLOYING, prisma_lock=None), Phase.RUNS, id="its text, without Prisma's lock"),
        pytest.param(replace(DEPLOYING, state="idle"), Phase.BETWEEN, id="idle"),
        pytest.param(replace(DEPLOYING, query='INSERT INTO "_prisma_migrations" …'), Phase.BETWEEN, id="Prisma's own"),
        pytest.param(replace(DEPLOYING, query="DROP TABLE x"), Phase.RUNS, id="an unknown statement"),
        pytest.param(replace(DEPLOYING, state=None, query=""), Phase.RUNS, id="what may not be seen"),
        pytest.param(replace(DEPLOYING, query="", prisma_lock=False), Phase.WAITS, id="waits for Prisma's lock"),
        pytest.param(replace(QUIET, state="active", query="SELECT 1"), Phase.NONE, id="somebody else"),
    ],
)
def test_phases(session: LiveSession, phase: Phase) -> None:
    assert seen_in(session).phase is phase


def test_the_end() -> None:
    """With Prisma's lock the first tick without it is the end; without it, the third one without a statement."""
    assert seen_in(before=seen_in(DEPLOYING)).phase is Phase.ENDED
    seen = seen_in(replace(DEPLOYING, prisma_lock=None))
    phases = []
    for _ in range(3):
        seen = seen_in(before=seen)
        phases.append(seen.phase)
    assert phases == [Phase.BETWEEN, Phase.BETWEEN, Phase.ENDED]
    assert seen_in(before=seen_in()).phase is Phase.NONE


def test_the_chain_goes_to_the_root_and_ends_in_a_circle() -> None:
    chain = seen_in(replace(DEPLOYING, blockers=(3, 4)), waiting(3, 5), waiting(4, 2, 5), replace(QUIET, pid=5)).chain
    assert [each.pid for each in chain] == [3, 4, 5]


def test_a_prepared_transaction_at_the_root() -> None:
    seen = seen_in(replace(DEPLOYING, blockers=(3,)), waiting(3, 0))
    assert ([each.pid for each in seen.chain], seen.behind_prepared) == ([3], True)


def test_the_queue_counts_all_that_wait_for_the_deployment_or_its_blockers() -> None:
    seen = seen_in(
        replace(DEPLOYING, blockers=(3,)),
        replace(QUIET, pid=3),
        waiting(4, 2, seconds=6),
        waiting(5, 4, seconds=7),
        waiting(6, 3, table=LOGS, seconds=8),
        waiting(7, 8),
        replace(QUIET, pid=8),
        replace(waiting(9, 2, table=None), prisma_lock=False),
    )
    assert (seen.queued, seen.queued_long, seen.is_urgent) == (3, 3, True)
    assert [(each.table, each.sessions, each.longest.total_seconds()) for each in seen.queues] == [
        (USERS, 2, 7), (LOGS, 1, 8),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(SCRIPT, Duration(4, 8), id="the whole batch"),
        pytest.param('ALTER TABLE "users" ADD COLUMN "a" int', Duration(1, 2), id="one statement"),
    ],
)
def test_the_time_that_was_predicted(query: str, expected: Duration) -> None:
    assert seen_in(replace(DEPLOYING, query=query)).estimate == expected

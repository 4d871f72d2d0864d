"""In which order migrations are followed, how far they got, what stops a comparison. Pure: the live schema is replayed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.diagnose.diagnosis import diagnose
from shared.diagnose.grammars import Grammars
from shared.diagnose.migrations import migration_statuses
from shared.diagnose.order import in_order, was_started
from shared.diagnose.schema import schema_of_release
from shared.diagnose.scripts import UNASKED, Scripts
from shared.model.database import History, HistoryRow
from shared.model.diagnosis import Comparison, Diagnosis, MigrationStatus, State
from shared.model.knowledge import Unavailable
from shared.model.progress import Effects, Progress, Ran, StatementState
from shared.model.question import NO_ANSWERS
from shared.model.release import Migration, Release
from shared.model.schema import Schema
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.builders import NOW, facts, reading, release, row

A, B, C = "CREATE TABLE a ();", "CREATE TABLE b ();", "CREATE TABLE c ();"


def resolved(name: str, minutes_ago: float = 60, content: bytes | None = None) -> HistoryRow:
    """A row as `migrate resolve --applied` writes it: its end is its start."""
    made = row(name, minutes_ago=minutes_ago, content=content)
    return replace(made, finished_at=made.started_at, logs="")


def live(*statements: str) -> Schema:
    replay = Replay()
    for statement in statements:
        replay.run_all(parse(statement))
    return replay.freeze()


def shipping(*scripts: tuple[str, str]) -> Release:
    return release(*(Migration(name, script.encode()) for name, script in scripts))


def ran(name: str, script: str, **options: object) -> HistoryRow:
    return row(name, content=script.encode(), **options)  # type: ignore[arg-type]  # row's own options


@pytest.mark.parametrize(
    ("rows", "order"),
    [
        pytest.param([row("1", minutes_ago=3), row("2", minutes_ago=2), row("3", minutes_ago=1)], "123", id="as released"),
        pytest.param([row("1", minutes_ago=3), row("3", minutes_ago=2), row("2", minutes_ago=1)], "132", id="one was skipped, then run"),
        pytest.param([row("1", minutes_ago=3), row("3", minutes_ago=2), resolved("2", 1)], "123", id="one was recorded later, by hand"),
        pytest.param([resolved("1", 1), resolved("2", 2), row("3", minutes_ago=3)], "123", id="a baseline recorded last, in any order"),
        pytest.param([row("2", minutes_ago=3), row("3", minutes_ago=2)], "123", id="the first is in doubt"),
        pytest.param([row("1", minutes_ago=3), row("3", minutes_ago=2), row("2", minutes_ago=1, finished=False, logs="x")], "132", id="one failed late"),
    ],
)  # fmt: skip
def test_the_order_in_which_production_ran_them(rows: list[HistoryRow], order: str) -> None:
    history = History(exists=True, rows=tuple(rows))
    statuses = migration_statuses(
        release("1", "2", "3"),
        None,
        reading(*rows),
        history,
        NOW - NOW,
        scripts=Scripts(Grammars("16.4", "public", NO_ANSWERS), {}),
    )
    assert "".join(status.name for status in in_order(statuses)) == order


def diagnosed(shipped: Release, rows: Sequence[HistoryRow], there: Schema, ahead: Release | None = None) -> Diagnosis:
    history = History(exists=bool(rows), rows=tuple(rows), schema_has_tables=True)
    found = diagnose(facts(shipped, reading(history=history, catalog=there), ahead=ahead))
    assert isinstance(found, Diagnosis)
    return found


def state_of(diagnosis: Diagnosis, name: str) -> MigrationStatus:
    return next(status for status in diagnosis.migrations if status.name == name)


def drift(diagnosis: Diagnosis) -> list[str]:
    assert isinstance(diagnosis.schema, Comparison)
    return [str(difference.subject) for difference in diagnosis.schema.differences]


BOTH = f"{B}\n{C}"


@pytest.mark.parametrize(
    ("row_of_2", "there", "state", "effects"),
    [
        pytest.param(None, live(A), State.PENDING, Effects.NONE, id="never run"),
        pytest.param(None, live(A, B), State.PARTIALLY_APPLIED, Effects.SOME, id="run in part by hand"),
        pytest.param(None, live(A, C), State.PARTIALLY_APPLIED, Effects.SOME, id="with a gap"),
        pytest.param(None, live(A, B, C), State.UNRECORDED, Effects.ALL, id="run by hand, not recorded"),
        pytest.param(ran("2", BOTH, finished=False, rolled_back=True), live(A), State.ROLLED_BACK, Effects.NONE, id="rolled back, nothing there"),
        pytest.param(ran("2", BOTH, finished=False, rolled_back=True), live(A, B), State.PARTIALLY_APPLIED, Effects.SOME, id="rolled back, some there"),
        pytest.param(ran("2", BOTH, finished=False, rolled_back=True), live(A, B, C), State.UNRECORDED, Effects.ALL, id="rolled back, all there"),
        pytest.param(ran("2", BOTH, finished=False, logs="x"), live(A), State.FAILED, Effects.NONE, id="failed as a whole"),
        pytest.param(ran("2", BOTH, finished=False, logs="x"), live(A, B), State.FAILED, Effects.SOME, id="failed half-way"),
        pytest.param(ran("2", BOTH, finished=False, logs="x"), live(A, B, C), State.FAILED, Effects.ALL, id="failed, then completed by hand"),
    ],
)  # fmt: skip
def test_how_far_a_migration_got(row_of_2: HistoryRow | None, there: Schema, state: State, effects: Effects) -> None:
    rows = [ran("1", A), *([row_of_2] if row_of_2 else [])]
    found = diagnosed(shipping(("1", A), ("2", BOTH)), rows, there)
    status = state_of(found, "2")
    assert status.state is state
    assert isinstance(status.progress, Progress)
    assert status.progress.effects is effects
    assert drift(found) == []


def test_without_a_history_the_schema_shows_how_many_ran() -> None:
    found = diagnosed(shipping(("1", A), ("2", B), ("3", C)), [], live(A, B))
    assert [status.state for status in found.migrations] == [State.UNRECORDED, State.UNRECORDED, State.PENDING]
    assert drift(found) == []


@pytest.mark.parametrize(
    ("block", "state"),
    [
        pytest.param("DO $$ BEGIN UPDATE a SET x = 1; END $$;", StatementState.NO_TRACE, id="a block that changes rows"),
        pytest.param("DO $$ BEGIN ALTER TABLE a ADD y int; END $$;", StatementState.PRESENT, id="a block that makes a column"),
        pytest.param("SELECT setval('s', 7);", StatementState.NO_TRACE, id="a call"),
        pytest.param("SELECT 1 AS x INTO b;", StatementState.PRESENT, id="a query that makes a table"),
    ],
)  # fmt: skip
def test_without_a_history_a_program_is_there_only_where_it_shows(block: str, state: StatementState) -> None:
    scripts = ("CREATE TABLE a (x int);", f"{block} CREATE INDEX i ON a (x);")
    found = diagnosed(shipping(*zip("12", scripts, strict=True)), [], live(*scripts))
    progress = state_of(found, "2").progress
    assert isinstance(progress, Progress)
    assert [each.state for each in progress.statements] == [state, StatementState.PRESENT]
    # Where nothing shows it, a person is asked.
    assert progress.statements[0].ran is (Ran.OPEN if state is StatementState.NO_TRACE else Ran.RAN)


AGAIN = "DROP TABLE IF EXISTS b CASCADE; CREATE TABLE b (id int);"


@pytest.mark.parametrize(
    ("rows", "there", "states"),
    [
        pytest.param([], [A, AGAIN], "unrecorded unrecorded unrecorded pending", id="none of them"),
        pytest.param([resolved("1", 9, A.encode())], [A, AGAIN], "applied unrecorded unrecorded pending", id="the first"),
        pytest.param(
            [resolved("1", 9, A.encode()), resolved("2", 8, B.encode())], [A, AGAIN],
            "applied applied unrecorded pending", id="all but the last that is there",
        ),
        pytest.param(
            [resolved("1", 9, A.encode())], [A, AGAIN, "CREATE TABLE d (id int);"],
            "applied unrecorded unrecorded unrecorded", id="all of them are there",
        ),
        pytest.param(
            [ran("1", A, minutes_ago=9)], [A, AGAIN], "applied pending unrecorded pending",
            id="Prisma has run the first: the second was not needed for that",
        ),
    ],
)  # fmt: skip
def test_recording_one_after_the_other_says_the_same_all_along(
    rows: list[HistoryRow], there: list[str], states: str
) -> None:
    release = shipping(("1", A), ("2", B), ("3", AGAIN), ("4", "CREATE TABLE d (id int);"))
    found = diagnosed(release, rows, live(*there))
    assert " ".join(status.state for status in found.migrations) == states


def test_what_nobody_made_is_drift_all_the_same() -> None:
    found = diagnosed(shipping(("1", A), ("2", BOTH)), [ran("1", A)], live(A, B, "CREATE TABLE stray ();"))
    assert drift(found) == ["table public.stray"]


def test_a_squash_replaces_the_older_ones() -> None:
    squash = shipping(("0_squash", f"{A}\n{B}"))
    older = [ran("1", A, minutes_ago=90), ran("2", B, minutes_ago=80)]
    found = diagnosed(squash, [*older, resolved("0_squash", 10, f"{A}\n{B}".encode())], live(A, B))
    assert state_of(found, "0_squash").squashes == ("1", "2")
    assert [status.state for status in found.migrations] == [State.APPLIED, State.SQUASHED, State.SQUASHED]
    unresolved = diagnosed(squash, older, live(A, B))
    assert [status.state for status in unresolved.migrations] == [State.UNRECORDED, State.SQUASHED, State.SQUASHED]


@pytest.mark.parametrize(
    ("rows", "there"),
    [
        pytest.param([ran("1", A, minutes_ago=90), resolved("0_squash", 95, B.encode())], live(A, B), id="run after the squash was recorded"),
        pytest.param([ran("1", A, minutes_ago=90), resolved("0_squash", 10, B.encode())], live(A, B), id="it made what the squash does not"),
        pytest.param([ran("1", A, minutes_ago=90), ran("0_squash", B, minutes_ago=80)], live(A, B), id="the squash ran itself"),
    ],
)  # fmt: skip
def test_what_is_no_squash(rows: list[HistoryRow], there: Schema) -> None:
    found = diagnosed(shipping(("0_squash", B)), rows, there)
    assert state_of(found, "1").state is State.MISSING_FROM_RELEASE
    assert state_of(found, "0_squash").squashes == ()


def test_what_is_ahead_of_the_release_is_no_drift() -> None:
    rows = [ran("1", A, minutes_ago=9), ran("2", B, minutes_ago=8)]
    found = diagnosed(shipping(("1", A)), rows, live(A, B), ahead=shipping(("1", A), ("2", B), ("3", C)))
    assert [status.state for status in found.migrations] == [State.APPLIED, State.AHEAD]
    assert drift(found) == []
    missing = diagnosed(shipping(("1", A)), rows, live(A, B))
    assert state_of(missing, "2").state is State.MISSING_FROM_RELEASE
    assert drift(missing) == ["table public.b"]


@pytest.mark.parametrize(
    ("migration", "because"),
    [
        pytest.param(Migration("1", b"SELECT 1;\n\nSELECT 'x;"), "PostgreSQL cannot parse 1/migration.sql, line 3: unterminated quoted string", id="no statement can be separated"),
        pytest.param(Migration("1", b"\xef\xbb\xbfSELECT 1;"), None, id="a byte order mark that has run"),
    ],
)  # fmt: skip
def test_what_an_applied_migration_must_be(migration: Migration, because: str | None) -> None:
    found = diagnosed(release(migration), [row("1", content=migration.script)], Schema({})).schema
    assert found == (Comparison(Schema({}), Schema({}), ()) if because is None else Unavailable(because, lasting=True))


@pytest.mark.parametrize(
    "foreseen",
    [
        pytest.param(shipping(("1", A), ("2", B)), id="another release"),
        pytest.param(shipping(("1", A), ("2", "FROB;")), id="one that cannot be parsed"),
        pytest.param(release(Migration("1", None)), id="one without a script"),
    ],
)
@pytest.mark.parametrize("schema", ["public", "app"])
def test_what_was_foreseen_changes_nothing(foreseen: Release, schema: str) -> None:
    schema_of_release(foreseen, schema)
    found = diagnosed(shipping(("1", A), ("2", C)), [ran("1", A)], live(A, B))
    assert [status.state for status in found.migrations] == [State.APPLIED, State.PENDING]
    assert drift(found) == ["table public.b"]


def test_without_a_live_schema_only_the_history_is_known() -> None:
    found = diagnose(facts(shipping(("1", A)), reading(catalog=Unavailable("busy"))))
    assert isinstance(found, Diagnosis)
    assert (found.migrations[0].state, found.migrations[0].progress) == (State.PENDING, Unavailable("busy"))
    assert found.schema == Unavailable("busy")


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.one_of(st.none(), st.integers(0, 30)), st.booleans()),
        max_size=12,
        unique_by=lambda each: each[0],
    )
)
def test_what_never_ran_stands_behind_the_one_before_it(drawn: list[tuple[int, int | None, bool]]) -> None:
    """Held against the rule as it is written, which looks at every other one for each."""
    rows = [
        resolved(f"{name:02}", minutes) if recorded else row(f"{name:02}", minutes_ago=minutes)
        for name, minutes, recorded in drawn
        if minutes is not None
    ]
    shipped = release(*(f"{name:02}" for name, _, _ in drawn))
    history = History(exists=True, rows=tuple(sorted(rows, key=lambda each: str(each.started_at))))
    statuses = migration_statuses(shipped, None, reading(history=history), history, NOW - NOW, scripts=Scripts(UNASKED))
    order = [each for each in in_order(statuses) if was_started(each)]
    for status in sorted((each for each in statuses if not was_started(each)), key=lambda each: each.name):
        place = max((at for at, other in enumerate(order, 1) if other.name < status.name), default=0)
        order.insert(place, status)
    assert [each.name for each in in_order(statuses)] == [each.name for each in order]


def test_a_check_replays_a_release_that_is_applied_once() -> None:
    """What is replayed while the database has not answered yet is what production is compared with."""
    shipped = shipping(("1", A), ("2", B))
    replayed = schema_of_release(shipped, "public")
    read = reading(ran("1", A, minutes_ago=2), ran("2", B, minutes_ago=1), catalog=live(A, B))
    diagnosis = diagnose(facts(shipped, read))
    assert isinstance(diagnosis, Diagnosis)
    assert isinstance(diagnosis.schema, Comparison)
    assert diagnosis.schema.expected is replayed

"""What removes an object that only a recorded migration makes: that it is missing does not show that anybody ran that."""

import pytest

from shared.model.diagnosis import State
from shared.model.progress import Progress, Ran
from tests.diagnose.test_recorded_early import early, states_of
from tests.diagnose.test_schema import diagnosed, live, ran, shipping, state_of

BASE = "CREATE TABLE a (id int PRIMARY KEY, x text);"
B, A_Z, A_X = "CREATE TABLE b (id int);", "ALTER TABLE a ADD COLUMN z int;", "CREATE INDEX a_x ON a (x);"
C, FILL = "CREATE TABLE c (id int);", "UPDATE a SET x = 'filled';"
B_IF, B_ANYHOW, B_AGAIN = "DROP TABLE IF EXISTS b;", "DROP TABLE b;", "CREATE TABLE b (id int, y text);"
NOTES = "CREATE TABLE notes (b text);"


@pytest.mark.parametrize(
    ("recorded", "script", "there", "state", "states"),
    [
        pytest.param(B, f"{B_IF} {B_AGAIN}", [BASE], State.PENDING, "cannot-tell absent", id="and makes it again"),
        pytest.param(B, B_IF, [BASE], State.PENDING, "cannot-tell", id="alone"),
        pytest.param(A_Z, "ALTER TABLE a DROP COLUMN IF EXISTS z;", [BASE], State.PENDING, "cannot-tell", id="a column"),
        pytest.param(A_X, f"DROP INDEX IF EXISTS a_x; {C}", [BASE], State.PENDING, "cannot-tell absent", id="an index"),
        pytest.param(B, f"{FILL} {B_IF} {C}", [BASE], State.PENDING, "no-trace cannot-tell absent", id="rows before it"),
        pytest.param(B, f"{B_IF} {C}", [BASE, C], State.UNRECORDED, "present present", id="something else shows that it was begun"),
        pytest.param(B, f"{B_IF} {C}", [BASE, B], State.PENDING, "absent absent", id="it is still there"),
        pytest.param(B, f"{B_ANYHOW} {B_AGAIN}", [BASE], State.PARTIALLY_APPLIED, "present absent", id="a deploy of it would fail"),
    ],
)  # fmt: skip
def test_what_only_a_recorded_migration_makes(
    recorded: str, script: str, there: list[str], state: State, states: str
) -> None:
    rows = [ran("1", BASE, minutes_ago=90), early("2", recorded)]
    status = state_of(diagnosed(shipping(("1", BASE), ("2", recorded), ("3", script)), rows, live(*there)), "3")
    assert (status.state, states_of(status.progress)) == (state, states)


@pytest.mark.parametrize("other", [pytest.param([], id="it made it"), pytest.param([NOTES], id="one of it names it")])
def test_what_a_migration_names_that_ran_was_there(other: list[str]) -> None:
    first, second = (BASE, *other), B
    rows = [ran("1", "\n".join(first), minutes_ago=90), early("2", B) if other else ran("2", B, minutes_ago=80)]
    shipped = shipping(("1", "\n".join(first)), ("2", second), ("3", f"{B_IF} {B_AGAIN}"))
    status = state_of(diagnosed(shipped, rows, live(*first)), "3")
    assert (status.state, states_of(status.progress)) == (State.PARTIALLY_APPLIED, "present absent")


def test_whether_rows_were_changed_is_open_where_it_may_have_been_begun() -> None:
    rows = [ran("1", BASE, minutes_ago=90), early("2", B)]
    shipped = shipping(("1", BASE), ("2", B), ("3", f"{FILL} {B_IF} {C}"))
    progress = state_of(diagnosed(shipped, rows, live(BASE)), "3").progress
    assert isinstance(progress, Progress)
    assert [(each.ran, each.superseded) for each in progress.statements] == [
        (Ran.OPEN, False),
        (Ran.OPEN, True),
        (Ran.NOT_RUN, False),
    ]

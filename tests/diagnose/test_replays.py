"""Replays that are gone on with: each loan is as a new replay of all of its scripts."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from shared.diagnose.replays import Resumed, replayed_once
from shared.model.question import Accepted, AnsweredColumn, Answers
from shared.model.schema import Kind, Schema, Subject
from shared.postgres.parse import Statement, parse
from shared.postgres.replay import Replay

MADE = parse("CREATE TABLE a (id int PRIMARY KEY, x text); CREATE TABLE b (id int);")
LATER = (
    parse("SET search_path TO other; CREATE TABLE a (x int);"),
    parse("ALTER TABLE a RENAME TO c; DROP TABLE b; CREATE VIEW b AS SELECT x FROM c;"),
    parse("CREATE INDEX c_x ON c (x); DO $$ BEGIN EXECUTE 'ALTER TABLE c ADD COLUMN y int'; END $$;"),
)
A, B, C = (Subject(Kind.TABLE, ("public", name)) for name in "abc")
C_X = Subject(Kind.INDEX, ("public", "c_x"))


def resumed() -> Resumed:
    replay = Replay()
    replay.run_all(MADE)
    return Resumed(replay, 1)


def shared(by: Resumed, *scripts: Sequence[Statement]) -> Schema:
    with by((MADE, *scripts), "public", {}) as replay:
        return replay.freeze()


def replayed(*scripts: Sequence[Statement]) -> Schema:
    replay = Replay()
    for script in (MADE, *scripts):
        replay.run_all(script)
    return replay.freeze()


def test_each_shared_replay_is_as_one_of_its_own() -> None:
    by = resumed()
    for scripts in (LATER, LATER[1:], (), LATER[:1], LATER):
        assert shared(by, *scripts) == replayed(*scripts)


def test_a_shared_replay_that_ends_in_an_error_is_reset() -> None:
    by = resumed()
    with pytest.raises(KeyError), by((MADE, *LATER), "public", {}):
        raise KeyError
    assert shared(by) == replayed()


@pytest.mark.parametrize(
    ("asked", "subjects", "makers"),
    [
        pytest.param([1, 2, 3], {C, C_X}, [2, 3], id="some of them"),
        pytest.param([1, 3], {C, C_X}, [3], id="only those that are asked about"),
        pytest.param([1, 2, 3], {B}, [2], id="it removes one"),
        pytest.param([1], {A, B}, [], id="none"),
    ],
)
def test_who_makes_what(asked: list[int], subjects: set[Subject], makers: list[int]) -> None:
    by = resumed()
    every = (MADE, *LATER)
    assert by.makers_among(every, asked, subjects) == makers
    if makers:
        # The next to ask gets a replay that begins with the scripts before the first of them.
        before = every[: makers[0]]
        with by((*before, LATER[2]), "public", {}) as replay:
            assert replay.freeze() == replayed(*before[1:], LATER[2])
        assert shared(by, *LATER) == replayed(*LATER)


class Counted:
    """A script that counts how often it is read."""

    def __init__(self, sql: str) -> None:
        self._statements = parse(sql)
        self.read = 0

    def __iter__(self) -> Iterator[Statement]:
        self.read += 1
        return iter(self._statements)


ASKING = "CREATE TABLE n AS SELECT id + 1 AS more FROM a;"


@pytest.mark.parametrize(
    ("before", "scripts"),
    [
        pytest.param(1, ["CREATE TABLE a (id int);", ASKING, "ALTER TABLE n RENAME more TO most;"], id="in the middle"),
        pytest.param(0, [f"CREATE TABLE a (id int); {ASKING}"], id="at once"),
        pytest.param(
            2,
            [
                "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int REFERENCES a);",
                "CREATE TEMP TABLE t (id int); DROP TABLE x; SET search_path = y;",
                f"CREATE VIEW v AS SELECT id FROM b; DROP TABLE b CASCADE; {ASKING} CREATE TABLE t (id int);",
            ],
            id="after others that cannot be followed, in a script that does more",
        ),
    ],
)
def test_what_answers_have_no_bearing_on_is_run_once(before: int, scripts: list[str]) -> None:
    counted = [Counted(each) for each in scripts]
    given: Any = counted
    with replayed_once(given, "public", {}) as replay:
        unanswered = replay.freeze()
    assert unanswered == from_the_start(scripts, {})
    (question,) = unanswered.questions
    answers = {question: Accepted((AnsweredColumn("c1", "bigint"), AnsweredColumn("c1", "bigint[]")))}
    with replayed_once(given, "public", answers) as replay:
        assert replay.freeze() == from_the_start(scripts, answers) != unanswered
    assert [each.read for each in counted] == [1] * before + [2] * (len(scripts) - before)
    # What the first round left is used up.
    with replayed_once(given, "public", answers) as replay:
        assert replay.freeze() == from_the_start(scripts, answers)


def from_the_start(scripts: Sequence[str], answers: Answers) -> Schema:
    replay = Replay("public", answers)
    for each in scripts:
        replay.run_all(parse(each))
    return replay.freeze()

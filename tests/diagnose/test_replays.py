"""Replays that are gone on with: each loan is as a new replay of all of its scripts."""

from collections.abc import Sequence

import pytest

from shared.diagnose.replays import Resumed
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

"""Replays of the applied migrations, kept from run to run: a worker checks the same release every hour."""

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager

from ..model.question import Answers
from ..model.schema import Subject
from ..postgres.parse import Statement
from ..postgres.replay import Mark, Replay
from .kept import keep
from .scripts import UnparsedScript, hashable

# What decides what a replay is: the scripts, the watched schema, and the server's answers to earlier questions.
Key = tuple[object, ...]
# A replay of 600 migrations is a few MiB.
_MOST_KEPT = 3
_kept: dict[Key, Replay] = {}
# Where answers first have a bearing on scripts that were replayed without any, and a replay of those before: the next
# round of the same run has the answers.
_awaiting: dict[Key, tuple[int, Replay]] = {}


@contextmanager
def replayed_once(scripts: Sequence[Sequence[Statement]], schema: str, answers: Answers) -> Iterator[Replay]:
    """Give a replay in which *scripts* have run, for a result that is kept instead."""
    yield _run(scripts, schema, answers)


def _run(scripts: Sequence[Sequence[Statement]], schema: str, answers: Answers) -> Replay:
    """Run *scripts*; with *answers*, only from the first one on which they have a bearing, if the others ran before."""
    key = tuple(scripts), schema
    if not answers:
        replay = Replay(schema)
        if (found := replay.run_up_to_answers(scripts)) is not None:
            keep(_awaiting, key, found, _MOST_KEPT)
        return replay
    first, replay = _awaiting.pop(key, (0, Replay(schema)))
    replay.go_on_with(answers)
    for script in scripts[first:]:
        replay.run_all(script)
    return replay


@contextmanager
def replayed(scripts: Sequence[Sequence[Statement]], schema: str, answers: Answers) -> Iterator[Replay]:
    """Give a replay in which *scripts* have run. A second caller gets another one while this one is in use.

    It is not kept where one of the scripts was parsed before: such a script is used only once.
    """
    is_kept = all(isinstance(each, UnparsedScript) for each in scripts)
    key = (tuple(scripts), schema, hashable(answers)) if is_kept else ()
    replay = _kept.pop(key, None)
    if replay is None and is_kept:
        replay = _run(scripts, schema, answers)
    elif replay is None:
        replay = Replay(schema, answers)
        for script in scripts:
            replay.run_all(script)
    replay.start_session()
    replay.freeze()
    replay.changes()
    mark = replay.mark()
    try:
        yield replay
    finally:
        replay.undo(mark)
    if is_kept:
        keep(_kept, key, replay, _MOST_KEPT)


class Resumed:
    """A replay that several can go on with, one after the other, each from the same *place* of the scripts.

    *replay* is in the state of that place: what is asked for must begin with the scripts that it has run. All later
    statements can be undone.
    """

    def __init__(self, replay: Replay, place: int) -> None:
        self._replay = replay
        self._place = place

    @contextmanager
    def __call__(self, scripts: Sequence[Sequence[Statement]], schema: str, answers: Answers) -> Iterator[Replay]:  # noqa: ARG002  # those of the replay
        """Lend it with all of *scripts* run."""
        self._replay.changes()
        mark = self._replay.mark()
        try:
            for script in scripts[self._place :]:
                self._run(script)
            yield self._replay
        finally:
            self._replay.undo(mark)

    def makers_among(
        self, scripts: Sequence[Sequence[Statement]], asked: Sequence[int], subjects: Set[Subject]
    ) -> list[int]:
        """Give the places of those *asked* about that make or change one of *subjects*, and stand before the first.

        *asked* are in order, and none is before the place.
        """
        marks: dict[int, Mark] = {}
        for place in range(self._place, asked[-1] + 1):
            if place not in asked:
                self._run(scripts[place])
                continue
            self._replay.changes()
            mark = self._replay.mark()
            if self._touches(scripts[place], subjects):
                marks[place] = mark
        makers = sorted(marks)
        if makers:
            self._place = makers[0]
            self._replay.undo(marks[self._place])
        return makers

    def _touches(self, script: Iterable[Statement], subjects: Set[Subject]) -> bool:
        """Run *script*, and say whether it makes or changes one of *subjects*, if only for a while."""
        self._replay.start_session()
        found = False
        for statement in script:
            self._replay.run(statement)
            found |= not subjects.isdisjoint(self._replay.changes().objects)
        return found

    def _run(self, script: Iterable[Statement]) -> None:
        self._replay.start_session()
        for statement in script:
            self._replay.run(statement)

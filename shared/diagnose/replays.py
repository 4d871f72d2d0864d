"""Replays of the applied migrations, kept from run to run: a worker checks the same release every hour."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..model.question import Answers
from ..postgres.parse import Statement
from ..postgres.replay import Replay
from .scripts import UnparsedScript, hashable

# What decides what a replay is: the scripts, the watched schema, and the server's answers to earlier questions.
Key = tuple[object, ...]
# A replay of 600 migrations is a few MiB.
_MOST_KEPT = 2
_kept: dict[Key, Replay] = {}


@contextmanager
def replayed(scripts: Sequence[Sequence[Statement]], schema: str, answers: Answers) -> Iterator[Replay]:
    """Lend a replay in which *scripts* have run, to go on with. Whoever asks for the same meanwhile gets another one.

    It is not kept where one of the scripts was parsed before: such a one is looked at this once.
    """
    is_kept = all(isinstance(each, UnparsedScript) for each in scripts)
    key = (tuple(scripts), schema, hashable(answers)) if is_kept else ()
    replay = _kept.pop(key, None)
    if replay is None:
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
    if not is_kept:
        return
    while len(_kept) >= _MOST_KEPT and (oldest := next(iter(_kept), None)) is not None:
        _kept.pop(oldest, None)
    _kept[key] = replay

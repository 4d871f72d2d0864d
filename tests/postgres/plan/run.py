"""A script predicted statement by statement, each after those before it ran."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.model.plan import Prediction
from shared.postgres.parse import Statement
from shared.postgres.plan.effects import predict
from shared.postgres.plan.footprint import Circumstances
from shared.postgres.plan.known import Changed, Known
from shared.postgres.progress.ground import Effect
from shared.postgres.replay import Replay


@dataclass(frozen=True)
class Step:
    """*before* is the schema before the statement, until the next step is asked for."""

    statement: Statement
    prediction: Prediction
    before: Known
    changed: Changed


def steps(
    script: Sequence[Statement], circumstances: Circumstances, before: Sequence[Statement] = ()
) -> Iterator[Step]:
    """Each statement of *script*, in a session of its own after *before*, with what is predicted of it."""
    replay = Replay("public")
    replay.run_all(before)
    known = Known(replay.freeze().objects)
    replay.changes()
    replay.start_session()
    for statement in script:
        known.search_path = replay.search_path
        refusal = replay.run(statement)
        changes = replay.changes()
        changed = Effect(changes.objects, changes.opaque, changes.doubts, refusal)
        yield Step(statement, predict(statement, known, changed, circumstances), known, changes.objects)
        known.apply(changes.objects)


def predictions(
    script: Sequence[Statement], circumstances: Circumstances, before: Sequence[Statement] = ()
) -> Iterator[tuple[Statement, Prediction]]:
    """The same without the schema."""
    for step in steps(script, circumstances, before):
        yield step.statement, step.prediction

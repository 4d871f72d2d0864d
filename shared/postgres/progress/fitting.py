"""Without any history: the number of scripts after which the model fits the live schema."""

from collections.abc import Sequence

from ...model.schema import Doubt, Schema, Subject
from ..parse import Statement
from ..replay import Replay
from .evidence import Live


def fitting_prefix(scripts: Sequence[Sequence[Statement]], live: Schema, schema: str = "public") -> int:
    """The k for which the model after the first k of *scripts* differs from *live* in the fewest objects.

    Only what some script makes or changes counts. Of several such k the least: a script that leaves no trace is not
    taken to have run unless one that leaves a trace follows it. A script that is there in part is not among the k, nor
    is one whose work was changed by hand: both are for ``follow`` to explain.
    """
    replay = Replay(schema)
    replay.changes()
    opaque: dict[Subject, str] = {}
    doubts: dict[Subject, Doubt] = {}
    server = Live(live, {}, doubts)
    more_wrong = [0]  # objects that differ after k scripts, counted from those that differ after none
    spoilt = [False]  # script k left something that is not so in the live schema
    for script in scripts:
        replay.run_all(script)
        changes = replay.changes()
        opaque |= changes.opaque
        doubts.update(changes.doubts)
        wrong_before = wrong_after = 0
        for subject, (before, after) in changes.objects.items():
            if subject not in opaque and server.hidden(subject, before, after) is None:
                wrong_before += not server.agrees(subject, before, None)
                wrong_after += not server.agrees(subject, after, None)
        more_wrong.append(more_wrong[-1] + wrong_after - wrong_before)
        spoilt.append(wrong_after > 0)
    k = more_wrong.index(min(more_wrong))
    while spoilt[k]:
        k -= 1
    return k

"""What was observed of a statement on a scratch server, beside what is predicted."""

from collections.abc import Iterator

from ...model.observation import Observation
from ...model.plan import LockMode, Outcome, PlannedStatement, Relation

# Weaker ones are taken by every statement that reads or writes rows, and hold up no other of the kind.
_STRONG = LockMode.SHARE_UPDATE_EXCLUSIVE


def spelled(relation: Relation) -> str:
    return ".".join(relation)


def observed(seen: Observation) -> str:
    """``observed: ran, locked public.User (AccessExclusive), rewrote public.User``."""
    if seen.sqlstate is not None:
        where = ", for what the scratch server lacks" if seen.of_server else ""
        return f"observed: failed ({seen.sqlstate}){where}: {seen.error}"
    strong = {each: mode for each, mode in (seen.taken or {}).items() if mode >= _STRONG}
    locked = ", ".join(f"{spelled(each)} ({mode})" for each, mode in sorted(strong.items()))
    rewrote = ", ".join(sorted(map(spelled, seen.rewrites)))
    parts = ("ran", f"locked {locked}" if locked else "", f"rewrote {rewrote}" if rewrote else "")
    return f"observed: {', '.join(filter(None, parts))}"


def differences(statement: PlannedStatement, seen: Observation) -> Iterator[str]:
    """Say where what was observed is not what is predicted."""
    outcome = statement.prediction.outcome
    if seen.of_server:
        return
    if seen.sqlstate is not None:
        if outcome is Outcome.OK:
            yield "other than predicted: it fails"
        return
    if outcome is Outcome.FAILS:
        yield "other than predicted: it runs"
        return
    yield from _locks(statement, seen)
    for each in sorted(seen.rewrites - statement.prediction.effects.rewrites):
        yield f"other than predicted: {spelled(each)} is rewritten"


def _locks(statement: PlannedStatement, seen: Observation) -> Iterator[str]:
    """Compare the strong locks; one that an earlier statement of the transaction holds counts as predicted."""
    if seen.taken is None or seen.held is None:
        return
    predicted = statement.prediction.effects.locks
    for each in sorted({*predicted, *seen.taken}):
        expected, taken, held = predicted.get(each, 0), seen.taken.get(each, 0), seen.held.get(each, 0)
        if taken >= _STRONG and taken > expected:
            yield f"other than predicted: locks {spelled(each)} ({seen.taken[each]})"
        elif expected >= _STRONG and held < expected:
            yield f"other than predicted: does not lock {spelled(each)} ({predicted[each]})"

"""Scripts that change rows and leave the schema as it was before them: nothing in it shows whether they ran.

``DISABLE TRIGGER g; UPDATE …; ENABLE TRIGGER g``, or a table that is made, read and dropped: such a script is one that
only changes rows. That the history does not know it proves nothing then.
"""

from collections.abc import Iterable, Sequence

from ...model.progress import Progress, StatementState
from ...model.schema import Definition, Subject
from ...model.value import replace
from ..lacking import may_change_rows
from ..mentions import made_by
from ..parse import Statement
from .ground import Effect

_UNSEEN = frozenset({StatementState.ABSENT, StatementState.NO_TRACE})
_AS_BEFORE = "the schema is the same before the script and after it"


def without_trace(progress: Progress, statements: Sequence[Statement], effects: Sequence[Effect]) -> Progress:
    """Give the *progress* of a script that was not begun: no statement of one that leaves all as it was has a trace."""
    states = {each.state for each in progress.statements}
    if StatementState.ABSENT not in states or not states <= _UNSEEN:
        return progress
    if not (_is_as_before(effects) and _changes_rows(statements)):
        return progress
    found = tuple(
        replace(each, state=StatementState.NO_TRACE, because=_AS_BEFORE)
        if each.state is StatementState.ABSENT
        else each
        for each in progress.statements
    )
    return replace(progress, statements=found)


def _is_as_before(effects: Iterable[Effect]) -> bool:
    changed: dict[Subject, tuple[Definition | None, Definition | None]] = {}
    for effect in effects:
        if effect.opaque or effect.refusal is not None:
            return False
        for subject, (before, after) in effect.objects.items():
            changed[subject] = (changed[subject][0] if subject in changed else before), after
    return all(before == after for before, after in changed.values())


def _changes_rows(statements: Iterable[Statement]) -> bool:
    """Say whether rows may change that are not only those of a table which the script itself makes, and drops."""
    own: set[tuple[str, ...]] = set()
    for statement in statements:
        if may_change_rows(statement) and (_target(statement),) not in own:
            return True
        own |= {*made_by(statement)}
    return False


def _target(statement: Statement) -> str | None:
    relation = statement.node.get("relation")
    return relation.get("relname") if isinstance(relation, dict) else None

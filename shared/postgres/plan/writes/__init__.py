"""INSERT, UPDATE and DELETE: which rows, as the statement leaves them, the constraints of their tables refuse.

What a trigger, a rule, row security or a query within the statement decides is left open.
"""

from ....model.plan import Relation
from ...parse import Tree
from ..footprint import Footprint
from ..row_changes import Scene, changes_of
from ..writing import UnwrittenError
from .constraints import broken_constraints
from .references import rows_that_go
from .values import unfit_values


def predict_rows(footprint: Footprint, kind: str, node: Tree, table: Relation) -> bool:
    """Add what rows decide of *node* to *footprint*; False where that cannot be said in queries."""
    circumstances = footprint.circumstances
    if (because := circumstances.passed.unsettled([table], ())) is not None:
        footprint.note(because)
        return False
    if footprint.unread:
        footprint.note("its expressions are of what is only pending")
        return False
    try:
        changes = changes_of(Scene(footprint.before, circumstances.passed, circumstances.vague), kind, node)
        found = [
            *unfit_values(footprint, table, changes),
            *broken_constraints(footprint, table, changes, kind),
            *rows_that_go(footprint, changes),
        ]
    except (UnwrittenError, LookupError, RecursionError) as error:
        if isinstance(error, UnwrittenError) and error.args:
            footprint.note(str(error))
        return False
    unasked = [each.because for _, each in found if each.probe is None]
    if unasked:
        footprint.note(unasked[0])
        return False
    for stage, each in found:
        footprint.condition(each, stage)
    return True

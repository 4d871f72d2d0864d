"""What statistics say of a NOT NULL that is to come: never whether it can be set, since they are of a sample."""

from ..model.plan import Outcome, Prediction
from ..model.production_facts import NullFractions
from ..model.schema import Kind
from ..model.value import replace
from ..postgres.parse import Statement
from ..postgres.plan.known import Known
from ..postgres.progress.ground import Effect

_NOT_NULL = "23502"


class FractionsOfRun:
    """The fractions of the columns that no statement of the run has made, renamed or dropped."""

    def __init__(self, given: NullFractions) -> None:
        self._left = {relation: dict(columns) for relation, columns in given.items()}

    def said(self, statement: Statement, prediction: Prediction, before: Known) -> Prediction:
        """Give *prediction* with what is known of the columns that *statement* sets NOT NULL, where rows decide."""
        is_open = prediction.outcome is Outcome.DEPENDS and any(
            each.sqlstate == _NOT_NULL and each.unsettled is None and not each.changed for each in prediction.conditions
        )
        if not self._left or not is_open or statement.kind != "AlterTableStmt":
            return prediction
        table = before.find(statement.node["relation"])
        columns = self._left.get(table, {}) if table is not None else {}
        commands = (each["AlterTableCmd"] for each in statement.node["cmds"])
        names = (each.get("name", "") for each in commands if each["subtype"] == "AT_SetNotNull")
        notes = tuple(_note(each, columns[each]) for each in names if each in columns)
        return replace(prediction, because=(*prediction.because, *notes))

    def follow(self, changed: Effect) -> None:
        """Forget what the statement has *changed*."""
        if not self._left:
            return
        for subject in changed.objects:
            if subject.kind is Kind.COLUMN:
                self._left.get(subject.relation, {}).pop(subject.name[2], None)
            elif subject.kind is Kind.TABLE:
                self._left.pop(subject.relation, None)


def _note(column: str, fraction: float) -> str:
    if fraction == 0:
        return f"when the table was last analysed, a sample had no NULL in {column}: that is no proof"
    percent = f"{fraction:.1%}" if fraction >= 0.001 else "less than 0.1%"
    return f"when the table was last analysed, {percent} of its rows had a NULL in {column}"

"""What the answers of the server make of a prediction: its analyser's first, then what the rows say."""

from collections.abc import Sequence, Set
from datetime import datetime

from ...model.plan import (
    Analysis,
    Condition,
    Effects,
    Found,
    NotProbed,
    Outcome,
    Prediction,
    ProbeAnswers,
    Raised,
)
from ...model.question import Accepted, Answers, Refused
from ...model.schema import Definition, Enum, Kind, Subject
from ...model.value import replace
from .assignment import is_assignable


def _only_enums(subject: Subject) -> Definition | None:
    """The types of the database's own in an answer are enums: the analyser says of a domain its base type."""
    return Enum(()) if subject.kind is Kind.ENUM and len(subject.name) > 1 else None


def settled(prediction: Prediction, answers: Answers, probed: ProbeAnswers) -> Prediction:
    """Give *prediction* with all that *answers* and *probed* say; what nobody answered stays open.

    The first refusal or condition that holds is what the server stops at. Where one before it is open, the statement
    fails all the same.
    """
    if prediction.outcome is Outcome.FAILS:
        return _sooner(prediction, answers)
    unsaid: list[str] = []
    for analysis in prediction.analyses:
        answer = answers.get(analysis.question)
        if isinstance(answer, Accepted) and (found := _of_types(analysis, answer, answers)) is not None:
            return _failed(prediction, found, analysis.because)
        if not isinstance(answer, Refused):
            continue
        if answer.sqlstate not in analysis.open_to:
            return _failed(prediction, analysis.sqlstate or answer.sqlstate, answer.message)
        unsaid.append(f"the server could not say: {analysis.because}")
    return _by_rows(prediction, probed, unsaid)


def _sooner(prediction: Prediction, answers: Answers) -> Prediction:
    """The analyser comes before what the catalog refuses, where a prediction that fails has questions at all."""
    for each in prediction.analyses:
        answer = answers.get(each.question)
        if isinstance(answer, Refused) and answer.sqlstate not in each.open_to:
            return replace(prediction, sqlstate=each.sqlstate or answer.sqlstate, because=(answer.message,))
    return prediction


def _of_types(analysis: Analysis, answer: Accepted, answers: Answers) -> str | None:
    """The SQLSTATE with which a statement fails though its expressions are right: for their types."""
    for column, target in zip(answer.columns, analysis.assigned_to, strict=False):
        if is_assignable(column.type, target, _only_enums) is False:
            return "42804"
    same = answers.get(analysis.same_as) if analysis.same_as is not None else None
    if isinstance(same, Accepted):
        pairs = zip(answer.columns, same.columns, strict=False)
        if any(one.type != other.type for one, other in pairs):
            return "42P16"
    return None


def _is_so(condition: Condition, probed: ProbeAnswers) -> bool:
    answer = probed.get(condition.probe) if condition.probe is not None else None
    return isinstance(answer, Found) and answer.rows > 0


def _moments(condition: Condition, at: datetime) -> list[datetime]:
    """When the rows were as the answer says; what reads no table has the same answer at any time."""
    return [at] if condition.probe is not None and condition.probe.tables else []


def _by_rows(prediction: Prediction, probed: ProbeAnswers, unsaid: Sequence[str]) -> Prediction:
    open_: list[Condition] = []
    answered: set[str] = set()
    moments: list[datetime] = []
    notes: dict[str, None] = dict.fromkeys(unsaid)
    for each in (each for each in prediction.conditions if not each.rare or _is_so(each, probed)):
        answer = probed.get(each.probe) if each.probe is not None and each.unsettled is None else None
        if isinstance(answer, Found | Raised):
            moments += _moments(each, answer.at)
            if isinstance(answer, Raised):
                return _failed(prediction, answer.sqlstate, each.because, answer.at)
            if answer.rows and not each.may:
                rows = answer if each.probe is not None and each.probe.tables else None
                return replace(_failed(prediction, each.sqlstate, each.because, answer.at, rows), fix=each.fix)
            if answer.rows:
                open_.append(each)
                notes |= {each.because: None} if each.rare else {}  # `because` has it only now
            else:
                answered.add(each.because)
        else:
            open_.append(each)
            if each.unsettled is not None:
                notes[each.unsettled] = None
            elif isinstance(answer, NotProbed):
                notes[f"not probed: {answer.because}"] = None
    outcome, sqlstate = prediction.outcome, prediction.sqlstate
    if outcome is not Outcome.UNKNOWN and prediction.conditions:
        outcome, sqlstate = (Outcome.DEPENDS, open_[0].sqlstate) if open_ else (Outcome.OK, None)
    if unsaid:
        outcome, sqlstate = Outcome.UNKNOWN, None
    because = _still_said(prediction.because, answered - {each.because for each in open_})
    return replace(
        prediction,
        outcome=outcome,
        sqlstate=sqlstate,
        because=tuple(dict.fromkeys((*because, *notes))),
        at=min(moments, default=None),
    )


def _failed(
    prediction: Prediction, sqlstate: str, because: str, at: datetime | None = None, rows: Found | None = None
) -> Prediction:
    """The statement fails and loses nothing. Rows show that only under its locks; the analyser, before any is taken."""
    return Prediction(
        Outcome.FAILS,
        prediction.effects if at is not None else Effects(),
        sqlstate,
        because=(because,),
        analyses=prediction.analyses,
        conditions=prediction.conditions,
        rows=rows,
        at=at,
    )


def _still_said(because: Sequence[str], answered: Set[str]) -> tuple[str, ...]:
    return tuple(each for each in because if each not in answered)

"""What the answers of the server make of a prediction: its analyser's first, then what the rows say."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime

from shared.model.plan import (
    Condition,
    Effects,
    Found,
    NotProbed,
    Outcome,
    Prediction,
    ProbeAnswers,
    Raised,
)
from shared.model.question import Answers, Refused


def settled(prediction: Prediction, answers: Answers, probed: ProbeAnswers) -> Prediction:
    """Give *prediction* with all that *answers* and *probed* say; what nobody answered stays open.

    The first refusal or condition that holds is what the server stops at. Where one before it is open, the statement
    fails all the same.
    """
    if prediction.outcome is Outcome.FAILS:
        return prediction
    unsaid: list[str] = []
    for analysis in prediction.analyses:
        answer = answers.get(analysis.question)
        if not isinstance(answer, Refused):
            continue
        if answer.sqlstate not in analysis.open_to:
            return _failed(prediction, answer.sqlstate, answer.message)
        unsaid.append(f"the server could not say: {analysis.because}")
    return _by_rows(prediction, probed, unsaid)


def _by_rows(prediction: Prediction, probed: ProbeAnswers, unsaid: Sequence[str]) -> Prediction:
    open_: list[Condition] = []
    answered: set[str] = set()
    moments: list[datetime] = []
    notes: dict[str, None] = dict.fromkeys(unsaid)
    for each in prediction.conditions:
        answer = probed.get(each.probe) if each.probe is not None and each.unsettled is None else None
        if isinstance(answer, Found | Raised):
            moments.append(answer.at)
            if isinstance(answer, Raised):
                return _failed(prediction, answer.sqlstate, each.because, answer.at)
            if answer.rows:
                return _failed(prediction, each.sqlstate, each.because, answer.at, answer)
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

"""What pipelines were told: who asks again under the same id gets the same answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.model.memory import Answer, Memory, Question

# A pipeline asks again within minutes, a person who runs a job anew within the day.
KEPT = timedelta(days=1)
_MOST = 20
# The whole memory is written after every run, and a report may be long.
_MOST_TEXT = 2_000_000


class OtherQuestionError(Exception):
    """The id was used before, and something else was asked under it."""


def answer_to(question: Question, memory: Memory, now: datetime) -> Answer | None:
    """Give what was answered, or is waited for; raises `OtherQuestionError`."""
    for answer in memory.answers:
        if answer.question.id == question.id and now - answer.at <= KEPT:
            if answer.question != question:
                raise OtherQuestionError
            return answer
    return None


def with_answer(memory: Memory, answer: Answer) -> Memory:
    """Give *memory* with *answer* in the place of an earlier one to the same id; of all, the latest are kept."""
    others = [
        other for other in memory.answers if other.question.id != answer.question.id and answer.at - other.at <= KEPT
    ]
    return replace(memory, answers=tuple(_latest([*others, answer])))


def _latest(answers: Sequence[Answer]) -> Sequence[Answer]:
    """Give as many of the last *answers* as there is room for, the very last in any case."""
    kept, length = 1, len(answers[-1].document or "")
    for answer in reversed(answers[:-1]):
        length += len(answer.document or "")
        if kept == _MOST or length > _MOST_TEXT:
            break
        kept += 1
    return answers[-kept:]

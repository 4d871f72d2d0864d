"""The answers to pipelines: who asks again under the same id gets the same answer."""

from datetime import datetime, timedelta

from ...model.memory import Answer, Memory, Question
from ...model.value import replace

# A pipeline asks again within minutes, a person who runs a job again within the day.
KEPT = timedelta(days=1)
_MOST = 20


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
    return replace(memory, answers=(*others[1 - _MOST :], answer))

"""What a pipeline was answered, noted without notifying anybody."""

from datetime import datetime

from ..memory import MemoryPlace
from ..model.digest import digest
from ..model.memory import Answer, Memory, Question
from ..model.value import replace
from .decide.answers import answer_to, with_answer


def call_off(place: MemoryPlace, answer: Answer | None = None, said: str = "") -> None:
    """Note that the deployment under way was aborted: nothing is held back for it any more.

    Unless *answer* says that already, in the words *said*: a repetition must not call off the next deployment.
    """
    with place.alone():
        memory = place.load()
        if answer is None:
            place.save(replace(memory, window=None))
        elif not is_answered(answer.question, memory, answer.at):
            name = digest(said)
            place.save(with_answer(replace(memory, window=None), replace(answer, document=name)), {name: said})


def keep_waiting(place: MemoryPlace, answer: Answer) -> None:
    """Note that what *answer* is about is still waited for, unless that was noted or answered meanwhile."""
    with place.alone():
        memory = place.load()
        if answer_to(answer.question, memory, answer.at) is None:
            place.save(with_answer(memory, answer))


def is_answered(question: Question, memory: Memory, now: datetime) -> bool:
    answer = answer_to(question, memory, now)
    return answer is not None and answer.document is not None

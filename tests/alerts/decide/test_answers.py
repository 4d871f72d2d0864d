"""Which answers to pipelines are kept, and for how long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.alerts.decide.answers import KEPT, OtherQuestionError, answer_to, with_answer
from shared.model.memory import Answer, Memory, Question
from shared.model.report import Verdict
from tests.builders import NOW

QUESTION = Question("run-4711", "what production is like")
WAITING = Answer(QUESTION, NOW, until=NOW + timedelta(minutes=5))
FINAL = Answer(QUESTION, NOW, verdict=Verdict.FAILED, document="{}")
NOTHING = Memory("production")


def numbered(number: int, document: str = "{}") -> Answer:
    return replace(FINAL, question=Question(f"run-{number}", "the same"), document=document)


def ids(memory: Memory) -> list[str]:
    return [answer.question.id for answer in memory.answers]


def test_nothing_was_asked_before() -> None:
    assert answer_to(QUESTION, NOTHING, NOW) is None
    assert answer_to(QUESTION, with_answer(NOTHING, numbered(1)), NOW) is None


def test_the_same_question_gets_the_same_answer_for_a_day() -> None:
    memory = with_answer(NOTHING, FINAL)
    assert answer_to(QUESTION, memory, NOW + KEPT) == FINAL
    assert answer_to(QUESTION, memory, NOW + KEPT + timedelta(seconds=1)) is None


def test_the_answer_takes_the_place_of_the_wait_for_it() -> None:
    assert with_answer(with_answer(NOTHING, WAITING), FINAL).answers == (FINAL,)


def test_another_question_under_the_same_id() -> None:
    memory = with_answer(NOTHING, FINAL)
    other = replace(QUESTION, asked="what staging is like")
    with pytest.raises(OtherQuestionError):
        answer_to(other, memory, NOW)
    assert answer_to(other, memory, NOW + KEPT + timedelta(seconds=1)) is None


def test_the_latest_twenty_are_kept() -> None:
    memory = NOTHING
    for number in range(30):
        memory = with_answer(memory, numbered(number))
    assert ids(memory) == [f"run-{number}" for number in range(10, 30)]


def test_what_is_older_than_a_day_goes() -> None:
    memory = with_answer(NOTHING, numbered(1))
    assert ids(with_answer(memory, replace(numbered(2), at=NOW + KEPT + timedelta(seconds=1)))) == ["run-2"]

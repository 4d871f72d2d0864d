"""What the server's analyser answered before: the same question of the same server is asked once a process."""

from collections.abc import Sequence
from datetime import timedelta

from shared.gather.attempt import GatherError
from shared.model.database import DatabaseReading
from shared.model.knowledge import Unavailable
from shared.model.question import Answer, Answers, Question
from shared.model.settings import DatabaseSettings

# Of all servers together; beyond that, all is asked anew.
_MOST_KEPT = 2_000
_kept: dict[tuple[str, Question], Answer] = {}


def kept_answers(reading: DatabaseReading) -> Answers:
    """What is known of the server that *reading* is of, by its version."""
    server = _server(reading)
    return {question: answer for (of, question), answer in list(_kept.items()) if of == server}


def answers_to(
    questions: Sequence[Question], settings: DatabaseSettings, reading: DatabaseReading, within: timedelta
) -> Answers:
    """Ask the server that *reading* is of, *within* the time given; where that fails, each answer is `Unavailable`."""
    # Imported where it is used: few releases leave open what only a server knows.
    from shared.gather.database.analyser import ask_analyser  # noqa: PLC0415

    try:
        answers = ask_analyser(settings, questions, within)
    except GatherError as error:
        return dict.fromkeys(questions, Unavailable(str(error), error.lasting))
    if len(_kept) + len(answers) > _MOST_KEPT:
        _kept.clear()
    server = _server(reading)
    _kept.update(
        {(server, question): answer for question, answer in answers.items() if not isinstance(answer, Unavailable)}
    )
    return answers


def _server(reading: DatabaseReading) -> str:
    return f"{reading.host} {reading.name} {reading.server_version}"

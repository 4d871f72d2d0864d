"""What the server's analyser answered before: the same question of the same database is asked once.

Answers are kept in the process, and in the target's memory for the next one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from ...model.database import DatabaseReading, History
from ...model.digest import digest
from ...model.knowledge import Unavailable
from ...model.last_seen import Analysed
from ...model.question import Accepted, Answer, AnsweredColumn, Answers, Question, Refused
from ...model.settings import DatabaseSettings
from ..attempt import GatherError

# Of all servers together; beyond that, all is asked again.
_MOST_KEPT = 2_000
_kept: dict[tuple[str, Question], Answer] = {}
# Of one target's memory, in which all else has its place too.
_MOST_REMEMBERED = 32 * 1024
_SYNTAX_ERROR = "42601"


def kept_answers(reading: DatabaseReading) -> Answers:
    """What this process knows of the database that *reading* is of, as it is now."""
    if not _kept:
        return {}
    return _kept_in(_state(reading))


def _kept_in(state: str) -> Answers:
    return {question: answer for (of, question), answer in list(_kept.items()) if of == state}


def answers_to(
    questions: Sequence[Question],
    settings: DatabaseSettings,
    reading: DatabaseReading,
    within: timedelta,
    remembered: Analysed | None = None,
) -> Answers:
    """Give what is *remembered*, and ask the database for the rest, *within* the time given.

    Where that fails, each of those answers is `Unavailable`.
    """
    state = _state(reading)
    known = {} if isinstance(reading.history, Unavailable) else _known(questions, state, remembered)
    _keep(state, known)
    left = [question for question in questions if question not in known]
    if not left:
        return known
    # Imported where it is used: few releases leave open what only a server knows.
    from .analyser import ask_analyser  # noqa: PLC0415

    try:
        answers = ask_analyser(settings, left, within)
    except GatherError as error:
        return {**known, **dict.fromkeys(left, Unavailable(str(error), error.lasting))}
    _keep(state, answers)
    return {**known, **answers}


def to_remember(reading: DatabaseReading) -> Analysed | None:
    """Give what the next process need not ask of the database; None where that is nothing, or the history not known."""
    columns: dict[str, tuple[AnsweredColumn, ...]] = {}
    refused: dict[str, Refused] = {}
    size = 0
    if not _kept or not isinstance(reading.history, History):
        return None
    state = _state(reading)
    for question, answer in _kept_in(state).items():
        match answer:
            case Accepted():
                size += _size(column.name + column.type for column in answer.columns)
                if size <= _MOST_REMEMBERED:
                    columns[_digest(question)] = answer.columns
            case Refused():
                size += _size([answer.message])
                if size <= _MOST_REMEMBERED:
                    refused[_digest(question)] = answer
    return Analysed(state, columns, refused) if columns or refused else None


def _known(questions: Iterable[Question], state: str, remembered: Analysed | None) -> Answers:
    if remembered is None or remembered.of != state:
        return {}
    said: Mapping[str, Answer] = {
        **{digest: Accepted(columns) for digest, columns in remembered.columns.items()},
        **remembered.refused,
    }
    digests = {question: _digest(question) for question in questions}
    return {question: said[digest] for question, digest in digests.items() if digest in said}


def _keep(state: str, answers: Answers) -> None:
    if len(_kept) + len(answers) > _MOST_KEPT:
        _kept.clear()
    _kept.update({(state, question): answer for question, answer in answers.items() if _lasts(answer)})


def _lasts(answer: Answer) -> bool:
    """Of refusals only one of the grammar: a function or a role that does not exist yet may exist the next time."""
    return isinstance(answer, Accepted) or (isinstance(answer, Refused) and answer.sqlstate == _SYNTAX_ERROR)


def _state(reading: DatabaseReading) -> str:
    """All that answers depend on beside their questions; a deployment changes it, and so may somebody's hand."""
    # Imported where it is used: as `analyser` below.
    from ...postgres.catalog_digest import catalog_digest  # noqa: PLC0415

    history, catalog = reading.history, reading.catalog
    rows = history.rows if isinstance(history, History) else ()
    parts = [reading.host, reading.name, reading.server_version, reading.system_identifier]
    parts.append(None if isinstance(catalog, Unavailable) else catalog_digest(catalog))
    parts += [f"{row.id} {row.finished_at is not None} {row.rolled_back_at is not None}" for row in rows]
    return digest("\0".join(map(str, parts)))


def _digest(question: Question) -> str:
    return digest("\0".join((question.sql, *question.search_path)))


def _size(texts: Iterable[str]) -> int:
    """About so many bytes in a memory, with the question's digest."""
    return 64 + sum(len(text) + 32 for text in texts)

"""Questions to the server's own analyser: is this statement right, and which columns does it give?

libpq's Parse message looks names up, resolves types and reads literals. It plans nothing and runs nothing, so it needs
no right on any table. All questions travel together, each a group of its own up to its Sync: one that is refused hurts
no other, and a transaction pool keeps each group on one server. A table that is named is locked for that moment.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

from ...model.knowledge import Unavailable
from ...model.question import Accepted, Answer, AnsweredColumn, Answers, Question, Refused
from ...model.settings import DatabaseSettings
from .access import enter
from .pipeline import Command, exchange
from .query import sendable, text_of

# Of one run: each question that is refused is an ERROR in the server's log.
MOST_QUESTIONS = 200
MOST_BYTES = 2**20

_TOO_MANY = Unavailable(f"the server was not asked: more than {MOST_QUESTIONS} questions, or {MOST_BYTES // 1024} KiB")
# SQLSTATE classes in which the server says something of the statement, not of itself, its load or the role.
_OF_THE_STATEMENT = frozenset({"0A", "22", "2B", "3D", "3F", "42"})
_INSUFFICIENT_PRIVILEGE = "42501"
_REASONS = {
    _INSUFFICIENT_PRIVILEGE: "the monitor's role may not use a schema that it names",
    "55P03": "a table that it names is locked: the database is busy, probably migrating",
    "57014": "it took longer than the time allowed for it",
}

_WHOSE = "the server's analyser"

# A type as a result names it: its oid and its modifier.
_Type = tuple[int, int]
_Column = tuple[str, _Type]


def ask_analyser(settings: DatabaseSettings, questions: Sequence[Question], within: timedelta) -> Answers:
    """Ask the server about *questions* over a connection of its own, *within* the time given.

    The connection is made only when there is something to ask: it costs nothing to a run that asks nothing. Raises
    `GatherError` where the server cannot be reached or is lost; what else fails is `Unavailable` in its place.
    """
    until = time.monotonic() + within.total_seconds()
    _, connection = enter(settings, until)
    with closing(connection):
        return analysed(connection, questions, until)


def analysed(connection: psycopg.Connection, questions: Sequence[Question], until: float) -> Answers:
    """Ask about each of *questions* in one round trip, and for the names of the types in one more.

    *connection* is in no transaction. After the moment *until* of `time.monotonic` nothing more is asked.
    """
    different = list(dict.fromkeys(questions))
    asked = list(_within_bounds(different))
    groups = exchange(connection, [_asking(each) for each in asked], until, _WHOSE)
    described = {question: _described(group) for question, group in zip(asked, groups, strict=True)}
    types = {type_ for each in described.values() if isinstance(each, list) for _, type_ in each}
    names = _type_names(connection, sorted(types), until)
    answers: dict[Question, Answer] = dict.fromkeys(different, _TOO_MANY)
    answers |= {
        question: _named(each, names) if isinstance(each, list) else each for question, each in described.items()
    }
    return answers


def _within_bounds(questions: Sequence[Question]) -> Iterator[Question]:
    left = MOST_BYTES
    for question in questions[:MOST_QUESTIONS]:
        size = len(question.sql.encode("utf-8", "replace"))
        if size <= left:
            left -= size
            yield question


def _asking(question: Question) -> list[Command]:
    path = ", ".join(_identifier(name) for name in (*question.search_path, "pg_temp"))
    sql = sendable(question.sql).encode()
    return [
        _settings(path),
        lambda pgconn: pgconn.send_prepare(b"", sql),
        lambda pgconn: pgconn.send_describe_prepared(b""),
    ]


def _settings(search_path: str) -> Command:
    return lambda pgconn: pgconn.send_query_params(text_of("question_settings"), [search_path.encode()])


def _identifier(name: str) -> str:
    return '"' + sendable(name).replace('"', '""') + '"'


def _described(group: Sequence[PGresult]) -> list[_Column] | Refused | Unavailable:
    """What came of one question: the columns of its result, or why there are none."""
    for result in group:
        if result.status == pq.ExecStatus.FATAL_ERROR:
            return _refused(result)
    description = group[-1]
    return [
        ((description.fname(place) or b"").decode(), (description.ftype(place), description.fmod(place)))
        for place in range(description.nfields)
    ]


def _refused(result: PGresult) -> Refused | Unavailable:
    """What the server says of the statement; `Unavailable` where it refers to itself, its load or the role."""
    fields = pq.DiagnosticField
    sqlstate = (result.error_field(fields.SQLSTATE) or b"").decode()
    if sqlstate[:2] not in _OF_THE_STATEMENT or sqlstate == _INSUFFICIENT_PRIVILEGE:
        return Unavailable(f"the server could not be asked: {_REASONS.get(sqlstate, f'SQLSTATE {sqlstate}')}")
    message, position = result.error_field(fields.MESSAGE_PRIMARY), result.error_field(fields.STATEMENT_POSITION)
    return Refused(sqlstate, (message or b"").decode(errors="replace"), int(position) if position else None)


def _type_names(connection: psycopg.Connection, types: Sequence[_Type], until: float) -> Mapping[_Type, str]:
    if not types:
        return {}
    arrays = [f"{{{','.join(map(str, numbers))}}}".encode() for numbers in zip(*types, strict=True)]

    def name_types(pgconn: PGconn) -> None:
        pgconn.send_query_params(text_of("type_names"), arrays)

    ((*_, result),) = exchange(connection, [[_settings("pg_catalog"), name_types]], until, _WHOSE)
    if result.status != pq.ExecStatus.TUPLES_OK:
        return {}
    names = [(result.get_value(row, 0) or b"").decode() for row in range(result.ntuples)]
    return dict(zip(types, names, strict=True))


def _named(columns: Iterable[_Column], names: Mapping[_Type, str]) -> Accepted | Unavailable:
    columns = list(columns)
    if any(type_ not in names for _, type_ in columns):
        return Unavailable("the server did not name the types of its answer")
    return Accepted(tuple(AnsweredColumn(name, names[type_]) for name, type_ in columns))

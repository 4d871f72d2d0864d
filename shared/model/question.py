"""What the server's own analyser is asked, and what it answers.

The server is asked to analyse a statement (libpq's Parse and Describe) and never to run it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from .knowledge import Unavailable
from .value import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One statement without parameters; *search_path* is where its unqualified names lead, as stored, unquoted.

    No literal in *sql* may have a type of array, range or composite that a domain is in, nor a type whose input
    function is the database's own: reading it would run the domain's CHECK. Write ``NULL::type`` instead.
    """

    sql: str
    search_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnsweredColumn:
    """A column of a result; *type* as ``format_type`` spells it while search_path is pg_catalog.

    A column of a domain has the domain's base type here. ``ARRAY[column]`` has the domain's own array type.
    """

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server would run the statement, as far as its analysis goes; *columns* are those of its result."""

    columns: tuple[AnsweredColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The server's analysis refuses the statement. *position* counts characters of the question from 1."""

    sqlstate: str
    message: str
    position: int | None = None


Answer = Accepted | Refused | Unavailable
# A question that was not asked (yet) has no answer here.
Answers = Mapping[Question, Answer]
NO_ANSWERS: Answers = MappingProxyType({})

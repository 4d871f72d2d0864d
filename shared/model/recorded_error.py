"""The error with which a script stopped, as it was recorded."""

from .value import dataclass


@dataclass(frozen=True, slots=True)
class ShownLine:
    """The line that was recorded beside an error's position: its *number* in the text that was sent, from 1, and it."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class RecordedError:
    """PostgreSQL's own error line, its SQLSTATE, and what the server reported beside them, where it was recorded.

    *schema*, *table*, *column*, *datatype* and *constraint* are the names that the server gives to programs, in no
    language. *routine* is the server's own function that raised it, *context* the call stack in PL/pgSQL,
    *internal_query* the statement within a function. *position* counts characters, from 1, in the text that was sent:
    the whole script, or one statement of it. *detail* is kept only of errors in whose details no row's data stands.
    """

    message: str
    sqlstate: str | None
    detail: str | None = None
    schema: str | None = None
    table: str | None = None
    column: str | None = None
    datatype: str | None = None
    constraint: str | None = None
    routine: str | None = None
    context: str | None = None
    internal_query: str | None = None
    position: int | None = None
    shown: ShownLine | None = None

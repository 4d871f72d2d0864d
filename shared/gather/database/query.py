"""A statement to ask the database, and afterwards what came of it."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Generic, LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import kwargs_row

from ...model.value import dataclass

Row = TypeVar("Row")
Fact = TypeVar("Fact")
Text = sql.Composed | bytes

_SQL_FOLDER = Path(__file__).parent.parent / "sql"


class Query(Generic[Row]):
    """One statement, whose rows become values of *row*, called with the columns as keywords.

    A `Session` sends it along with others, and hands it what came back.
    """

    def __init__(self, text: Text, row: Callable[..., Row], parameters: Mapping[str, object] | None = None) -> None:
        self._text = text
        self._row = row
        self._parameters = parameters
        self._outcome: list[Row] | psycopg.Error | None = None

    def rows(self) -> list[Row]:
        """Give the rows, or raise the `psycopg.Error` that came instead."""
        if isinstance(self._outcome, psycopg.Error):
            raise self._outcome
        if self._outcome is None:
            raise RuntimeError("the query was not asked")
        return self._outcome

    def take(self) -> Iterator[Row]:
        """Give the rows one by one and keep none: a large catalog's weigh as much as what is made of them."""
        rows = self.rows()
        rows.reverse()
        while rows:
            yield rows.pop()

    def one(self) -> Row:
        """Give the only row of a query that always has one."""
        (row,) = self.rows()
        return row

    def send(self, connection: psycopg.Connection) -> psycopg.Cursor[Row]:
        """Send the statement. Binary results: their meaning hangs on no DateStyle or IntervalStyle of the role's."""
        cursor = connection.cursor(binary=True, row_factory=kwargs_row(self._row))
        return cursor.execute(self._text, self._parameters)

    def receive(self, cursor: psycopg.Cursor[Row]) -> None:
        try:
            self._outcome = cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            self.fail(error)

    def fail(self, error: psycopg.Error) -> None:
        self._outcome = error


@dataclass(frozen=True, slots=True)
class Plan(Generic[Fact]):
    """How a fact comes about: ask the *queries*, then call *fact*."""

    fact: Callable[[], Fact]
    queries: tuple[Query[Any], ...] = ()


def unread(**_columns: object) -> None:
    """Make nothing of a row, of a statement that answers nothing worth reading."""


def command(text: LiteralString) -> Query[None]:
    """Give a statement that answers nothing, such as ROLLBACK."""
    return Query(sql.Composed([sql.SQL(text)]), unread)


def from_file(
    subject: str, row: Callable[..., Row], parameters: Mapping[str, object] | None = None, **names: sql.Composable
) -> Query[Row]:
    """Give the query of ``sql/<subject>.sql``; *names* are composed into its braces, *parameters* bound."""
    return Query(composed(subject, **names), row, parameters)


@cache
def statements_of(subject: str) -> tuple[bytes, ...]:
    """Give the statements of ``sql/<subject>.sql``: a blank line stands between them."""
    return tuple(text.strip().encode() for text in _text(subject).split(";\n\n"))


@cache
def text_of(subject: str) -> bytes:
    """Give ``sql/<subject>.sql`` unchanged, for libpq's own placeholders."""
    return _text(subject).encode()


def composed(subject: str, **names: sql.Composable) -> sql.Composed:
    return sql.SQL(_text(subject)).format(**names)


def plain_table_only(table: sql.Identifier) -> sql.Composed:
    """Give the prefix of a statement that reads *table*, so that it fails where that is no table any more."""
    return composed("plain_table_only", table=table)


def sendable(text: str) -> str:
    """Give *text* as PostgreSQL can take it: without the NUL and the lone surrogates that no name there can hold."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


@cache
def _text(subject: str) -> str:
    return (_SQL_FOLDER / f"{subject}.sql").read_text("utf-8")

"""One connection that is asked many things in few round trips, in short read-only transactions."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import timedelta
from itertools import takewhile
from typing import Any, Literal

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus

from ...model.settings import DatabaseSettings
from ...model.value import dataclass
from .query import Query, command, from_file, unread
from .refusal import OwnTimeoutError
from .time_limit import ended_in_time

_DONE = {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}
# A count does not wait for a lock: a session that wants to change the table would queue behind it, and all others too.
_COUNT_LOCK_TIMEOUT = timedelta(milliseconds=100)
_BEGIN = {
    "one snapshot": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "current": "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
}


@dataclass(frozen=True, slots=True)
class Transaction:
    """*queries* in a read-only transaction that is undone at its end.

    *opening* begins it under the monitor's own limits, or comes back to where it was before a statement failed.
    """

    opening: Sequence[Query[Any]]
    queries: Sequence[Query[Any]]

    @property
    def statements(self) -> list[Query[Any]]:
        return [*self.opening, *self.queries, command("ROLLBACK")]


@dataclass(frozen=True, slots=True)
class Session:
    """An open connection; *until* is the moment of `time.monotonic` after which nothing more is asked."""

    connection: psycopg.Connection = field(repr=False)
    settings: DatabaseSettings
    until: float

    def catalog_transaction(
        self, queries: Sequence[Query[Any]], sees: Literal["one snapshot", "current"]
    ) -> Transaction:
        """Plan to ask *queries* of the catalog and of the history, names spelled in full.

        Keep ``one snapshot`` short: CREATE INDEX CONCURRENTLY anywhere in the database waits until it ends.
        """
        limits = self._limits(self.settings.lock_timeout)
        opening = [command(_BEGIN[sees]), from_file("transaction_settings", unread, limits)]
        return Transaction([*opening, command("SAVEPOINT reading")], queries)

    def count_transaction(self, query: Query[Any], schema: str) -> Transaction:
        """Plan to count rows by *query*, in whose condition names may mean the watched *schema*.

        A condition may call any function: what one sets, such as the search path, must not change what the next
        means, and before PostgreSQL 16 large objects could be made in a read-only transaction. So each has a
        transaction of its own, which is undone.
        """
        limits = self._limits(min(self.settings.lock_timeout, _COUNT_LOCK_TIMEOUT))
        opening = [command(_BEGIN["current"]), from_file("count_settings", unread, {"schema": schema, **limits})]
        return Transaction([*opening, command("SAVEPOINT reading")], [query])

    def ask(self, transactions: Sequence[Transaction]) -> None:
        """Send everything in one round trip, each statement alone through the extended protocol.

        A query that fails costs one more round trip: its transaction goes on behind it. A transaction that cannot
        begin fails all its queries, and no others.
        """
        waiting = list(transactions)
        while waiting:
            sent = [statement for transaction in waiting for statement in transaction.statements]
            done, error = self._one_trip(sent)
            if error is None:
                return
            if self.connection.closed or time.monotonic() >= self.until:
                _fail(sent[done:], error)
                return
            waiting = list(_behind(waiting, done, error))

    def _limits(self, lock_timeout: timedelta) -> dict[str, str]:
        left = timedelta(seconds=max(0.0, self.until - time.monotonic()))
        return {
            "statement_timeout": _milliseconds(min(self.settings.statement_timeout, left)),
            "lock_timeout": _milliseconds(min(lock_timeout, left)),
        }

    def _one_trip(self, queries: Sequence[Query[Any]]) -> tuple[int, psycopg.Error | None]:
        """Give how many of *queries*, from the first, were done, and what befell the one after them."""
        if time.monotonic() >= self.until:
            return 0, errors.QueryCanceled("no time left")
        cursors: list[psycopg.Cursor[Any]] = []
        befell: list[psycopg.Error] = []
        try:
            with ended_in_time(self.connection, self.until), self.connection.pipeline():
                # Caught inside as well: psycopg logs the second error of a pipeline that an error leaves.
                try:
                    cursors.extend(query.send(self.connection) for query in queries)
                except psycopg.Error as error:
                    befell.append(error)
        except psycopg.Error as error:
            befell.append(error)
        done = sum(1 for _ in takewhile(_succeeded, cursors))
        for query, cursor in zip(queries[:done], cursors, strict=False):
            query.receive(cursor)
        return done, befell[0] if befell else None


def _behind(waiting: Sequence[Transaction], done: int, error: psycopg.Error) -> Iterator[Transaction]:
    """Give what is still to be asked after the statement number *done* of *waiting* failed with *error*."""
    left = list(waiting)
    while done >= len(left[0].statements):
        done -= len(left.pop(0).statements)
    broken = left.pop(0)
    place = done - len(broken.opening)
    if place < 0:
        # The role's own limits still hold there, not the monitor's.
        own = OwnTimeoutError(*error.args) if isinstance(error, errors.QueryCanceled) else error
        _fail(broken.queries, own)
        yield Transaction([], [])
    else:
        _fail(broken.queries[place : place + 1], error)
        yield Transaction([command("ROLLBACK TO SAVEPOINT reading")], broken.queries[place + 1 :])
    yield from left


def _milliseconds(duration: timedelta) -> str:
    # 0 would be for ever.
    return str(max(1, duration // timedelta(milliseconds=1)))


def _succeeded(cursor: psycopg.Cursor[Any]) -> bool:
    return cursor.pgresult is not None and cursor.pgresult.status in _DONE


def _fail(queries: Sequence[Query[Any]], error: psycopg.Error) -> None:
    for query in queries:
        query.fail(error)

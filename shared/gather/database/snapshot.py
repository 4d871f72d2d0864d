"""One read-only transaction that is asked many things in few round trips."""

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile
from typing import Any

import psycopg
from psycopg.pq import ExecStatus

from shared.gather.database.query import Query, command, from_file, unread
from shared.gather.database.time_limit import ended_in_time
from shared.model.settings import DatabaseSettings
from shared.model.value import dataclass

_DONE = {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}
_UNDO = "ROLLBACK TO SAVEPOINT reading"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open connection; *until* is the moment of `time.monotonic` after which nothing more is asked."""

    connection: psycopg.Connection
    settings: DatabaseSettings
    until: float

    def begin_and_ask(self, queries: Sequence[Query[Any]]) -> None:
        """Begin the transaction: what it may not do, how long it may take; and send *queries*."""
        left = timedelta(seconds=max(0.0, self.until - time.monotonic()))
        limits = {
            "statement_timeout": _milliseconds(min(self.settings.statement_timeout, left)),
            "lock_timeout": _milliseconds(min(self.settings.lock_timeout, left)),
        }
        begin = command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._ask([begin, from_file("transaction_settings", unread, limits)], queries)

    def ask_and_end(self, queries: Sequence[Query[Any]], schema: str) -> None:
        """Send *queries*, in whose conditions names may mean the watched *schema*, and undo the transaction.

        A condition may call any function: what one sets, such as the search path, must not change
        what the next means, and before PostgreSQL 16 large objects could be made in a read-only
        transaction. So each is undone by itself, and all of it at the end.
        """
        search_path = from_file("search_path", unread, {"schema": schema})
        each_undone = [step for query in queries for step in (query, command(_UNDO))]
        self._ask([search_path], [*each_undone, command("ROLLBACK")])

    def _ask(self, before: Sequence[Query[Any]], queries: Sequence[Query[Any]]) -> None:
        """Send everything in one round trip, each statement alone through the extended protocol.

        If one of *before* fails, all have failed. One of *queries* that fails costs one more round
        trip: the transaction goes back to the savepoint, and on behind the broken one.
        """
        opening, waiting = [*before, command("SAVEPOINT reading")], list(queries)
        while True:
            sent = [*opening, *waiting]
            done, error = self._one_trip(sent)
            if error is None:
                return
            if done < len(opening) or self.connection.closed:
                _fail(sent[done:], error)
                return
            sent[done].fail(error)
            waiting = sent[done + 1 :]
            opening = [command(_UNDO)]

    def _one_trip(self, queries: Sequence[Query[Any]]) -> tuple[int, psycopg.Error | None]:
        """Give how many of *queries*, from the first, were done, and what befell the one after them."""
        if time.monotonic() >= self.until:
            return 0, psycopg.errors.QueryCanceled("no time left")
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


def _milliseconds(duration: timedelta) -> str:
    # 0 would be for ever.
    return str(max(1, duration // timedelta(milliseconds=1)))


def _succeeded(cursor: psycopg.Cursor[Any]) -> bool:
    return cursor.pgresult is not None and cursor.pgresult.status in _DONE


def _fail(queries: Sequence[Query[Any]], error: psycopg.Error) -> None:
    for query in queries:
        query.fail(error)

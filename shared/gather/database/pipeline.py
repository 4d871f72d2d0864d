"""libpq's own pipeline: several groups of commands, each up to a Sync of its own, in one round trip."""

import time
from collections.abc import Callable, Iterator, Sequence
from select import select

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

from ..attempt import GatherError
from .time_limit import ended_in_time

Command = Callable[[PGconn], None]


def exchange(
    connection: psycopg.Connection, groups: Sequence[Sequence[Command]], until: float, whose: str
) -> list[list[PGresult]]:
    """Send *groups*, each up to a Sync of its own, and give the results of each, all in one round trip.

    Raises `GatherError` where that takes longer than to the moment *until* of `time.monotonic`, or the connection is
    lost: *whose* begins its sentence.
    """
    if not groups:
        return []
    late = f"{whose} gave no answer: it took longer than the time allowed for it"
    if time.monotonic() >= until:
        raise GatherError(late)
    pgconn = connection.pgconn
    try:
        with ended_in_time(connection, until):
            pgconn.enter_pipeline_mode()
            for group in groups:
                for send in group:
                    send(pgconn)
                pgconn.pipeline_sync()
            _flush(pgconn)
            received = [list(_received(pgconn)) for _ in groups]
            pgconn.exit_pipeline_mode()
            return received
    except (psycopg.Error, OSError, ValueError):
        # ValueError: a socket that is closed has no number. Nothing of libpq's own text, which may name the user.
        because = late if time.monotonic() >= until else f"{whose} gave no answer: the connection was lost"
    raise GatherError(because)


def _flush(pgconn: PGconn) -> None:
    """Send all that is waiting, and read meanwhile: a server that cannot answer takes nothing more."""
    while pgconn.flush():
        readable, _, _ = select([pgconn.socket], [pgconn.socket], [])
        if readable:
            pgconn.consume_input()


def _received(pgconn: PGconn) -> Iterator[PGresult]:
    """The results up to the next Sync. None stands behind each."""
    while True:
        while pgconn.is_busy():
            select([pgconn.socket], [], [])
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            if pgconn.status != pq.ConnStatus.OK:
                raise psycopg.OperationalError("the connection was lost")
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return
        yield result

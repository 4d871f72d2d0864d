"""The SQLSTATE with which a server refuses a connection, whatever the language of its messages.

libpq gives it to nobody: it is in the server's answer, but libpq keeps only the translated text. It also
shows in libpq's own trace of the protocol, so the connection is tried once more with that.
"""

import os
import re
import select
import time
from datetime import timedelta

import psycopg
from psycopg import pq

# ``B  117  ErrorResponse  S "FATAL" V "FATAL" C "28P01" M "…"``; the code comes before every text.
_CODE = re.compile(rb'ErrorResponse[^\n]*? C "([0-9A-Z]{5})"')
_ONE_POLL_SECONDS = 1.0


def refusal_sqlstate(conninfo: str, within: timedelta) -> str | None:
    """Try to connect, and give the server's SQLSTATE; None where no server refused it in time."""
    if not hasattr(os, "memfd_create"):
        return None  # a trace holds what was sent: it is kept in memory, or not made
    until = time.monotonic() + within.total_seconds()
    trace = os.memfd_create("trace")
    try:
        connection = pq.PGconn.connect_start(conninfo.encode())
        try:
            connection.trace(trace)
            connection.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
            _poll(connection, until)
        finally:
            connection.untrace()  # which writes what is still to be written
            connection.finish()
        with os.fdopen(os.dup(trace), "rb") as file:
            file.seek(0)
            found = _CODE.findall(file.read())
    except psycopg.Error:
        return None
    finally:
        os.close(trace)
    return found[-1].decode() if found else None


def _poll(connection: pq.abc.PGconn, until: float) -> None:
    waits = {pq.PollingStatus.READING: ([0], []), pq.PollingStatus.WRITING: ([], [0])}
    status = pq.PollingStatus.WRITING
    while status in waits and (left := until - time.monotonic()) > 0:
        reads, writes = ([connection.socket] * len(way) for way in waits[status])
        if any(select.select(reads, writes, [], min(left, _ONE_POLL_SECONDS))):
            status = pq.PollingStatus(connection.connect_poll())

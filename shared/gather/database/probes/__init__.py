"""Probes: what the rows say of pending statements, asked so that a busy primary does not feel it.

Each is one short READ COMMITTED READ ONLY transaction under limits of its own. None starts, and none goes on, while
somebody waits for a lock on its table or a migration runs. What is not asked says why.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from ....model.plan import Access, Found, NotProbed, Probe, ProbeAnswer, ProbeAnswers, Raised
from ....model.settings import DatabaseSettings
from ....model.value import dataclass, replace
from ...attempt import GatherError
from ..access import enter
from ..pipeline import Command, exchange
from ..query import sendable, text_of
from ..session import Session
from .admission import Table, admitted
from .bounds import AROUND_A_DEPLOYMENT, ON_A_SCHEDULE, Bounds
from .watching import Transaction, Watch

__all__ = ["AROUND_A_DEPLOYMENT", "ON_A_SCHEDULE", "Bounds", "probe_rows"]

# Of one run; what comes behind is not asked.
MOST_PROBES = 100
_WHOSE = "the rows"
# For a request to cancel, over a connection of its own.
_CANCEL_SECONDS = 1.0
_BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
_ROLLBACK = b"ROLLBACK"
_OF_ROWS = ("22", "23")
_LATE = NotProbed("there was no time left for it")
_REASONS = {
    "42501": "the role may not read a table or a schema that it needs",
    "55P03": "its table is locked",
    "57014": "it took longer than the time allowed for it",
    "40001": "a standby had to replay what the primary changed",
}


def probe_rows(settings: DatabaseSettings, probes: Sequence[Probe], bounds: Bounds, within: timedelta) -> ProbeAnswers:
    """Ask *probes* within *bounds*, over two connections of their own, *within* the time given; each has an answer."""
    until = time.monotonic() + within.total_seconds()
    try:
        _, asking = enter(settings, until)
        with closing(asking):
            _, watching = enter(settings, until)
            with closing(watching):
                return _Probing(settings, bounds, until, asking, watching).ask(probes)
    except GatherError as error:
        return dict.fromkeys(probes, NotProbed(str(error)))


@dataclass(frozen=True, slots=True)
class _Probing:
    settings: DatabaseSettings
    bounds: Bounds
    until: float
    asking: psycopg.Connection
    watching: psycopg.Connection

    def ask(self, probes: Sequence[Probe]) -> ProbeAnswers:
        choice = admitted(Session(self.asking, self.settings, self.until), probes, self.bounds)
        answers: dict[Probe, ProbeAnswer] = {**choice.refused}
        watch, stopped = Watch(self.watching), None
        for number, (probe, tables) in enumerate(choice.tables.items()):
            if stopped is None and number >= MOST_PROBES:
                stopped = NotProbed(f"at most {MOST_PROBES} questions are asked of the rows in one run")
            answers[probe] = stopped or self._answer(probe, tables, watch, choice.sampled.get(probe))
            if watch.stopped is not None:
                answers[probe] = stopped = NotProbed(watch.stopped)
        return answers

    def _answer(self, probe: Probe, tables: Sequence[Table], watch: Watch, too_large: NotProbed | None) -> ProbeAnswer:
        if time.monotonic() + self.bounds.statement_timeout.total_seconds() > self.until:
            return _LATE
        try:
            because = watch.why_not([each.oid for each in tables])
        except psycopg.Error:
            because = "the connection was lost"
        if because is not None:
            return NotProbed(because)
        asked = probe.sample if too_large is not None and probe.sample is not None else probe.sql
        try:
            answer = self._probed(self._query(asked), probe.access, tables, watch)
        except GatherError as error:
            return NotProbed(str(error))
        if too_large is None or not isinstance(answer, Found):
            return answer
        return replace(answer, more=True) if answer.rows else too_large

    def _probed(self, query: bytes, access: Access, tables: Sequence[Table], watch: Watch) -> ProbeAnswer:
        """Lock by analysing, look whether the names are still those tables, then run: never what was not chosen."""
        results = self._exchange([_command(_BEGIN), self._settings(access), _prepare(query), _check(tables)])
        refused = _error(results)
        if refused is not None or (transaction := _transaction(results[-1], len(tables))) is None:
            with suppress(GatherError):
                self._exchange([_command(_ROLLBACK)])
            return _refused(refused) if refused is not None else NotProbed("its table was replaced meanwhile")
        with watch.over(transaction, self._cancel):
            # Both at once: no lock is held for the time that an answer takes.
            groups = [[_command(query)], [_command(_ROLLBACK)]]
            results, _ = exchange(self.asking, groups, self.until, _WHOSE)
        at = datetime.now(UTC)
        error = _error(results)
        if error is not None:
            sqlstate = _sqlstate(error)
            return Raised(sqlstate, at) if sqlstate[:2] in _OF_ROWS else _refused(error)
        found = int(results[-1].get_value(0, 0) or b"0")
        most = self.bounds.counted
        return Found(min(found, most), at, more=found > most or (most == 1 and found == 1))

    def _cancel(self) -> None:
        with suppress(psycopg.Error):
            self.asking.cancel_safe(timeout=_CANCEL_SECONDS)

    def _exchange(self, commands: Sequence[Command]) -> list[PGresult]:
        ((results),) = exchange(self.asking, [commands], self.until, _WHOSE)
        return results

    def _query(self, asked: str) -> bytes:
        most = self.bounds.counted
        limit = most + 1 if most > 1 else 1
        return sendable(f"SELECT count(*) FROM (\n{asked}\nLIMIT {limit}) AS found").encode()  # noqa: S608  # ours

    def _settings(self, access: Access) -> Command:
        timeout = str(self.bounds.statement_timeout // timedelta(milliseconds=1)).encode()
        scans = b"off" if access is Access.INDEX else b"on"
        return lambda pgconn: pgconn.send_query_params(text_of("probe_settings"), [timeout, scans])


def _command(text: bytes) -> Command:
    return lambda pgconn: pgconn.send_query_params(text, [])


def _prepare(sql: bytes) -> Command:
    return lambda pgconn: pgconn.send_prepare(b"", sql)


def _check(tables: Sequence[Table]) -> Command:
    names = [_array(each.schema for each in tables), _array(each.name for each in tables)]
    oids = f"{{{','.join(str(each.oid) for each in tables)}}}".encode()
    return lambda pgconn: pgconn.send_query_params(text_of("probe_check"), [*names, oids])


def _array(words: Iterable[str]) -> bytes:
    quoted = ('"' + sendable(word).replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    return f"{{{','.join(quoted)}}}".encode()


def _transaction(result: PGresult, tables: int) -> Transaction | None:
    """What the check answers; None where a name now means another table."""
    pid, began, unchanged = ((result.get_value(0, place) or b"").decode() for place in range(3))
    return Transaction(int(pid), began) if int(unchanged) == tables and began else None


def _error(results: Sequence[PGresult]) -> PGresult | None:
    return next((each for each in results if each.status == pq.ExecStatus.FATAL_ERROR), None)


def _sqlstate(error: PGresult) -> str:
    return (error.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()


def _refused(error: PGresult) -> NotProbed:
    sqlstate = _sqlstate(error)
    return NotProbed(_REASONS.get(sqlstate, f"the server refused with SQLSTATE {sqlstate}"))

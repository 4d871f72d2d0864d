"""A server on which only some statements of a script ran, and what is said of each against what is true."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import psycopg

from shared.model.progress import Progress, StatementState
from shared.model.schema import Schema
from shared.postgres.parse import Statement
from shared.postgres.progress import Script, follow
from shared.postgres.progress.steps import Step
from tests.postgres.live import live_schema

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Notified:
    """What is said of a script in whose place only the statements *ran* took effect."""

    progress: Progress
    ran: frozenset[int]

    @property
    def false(self) -> list[str]:
        """Every claim that is not so."""
        return [
            f"line {each.line} {each.state}, {'ran' if number in self.ran else 'did not run'}: {each.sql[:70]} ({each.because})"
            for number, each in enumerate(self.progress.statements)
            if (each.state is StatementState.PRESENT and number not in self.ran)
            or (each.state is StatementState.ABSENT and number in self.ran)
            or (each.state is StatementState.INVALID and number in self.ran)
        ]

    @property
    def undecided(self) -> list[str]:
        return [
            f"line {each.line}: {each.sql[:60]} ({each.because})"
            for each in self.progress.statements
            if each.state is StatementState.UNKNOWN
        ]


def run_some(connection: Connection, script: Sequence[Statement], wanted: Collection[int]) -> frozenset[int]:
    """Run *wanted* as psql does, which goes on after errors; give those that took effect.

    Settings of the session are always run, transactions never: one that fails would undo what ran.
    """
    ran: set[int] = set()
    for number, statement in enumerate(script):
        setting = Step(statement, 0, number, optional=True).is_setting
        if (number in wanted and statement.kind != "TransactionStmt") or setting:
            try:
                connection.execute(statement.sql.encode())
            except psycopg.Error:
                continue
            ran.add(number)
        elif statement.kind == "TransactionStmt" and number in wanted:
            ran.add(number)
    connection.execute("RESET search_path")
    return frozenset(ran)


def live(connection: Connection) -> Schema:
    return live_schema(connection)


def follow_on_server(
    url: str,
    before: Sequence[Statement],
    script: Sequence[Statement],
    after: Sequence[Statement],
    wanted: Collection[int],
) -> Notified:
    with psycopg.connect(url, autocommit=True) as connection:
        run_some(connection, before, range(len(before)))
        ran = run_some(connection, script, wanted)
        run_some(connection, after, range(len(after)))
        actual = live(connection)
    followed = follow([Script(before), Script(script, applied=False), Script(after)], actual)
    return Notified(followed.progress[1], ran)


NewDatabase = Callable[..., str]

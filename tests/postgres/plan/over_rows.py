"""Predictions over a real database with rows: the catalog by the product's reader, its questions, and its probes."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from shared.gather.database.analyser import analysed
from shared.model.plan import Found, NotProbed, Outcome, Prediction, Probe, ProbeAnswer, Raised
from shared.model.question import Answers
from shared.model.schema import Schema
from shared.postgres.parse import Statement, read
from shared.postgres.plan.answers import settled
from shared.postgres.plan.effects import predict
from shared.postgres.plan.failures import added_value
from shared.postgres.plan.following_rows import follow
from shared.postgres.plan.following_schema import apply_to
from shared.postgres.plan.footprint import Circumstances
from shared.postgres.plan.known import Known
from shared.postgres.plan.passed import Passed
from shared.postgres.plan.present import present
from shared.postgres.progress.ground import Effect
from shared.postgres.replay import Replay
from tests.patience import SECONDS
from tests.postgres.live import live_schema

FOLDER = Path(__file__).parent
SETUP, _, _ = (FOLDER / "failure_cases.sql").read_text().partition("-- cases")
ALONE = ("CONCURRENTLY", "ALTER SYSTEM", "VACUUM", "CREATE DATABASE")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """*sqlstate* None: all of *sql* runs. *step* is the statement that fails, from 1; 0: the end of the transaction."""

    sql: str
    sqlstate: str | None
    step: int

    @property
    def is_alone(self) -> bool:
        return " ;; " not in self.sql and any(word in self.sql for word in ALONE)


def cases(version: int) -> Iterator[Case]:
    for line in (FOLDER / "failures.tsv").read_text().splitlines():
        if line.startswith("#"):
            continue
        versions, text, said = line.split("\t")
        first, _, last = versions.partition("-")
        if not int(first) <= version <= int(last or first):
            continue
        words = said.split(" ")
        if words[0] == "ok":
            yield Case(text, None, 0)
        elif words[1] == "at":
            yield Case(text, words[0], 0 if words[2] == "end" else int(words[2]))
        else:
            yield Case(text, words[0], 1)


class Database:
    """The database of the cases, read once."""

    def __init__(self, connection: psycopg.Connection[Any], setup: str) -> None:
        self.connection = connection
        self.version = connection.info.server_version // 10000
        # Roles are the server's, which other tests use, too.
        setup = setup.replace("CREATE ROLE app; CREATE ROLE reader;", "")
        for role in ("app", "reader"):
            with suppress(psycopg.errors.DuplicateObject):
                connection.execute(f"CREATE ROLE {role}".encode())
        connection.execute(setup.encode(), prepare=False)
        self._read(setup)

    def _read(self, setup: str) -> None:
        self.schema: Schema = live_schema(self.connection)
        self.replay = Replay("public")
        self.replay.start_session()
        for statement in read(setup):
            self.replay.run(statement)
        self.present = present(self.replay, self.schema)

    @classmethod
    def reading(cls, connection: psycopg.Connection[Any], migrations: str) -> "Database":
        """One that is there already, whose *migrations* may say something else."""
        made = cls.__new__(cls)
        made.connection = connection
        made.version = connection.info.server_version // 10000
        made._read(migrations)
        return made

    @classmethod
    def asking(cls, connection: psycopg.Connection[Any]) -> "Database":
        """One that asks over *connection* and knows nothing of the cases."""
        made = cls.__new__(cls)
        made.connection = connection
        return made

    def predicted(self, script: list[Statement], *, in_block: bool) -> Iterator[Prediction]:
        """Each statement of *script* in turn, settled, where those before it ran."""
        mark = self.replay.mark()
        known = Known(self.present.known.objects, self.replay.search_path)
        passed = Passed()
        new_values: set[tuple[str, str]] = set()
        try:
            for statement in script:
                refusal = self.replay.run(statement)
                changes = self.replay.changes()
                changed = Effect(changes.objects, changes.opaque, changes.doubts, refusal)
                circumstances = Circumstances(
                    self.version,
                    "UTC",
                    in_block=in_block,
                    new_values=frozenset(new_values),
                    passed=passed,
                    is_live=True,
                )
                found = predict(statement, known, changed, circumstances)
                yield self.settled(found)
                if (value := added_value(statement, known, changes.objects)) is not None:
                    new_values.add(value)
                follow(passed, statement, known, changes.objects)
                apply_to(known, statement, {**changes.objects, **changes.uncompared})
        finally:
            self.replay.undo(mark)

    def settled(self, found: Prediction) -> Prediction:
        return settled(found, self.answers(found), self.probed(found))

    def holding(self, prediction: Prediction) -> set[str]:
        """The SQLSTATEs of all conditions that hold: which one is met first, the physical order of the rows decides."""
        probed = self.probed(prediction)
        found = ((each, probed.get(each.probe)) for each in prediction.conditions if each.probe is not None)
        return {
            answer.sqlstate if isinstance(answer, Raised) else each.sqlstate
            for each, answer in found
            if isinstance(answer, Raised) or (isinstance(answer, Found) and answer.rows > 0)
        }

    def answers(self, prediction: Prediction) -> Answers:
        questions = [question for each in prediction.analyses for question in each.questions]
        return analysed(self.connection, questions, time.monotonic() + SECONDS) if questions else {}

    def probed(self, prediction: Prediction) -> dict[Probe, ProbeAnswer]:
        probes = {each.probe for each in prediction.conditions if each.probe is not None and each.unsettled is None}
        return {probe: self._probed(probe) for probe in probes}

    def _probed(self, probe: Probe) -> ProbeAnswer:
        query = sql.SQL("SELECT count(*) FROM ({} LIMIT 1001) AS found").format(sql.SQL(probe.sql))
        try:
            with self.connection.transaction():
                self.connection.execute("SET TRANSACTION READ ONLY; SET LOCAL search_path = pg_catalog")
                row = self.connection.execute(query).fetchone()
        except (psycopg.errors.DataError, psycopg.errors.IntegrityError) as error:
            return Raised(error.sqlstate or "", NOW)
        except psycopg.errors.ProgrammingError as error:  # class 42: it says nothing of rows
            return NotProbed(f"SQLSTATE {error.sqlstate}")
        assert row is not None
        if probe.listing is not None:
            listed = self.connection.execute(probe.listing.encode()).fetchall()
            assert any(each[-1] for each in listed) is bool(row[0]), probe
        return Found(min(row[0], 1000), NOW, more=row[0] > 1000)


def verdict(found: list[Prediction]) -> tuple[str, str | None, int]:
    """``right``-to-compare form: the outcome of a script, its SQLSTATE, and the statement that decides, from 1."""
    for step, each in enumerate(found, 1):
        if each.outcome is not Outcome.OK:
            return each.outcome.value, each.sqlstate, step
    return "ok", None, 0

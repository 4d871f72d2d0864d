"""What is predicted of a random run over random rows, and what a server does with it."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from shared.diagnose.pending_run import PendingRun, Tools
from shared.model.plan import Outcome, Prediction
from shared.postgres.parse import parse, read
from shared.postgres.plan.present import present
from shared.postgres.replay import Replay
from tests.postgres.live import live_schema
from tests.postgres.plan.over_rows import Database
from tests.postgres.plan.random_runs import Run, draw
from tests.remedies.splitting import parts_of

SPLIT, ONE_BATCH = (7, 4), (6, 0)
WRONG = ("false failure", "missed", "other error")


@dataclass(frozen=True)
class Ending:
    """The first statement that fails, from 0, with its SQLSTATE; or *open*, the first one that nobody can predict."""

    failing: int | None = None
    sqlstate: str | None = None
    open: int | None = None


@dataclass(frozen=True)
class CheckOutcome:
    """*verdict* is ``right``, ``undecided``, or one of WRONG. *because* says why it is undecided; *said* is all of it."""

    verdict: str
    said: str
    run: Run
    actual: Ending
    because: str | None = None


def predicted(connection: psycopg.Connection[Any], run: Run, prisma: tuple[int, int]) -> list[Prediction]:
    replay = Replay("public")
    replay.run_all(parse(";\n".join(run.catalog)))
    tools = Tools(connection.info.server_version // 10000, prisma)
    pending = PendingRun(replay, present(replay, live_schema(connection)), tools)
    planned = [
        each.prediction
        for place, file in enumerate(run.files)
        for each in pending.plan(f"m{place}", list(read(";\n".join(file))))
    ]
    asker = Database.asking(connection)
    found = []
    for each in planned:
        found.append(asker.settled(each))
        if found[-1].outcome is not Outcome.OK:
            break
    return found


def ending(predictions: Sequence[Prediction]) -> Ending:
    for place, each in enumerate(predictions):
        if each.outcome is Outcome.FAILS:
            return Ending(place, each.sqlstate)
        if each.outcome is not Outcome.OK:
            return Ending(open=place)
    return Ending()


Deployment = Callable[[psycopg.Connection[Any], Run, bool], Ending]


def met(connection: psycopg.Connection[Any], run: Run, batch: bool) -> Ending:
    """What the server does with the files as Prisma sends them: each whole, or in parts where its parser takes it."""
    place = 0
    for file in run.files:
        script = ";\n".join(file)
        for part in [script] if batch else parts_of(script):
            done, sqlstate = sent(connection, part)
            place += done
            if sqlstate is not None:
                return Ending(place, sqlstate)
    return Ending()


def sent(connection: psycopg.Connection[Any], sql: str) -> tuple[int, str | None]:
    """Send *sql* as one simple query: how many of its statements ran, and the SQLSTATE of the one that failed."""
    server = connection.pgconn
    server.send_query(sql.encode())
    done, sqlstate = 0, None
    while (result := server.get_result()) is not None:
        if result.status == psycopg.pq.ExecStatus.FATAL_ERROR:
            sqlstate = (result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b"").decode()
            if sqlstate == "42601":  # the whole text is read before any of it runs
                position = result.error_field(psycopg.pq.DiagnosticField.STATEMENT_POSITION)
                done = max(done, sql[: int(position or 1) - 1].count(";\n"))
        else:
            done += 1
    if sqlstate is not None and server.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        server.exec_(b"ROLLBACK")
    return done, sqlstate


def compared(connection: psycopg.Connection[Any], seed: int, deploy: Deployment = met) -> CheckOutcome:
    """Draw the run of *seed*, predict it, and deploy it: by default without Prisma, as Prisma would."""
    chance = random.Random(seed)
    run = draw(chance, connection)
    batch = chance.random() < 0.5
    predictions = predicted(connection, run, ONE_BATCH if batch else SPLIT)
    expected = ending(predictions)
    also = _also(connection, predictions[-1]) if expected.failing is not None else set()
    actual = deploy(connection, run, batch)
    said = (
        f"{seed} {'in one batch' if batch else 'split'}:\n  {run.catalog}\n  by hand {run.by_hand}\n  {run.files}\n"
        f"  expected {expected} ({predictions[-1].because}), met {actual}"
    )
    verdict, because = "right", None
    if expected.open is not None and (actual.failing is None or expected.open <= actual.failing):
        verdict, because = "undecided", "; ".join(predictions[-1].because[:2])
    elif expected.failing is not None and expected.failing != actual.failing:
        verdict = "false failure"
    elif expected.failing is None and actual.failing is not None:
        verdict = "missed"
    elif expected.failing is not None and actual.sqlstate not in {expected.sqlstate, *also}:
        verdict = "other error"
    return CheckOutcome(verdict, said, run, actual, because)


def _also(connection: psycopg.Connection[Any], prediction: Prediction) -> set[str]:
    """Where several rows are in the way, their physical order decides which one is met; or how Prisma runs the file."""
    if prediction.rows is None:
        return {each.sqlstate for each in prediction.conditions if each.probe is None}
    return Database.asking(connection).holding(prediction)


@dataclass
class Counts:
    """Runs by verdict, statements by kind, failures by SQLSTATE, undecided runs by reason; and each that is wrong."""

    verdicts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = (self.verdicts, self.kinds, self.failures, self.reasons)
        return "\n".join(", ".join(f"{name} {count}" for name, count in each.most_common()) for each in counts)


def counted(url: str, seeds: Iterable[int], deploy: Deployment = met) -> Counts:
    """Compare the runs of *seeds*, one after the other in the database of *url*."""
    found = Counts()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET client_min_messages = error")
        for seed in seeds:
            outcome = compared(connection, seed, deploy)
            found.verdicts[outcome.verdict] += 1
            found.kinds.update(outcome.run.kinds)
            found.failures[outcome.actual.sqlstate or "none"] += 1
            if outcome.because is not None:
                found.reasons[outcome.because] += 1
            if outcome.verdict in WRONG:
                found.wrong.append(f"{outcome.verdict}: {outcome.said}")
    return found

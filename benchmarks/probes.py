"""Probes beside an application: how long a session waits for the table, and what they cost over 10 million rows."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import cycle

import psycopg

from benchmarks.measured import Compared, Line, Measured
from benchmarks.open_transaction import longest_transaction
from shared.demo.private_postgres import private_postgres
from shared.gather.database.probes import AROUND_A_DEPLOYMENT, ON_A_SCHEDULE, Bounds, probe_rows
from shared.model.plan import Access, NotProbed, Probe, ProbeAnswer, ProbeAnswers
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from shared.postgres.parse import parse
from shared.postgres.plan.footprint import Circumstances
from tests.gather.load import pgbench
from tests.postgres.plan.run import predictions

_ROWS = 10_000_000
_SCHEMA = """
CREATE TABLE owners (id int PRIMARY KEY);
CREATE TABLE big (id int, n int, s text, owner int, sparse int);
CREATE INDEX big_n ON big (n);
"""
_FILL = f"""
INSERT INTO owners SELECT g FROM generate_series(0, 999) g;
INSERT INTO big SELECT g, g % 1000, g::text, g % 1000, g FROM generate_series(1, {_ROWS}) g;
VACUUM ANALYZE;
"""
# None of them finds a row: the healthy case reads all that there is.
_PENDING = """
ALTER TABLE big ALTER COLUMN n SET NOT NULL;
ALTER TABLE big ALTER COLUMN sparse SET NOT NULL;
ALTER TABLE big ADD CONSTRAINT big_check CHECK (n >= 0);
ALTER TABLE big ADD CONSTRAINT big_owner FOREIGN KEY (owner) REFERENCES owners (id);
ALTER TABLE big ALTER COLUMN s TYPE integer USING s::integer;
CREATE UNIQUE INDEX big_s ON big (s);
ALTER TABLE big ADD PRIMARY KEY (id);
"""
_ARRIVALS = 60
_MOST_MILLISECONDS = 150
# The end of its last probe, of the run, beside the time that a probe has.
_GRACE_SECONDS = 0.2
_PATIENCE = timedelta(seconds=30)
_READS = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM (%' AND state = 'active'
    AND pid <> pg_backend_pid())
"""
_STOPPED = NotProbed("somebody waited for a lock on a table that was read")
# Needs the table for itself, and is done at once.
_ALTER = b"ALTER TABLE big ALTER COLUMN sparse SET DEFAULT NULL"


def measure() -> Iterator[Line]:
    with private_postgres() as server:
        url = server.url()
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(_SCHEMA)
            for statement in _FILL.split(";\n"):
                owner.execute(statement.encode())
        probes = _probes()
        yield from _bounded(url, probes, ON_A_SCHEDULE, "on a schedule")
        yield from _bounded(url, probes, AROUND_A_DEPLOYMENT, "around a deployment")
        with pgbench(url):
            yield from _waits(url, [each for each in probes if each.access is not Access.INDEX])


def _probes() -> list[Probe]:
    found = predictions(parse(_PENDING), Circumstances(15, "UTC", is_live=True), parse(_SCHEMA))
    return list(
        dict.fromkeys(
            condition.probe
            for _, prediction in found
            for condition in prediction.conditions
            if condition.probe is not None and condition.probe.tables
        )
    )


def _bounded(url: str, probes: Sequence[Probe], bounds: Bounds, when: str) -> Iterator[Line]:
    taken = []
    with longest_transaction(url) as longest:
        for probe in probes:
            began = time.perf_counter()
            _ask(url, [probe], bounds)
            taken.append(time.perf_counter() - began)
        began = time.perf_counter()
        answers = _ask(url, probes, bounds)
        round_ = time.perf_counter() - began
    asked = sum(not isinstance(each, NotProbed) for each in answers.values())
    note = f"{asked} of {len(probes)} answered"
    yield Measured(f"a probe over {_ROWS:,} rows, {when}", taken, note)
    limit = bounds.statement_timeout.total_seconds() + _GRACE_SECONDS
    yield Compared("  the longest transaction", longest.seconds, limit, unit="s")
    yield Compared("  all of them", round_, _PATIENCE.total_seconds(), unit="s")


def _waits(url: str, probes: Sequence[Probe]) -> Iterator[Line]:
    """Each arrival at a moment of its own, while another kind of probe runs."""
    chance = random.Random(0)
    taken: list[float] = []
    with psycopg.connect(url, autocommit=True) as other:
        for probe in cycle(probes):
            took = _wait(url, other, probe, chance.random() / 5)
            taken += [took] if took is not None else []
            if len(taken) == _ARRIVALS:
                break
    yield Measured("ALTER TABLE that arrives during a probe, pgbench running: waits", taken)
    yield Compared("  the longest", max(taken) * 1000, _MOST_MILLISECONDS, unit="ms")


def _wait(url: str, other: psycopg.Connection, probe: Probe, after: float) -> float | None:
    """None where the probe had ended before anybody arrived."""
    answers: list[ProbeAnswer] = []
    asking = threading.Thread(target=lambda: answers.extend(_ask(url, [probe], AROUND_A_DEPLOYMENT).values()))
    asking.start()
    while asking.is_alive() and other.execute(_READS.encode()).fetchone() != (True,):
        pass
    time.sleep(after)
    began = time.perf_counter()
    other.execute(_ALTER)
    took = time.perf_counter() - began
    asking.join()
    return took if answers == [_STOPPED] else None


def _ask(url: str, probes: Sequence[Probe], bounds: Bounds) -> ProbeAnswers:
    return probe_rows(DatabaseSettings(Secret("env:DATABASE_URL", url)), probes, bounds, _PATIENCE)

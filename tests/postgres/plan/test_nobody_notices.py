"""Every question and probe that the corpus makes: the locks that it takes, and that it runs nothing of the owners'."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest

from shared.gather.database.analyser import MOST_QUESTIONS, analysed, ask_analyser
from shared.gather.database.probes import AROUND_A_DEPLOYMENT, MOST_PROBES, probe_rows
from shared.model.plan import NotProbed, Prediction, Probe, ProbeAnswer
from shared.model.question import Question
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from shared.postgres.parse import Statement, parse, read
from shared.postgres.plan.footprint import Circumstances
from tests.patience import LONG, SECONDS
from tests.postgres.plan.over_rows import SETUP, Case, Database, cases
from tests.postgres.plan.run import predictions
from tests.postgres.versions import lines_of_version

FILES = sorted((Path(__file__).parents[1] / "corpus").glob("*.sql"))
# The server counts its calls, and forgets none where a transaction is undone.
RECORDING = """
CREATE SCHEMA recording;
CREATE FUNCTION recording.call(anyelement) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
"""
# Ways to the owners' code that no statement over rows takes.
MORE = """
CREATE FUNCTION own(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE TYPE held AS (d pos, n int);
CREATE TABLE holds (id int, many pos[], one held, d pos, s text);
INSERT INTO holds VALUES (1, '{1}', '(1,1)', 1, 'a');
"""
STATEMENTS = [
    "ALTER TABLE t ALTER COLUMN a TYPE bigint USING own(a)",
    "ALTER TABLE t ALTER COLUMN a TYPE bigint USING public.own(a), ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (own(a)) STORED",
    "ALTER TABLE t ADD COLUMN x int DEFAULT own(1) CHECK (x > 0)",
    "ALTER TABLE t ADD CHECK (own(a) > 0)",
    "CREATE UNIQUE INDEX x ON t (own(a))",
    "CREATE UNIQUE INDEX x ON t (a) WHERE own(a) > 0",
    "UPDATE t SET a = own(a)",
    "SELECT own(1)",
    "ALTER TABLE holds ADD CHECK (many <> '{1}')",
    "ALTER TABLE holds ADD CHECK (one <> '(1,1)')",
    "ALTER TABLE holds ADD CHECK (d <> '1')",
    "ALTER TABLE holds ALTER COLUMN d SET NOT NULL",
    "ALTER TABLE holds ADD COLUMN x pos[] NOT NULL DEFAULT '{1}' CHECK (x IS NOT NULL)",
    "ALTER TABLE holds ADD COLUMN x held DEFAULT '(1,1)' CHECK (x IS NOT NULL)",
    "ALTER TABLE holds ALTER COLUMN id TYPE pos",
    "ALTER TABLE holds ALTER COLUMN s TYPE held USING s::held",
    "ALTER TABLE holds ALTER COLUMN s TYPE pos[] USING s::pos[]",
    "CREATE UNIQUE INDEX x ON holds ((s::text::pos))",
    "UPDATE holds SET d = 2 WHERE id = 1",
    "UPDATE holds SET many = '{2}' WHERE many = '{1}'",
    "DELETE FROM holds WHERE one = '(1,1)'",
    "INSERT INTO holds (many) VALUES ('{1}')",
]
CHECK = "CHECK (recording.call(VALUE))"
CALLS = "SELECT coalesce(sum(calls), 0)::int FROM pg_stat_user_functions"
LOCKS = """
SELECT n.nspname, c.relname, l.mode
FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND n.nspname <> 'pg_catalog'
"""
T = TypeVar("T")
DML = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt")


class Calls:
    """How often functions of the owners were called, but for what `owner` does."""

    def __init__(self, url: str) -> None:
        self._url = url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET track_functions = 'all'".encode())

    def owner(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(self._url, autocommit=True, prepare_threshold=None)
        connection.execute("SET track_functions = 'none'")
        return connection

    def count(self) -> int:
        """Leaves out its own, by which it sees that the others before it are counted, too."""
        with psycopg.connect(self._url, autocommit=True) as caller:
            caller.execute("SELECT recording.call(1)")
        with psycopg.connect(self._url, autocommit=True) as reader:
            while (count := (reader.execute(CALLS).fetchone() or (0,))[0]) == 0:
                pass
            return int(count) - 1


class Noting:
    """What a session that asks takes, by asking once more in a transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.wrong: list[tuple[str, object]] = []

    def all(self, questions: Sequence[Question], probes: Sequence[Probe]) -> None:
        for question in questions:
            self._question(question)
        for probe in probes:
            self._probe(probe)

    def _question(self, question: Question) -> None:
        path = ", ".join(f'"{each}"' for each in question.search_path)
        with self._connection.transaction(force_rollback=True):
            self._connection.execute("SELECT set_config('search_path', %s, true)", [path])
            self._connection.pgconn.prepare(b"", question.sql.encode())
            if self._connection.info.transaction_status is psycopg.pq.TransactionStatus.INTRANS:
                self._check(question.sql, self._targets(question.sql))

    def _probe(self, probe: Probe) -> None:
        with self._connection.transaction(force_rollback=True):
            self._connection.execute("SET TRANSACTION READ ONLY; SET LOCAL search_path = pg_catalog")
            self._connection.pgconn.prepare(b"", probe.sql.encode())
            self._check(probe.sql, frozenset())

    def _targets(self, sql: str) -> frozenset[str]:
        nodes = [statement.node for statement in read(sql) if statement.kind in DML]
        return frozenset(node["relation"]["relname"] for node in nodes)

    def _check(self, sql: str, targets: frozenset[str]) -> None:
        for schema, name, mode in self._connection.execute(LOCKS).fetchall():
            if mode != "AccessShareLock" and not (mode == "RowExclusiveLock" and name in targets):
                self.wrong.append((sql, (schema, name, mode)))


def settings(url: str) -> DatabaseSettings:
    return DatabaseSettings(Secret("env:DATABASE_URL", url))


def asked_of(found: Prediction) -> tuple[list[Question], list[Probe]]:
    questions = [question for each in found.analyses for question in each.questions]
    return questions, [each.probe for each in found.conditions if each.probe is not None]


def some(all_: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    for first in range(0, len(all_), most):
        yield all_[first : first + most]


def probed(url: str, probes: Sequence[Probe]) -> dict[Probe, ProbeAnswer]:
    found: dict[Probe, ProbeAnswer] = {}
    for each in some(probes, MOST_PROBES):
        found |= probe_rows(settings(url), each, AROUND_A_DEPLOYMENT, LONG)
    return found


class Collecting(Database):
    """One that only notes what it would ask."""

    def settled(self, found: Prediction) -> Prediction:
        questions, probes = asked_of(found)
        self.questions |= dict.fromkeys(questions)
        self.probes |= dict.fromkeys(probes)
        return found

    questions: dict[Question, None]
    probes: dict[Probe, None]


def test_of_the_statements_over_rows(database: str) -> None:
    calls = Calls(database)
    setup = RECORDING + SETUP.replace("CHECK (VALUE > 0)", f"CHECK (VALUE > 0) {CHECK}")
    setup = setup.replace("DOMAIN anyint AS int", f"DOMAIN anyint AS int {CHECK}") + MORE
    with calls.owner() as owner:
        collecting = Collecting(owner, setup)
        collecting.questions, collecting.probes = {}, {}
        for case in (*cases(collecting.version), *(Case(each, None, 0) for each in STATEMENTS)):
            script = [statement for part in case.sql.split(" ;; ") for statement in read(part)]
            list(collecting.predicted(script, in_block=not case.is_alone))
        questions, probes = list(collecting.questions), list(collecting.probes)
        for each in some(questions, MOST_QUESTIONS):
            ask_analyser(settings(database), each, LONG)
        answers = probed(database, probes)
        assert calls.count() == 0
        ran = [probe for probe, answer in answers.items() if not isinstance(answer, NotProbed)]
        noting = Noting(owner)
        noting.all(questions, ran)
    assert noting.wrong == []
    assert (len(questions) > 100, len(ran) > 100) == (True, True)


@pytest.mark.parametrize(
    "every", [pytest.param(3, id="every third"), pytest.param(1, id="each", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_of_the_statements_of_the_corpus(file: Path, every: int, database: str) -> None:
    calls = Calls(database)
    with calls.owner() as owner, psycopg.connect(database, autocommit=True) as asking:
        version = owner.info.server_version
        noting = Noting(owner)
        script = recorded(lines_of_version(file.read_text(), version))
        predicted = predictions(script, Circumstances(version // 10_000, "UTC", is_live=True))
        for number, (statement, found) in enumerate(predicted):
            if number % every == 0:
                questions, probes = asked_of(found)
                analysed(asking, questions, time.monotonic() + SECONDS)
                answers = probed(database, probes)
                noting.all(questions, [probe for probe in probes if not isinstance(answers[probe], NotProbed)])
            owner.execute(statement.sql.encode())
    assert calls.count() == 0
    assert noting.wrong == []


def recorded(text: str) -> list[Statement]:
    """The script, in which each domain records the calls of its CHECK."""
    found = []
    for statement in (*parse(RECORDING), *parse(text)):
        found.append(statement)
        if statement.kind == "CreateDomainStmt":
            name = ".".join(f'"{each["String"]["sval"]}"' for each in statement.node["domainname"])
            found += parse(f"ALTER DOMAIN {name} ADD {CHECK}")
    return found

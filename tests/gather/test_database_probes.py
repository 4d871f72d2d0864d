"""Probes: right answers, nothing of the owner's run, and nobody who notices."""

import re
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from shared.gather.database.activity import PRISMA_LOCK
from shared.gather.database.probes import AROUND_A_DEPLOYMENT, ON_A_SCHEDULE, Bounds, probe_rows, watching
from shared.gather.database.query import Query, from_file, text_of
from shared.model.plan import Access, Found, NotProbed, Probe, ProbeAnswer, Raised
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from tests import patience
from tests.gather import production
from tests.gather.load import pgbench
from tests.gather.servers import rude_server
from tests.patience import LONG

TABLES = """
CREATE TABLE t (id int PRIMARY KEY, a text, n int);
INSERT INTO t SELECT i, CASE WHEN i % 10 = 0 THEN NULL ELSE 'x' || i END, i % 7 FROM generate_series(1, 5000) i;
CREATE TABLE "odd "" name" (a int);
CREATE TABLE p (id int) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
INSERT INTO p VALUES (1), (2);
CREATE VIEW v AS SELECT * FROM t;
CREATE FUNCTION own(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_lock(42); RETURN true; END';
CREATE TYPE mood AS ENUM ('ok');
CREATE TABLE expressed (a int);
CREATE INDEX ON expressed (own(a));
"""
NULLS = 'SELECT FROM "public"."t" WHERE "a" IS NULL'
GROUPS = 'SELECT FROM "public"."t" GROUP BY "n" HAVING count(*) > 1'
SLOW = 'SELECT FROM "public"."t" AS x, "public"."t" AS y, "public"."t" AS z WHERE x.n + y.n + z.n < 0'


def probe(sql: str, table: str = "t", access: Access = Access.SCAN, routines: tuple[str, ...] = ()) -> Probe:
    return Probe(sql, (("public", table),), access, routines)


# For what only somebody else ends.
PATIENT = replace(AROUND_A_DEPLOYMENT, statement_timeout=LONG / 2)
# A hundredth of the table fits.
SMALL = replace(AROUND_A_DEPLOYMENT, bytes=20_000, counted=10)


def sampled(sql: str) -> Probe:
    """In place of one row in a hundred, so that the test knows which: the sample is all of them."""
    return replace(probe(sql), sample=sql)


def ask(url: str, *probes: Probe, bounds: Bounds = AROUND_A_DEPLOYMENT) -> list[ProbeAnswer]:
    settings = DatabaseSettings(Secret("env:DATABASE_URL", url))
    answers = probe_rows(settings, probes, bounds, LONG)
    return [_timeless(answers[each]) for each in probes]


def _timeless(answer: ProbeAnswer) -> ProbeAnswer:
    return answer if isinstance(answer, NotProbed) else replace(answer, at=AT)


AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def url(database: str) -> str:
    return filled(database)


@pytest.fixture(scope="module")
def unchanged(new_database: Callable[..., str]) -> str:
    """The same for those who only read it."""
    return filled(new_database())


def filled(database: str) -> str:
    production.run(database, TABLES)
    production.run(database, "ANALYZE")
    return database


@pytest.mark.parametrize(
    ("asked", "bounds", "answer"),
    [
        pytest.param(probe(NULLS), AROUND_A_DEPLOYMENT, Found(500, AT), id="counted"),
        pytest.param(probe(NULLS), ON_A_SCHEDULE, Found(1, AT, more=True), id="on a schedule it is enough that there is one"),
        pytest.param(probe('SELECT FROM "public"."t"'), AROUND_A_DEPLOYMENT, Found(1000, AT, more=True), id="more than 1,000"),
        pytest.param(probe('SELECT FROM "public"."t" WHERE "id" < 0'), AROUND_A_DEPLOYMENT, Found(0, AT), id="none"),
        pytest.param(probe(GROUPS, access=Access.GROUP), AROUND_A_DEPLOYMENT, Found(7, AT), id="groups"),
        pytest.param(probe(GROUPS, access=Access.GROUP), ON_A_SCHEDULE, NotProbed("it sorts all rows, which is not done on a schedule"), id="no groups on a schedule"),
        pytest.param(probe('SELECT FROM "public"."t" WHERE "a"::integer < 0'), AROUND_A_DEPLOYMENT, Raised("22P02", AT), id="a cast that a row refuses"),
        pytest.param(probe('SELECT FROM "public"."odd "" name" WHERE "a" IS NULL', 'odd " name'), AROUND_A_DEPLOYMENT, Found(0, AT), id="an odd name"),
        pytest.param(probe('SELECT FROM "public"."p" WHERE "id" > 1', "p"), AROUND_A_DEPLOYMENT, Found(1, AT), id="a partitioned table"),
        pytest.param(probe('SELECT FROM "public"."v"', "v"), AROUND_A_DEPLOYMENT, NotProbed("public.v is no table"), id="a view"),
        pytest.param(probe('SELECT FROM "public"."gone"', "gone"), AROUND_A_DEPLOYMENT, NotProbed("public.gone is no table"), id="nothing"),
        pytest.param(probe('SELECT FROM "pg_catalog"."pg_class"', "gone"), AROUND_A_DEPLOYMENT, NotProbed("public.gone is no table"), id="another than it says"),
        pytest.param(probe('SELECT FROM "public"."expressed"', "expressed"), AROUND_A_DEPLOYMENT, NotProbed("reading expressed would run code of its owner: its index expressed_own_idx calls the function public.own"), id="an index of the owner's code"),
        pytest.param(probe(NULLS, routines=("public.own",)), AROUND_A_DEPLOYMENT, NotProbed("it would call public.own, which is not PostgreSQL's own or may do anything"), id="the owner's function"),
        pytest.param(probe(NULLS, routines=("pg_catalog.random",)), AROUND_A_DEPLOYMENT, NotProbed("it would call pg_catalog.random, which is not PostgreSQL's own or may do anything"), id="a volatile function"),
        pytest.param(probe(NULLS, routines=("pg_catalog.lower",)), AROUND_A_DEPLOYMENT, Found(500, AT), id="PostgreSQL's own function"),
        pytest.param(probe(SLOW), replace(AROUND_A_DEPLOYMENT, statement_timeout=timedelta(milliseconds=100)), NotProbed("it took longer than the time allowed for it"), id="a timeout"),
        pytest.param(probe(NULLS), replace(AROUND_A_DEPLOYMENT, bytes=1000), NotProbed("it would read 0 MiB, and at most 0 MiB are read now"), id="too large"),
        pytest.param(sampled(NULLS), SMALL, Found(10, AT, more=True), id="a sample shows some"),
        pytest.param(sampled('SELECT FROM "public"."t" WHERE "n" < 0'), SMALL, NotProbed("it would read 0 MiB, and at most 0 MiB are read now; a sample of one row in 100 shows none in the way"), id="a sample shows none"),
        pytest.param(sampled('SELECT FROM "public"."t" WHERE "a"::integer < 0'), SMALL, Raised("22P02", AT), id="a sample shows one that fails"),
        pytest.param(sampled(NULLS), replace(SMALL, bytes=1000), NotProbed("it would read 0 MiB, and at most 0 MiB are read now"), id="too large for a sample"),
        pytest.param(sampled(NULLS), AROUND_A_DEPLOYMENT, Found(500, AT), id="no sample where all are few"),
        pytest.param(replace(sampled(GROUPS), access=Access.GROUP), replace(SMALL, groups=False), NotProbed("it sorts all rows, which is not done on a schedule"), id="no sample is sorted on a schedule"),
        pytest.param(probe('SELECT FROM "public"."t" WHERE "id" = 7', access=Access.INDEX), replace(AROUND_A_DEPLOYMENT, bytes=1000), Found(1, AT), id="an index serves it, whatever the size"),
    ],
)  # fmt: skip
def test_what_is_answered(unchanged: str, asked: Probe, bounds: Bounds, answer: ProbeAnswer) -> None:
    assert ask(unchanged, asked, bounds=bounds) == [answer]


def test_a_cast_of_the_owners_is_not_run(url: str) -> None:
    production.run(url, "CREATE FUNCTION cast_own(text) RETURNS mood LANGUAGE sql AS 'SELECT NULL::mood'")
    production.run(url, "CREATE CAST (text AS mood) WITH FUNCTION cast_own(text)")
    casts = probe('SELECT FROM "public"."t" WHERE CAST("a" AS "public"."mood") IS NULL')
    compares = probe('SELECT FROM "public"."t" WHERE "a" OPERATOR(pg_catalog.=) (\'x\')')
    refused = NotProbed("casts of this database call public.cast_own, which is not PostgreSQL's own")
    assert ask(url, casts, compares, probe(NULLS)) == [refused, refused, Found(500, AT)]


def test_the_bounds() -> None:
    assert Bounds(timedelta(seconds=1), 256 * 2**20, counted=1, groups=False) == ON_A_SCHEDULE
    assert Bounds(timedelta(seconds=5), 2 * 2**30, counted=1000, groups=True) == AROUND_A_DEPLOYMENT


def test_one_that_fails_hurts_no_other(url: str) -> None:
    answers = ask(url, probe("SELECT nonsense"), probe(NULLS), probe('SELECT FROM "public"."t" WHERE "a"::integer < 0'))
    assert answers == [NotProbed("the server refused with SQLSTATE 42703"), Found(500, AT), Raised("22P02", AT)]


def test_without_the_right_to_read_it_is_not_probed(url: str) -> None:
    watcher = production.watcher(url)
    assert ask(watcher, probe(NULLS)) == [NotProbed("the role may not read a table or a schema that it needs")]


def test_a_policy_hides_nothing_in_silence(url: str) -> None:
    production.run(url, "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (own(id))")
    watcher = production.watcher(url, "GRANT SELECT ON t TO {}")
    assert ask(watcher, probe(NULLS)) == [NotProbed("the role may not read a table or a schema that it needs")]


@pytest.mark.parametrize(
    ("before", "because"),
    [
        pytest.param(
            f"SELECT pg_advisory_lock({PRISMA_LOCK})",
            "a migration runs, or waits to run",
            id="Prisma's lock",
        ),
        pytest.param("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE", "its table is locked", id="a locked table"),
    ],
)
def test_nothing_starts_while_somebody_changes_it(url: str, before: str, because: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(before.encode())
        assert ask(url, probe(NULLS)) == [NotProbed(because)]


def test_nothing_starts_while_somebody_waits_for_its_table(url: str) -> None:
    with psycopg.connect(url) as holder:
        holder.execute("SELECT FROM t LIMIT 1")
        with waiting(url, "ALTER TABLE t ADD COLUMN z int") as waiter:
            assert ask(url, probe(NULLS), probe('SELECT FROM "public"."p"', "p")) == [
                NotProbed("somebody waits for a lock on its table"),
                Found(2, AT),
            ]
            holder.rollback()
            waiter.join()


class Waiting:
    """A statement in a session of its own, which has a *pid* once it is there, and goes with `join`."""

    def __init__(self, url: str, statement: str) -> None:
        self.pid: int | None = None
        self._may_go = Event()
        self._url, self._statement = url, statement
        self._thread = Thread(target=self._run)

    def start(self) -> "Waiting":
        self._thread.start()
        return self

    def _run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            self.pid = connection.info.backend_pid
            connection.execute(self._statement.encode())
            self._may_go.wait()

    def join(self) -> None:
        self._may_go.set()
        self._thread.join()


class waiting:  # noqa: N801  # a context
    def __init__(self, url: str, statement: str) -> None:
        self._url, self._statement = url, statement

    def __enter__(self) -> Waiting:
        started = Waiting(self._url, self._statement).start()
        until(self._url, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return started

    def __exit__(self, *_: object) -> None:
        return None


def until(url: str, question: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        patience.until(lambda: connection.execute(question.encode()).fetchone() == (True,))


RUNNING = (
    "FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM (%' AND state = 'active' AND pid <> pg_backend_pid()"
)
# By the probe of *pid*, or as one who deploys.
IS_BLOCKED = (
    "SELECT %(pid)s = ANY (pg_blocking_pids(%(waiter)s))"
    " OR EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = %(waiter)s)"
)


class Looks:
    """How often pg_locks was read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0

        def asked(name: str, *arguments: Any) -> Any:
            return from_file(name, *arguments) if name != "probe_watch" else self._look(*arguments)

        monkeypatch.setattr(watching, "from_file", asked)

    def _look(self, *arguments: Any) -> Query[Any]:
        self.number += 1
        return from_file("probe_watch", *arguments)


class LooksFor(Looks):
    """As `Looks`, and of each whether *waiter* was blocked by the probe before it, and what came of it."""

    def __init__(self, url: str, waiter: "Waiting", monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        self._admin = psycopg.connect(url, autocommit=True)
        self._waiter = waiter
        self._seen: list[tuple[bool, Query[Any]]] = []

    def stopped_at_once(self) -> bool:
        """Say whether no look came between the first before which the waiter was blocked and one that stopped the probe."""
        self._admin.close()
        blocked = [is_blocked for is_blocked, _ in self._seen]
        stopped = [query.one().cancelled for _, query in self._seen]
        return stopped.index(True) <= (blocked.index(True) if True in blocked else len(blocked))

    def _look(self, *arguments: Any) -> Query[Any]:
        look = super()._look(*arguments)
        asked = {**arguments[1], "waiter": self._waiter.pid}
        (is_blocked,) = self._admin.execute(IS_BLOCKED, asked).fetchone() or (False,)
        self._seen.append((bool(is_blocked), look))
        return look


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE t ADD COLUMN z int",
        pytest.param("DROP INDEX t_n", marks=pytest.mark.long),
        pytest.param("CREATE INDEX CONCURRENTLY t_other ON t (a)", marks=pytest.mark.long),
        f"SELECT pg_advisory_lock({PRISMA_LOCK})",
    ],
)
def test_a_session_that_needs_the_table_waits_for_150_ms_at_most(
    url: str, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.run(url, "CREATE INDEX t_n ON t (n)")
    change = Waiting(url, statement)
    looks = LooksFor(url, change, monkeypatch)
    answers: list[ProbeAnswer] = []
    slow = probe(SLOW)
    with pgbench(url):
        asking = Thread(target=lambda: answers.extend(ask(url, slow, probe(NULLS), bounds=PATIENT)))
        asking.start()
        patience.until(lambda: looks.number >= 4)
        change.start()
        asking.join()
        change.join()
    stopped = NotProbed("somebody waited for a lock on a table that was read")
    assert answers == [stopped, stopped]
    # Who begins to wait just after pg_locks was read waits for the next time.
    assert looks.stopped_at_once()
    assert 2 * watching._EVERY_SECONDS < 0.150


def test_a_cancellation_that_came_too_soon_is_repeated(url: str) -> None:
    """Between two commands of a transaction the server ignores it."""
    with psycopg.connect(url, autocommit=True) as watcher, psycopg.connect(url) as asking:
        asking.execute("SELECT FROM t LIMIT 1")
        pid, began = (
            asking.execute("SELECT pid, xact_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()").fetchone()
            or ()
        )
        watch = watching.Watch(watcher)
        with (
            waiting(url, "ALTER TABLE t ADD COLUMN z int") as change,
            watch.over(watching.Transaction(pid, began), asking.cancel),
        ):
            patience.until(lambda: watch.stopped is not None)
            with pytest.raises(psycopg.errors.QueryCanceled):
                asking.execute("SELECT pg_sleep(999)")
            change.join()


def test_a_watch_that_is_lost_ends_the_probe(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch)
    answers: list[ProbeAnswer] = []
    asking = Thread(target=lambda: answers.extend(ask(url, probe(SLOW), probe(NULLS), bounds=PATIENT)))
    asking.start()
    patience.until(lambda: looks.number)
    production.run(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%lock AS MATERIALIZED%' AND pid <> pg_backend_pid()")  # fmt: skip
    asking.join()
    lost = NotProbed("the connection was lost")
    assert answers == [lost, lost]


def test_what_is_too_far_away_to_be_stopped_in_time_is_not_probed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_FARTHEST_SECONDS", 0.0)
    (answer,) = ask(url, probe(NULLS))
    assert isinstance(answer, NotProbed)
    assert answer.because.startswith(
        "the database is too far away to stop a query for somebody who waits: an answer takes"
    )


def test_a_table_is_not_counted_twice_with_what_is_below_it(url: str) -> None:
    production.run(url, "INSERT INTO p SELECT i % 10 FROM generate_series(1, 5000) i")
    production.run(url, "VACUUM p")
    family = (("public", "p"), ("public", "p1"))
    asked = Probe('SELECT FROM "public"."p" WHERE "id" < 0', family, Access.SCAN)
    with psycopg.connect(url) as connection:
        (size,) = connection.execute("SELECT pg_relation_size('p1')").fetchone() or (0,)
    assert ask(url, asked, bounds=replace(AROUND_A_DEPLOYMENT, bytes=size)) == [Found(0, AT)]


def test_old_statistics_do_not_have_the_whole_table_read(url: str) -> None:
    """As of the last ANALYZE each row was NULL: without the setting the planner would expect one on the first page."""
    production.run(url, "CREATE TABLE filled AS SELECT NULL::int AS a FROM generate_series(1, 50000)")
    production.run(url, "ALTER TABLE filled SET (autovacuum_enabled = off); CREATE INDEX ON filled (a); ANALYZE filled")
    production.run(url, "UPDATE filled SET a = 1")
    asked = probe('SELECT FROM "public"."filled" WHERE "a" IS NULL', "filled", Access.INDEX)
    until(url, "SELECT seq_scan = 2 FROM pg_stat_user_tables WHERE relname = 'filled'")  # of CREATE INDEX and UPDATE
    assert ask(url, asked, bounds=ON_A_SCHEDULE) == [Found(0, AT)]
    until(url, "SELECT idx_scan = 1 FROM pg_stat_user_tables WHERE relname = 'filled' AND seq_scan = 2")


def test_a_probe_is_a_transaction_of_its_own_that_cannot_write(url: str) -> None:
    """Everything that is sent, in its order, each statement alone."""
    server = urlsplit(url).port or 0
    sent: list[bytearray] = []
    with rude_server(lambda client: sent.append(recorded(client, server))) as (port, ended):
        through = f"{url.replace(str(server), str(port))}?sslmode=disable"
        assert ask(through, probe(NULLS), bounds=ON_A_SCHEDULE) == [Found(1, AT, more=True)]
        for _ in range(2):
            ended.acquire()
    asking, watching_ = sorted((statements(each) for each in sent), key=lambda each: "ROLLBACK" not in each)
    query = f"SELECT count(*) FROM (\n{NULLS}\nLIMIT 1) AS found"
    settings, check = (text_of(name).decode() for name in ("probe_settings", "probe_check"))
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
    assert asking[-6:] == [begin, settings, query, check, query, "ROLLBACK"]
    assert not any(word in statement.upper().split() for statement in watching_ for word in ("BEGIN", "SET"))


def recorded(client: socket.socket, port: int) -> bytearray:
    """Stand between *client* and the server, and give all that the client sent."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port)) as server:

        def answer() -> None:
            while said := server.recv(65536):
                client.sendall(said)

        answering = Thread(target=answer)
        answering.start()
        while said := client.recv(65536):
            received += said
            server.sendall(said)
        server.shutdown(socket.SHUT_WR)
        answering.join()
    return received


def statements(sent: bytearray) -> list[str]:
    """The SQL of each Parse and Query message, behind the startup packet, which has no letter."""
    found = []
    at = int.from_bytes(sent[:4], "big")
    while at < len(sent):
        kind, size = sent[at : at + 1], int.from_bytes(sent[at + 1 : at + 5], "big")
        body = bytes(sent[at + 5 : at + 1 + size])
        if kind == b"P":
            found.append(body.split(b"\0")[1].decode())
        elif kind == b"Q":
            found.append(body.rstrip(b"\0").decode())
        at += 1 + size
    return found


def test_the_settings_of_a_probe() -> None:
    said = dict(re.findall(r"set_config\('(\w+)', ('[^']*'|\$\d), true\)", text_of("probe_settings").decode()))
    assert said == {
        "search_path": "'pg_catalog, pg_temp'",
        "statement_timeout": "$1",
        "lock_timeout": "'100ms'",
        "idle_in_transaction_session_timeout": "'1s'",
        "max_parallel_workers_per_gather": "'0'",
        "work_mem": "'16MB'",
        "jit": "'off'",
        "enable_seqscan": "$2",
        "row_security": "'off'",
        "constraint_exclusion": "'off'",
    }


def test_it_takes_no_lock_but_access_share_and_writes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[tuple[object, ...]] = set()
    monkeypatch.setattr(watching, "_EVERY_SECONDS", 30.0)
    asking = Thread(target=lambda: ask(url, probe(SLOW), bounds=PATIENT))
    asking.start()
    until(url, f"SELECT EXISTS (SELECT {RUNNING})")
    with psycopg.connect(url, autocommit=True) as connection:
        seen.update(
            connection.execute(
                "SELECT DISTINCT l.mode FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) "
                "WHERE a.application_name = 'migration-monitor' AND l.locktype = 'relation'"
            )
        )
        settings = connection.execute(
            "SELECT DISTINCT backend_xid IS NULL FROM pg_stat_activity WHERE application_name = 'migration-monitor'"
        ).fetchall()
        connection.execute(f"SELECT pg_cancel_backend(pid) {RUNNING}".encode())
    asking.join()
    assert seen == {("AccessShareLock",)}
    assert settings == [(True,)]


def test_no_value_of_a_row_is_in_any_answer(url: str) -> None:
    production.run(url, "UPDATE t SET a = 's3cr3t' WHERE id = 1")
    answers = ask(url, probe('SELECT FROM "public"."t" WHERE "a"::integer < 0'), probe("SELECT 's3cr3t'::integer"))
    assert "s3cr3t" not in repr(answers)

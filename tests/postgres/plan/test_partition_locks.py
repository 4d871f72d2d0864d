"""What is made, attached and detached below a partitioned table locks and scans what it does on the server that is asked."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from shared.model.plan import LockMode, Relation
from shared.postgres.parse import parse
from shared.postgres.plan.footprint import Circumstances
from tests.postgres.plan.run import predictions

# What precedes each name: of these, each table has two partitions and two tables that are not attached, with the
# same columns; the second of each is partitioned itself.
SETUP = """
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE aim (id int PRIMARY KEY);
CREATE TABLE plain (id int, part int) PARTITION BY RANGE (part);
CREATE TABLE filled (id int, part int) PARTITION BY RANGE (part);
CREATE TABLE filled_default PARTITION OF filled DEFAULT;
CREATE TABLE by_row (id int, part int) PARTITION BY RANGE (part);
CREATE TRIGGER on_row AFTER INSERT ON by_row FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE by_statement (id int, part int) PARTITION BY RANGE (part);
CREATE TRIGGER on_statement AFTER INSERT ON by_statement FOR EACH STATEMENT EXECUTE FUNCTION touch();
CREATE TABLE refers (id int REFERENCES aim, part int) PARTITION BY RANGE (part);
CREATE TABLE referred (id int, part int, PRIMARY KEY (id, part)) PARTITION BY RANGE (part);
CREATE TABLE referring (id int, part int, FOREIGN KEY (id, part) REFERENCES referred);
CREATE TABLE apart (id int, part int, FOREIGN KEY (id, part) REFERENCES referred) PARTITION BY RANGE (part);
CREATE TABLE itself (id int, part int, above int, PRIMARY KEY (id, part), FOREIGN KEY (above, part) REFERENCES itself)
PARTITION BY RANGE (part);
"""
TABLES = ("plain", "filled", "by_row", "by_statement", "refers", "referred", "apart", "itself")
PARTS = """
CREATE TABLE {0}_1 PARTITION OF {0} FOR VALUES FROM (0) TO (10);
CREATE TABLE {0}_2 PARTITION OF {0} FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (part);
CREATE TABLE {0}_2_1 PARTITION OF {0}_2 FOR VALUES FROM (10) TO (15);
CREATE TABLE {0}_3 (LIKE {0});
CREATE TABLE {0}_4 (LIKE {0}) PARTITION BY RANGE (part);
CREATE TABLE {0}_4_1 PARTITION OF {0}_4 FOR VALUES FROM (30) TO (35);
"""
ALL = SETUP + "".join(PARTS.format(table) for table in TABLES)
STATEMENTS = (
    "ALTER TABLE {0} DETACH PARTITION {0}_1",
    "ALTER TABLE {0} DETACH PARTITION {0}_2",
    "ALTER TABLE {0} ATTACH PARTITION {0}_3 FOR VALUES FROM (20) TO (30)",
    "ALTER TABLE {0} ATTACH PARTITION {0}_4 FOR VALUES FROM (30) TO (40)",
    "CREATE TABLE {0}_5 PARTITION OF {0} FOR VALUES FROM (40) TO (50)",
)
LOCKS = """
SELECT n.nspname, c.relname, l.mode
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND n.nspname = 'public'
"""
SCANS = "SELECT schemaname, relname, seq_scan FROM pg_stat_xact_user_tables"


@pytest.fixture(scope="module")
def partitioned(new_database: Callable[..., str]) -> Iterator[psycopg.Connection[tuple[str, ...]]]:
    with psycopg.connect(new_database(), autocommit=True) as connection:
        connection.execute(ALL.encode())
        yield connection


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("table", TABLES)
def test_locks_are_those_of_the_server(
    statement: str, table: str, partitioned: psycopg.Connection[tuple[str, ...]]
) -> None:
    sql = statement.format(table)
    version = partitioned.info.server_version // 10_000
    [(_, prediction)] = predictions(parse(sql), Circumstances(version, "UTC"), parse(ALL))
    known = {tuple(row) for row in partitioned.execute("SELECT 'public', relname FROM pg_class").fetchall()}
    locks: dict[Relation, LockMode] = {}
    with partitioned.transaction(force_rollback=True):
        before = set(partitioned.execute(SCANS).fetchall())  # those of earlier transactions may be among them
        partitioned.execute(sql.encode())
        for schema, name, mode in partitioned.execute(LOCKS).fetchall():
            if (schema, name) in known and (found := LockMode(MODES[mode])) >= LockMode.SHARE_UPDATE_EXCLUSIVE:
                locks[schema, name] = max(found, locks.get((schema, name), found))
        after = set(partitioned.execute(SCANS).fetchall())
    scanned = {(schema, name) for schema, name, _ in after - before} & known
    weaker = {name for name, mode in prediction.effects.locks.items() if mode < LockMode.SHARE_UPDATE_EXCLUSIVE}
    predicted = {name: mode for name, mode in prediction.effects.locks.items() if name not in weaker}
    assert (_spelt(predicted), set(prediction.effects.scans)) == (_spelt(locks), scanned)


MODES = {f"{mode}Lock": mode for mode in LockMode}


def _spelt(locks: dict[Relation, LockMode]) -> dict[str, str]:
    return {name: str(locks[schema, name]) for schema, name in sorted(locks)}

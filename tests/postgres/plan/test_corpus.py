"""Every statement of the corpus on a real server: what it locks, rewrites and scans there is never more than predicted."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.model.plan import LockMode, Outcome, Relation
from shared.postgres.parse import parse
from shared.postgres.plan.footprint import Circumstances
from shared.postgres.transactions import runs_alone
from tests.postgres.plan.run import predictions
from tests.postgres.versions import lines_of_version

FILES = sorted((Path(__file__).parents[1] / "corpus").glob("*.sql"))
# The sequence of an identity column keeps its name where the table or column is renamed; the schema does not say it.
RENAMED_SEQUENCES = {(("public", "ident_a_seq"), "AccessExclusive")}
# An index over EXTRACT that nobody named: PostgreSQL 13 names it after the function, 14 and later after the word.
OF_13 = {"t_date_part_idx": "t_extract_idx"}
MODES = {f"{mode}Lock": mode for mode in LockMode}
RELATIONS = """
SELECT c.oid::int, n.nspname, c.relname, pg_relation_filenode(c.oid)::int, coalesce(s.seq_scan, 0)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_xact_all_tables s ON s.relid = c.oid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'i', 'I', 'm', 'v', 'S')
AND NOT (c.relkind IN ('i', 'I') AND c.relispartition)  -- their names are the server's, after columns as they were then
"""
LOCKS = """
SELECT relation::int, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
"""


def relations(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[int, tuple[Relation, int | None, int]]:
    """Each with its file and how often it was scanned."""
    rows = connection.execute(RELATIONS).fetchall()
    return {oid: ((schema, OF_13.get(name, name)), file, scans) for oid, schema, name, file, scans in rows}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_stronger_than_predicted(file: Path, database: str) -> None:
    missed = []
    with psycopg.connect(database) as connection:
        connection.prepare_threshold = None
        version = connection.info.server_version
        script = parse(lines_of_version(file.read_text(), version).encode())
        found = predictions(script, Circumstances(version // 10_000, "UTC"))
        for statement, prediction in found:
            if statement.kind == "TransactionStmt":
                continue
            if runs_alone(statement) is not None or statement.kind == "ClusterStmt":
                # Its locks are gone with its end. CLUSTER of a partitioned table runs alone, too.
                connection.autocommit = True
                connection.execute(statement.sql.encode())
                connection.autocommit = False
                continue
            before = relations(connection)
            connection.commit()
            connection.execute(statement.sql.encode())
            locks = connection.execute(LOCKS).fetchall()
            after = relations(connection)
            connection.commit()
            if prediction.outcome is Outcome.UNKNOWN:
                continue
            names = {oid: relation for oid, (relation, *_) in before.items()}
            held = [(names[oid], MODES[mode]) for oid, mode in locks if oid in names]
            effects = prediction.effects
            weaker = {
                (name, str(mode))
                for name, mode in held
                if mode >= LockMode.SHARE_UPDATE_EXCLUSIVE and effects.locks.get(name, 0) < mode
            }
            weaker -= RENAMED_SEQUENCES
            both = before.keys() & after.keys()
            rewritten = {names[oid] for oid in both if before[oid][1] != after[oid][1]} - effects.rewrites
            scanned = {names[oid] for oid in both if before[oid][2] < after[oid][2]} - effects.scans
            failed = prediction.outcome is Outcome.FAILS and prediction.sqlstate
            if weaker or rewritten or scanned or failed:
                missed.append((statement.line, statement.sql[:80], weaker, rewritten, scanned, failed))
    assert not missed, "\n".join(map(str, missed))

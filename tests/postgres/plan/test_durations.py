"""How long statements take: by what they do with which tables, and by what each that commits with them takes."""

import pytest

from shared.model.plan import Duration, TableSize
from shared.postgres.parse import read
from shared.postgres.plan.durations import UNKNOWN_PACE, Estimate, Pace, Span, held, total
from shared.postgres.plan.footprint import Circumstances
from shared.postgres.plan.sizes_of_run import SizesOfRun
from shared.postgres.plan.work import Task, Work, work_of
from tests.postgres.plan.run import steps

MIB = 1024 * 1024
SETUP = """
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c varchar(9) NOT NULL);
CREATE INDEX t_a ON t (a); CREATE INDEX t_lower ON t (lower(b));
ALTER TABLE t ADD CONSTRAINT t_nv CHECK (a > 0) NOT VALID;
CREATE TABLE child (id int PRIMARY KEY, t_id int REFERENCES t (id), nv int);
ALTER TABLE child ADD CONSTRAINT child_nv FOREIGN KEY (nv) REFERENCES t (id) NOT VALID;
CREATE TABLE alone (id int, v text);
CREATE MATERIALIZED VIEW mv AS SELECT id FROM t; CREATE UNIQUE INDEX mv_i ON mv (id);
CREATE TABLE part (k int) PARTITION BY RANGE (k); CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (9);
CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT x';
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE watched (id int); CREATE TRIGGER w BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION g();
"""
T, CHILD, ALONE, MV = (("public", name) for name in ("t", "child", "alone", "mv"))
SIZES = {
    T: TableSize(1_000_000, 1000 * MIB, 300 * MIB),
    CHILD: TableSize(1000, 100 * MIB),
    ALONE: TableSize(0, 0),
    MV: TableSize(10, MIB),
}


@pytest.mark.parametrize(
    ("sql", "tasks"),
    [
        pytest.param("ALTER TABLE t ADD x int", (), id="the catalog alone"),
        pytest.param("DROP TABLE child", (), id="a drop"),
        pytest.param("TRUNCATE t CASCADE", (), id="what is truncated is empty"),
        pytest.param("ALTER TABLE t ALTER a SET NOT NULL", (Task(Work.CHECK, T),), id="not null"),
        pytest.param("ALTER TABLE t ALTER a SET NOT NULL, ADD CHECK (a > 1)", (Task(Work.CHECK, T),), id="one pass for all"),
        pytest.param("ALTER TABLE t VALIDATE CONSTRAINT t_nv", (Task(Work.CHECK, T),), id="validates a check"),
        pytest.param("ALTER TABLE child VALIDATE CONSTRAINT child_nv", (Task(Work.REFERENCE, CHILD), Task(Work.READ, T)), id="validates a key"),
        pytest.param(
            "ALTER TABLE child ADD FOREIGN KEY (nv) REFERENCES t (id)", (Task(Work.REFERENCE, CHILD), Task(Work.READ, T)), id="a foreign key",
        ),
        pytest.param("ALTER TABLE child ADD FOREIGN KEY (nv) REFERENCES t (id) NOT VALID", (), id="a foreign key, not valid"),
        pytest.param("ALTER TABLE t ADD UNIQUE (a)", (Task(Work.INDEX, T), Task(Work.CHECK, T)), id="unique"),
        pytest.param("CREATE INDEX ON t (a)", (Task(Work.INDEX, T),), id="an index"),
        pytest.param("CREATE INDEX ON part (k)", (Task(Work.INDEX, ("public", "part1")),), id="an index of partitions"),
        pytest.param("CREATE INDEX CONCURRENTLY ON t (a)", (Task(Work.INDEX, T, 2),), id="an index, concurrently"),
        pytest.param("CREATE INDEX ON t USING gin (to_tsvector('simple', b))", (Task(Work.OTHER_INDEX, T),), id="another index"),
        pytest.param("REINDEX INDEX t_a", (Task(Work.INDEX, T),), id="reindex, one"),
        pytest.param("REINDEX TABLE t", (Task(Work.INDEX, T, 3),), id="reindex, all"),
        pytest.param("ALTER TABLE t ALTER a TYPE bigint", (Task(Work.REWRITE, T), Task(Work.INDEX, T, 3)), id="a rewrite"),
        pytest.param("ALTER TABLE alone ALTER id TYPE bigint", (Task(Work.REWRITE, ALONE),), id="a rewrite without indexes"),
        pytest.param("ALTER TABLE t ALTER c TYPE varchar(10)", (), id="a change of type that is free"),
        pytest.param("UPDATE alone SET v = 'x'", (Task(Work.CHANGE, ALONE),), id="update"),
        pytest.param("UPDATE alone SET v = b FROM t", (Task(Work.READ, T), Task(Work.CHANGE, ALONE)), id="update from another"),
        pytest.param("INSERT INTO alone VALUES (1)", (), id="insert values"),
        pytest.param("INSERT INTO alone SELECT id FROM t", (Task(Work.READ, T), Task(Work.CHANGE, T)), id="insert as many as are read"),
        pytest.param("CREATE TABLE n AS SELECT * FROM t", (Task(Work.READ, T),), id="create table as"),
        pytest.param("REFRESH MATERIALIZED VIEW mv", (Task(Work.REWRITE, MV), Task(Work.INDEX, MV), Task(Work.READ, T)), id="refresh"),
        pytest.param("DELETE FROM t", None, id="delete, other tables refer"),
        pytest.param("INSERT INTO watched VALUES (1)", None, id="a trigger"),
        pytest.param("UPDATE alone SET id = f(id)", None, id="a function"),
        pytest.param("DO $$ BEGIN END $$", None, id="a block"),
    ],
)  # fmt: skip
def test_what_a_statement_has_to_do(sql: str, tasks: tuple[Task, ...] | None) -> None:
    step = next(steps(list(read(sql)), Circumstances(17), list(read(SETUP))))
    assert work_of(step.statement, step.prediction.effects, step.before) == tasks


def times(script: str, pace: Pace = UNKNOWN_PACE) -> list[Duration | None]:
    sizes = SizesOfRun(SIZES)
    estimate, found = Estimate(sizes, pace), []
    for step in steps(list(read(script)), Circumstances(17), list(read(SETUP))):
        found.append(estimate.took(work_of(step.statement, step.prediction.effects, step.before), step.before))
        sizes.follow(step.statement, step.prediction.effects, step.before, step.changed)
    return found


@pytest.mark.parametrize(
    ("script", "seconds"),
    [
        pytest.param("ALTER TABLE t ADD x int", [(0, 1)], id="the catalog alone"),
        pytest.param("ALTER TABLE t ALTER a SET NOT NULL", [(0.1, 60)], id="a scan"),
        pytest.param("ALTER TABLE t ALTER a TYPE bigint", [(3, 600)], id="a rewrite"),
        pytest.param("ALTER TABLE alone ALTER id TYPE bigint", [(0, 1)], id="an empty table"),
        pytest.param("ALTER TABLE watched ALTER id TYPE bigint", [None], id="a size that is not known"),
        pytest.param("ALTER TABLE t RENAME TO u; ALTER TABLE u ALTER a SET NOT NULL", [(0, 1), (0.1, 60)], id="renamed"),
        pytest.param("CREATE TABLE n (id int); CREATE INDEX ON n (id)", [(0, 1), (0, 1)], id="new"),
        pytest.param("CREATE TABLE n AS SELECT * FROM t; CREATE INDEX ON n (id)", [(0, 60), (0, 120)], id="filled by a query"),
        pytest.param("INSERT INTO alone SELECT id FROM t; CREATE INDEX ON alone (id)", [(0, 400), (0, 120)], id="filled by insert"),
        pytest.param("INSERT INTO alone SELECT id FROM watched; CREATE INDEX ON alone (id)", [None, None], id="filled by what is not known"),
    ],
)  # fmt: skip
def test_seconds_of_each_statement_after_those_before_it(
    script: str, seconds: list[tuple[float, float] | None]
) -> None:
    for found, wanted in zip(times(script), seconds, strict=True):
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            assert wanted[0] <= found.low <= found.high <= wanted[1]


def test_a_table_that_grew_takes_more_than_an_empty_one() -> None:
    filled, empty = "INSERT INTO alone SELECT id FROM t; CREATE INDEX ON alone (id)", "CREATE INDEX ON alone (id)"
    after, before = times(filled)[-1], times(empty)[-1]
    assert after is not None
    assert before is not None
    assert after.high > 100 * before.high
    assert after.low == before.low


def test_no_table_outgrows_the_server() -> None:
    """Each UPDATE may leave a copy of every row; after some hundred of them the sum was beyond any number."""
    found = times("UPDATE t SET b = 'x' WHERE id = 1;" * 1_200)
    last = found[-1]
    assert last is not None
    assert last.high > 600


def test_what_this_server_took_before_moves_the_range() -> None:
    script = "ALTER TABLE t ALTER a SET NOT NULL"
    (usual,), (slow,) = times(script), times(script, {Work.CHECK: 300.0, Work.INDEX: 9000.0})
    assert usual is not None
    assert slow is not None
    assert slow.low > usual.high / 2
    assert slow.high > 5 * usual.high
    assert times(script, {Work.INDEX: 9000.0}) == [usual]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([(0, 0), (1, 1), (2, 2)], [(1, 2), (10, 20), (100, 200)], id="each by itself"),
        pytest.param([(2, 2), (2, 2), (2, 2)], [(111, 222), (110, 220), (100, 200)], id="one transaction"),
        pytest.param([(0, 2), (1, 2), (2, 2)], [(1, 222), (10, 220), (100, 200)], id="not known which"),
    ],
)
def test_a_lock_is_held_to_the_end_of_its_transaction(
    spans: list[tuple[int, int]], expected: list[tuple[float, float]]
) -> None:
    took = [Duration(1, 2), Duration(10, 20), Duration(100, 200)]
    found = held(took, [Span(*each) for each in spans])
    assert found == [Duration(*each) for each in expected]


def test_what_follows_unknown_is_unknown() -> None:
    took = [Duration(1, 2), None, Duration(3, 4)]
    assert held(took, [Span(2, 2)] * 3) == [None, None, Duration(3, 4)]
    assert held(took, [Span(0, 2), Span(1, 1), Span(2, 2)]) == [None, None, Duration(3, 4)]
    assert total([]) == Duration(0, 0)

"""The safer way of a statement: what is printed, that it ends in the same schema, and that no part blocks for long."""

import pytest

from shared.model.schema import Schema
from shared.postgres.parse import read
from shared.postgres.plan.effects import blocks
from shared.postgres.plan.footprint import Circumstances
from shared.postgres.plan.safer.commands import commands
from shared.postgres.plan.safer.parts import Part, Way
from shared.postgres.plan.safer.ways import way
from shared.postgres.replay import Replay
from tests.postgres.plan.run import steps

SETUP = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c varchar(9) NOT NULL, "D" int DEFAULT 7, m mood);
CREATE INDEX t_a ON t (a);
CREATE TABLE child (id int NOT NULL, t_id int);
CREATE TABLE part (k int, v int) PARTITION BY RANGE (k);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (9);
CREATE SCHEMA app; CREATE TABLE app."Order" (id int, n int);
"""
T_NN = (
    "ALTER TABLE t ADD CONSTRAINT t_a_not_null CHECK (a IS NOT NULL) NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT t_a_not_null",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE t DROP CONSTRAINT t_a_not_null",
)


def way_of(
    sql: str, version: int = 17, setup: str = SETUP, *, in_block: bool = False, twice: bool = False
) -> Way | None:
    circumstances = Circumstances(version, in_block=in_block, may_run_twice=twice)
    step = next(steps(list(read(sql)), circumstances, list(read(setup))))
    return way(step.statement, step.prediction, step.before, step.changed, version)


def parts(found: Way | None) -> tuple[str, ...] | None:
    return None if found is None else tuple(sql for each in found if isinstance(each, Part) for sql in each.sql)


SAME_SCHEMA = [
    pytest.param("CREATE INDEX x ON t (b)", ("CREATE INDEX CONCURRENTLY x ON t (b)",), id="index"),
    pytest.param("create unique index x on t (b) where a > 1", ("create unique index CONCURRENTLY x on t (b) where a > 1",), id="unique index"),
    pytest.param(
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a, b)",
        ("CREATE UNIQUE INDEX CONCURRENTLY u ON t (a, b)", "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX u"), id="unique",
    ),
    pytest.param(
        'ALTER TABLE t ADD UNIQUE ("D") INCLUDE (b) DEFERRABLE INITIALLY DEFERRED',
        (
            'CREATE UNIQUE INDEX CONCURRENTLY "t_D_b_key" ON t ("D") INCLUDE (b)',
            'ALTER TABLE t ADD CONSTRAINT "t_D_b_key" UNIQUE USING INDEX "t_D_b_key" DEFERRABLE INITIALLY DEFERRED',
        ),
        id="unique without a name",
    ),
    pytest.param(
        "ALTER TABLE child ADD PRIMARY KEY (id)",
        ("CREATE UNIQUE INDEX CONCURRENTLY child_pkey ON child (id)", "ALTER TABLE child ADD CONSTRAINT child_pkey PRIMARY KEY USING INDEX child_pkey"),
        id="primary key",
    ),
    pytest.param(
        "ALTER TABLE child ADD CONSTRAINT k FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE",
        ("ALTER TABLE child ADD CONSTRAINT k FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE NOT VALID", "ALTER TABLE child VALIDATE CONSTRAINT k"),
        id="foreign key",
    ),
    pytest.param(
        "ALTER TABLE child ADD FOREIGN KEY (t_id) REFERENCES t",
        ("ALTER TABLE child ADD FOREIGN KEY (t_id) REFERENCES t NOT VALID", "ALTER TABLE child VALIDATE CONSTRAINT child_t_id_fkey"),
        id="foreign key without a name",
    ),
    pytest.param(
        'ALTER TABLE app."Order" ADD CONSTRAINT "C" CHECK (n IN (1, 2))',
        ('ALTER TABLE app."Order" ADD CONSTRAINT "C" CHECK (n IN (1, 2)) NOT VALID', 'ALTER TABLE app."Order" VALIDATE CONSTRAINT "C"'),
        id="check",
    ),
    pytest.param("ALTER TABLE t ALTER a SET NOT NULL", T_NN, id="not null"),
    pytest.param(
        "ALTER TABLE t /* , */ ADD COLUMN x numeric(3, 1), ALTER a SET NOT NULL, DROP COLUMN m",
        ("ALTER TABLE t ADD COLUMN x numeric(3, 1)", *T_NN, "ALTER TABLE t DROP COLUMN m"), id="several commands",
    ),
    pytest.param(
        "ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid()",
        ("ALTER TABLE t ADD COLUMN x uuid", "ALTER TABLE t ALTER COLUMN x SET DEFAULT gen_random_uuid()"), id="default that differs",
    ),
    pytest.param(
        "ALTER TABLE child ADD COLUMN x int NOT NULL",
        (
            "ALTER TABLE child ADD COLUMN x integer",
            "ALTER TABLE child ADD CONSTRAINT child_x_not_null CHECK (x IS NOT NULL) NOT VALID",
            "ALTER TABLE child VALIDATE CONSTRAINT child_x_not_null",
            "ALTER TABLE child ALTER COLUMN x SET NOT NULL",
            "ALTER TABLE child DROP CONSTRAINT child_x_not_null",
        ),
        id="required column",
    ),
    pytest.param("ALTER TABLE t DROP COLUMN c", ("ALTER TABLE t ALTER COLUMN c DROP NOT NULL", "ALTER TABLE t DROP COLUMN c"), id="drop a required column"),
    pytest.param("ALTER TABLE t DROP COLUMN b", ("ALTER TABLE t DROP COLUMN b",), id="drop a column"),
    pytest.param("DROP TABLE child", ("DROP TABLE child",), id="drop a table"),
    pytest.param("REINDEX INDEX t_a", ("REINDEX INDEX CONCURRENTLY t_a",), id="reindex"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "expected"), SAME_SCHEMA)
def test_a_way_to_the_same_schema(sql: str, expected: tuple[str, ...]) -> None:
    found = way_of(sql)
    assert parts(found) == expected
    assert schema(";".join(expected)) == schema(sql)


@pytest.mark.parametrize(("sql", "expected"), SAME_SCHEMA)
def test_no_part_blocks_while_it_reads_or_writes_rows(sql: str, expected: tuple[str, ...]) -> None:
    for step in steps(list(read(";".join(expected))), Circumstances(17), list(read(SETUP))):
        effects = step.prediction.effects
        blocked = blocks(effects, lambda _: False)
        assert blocked.value == "none" or not effects.rewrites | effects.scans, step.statement.sql
        assert step.prediction.outcome.value != "fails"


def schema(script: str) -> Schema:
    replay = Replay("public")
    replay.run_all(list(read(SETUP)))
    replay.start_session()
    for statement in read(script):
        assert replay.run(statement) is None, statement.sql
    return replay.freeze()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            "ALTER TABLE t ALTER a TYPE text USING upper(a::text)",
            (
                "ALTER TABLE t ADD COLUMN a_new text",
                "UPDATE t SET a_new = upper(a::text) WHERE ctid = ANY(ARRAY(SELECT ctid FROM t WHERE a_new IS NULL AND a IS NOT NULL LIMIT 10000));",
                "ALTER TABLE t DROP COLUMN a",
            ),
            id="type",
        ),
        pytest.param(
            "ALTER TABLE t RENAME COLUMN a TO z",
            (
                "ALTER TABLE t ADD COLUMN z integer",
                "UPDATE t SET z = a WHERE ctid = ANY(ARRAY(SELECT ctid FROM t WHERE z IS NULL AND a IS NOT NULL LIMIT 10000));",
                "ALTER TABLE t DROP COLUMN a",
            ),
            id="rename a column",
        ),
        pytest.param(
            "ALTER TABLE child RENAME TO kid",
            ("BEGIN", "ALTER TABLE child RENAME TO kid", "CREATE VIEW child AS TABLE kid", "COMMIT", "DROP VIEW child"),
            id="rename a table",
        ),
    ],
)  # fmt: skip
def test_a_way_over_two_releases(sql: str, expected: tuple[str, ...]) -> None:
    found = way_of(sql)
    assert found is not None
    said = [each if isinstance(each, Part) else each.partition("\n")[2] for each in found]
    flat = [sql for each in said for sql in (each.sql if isinstance(each, Part) else (each,)) if sql]
    assert tuple(flat) == expected
    assert sum(isinstance(each, str) and each.startswith("Deploy a release") for each in found) >= 1


@pytest.mark.parametrize(
    ("sql", "version"),
    [
        pytest.param("ALTER TABLE t ADD COLUMN x int", 17, id="a column"),
        pytest.param("ALTER TABLE t ADD COLUMN x int NOT NULL DEFAULT 1", 17, id="a column with a constant"),
        pytest.param("ALTER TABLE t ADD COLUMN x serial", 17, id="serial"),
        pytest.param("ALTER TABLE t ALTER c TYPE varchar(10)", 17, id="a free change of type"),
        pytest.param("ALTER TABLE t ALTER id TYPE bigint", 17, id="the type of a key"),
        pytest.param("ALTER TABLE t ALTER c SET NOT NULL", 17, id="not null already"),
        pytest.param("ALTER TABLE child ADD FOREIGN KEY (t_id) REFERENCES t NOT VALID", 17, id="not valid already"),
        pytest.param(
            "ALTER TABLE part ADD FOREIGN KEY (v) REFERENCES t", 17, id="a key of a partitioned table, before 18"
        ),
        pytest.param("ALTER TABLE part DETACH PARTITION part1", 13, id="detach, before 14"),
        pytest.param("CREATE INDEX ON part (v)", 17, id="an index of a partitioned table"),
        pytest.param("ALTER TABLE t ADD EXCLUDE USING btree (a WITH =)", 17, id="exclusion"),
        pytest.param("INSERT INTO t (id, c) VALUES (1, 'x')", 17, id="rows"),
    ],
)
def test_where_there_is_no_way_or_none_is_needed(sql: str, version: int) -> None:
    assert way_of(sql, version) is None


def test_what_needs_another_transaction() -> None:
    concurrent = "CREATE INDEX CONCURRENTLY x ON t (b)"
    assert way_of(concurrent, in_block=True) == (
        Part("It cannot run in a transaction", (concurrent,), locks=False, alone=True, makes="x"),
    )
    assert parts(way_of(concurrent, twice=True)) == (concurrent,)
    # It leaves a CHECK of the bounds behind, too.
    detach = "ALTER TABLE part DETACH PARTITION part1"
    assert parts(way_of(detach)) == (f"{detach} CONCURRENTLY",)
    assert parts(way_of("ALTER TABLE part ADD FOREIGN KEY (v) REFERENCES t", 18)) == (
        "ALTER TABLE part ADD FOREIGN KEY (v) REFERENCES t NOT VALID",
        "ALTER TABLE part VALIDATE CONSTRAINT part_v_fkey",
    )


def test_the_commands_are_found_anywhere_in_a_long_file() -> None:
    script = "\n".join(f"ALTER TABLE t{n} ADD COLUMN a{n} int, DROP COLUMN b;" for n in range(3_000))
    assert [commands(each) for each in read(script)] == [
        (f"ADD COLUMN a{n} int", "DROP COLUMN b") for n in range(3_000)
    ]

"""Safer ways as migrations of Prisma's: where one is printed, and how its files limit the wait for a lock."""

import re
from itertools import chain

import pytest

from shared.diagnose.plan import Tools, plan_of
from shared.model.plan import TableSize
from shared.model.release import Migration
from shared.postgres.parse import parse
from shared.prisma.execution import Version

MIB = 1024 * 1024
SETUP = """
CREATE TABLE t (id int PRIMARY KEY, a int, b text); CREATE TABLE u (id int PRIMARY KEY, t_id int);
CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE m (m mood);
"""
SIZES = {
    ("public", "t"): TableSize(10_000_000, 4000 * MIB),
    ("public", "u"): TableSize(10, MIB // 100),
    ("public", "m"): TableSize(0, 0),
}
ONE_RUNNER = (
    "Run the deployment from exactly one runner, with one replica: two that run it at once may deadlock (40P01)."
)


def migration(name: str, script: str) -> Migration:
    return Migration(name, script.encode())


def said(sql: str) -> list[str]:
    """What *sql* says, wherever it stands; a value that a person has to give is any."""
    trees = [each.tree for each in parse(re.sub("<[^>]*>", "0", sql))]
    return [re.sub(r"'location': \d+", "", str(tree)) for tree in trees]


def safer(script: str, tools: Tools) -> list[tuple[str, ...]]:
    plan = plan_of([migration("1_init", SETUP)], [migration("2_next", script)], "public", tools)
    return [each.safer for each in plan.statements]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param("CREATE INDEX x ON t (a)", [True], id="large: blocks for long"),
        pytest.param("CREATE INDEX x ON u (t_id)", [False], id="small: blocks for a moment"),
        pytest.param("ALTER TABLE t ADD COLUMN c int", [False], id="the catalog alone"),
        pytest.param("ALTER TABLE u ADD COLUMN c int NOT NULL", [True], id="small, fails on rows"),
        pytest.param("ALTER TABLE m ADD COLUMN c int NOT NULL", [False], id="empty"),
        pytest.param("DROP TABLE m", [False], id="drops an empty table"),
        pytest.param("DROP TABLE u", [True], id="drops a table"),
        pytest.param("ALTER TABLE u RENAME COLUMN t_id TO other", [True], id="renames"),
        pytest.param("CREATE TABLE n (id int); CREATE INDEX ON n (id); ALTER TABLE n RENAME TO o", [False] * 3, id="made by the run"),
        pytest.param("ALTER TABLE t ADD COLUMN id int", [False], id="fails: first it has to run"),
        pytest.param("UPDATE t SET a = 1", [True], id="changes many rows"),
        pytest.param("UPDATE u SET t_id = 1", [False], id="changes few rows"),
        pytest.param("ALTER TABLE u ADD COLUMN c int; CREATE TABLE n AS SELECT * FROM t", [True, False], id="a lock held while others work"),
        pytest.param("ALTER TABLE u ADD COLUMN c int; CREATE INDEX x ON t (a); SELECT 1", [False, True, False], id="a lock held while one works that gets a file of its own"),
        pytest.param("ALTER TABLE u ADD COLUMN c int; CREATE INDEX x ON t (a); CREATE TABLE n AS SELECT * FROM t", [True, True, False], id="and another one that does not"),
        pytest.param("CREATE INDEX x ON t (a); SELECT 1; ALTER TABLE u ADD COLUMN c int", [True, False, False], id="nothing follows the lock"),
    ],
)  # fmt: skip
def test_it_is_printed_where_it_helps(script: str, expected: list[bool]) -> None:
    assert [bool(each) for each in safer(script, Tools(17, (6, 0), sizes=SIZES))] == expected


@pytest.mark.parametrize(
    "script",
    [
        "ALTER TABLE t DROP COLUMN b", "ALTER TABLE t ADD COLUMN c int NOT NULL", "CREATE INDEX x ON t (a)", "DROP TABLE u",
        "CREATE UNIQUE INDEX x ON t (a)", "ALTER TABLE t RENAME COLUMN a TO c", "ALTER TABLE t RENAME TO v",
        "ALTER TABLE t ALTER a TYPE bigint", "ALTER TABLE t ALTER a SET NOT NULL", "UPDATE t SET a = 1",
        "ALTER TABLE u ADD FOREIGN KEY (t_id) REFERENCES t", "ALTER TABLE t ADD CHECK (a > 0)", "DROP INDEX t_pkey", "REINDEX TABLE t",
    ],
)  # fmt: skip
@pytest.mark.parametrize("comment", ["-- why", "/* why */ -- and; this", "\n-- why"])
def test_a_comment_behind_a_statement_swallows_nothing(script: str, comment: str) -> None:
    tools = Tools(17, (6, 0), sizes=SIZES)
    files = [*safer(f"{script} {comment}", tools), *safer(f"{script} {comment}\n;", tools)]
    for printed, plain in zip(chain(*files), chain(*(safer(script, tools) * 2)), strict=True):
        first, _, sql = printed.partition("\n")
        assert first == plain.partition("\n")[0]
        assert said(sql) == said(plain.partition("\n")[2])


def test_without_sizes_every_scan_under_a_lock_may_be_long() -> None:
    assert [bool(each) for each in safer("CREATE INDEX x ON u (t_id)", Tools(17, (6, 0)))] == [True]


@pytest.mark.parametrize(
    ("prisma", "expected"),
    [
        pytest.param((6, 19), "SET LOCAL lock_timeout = '3s';\nALTER TABLE t DROP COLUMN b;", id="one batch"),
        pytest.param(
            (7, 10), "SET lock_timeout = '3s';\nALTER TABLE t DROP COLUMN b;\nRESET lock_timeout;", id="split: SET LOCAL sets nothing",
        ),
        pytest.param(None, "SET lock_timeout = '3s';\nALTER TABLE t DROP COLUMN b;\nRESET lock_timeout;", id="not known: works both ways"),
    ],
)  # fmt: skip
def test_the_limit_of_waiting_fits_the_way_in_which_the_file_runs(prisma: Version | None, expected: str) -> None:
    (found,) = safer("ALTER TABLE t DROP COLUMN b", Tools(17, prisma, max_block=3))
    assert found == (
        "Deploy a release whose schema.prisma lacks the field, and wait until no older one runs.",
        f"Migration 1. Contract, in a later release: drop the column:\n{expected}",
    )


def test_concurrently_stands_alone_and_waits_as_long_as_it_takes() -> None:
    (found,) = safer("CREATE UNIQUE INDEX x ON t (a)", Tools(17, (7, 10)))
    assert found == (
        ONE_RUNNER,
        """Migration 1, alone in its file. Build the index while others read and write:
CREATE UNIQUE INDEX CONCURRENTLY x ON t (a);""",
        """If the build fails, drop the INVALID index that it leaves before the next deployment:
DROP INDEX CONCURRENTLY IF EXISTS x;""",
    )


def test_a_limit_inside_of_a_transaction_of_the_files_own() -> None:
    (found,) = safer("ALTER TABLE u RENAME TO v", Tools(17, (6, 0)))
    assert found[1] == (
        "Migration 1. Rename it, and keep the old name as a view for the release that runs:\n"
        "BEGIN;\nSET LOCAL lock_timeout = '5s';\nALTER TABLE u RENAME TO v;\nCREATE VIEW u AS TABLE v;\nCOMMIT;"
    )


def test_the_new_value_of_an_enum_is_used_by_a_later_migration() -> None:
    script = "ALTER TYPE mood ADD VALUE 'ok'; ALTER TABLE m ALTER m SET DEFAULT 'ok'"
    assert safer(script, Tools(17, (6, 0)))[1] == (
        "Leave ALTER TYPE … ADD VALUE in its migration, and end the file after it.",
        "Migration 1. Use the value once it is committed:\nALTER TABLE m ALTER m SET DEFAULT 'ok';",
    )

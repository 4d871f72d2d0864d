"""What the splitter makes of each statement of these tables was measured with sqlparser 0.61 (by way of sqloxide)."""

import pytest

from shared.postgres.parse import parse
from shared.prisma.execution import Execution, Version, execution

SPLIT, BATCH, EITHER = Execution.SPLIT, Execution.BATCH, Execution.EITHER
OLD, NEW, COMING = (6, 19), (7, 4), (7, 11)

TAKEN = [
    'CREATE TABLE "User" ("id" SERIAL NOT NULL, "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, CONSTRAINT "User_pkey" PRIMARY KEY ("id"))',
    'ALTER TABLE "Post" ADD CONSTRAINT "Post_fkey" FOREIGN KEY ("a") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE',
    'ALTER TABLE "User" ADD COLUMN "tags" TEXT[] DEFAULT ARRAY[]::TEXT[], DROP COLUMN "old", ALTER COLUMN "n" SET NOT NULL',
    'ALTER TABLE "User" ALTER COLUMN "role" TYPE "Role" USING ("role"::text::"Role")',
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "User_key" ON "User" ("email" DESC) WHERE "email" IS NOT NULL',
    "CREATE TYPE \"Role\" AS ENUM ('USER', 'ADMIN')",
    "ALTER TYPE \"Role\" ADD VALUE IF NOT EXISTS 'GUEST' BEFORE 'ADMIN'",
    'DROP INDEX IF EXISTS "User_key"',
    'DROP TABLE "a", "b" CASCADE',
    'ALTER TABLE "a" RENAME COLUMN "b" TO "c"',
    'ALTER INDEX "a" RENAME TO "b"',
    "INSERT INTO users (id, email) VALUES (1, 'top'), (2, NULL)",
    "UPDATE users AS u SET n = coalesce(u.n, 0) + 1 FROM posts p WHERE p.user_id = u.id AND p.title ILIKE 'a%'",
    "DELETE FROM users WHERE id IN (SELECT id FROM posts WHERE NOT EXISTS (SELECT 1 FROM x))",
    "BEGIN",
    "COMMIT",
]
REFUSED = [
    "DO $$ BEGIN END $$",
    "LOCK TABLE t",
    "ALTER SEQUENCE s RESTART",
    "DROP INDEX CONCURRENTLY i",
    "REFRESH MATERIALIZED VIEW v",
    "ALTER FUNCTION f() STABLE",
    "ALTER FUNCTION f() RENAME TO g",
    "ALTER FUNCTION f() SET SCHEMA s",
    "ALTER TABLE p ATTACH PARTITION c DEFAULT",
]
# Some of these 0.61 refuses and some it takes, for reasons that another version of the splitter may not share.
OPEN = [
    "ALTER INDEX IF EXISTS i RENAME TO j",
    "CREATE INDEX i ON ONLY t (a)",
    "CREATE UNLOGGED TABLE t (id int)",
    "UPDATE t SET a = 1 WHERE interval = 'month'",
    "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i",
    'ALTER TABLE t ALTER COLUMN a TYPE text COLLATE "C"',
    "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING",
    "CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql AS $$ SELECT * FROM t $$",
    "UPDATE t SET a = 1 WHERE a ~ 'x'",
    "GRANT SELECT ON t TO r",
]  # fmt: skip


def kind(*statements: str, version: Version | None = None) -> Execution:
    return execution((statement.tree for statement in parse("; ".join(statements))), version)


@pytest.mark.parametrize("sql", TAKEN)
def test_what_the_splitter_takes_is_split_from_the_version_on_that_splits(sql: str) -> None:
    kinds = [kind("SELECT 1", sql, version=version) for version in (OLD, NEW, COMING, None)]
    assert kinds == [BATCH, SPLIT, SPLIT, EITHER]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_the_splitter_refuses_is_one_batch_in_every_known_version(sql: str) -> None:
    kinds = [kind("SELECT 1", sql, version=version) for version in (OLD, NEW, COMING, None)]
    assert kinds == [BATCH, BATCH, EITHER, BATCH]


@pytest.mark.parametrize("sql", OPEN)
def test_what_is_not_known_of_the_splitter_is_left_open(sql: str) -> None:
    assert [kind("SELECT 1", sql, version=version) for version in (OLD, NEW, None)] == [BATCH, EITHER, EITHER]


@pytest.mark.parametrize("sql", [*TAKEN, *REFUSED, *OPEN])
def test_a_file_of_one_statement_commits_by_itself(sql: str) -> None:
    assert {kind(sql, version=version) for version in (OLD, NEW, None)} == {SPLIT}


def test_one_refused_statement_makes_the_whole_file_a_batch() -> None:
    assert kind(*TAKEN, REFUSED[0], version=NEW) is BATCH
    assert kind(*TAKEN, OPEN[0], REFUSED[0], version=NEW) is BATCH
    assert kind(*TAKEN, OPEN[0], version=NEW) is EITHER


def test_an_empty_file_is_nothing_to_split() -> None:
    assert kind("", version=NEW) is SPLIT

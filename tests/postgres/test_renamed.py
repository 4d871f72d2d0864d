"""Statements under the names that their relations have got since: only where a relation is named."""

import pytest

from shared.postgres.parse import parse
from shared.postgres.renamed import relation_renamed, under_new_names

RENAMED = [("Old", "New")]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO \"Old\" VALUES (1, 'Old');", "INSERT INTO \"New\" VALUES (1, 'Old');"),
        ('UPDATE public."Old" SET "Old" = 1', 'UPDATE public."New" SET "Old" = 1'),
        ('DELETE FROM "Old" WHERE "Old".id > 1', 'DELETE FROM "New" WHERE "New".id > 1'),
        ('UPDATE "Old" AS o SET x = o."Old"', 'UPDATE "New" AS o SET x = o."Old"'),
        ('SELECT "Old".* FROM "Old", old', 'SELECT "New".* FROM "New", old'),
        ('ALTER TABLE "Old" ADD COLUMN é text; -- "Old"', 'ALTER TABLE "New" ADD COLUMN é text; -- "Old"'),
        ('ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES "Old" (id)', 'ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES "New" (id)'),
        ('CREATE INDEX "Old_x" ON "Old" (x)', 'CREATE INDEX "Old_x" ON "New" (x)'),
        ("INSERT INTO Old VALUES (1)", "INSERT INTO Old VALUES (1)"),
        ("SELECT setval('\"Old\"', 500)", "SELECT setval('\"New\"', 500)"),
        ("SELECT nextval('public.\"Old\"'::regclass), 'Old'", "SELECT nextval('public.\"New\"'::regclass), 'Old'"),
        ("INSERT INTO \"Old\" VALUES (nextval('\"Old\"'), 'é')", "INSERT INTO \"New\" VALUES (nextval('\"New\"'), 'é')"),
        ("SELECT setval('Old', 500), upper('\"Old\"')", "SELECT setval('Old', 500), upper('\"Old\"')"),
        ('this is no SQL of "Old"', 'this is no SQL of "Old"'),
    ],
)  # fmt: skip
def test_a_relation_is_named_as_it_is_called_now(sql: str, expected: str) -> None:
    assert under_new_names(sql, RENAMED) == expected


def test_names_follow_one_another() -> None:
    assert (
        under_new_names("INSERT INTO a VALUES (1)", [("a", "b"), ("b", "select")]) == 'INSERT INTO "select" VALUES (1)'
    )


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE a RENAME TO b", ("a", "b")),
        ("ALTER VIEW s.a RENAME TO b", ("a", "b")),
        ("ALTER SEQUENCE a RENAME TO b", ("a", "b")),
        ("ALTER TABLE a RENAME COLUMN x TO y", None),
        ("ALTER TABLE a RENAME CONSTRAINT x TO y", None),
        ("ALTER TYPE a RENAME TO b", None),
        ("ALTER TABLE a ADD x int", None),
    ],
)
def test_what_a_statement_renames(sql: str, expected: tuple[str, str] | None) -> None:
    assert relation_renamed(parse(sql)[0]) == expected

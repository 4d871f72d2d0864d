"""Which changes of rows may run in any order, and which only in the order in which they were written."""

from shared.postgres.parse import parse
from shared.postgres.write_order import writing
from tests.tables import hold

# Whether the first must come before the second.
PAIRS = [
    # The same table.
    ("DELETE FROM u", "INSERT INTO u VALUES (1)", True),
    ("TRUNCATE u RESTART IDENTITY", "INSERT INTO u VALUES (1)", True),
    ("COPY u FROM '/rows'", "UPDATE u SET id = 1", True),
    ("INSERT INTO u VALUES (1)", "INSERT INTO u VALUES (2)", False),
    ("INSERT INTO u VALUES (1)", "INSERT INTO u VALUES (1) ON CONFLICT DO NOTHING", True),
    ("INSERT INTO u VALUES (1)", "INSERT INTO u SELECT id + 1 FROM u", True),
    ("DELETE FROM u WHERE id = 1", "TRUNCATE u", False),
    ("DELETE FROM u WHERE id = 1", "DELETE FROM u WHERE id = 2", False),
    ("DELETE FROM u WHERE id IN (SELECT max(id) FROM u)", "DELETE FROM u WHERE id = 2", True),
    ("INSERT INTO u VALUES (1)", "INSERT INTO w VALUES (1)", False),
    # Columns of the same rows.
    ("UPDATE u SET a = 1", "UPDATE u SET b = 2 WHERE c = 3", False),
    ("UPDATE u SET a = 1", "UPDATE u SET b = 2 WHERE u.a = 3", True),
    ("UPDATE u SET a = b", "UPDATE u SET b = 2", True),
    ("UPDATE u SET a = 1", "UPDATE u SET a = 2", True),
    ("UPDATE u SET a = a + 1", "UPDATE u SET a = a - 2 WHERE c = 3", False),
    ("UPDATE u SET a = a + 1", "UPDATE u SET a = a * 2", True),
    ("UPDATE u SET a = a + 1", "UPDATE u SET a = a + 2 WHERE a > 3", True),
    ("UPDATE u SET a = b + 1", "UPDATE u SET a = a + 2", True),
    # Other tables are read.
    ("INSERT INTO u VALUES (1)", "INSERT INTO w SELECT id FROM u", True),
    ("INSERT INTO w SELECT id FROM u", "DELETE FROM u", True),
    ("UPDATE u SET a = 1", "CREATE TABLE w AS SELECT a FROM u", True),
    ("UPDATE u SET a = 1", "CREATE TABLE w AS SELECT a FROM v", False),
    ("UPDATE u SET a = 1", "CREATE TABLE w AS SELECT * FROM u", True),
    ("UPDATE u SET a = 1", "INSERT INTO w SELECT b FROM u WHERE c = 2", False),
    ("UPDATE u SET a = 1", "INSERT INTO w SELECT b FROM u WHERE u.a = 2", True),
    ("INSERT INTO w SELECT b FROM u", "UPDATE u SET a = 1", False),
    ("MERGE INTO w USING u ON true WHEN MATCHED THEN UPDATE SET x = u.a", "UPDATE u SET a = 1", True),
    ("WITH d AS (DELETE FROM u RETURNING id) INSERT INTO w SELECT id FROM d", "UPDATE u SET id = id + 1", True),
    # What a block names, and what may be anything.
    ("UPDATE u SET a = 1", "DO $$ BEGIN UPDATE u SET b = 2; END $$", True),
    ("UPDATE u SET a = 1", "DO $$ BEGIN UPDATE w SET b = 2; END $$", False),
    ("UPDATE u SET a = 1", "CALL p()", True),
    ("SELECT f()", "UPDATE u SET a = 1", True),
    ("UPDATE u SET a = 1", "EXECUTE prepared", True),
    # What changes no rows.
    ("UPDATE u SET a = 1", "SELECT count(*) FROM u", False),
    ("UPDATE u SET a = 1", "SELECT pg_notify('a', 'b')", False),
    ("UPDATE u SET a = 1", "SELECT setval('s', (SELECT max(id) FROM u))", False),
    ("UPDATE u SET a = 1", "ALTER TABLE u ADD COLUMN c int", False),
    ("UPDATE u SET a = 1", "COMMENT ON TABLE u IS 'u'", False),
]


def test_which_must_come_before_which() -> None:
    hold(_is_said, PAIRS)


def _is_said(pair: tuple[str, str, bool]) -> None:
    first, later = (writing(parse(sql)[0]) for sql in pair[:2])
    assert (first is not None and later is not None and first.must_come_before(later)) is pair[2]

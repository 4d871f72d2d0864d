"""What changes rows, and what of it cannot have run since something is missing."""

import pytest

from shared.postgres.lacking import lacks, may_change_rows
from shared.postgres.parse import parse

MISSING = {("w",), ("t", "z")}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        pytest.param("INSERT INTO w VALUES (1)", True, id="the table"),
        pytest.param("INSERT INTO t SELECT id FROM w", True, id="another table"),
        pytest.param("UPDATE t SET z = 1", True, id="a column that is set"),
        pytest.param("INSERT INTO t (id, z) VALUES (1, 2)", True, id="a column that is filled"),
        pytest.param("DELETE FROM t WHERE z > 1", True, id="a column of a condition"),
        pytest.param("UPDATE t SET x = t.z", True, id="a column that is read"),
        pytest.param("UPDATE t SET x = 'z'", False, id="a constant"),
        pytest.param("UPDATE t SET x = 1 -- z of w", False, id="a comment"),
        pytest.param("UPDATE u SET z = 1", False, id="another table's column"),
        pytest.param("UPDATE t SET x = z FROM u", False, id="a column that may be another table's"),
        pytest.param("WITH w AS (SELECT 1 AS id) INSERT INTO t SELECT id FROM w", False, id="a query of that name"),
        pytest.param("INSERT INTO t VALUES (1)", False, id="nothing of it"),
        pytest.param("DO $$ BEGIN UPDATE t SET z = 1; END $$", False, id="a block, whose text is not read"),
    ],
)
def test_what_certainly_needs_what_is_missing(sql: str, *, said: bool) -> None:
    (statement,) = parse(sql)
    assert lacks(statement, MISSING) is said


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("INSERT INTO t VALUES (1)", True), ("UPDATE t SET x = 1", True), ("DELETE FROM t", True), ("SELECT f()", True),
        ("MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE", True), ("TRUNCATE t", True),
        ("DO $$ BEGIN END $$", True), ("CALL p()", True), ("COPY t FROM '/x'", True),
        ("SELECT set_config('search_path', 'x', false)", False), ("SET search_path TO x", False), ("BEGIN", False),
        ("CREATE TABLE w ()", False), ("COMMENT ON TABLE t IS 'x'", False), ("ALTER TABLE t ALTER x DROP DEFAULT", False),
    ],
)  # fmt: skip
def test_what_may_change_rows(sql: str, *, said: bool) -> None:
    (statement,) = parse(sql)
    assert may_change_rows(statement) is said

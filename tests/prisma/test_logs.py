import pytest

from shared.model.recorded_error import RecordedError, ShownLine
from shared.prisma.logs import recorded_error

P3018 = """A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more…

Migration name: 20240410080000_add_post_slug

Database error code: 23505

Database error:
ERROR: could not create unique index "Post_slug_key"
DETAIL: Key (email)=(ada@example.com) is duplicated.

DbError { severity: "ERROR", parsed_severity: Some(Error), code: SqlState(E23505), message: "could not create unique \
index \\"Post_slug_key\\", table: Some(\\"Other\\")", detail: Some("Key (email)=(ada@example.com) is duplicated."), hint: None, \
position: None, where_: None, schema: Some("public"), table: Some("Post"), column: None, datatype: None, constraint: \
Some("Post_\\"slug\\"_key"), file: Some("tuplesort.c"), line: Some(4423), routine: Some("comparetup_index_btree") }

   0: sql_schema_connector::apply_migration::apply_script
"""
POSITION = """A migration failed to apply. …

Database error code: 42P01

Database error:
ERROR: relation "Missing" does not exist

Position:
\x1b[1m  0\x1b[0m
\x1b[1m  1\x1b[1;31m ALTER TABLE "Missing" ADD COLUMN x int;\x1b[0m

DbError { severity: "ERROR", code: SqlState(E42P01), detail: Some("There is a table \\"missing\\"."), position: \
Some(Original(13)), routine: Some("parserOpenTable") }
"""
WITHIN = """Database error code: 42703

Database error:
ERROR: column "x" does not exist

DbError { position: Some(Internal { position: 8, query: "UPDATE t\\nSET x = \'\\u{e9}\'" }), where_: \
Some("PL/pgSQL function inline_code_block line 2 at SQL statement"), line: Some(1), routine: Some("errorMissingColumn") }
   0: apply_script
           with table: Some("nothing of it")
"""
DUPLICATE = RecordedError(
    'ERROR: could not create unique index "Post_slug_key"',
    "23505",
    schema="public",
    table="Post",
    constraint='Post_"slug"_key',
    routine="comparetup_index_btree",
)
MISSING = RecordedError(
    'ERROR: relation "Missing" does not exist',
    "42P01",
    detail='There is a table "missing".',
    routine="parserOpenTable",
    position=13,
    shown=ShownLine(1, 'ALTER TABLE "Missing" ADD COLUMN x int;'),
)
IN_A_BLOCK = RecordedError(
    'ERROR: column "x" does not exist',
    "42703",
    routine="errorMissingColumn",
    context="PL/pgSQL function inline_code_block line 2 at SQL statement",
    internal_query="UPDATE t\nSET x = 'é'",
)


@pytest.mark.parametrize(
    ("logs", "error"),
    [
        pytest.param(P3018, DUPLICATE, id="P3018"),
        pytest.param(POSITION, MISSING, id="with a position"),
        pytest.param(WITHIN, IN_A_BLOCK, id="within a block"),
        pytest.param(P3018.replace("\n", "\r\n"), DUPLICATE, id="CRLF"),
        pytest.param('migration failed: db error: ERROR: relation "a" exists', RecordedError('ERROR: relation "a" exists', None), id="before 3.0"),
        pytest.param("\x1b[31mthe server\x1b[0m went away\nand more", RecordedError("the server went away", None), id="no database error"),
        pytest.param("x" * 9000, RecordedError("x" * 499 + "…", None), id="absurdly long"),
        pytest.param("", None, id="empty, as after resolve --applied"),
        pytest.param(None, None, id="NULL"),
        pytest.param("\x1b[0m \n", None, id="nothing but colours"),
    ],
)  # fmt: skip
def test_recorded_error(logs: str | None, error: RecordedError | None) -> None:
    assert recorded_error(logs) == error


def test_row_data_stays_out() -> None:
    assert "ada@example.com" not in str(recorded_error(P3018))

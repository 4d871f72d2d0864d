import pytest

from shared.prisma.logs import RecordedError, recorded_error

P3018 = """A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more…

Migration name: 20240410080000_add_post_slug

Database error code: 23505

Database error:
ERROR: could not create unique index "Post_slug_key"
DETAIL: Key (email)=(ada@example.com) is duplicated.

DbError { severity: "ERROR", parsed_severity: Some(Error), code: SqlState(E23505), message: "could not…" }

   0: sql_schema_connector::apply_migration::apply_script
"""
POSITION = """A migration failed to apply. …

Database error code: 42P01

Database error:
ERROR: relation "Missing" does not exist

Position:
\x1b[1m  0\x1b[0m
\x1b[1m  1\x1b[1;31m ALTER TABLE "Missing" ADD COLUMN x int;\x1b[0m

DbError { severity: "ERROR" }
"""


@pytest.mark.parametrize(
    ("logs", "error"),
    [
        pytest.param(P3018, RecordedError('ERROR: could not create unique index "Post_slug_key"', "23505"), id="P3018"),
        pytest.param(POSITION, RecordedError('ERROR: relation "Missing" does not exist', "42P01"), id="with a position"),
        pytest.param(P3018.replace("\n", "\r\n"), RecordedError('ERROR: could not create unique index "Post_slug_key"', "23505"), id="CRLF"),
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

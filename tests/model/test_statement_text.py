"""What a migration holds of passwords is in no output."""

from pathlib import Path

import pytest

from shared.entrypoints.cli.main import main
from shared.model.statement_text import holds_secret, shown
from shared.remedies import commands

SECRET = "hunter2"
SECRETS = (
    "CREATE ROLE a LOGIN PASSWORD 'hunter2'",
    "ALTER USER a ENCRYPTED PASSWORD E'\\'hunter2'",
    "alter role a password $$hunter2$$ valid until 'infinity'",
    "ALTER ROLE a PASSWORD $x$hunter2 $$ more$x$",
    "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'bob', password 'it''s hunter2')",
    "ALTER USER MAPPING FOR a SERVER s OPTIONS (SET \"password\" 'hunter2')",
    "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h', access_token 'hunter2', api_key 'hunter2')",
    "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (dsn 'postgres://bob:hunter2@h/d')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=hunter2' PUBLICATION p",
    "ALTER SUBSCRIPTION s CONNECTION\n'host=h\npassword=hunter2'",
    "ALTER DATABASE d SET app.jwt_secret = 'hunter2'",
    "SET app.secret TO 'hunter2'",
    "UPDATE account SET password = 'hunter2' WHERE id = 1",
    "INSERT INTO setting VALUES ('url', 'https://bob:hunter2@example.com/x')",
)
PLAIN = (
    "ALTER TABLE account ADD COLUMN password text DEFAULT 'none'",
    "COMMENT ON COLUMN account.token IS 'of the session'",
    "ALTER ROLE a PASSWORD NULL",
    "INSERT INTO setting VALUES ('url', 'https://example.com/a:b@c')",
    "CREATE TABLE secret (token text)",
    "CREATE SUBSCRIPTION s CONNECTION",
)


@pytest.mark.parametrize("sql", SECRETS)
def test_no_secret_is_shown(sql: str) -> None:
    assert SECRET not in shown(sql)
    assert holds_secret(sql)
    assert shown(sql).split()[:2] == sql.split()[:2]
    assert SECRET not in commands.psql([sql], "public")


@pytest.mark.parametrize("sql", PLAIN)
def test_what_holds_none_is_shown_as_it_is(sql: str) -> None:
    assert shown(sql) == sql
    assert not holds_secret(sql)


@pytest.mark.parametrize("form", ["text", "json", "markdown", "junit", "sarif"])
def test_no_form_of_a_plan_has_one(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    migration = tmp_path / "20250101000000_secrets"
    migration.mkdir()
    (migration / "migration.sql").write_text(";\n".join(SECRETS) + ";\n")
    main(["plan", "--migrations", str(tmp_path), "--format", form])
    printed = capfd.readouterr().out
    assert printed
    assert "not shown" in printed or form == "sarif"  # which has what fails alone
    assert SECRET not in printed

"""The limits of the deploying role, end to end: what `plan` says of them is what the server then does."""

import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.demo.incident import HISTORY_TABLE
from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from tests.gather.production import session, watcher
from tests.patience import growing
from tests.postgres.servers import client_program

BASE = "CREATE TABLE entries (id integer PRIMARY KEY, note text);"
FILL = "INSERT INTO entries SELECT i, md5(i::text) FROM generate_series(1, 200000) AS i; ANALYZE entries;"
INDEX = 'CREATE INDEX "entries_note_idx" ON "entries"("note");'
CONCURRENTLY = INDEX.replace("INDEX", "INDEX CONCURRENTLY", 1)


@pytest.fixture
def production(database: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The URL of the administrator, and that of the role which owns everything and deploys."""
    deploying = watcher(database, "GRANT CREATE ON SCHEMA public TO {}")
    with session(deploying) as connection:
        for script in (BASE, FILL, HISTORY_TABLE):
            connection.execute(script.encode())
        connection.execute(
            "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) "
            "VALUES ('1', %s, now(), '1_init', now() - interval '1 minute', 1)",
            [sha256(BASE.encode()).hexdigest()],
        )
    monkeypatch.setenv("DATABASE_URL", deploying)
    return database, deploying


def alter(production: tuple[str, str], setting: str) -> None:
    with session(production[0]) as connection:
        connection.execute(f'ALTER ROLE "watcher of {connection.info.dbname}" SET {setting}'.encode())


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], dict[str, Any]]:
    def planned(script: str) -> dict[str, Any]:
        for name, text in (("1_init", BASE), ("2_pending", script)):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "migration.sql").write_text(text, encoding="utf-8")
        main(["check", "--migrations", str(tmp_path), "--format", "json"])
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        return report

    return planned


@pytest.mark.parametrize(
    ("script", "leaves"),
    [
        pytest.param(INDEX, [], id="all of it is undone"),
        pytest.param(CONCURRENTLY, [("entries_note_idx", False)], id="an INVALID index"),
    ],
)
def test_a_build_is_cut_off_as_predicted(
    script: str, leaves: list[tuple[str, bool]], production: tuple[str, str], plan: Callable[[str], dict[str, Any]]
) -> None:
    alter(production, "statement_timeout = '20ms'")
    (statement,) = plan(script)["plan"]["statements"]
    assert (statement["outcome"], statement["sqlstate"]) == ("depends", "57014")
    with session(production[0]) as admin, psycopg.connect(production[0]) as writer:
        writer.execute("DELETE FROM entries WHERE id = 1")
        # A concurrent build commits its index and then waits for the writer: the cut has to come after that.
        for seconds in growing(0.5):
            alter(production, f"statement_timeout = '{seconds}s'")
            with session(production[1]) as connection, pytest.raises(psycopg.errors.QueryCanceled):
                connection.execute(script.encode())
            found = admin.execute(
                "SELECT c.relname::text, i.indisvalid FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid "
                "WHERE c.relname LIKE 'entries_note%'"
            ).fetchall()
            if found == leaves:
                break


def test_what_it_says_prevents_that(production: tuple[str, str], plan: Callable[[str], dict[str, Any]]) -> None:
    alter(production, "statement_timeout = '20ms'")
    (statement,) = plan(INDEX)["plan"]["statements"]
    alter_role = statement["because"].rpartition("; ")[2].removesuffix(" prevents that")
    with session(production[1]) as connection:
        connection.execute(alter_role.encode())
    (statement,) = plan(INDEX)["plan"]["statements"]
    assert (statement["outcome"], statement["sqlstate"]) == ("ok", None)
    with session(production[1]) as connection:
        connection.execute(INDEX.encode())


def test_a_role_that_may_not_write(
    production: tuple[str, str], plan: Callable[[str], dict[str, Any]], postgres: PrivatePostgres
) -> None:
    alter(production, "default_transaction_read_only = on")
    report = plan(INDEX)
    (finding,) = [each for each in report["findings"] if each["code"] == "deploy-will-fail"]
    assert finding["evidence"]["sqlstate"] == "25006"
    with session(production[1]) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("UPDATE _prisma_migrations SET logs = NULL")
    (command,) = [each["command"] for each in finding["remedy"] if "ALTER ROLE" in (each["command"] or "")]
    psql = command.replace("psql", str(client_program("psql", postgres.programs)), 1)
    subprocess.run(["bash", "-c", psql], check=True, env={"DATABASE_URL": production[1], "PATH": "/usr/bin:/bin"})
    assert [each["outcome"] for each in plan(INDEX)["plan"]["statements"]] == ["ok"]
    with session(production[1]) as connection:
        connection.execute("UPDATE _prisma_migrations SET logs = NULL")


MOVES = (
    'ALTER TABLE "entries" ADD COLUMN "at" timestamp(3) DEFAULT CURRENT_TIMESTAMP; CREATE TABLE "more" ("id" integer);'
)


def test_settings_that_lead_elsewhere(production: tuple[str, str], plan: Callable[[str], dict[str, Any]]) -> None:
    with session(production[0]) as connection:
        connection.execute(f'CREATE SCHEMA app AUTHORIZATION "watcher of {connection.info.dbname}"'.encode())
    alter(production, "search_path = app, public")
    alter(production, "TimeZone = 'Asia/Tokyo'")
    report = plan(MOVES)
    (finding,) = [each for each in report["findings"] if each["code"] == "deploy-session-setting"]
    at, place = [each["because"] for each in finding["evidence"]["statements"]]
    assert "it fills at of the rows that exist with the time of Asia/Tokyo" in at[0]
    assert "it works in the schema app, not in public" in place[0]
    with session(production[1]) as connection:
        connection.execute(MOVES.encode())
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(
            "SELECT to_regclass('app.more') IS NOT NULL, to_regclass('public.more') IS NULL, "
            "(SELECT max(at) > localtimestamp + interval '8 hours' FROM entries)"
        ).fetchone()
    assert found == (True, True, True)


def test_the_schema_of_the_url_wins(
    production: tuple[str, str], plan: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alter(production, "search_path = nowhere")
    (statement,) = plan(INDEX)["plan"]["statements"]
    assert (statement["outcome"], statement["sqlstate"]) == ("fails", "42P01")
    assert "Prisma does not find its history, public._prisma_migrations" in statement["because"]
    monkeypatch.setenv("DATABASE_URL", f"{production[1]}?schema=public")
    assert [each["outcome"] for each in plan(INDEX)["plan"]["statements"]] == ["ok"]

"""Two rounds: what the diagnosis leaves open is asked of the server once, and the second diagnosis knows it."""

import json
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.doors.terminal.main import main
from shared.gather.database import answers as kept

MIGRATION = """
CREATE TABLE t (id integer PRIMARY KEY, at timestamptz);
CREATE TABLE made AS SELECT id * 2.5 AS more, at - now() AS span FROM t;
"""


@pytest.fixture
def production(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setattr(kept, "_kept", {})
    monkeypatch.setenv("DATABASE_URL", database)
    folder = tmp_path / "migrations" / "20260101000000_made"
    folder.mkdir(parents=True)
    (folder / "migration.sql").write_text(MIGRATION)
    monkeypatch.chdir(tmp_path)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(MIGRATION.encode())
        connection.execute(
            "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, "
            "finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, "
            "started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)"
        )
        connection.execute(
            "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) "
            "VALUES ('1', %s, now(), '20260101000000_made', now() - interval '1 minute', 1)",
            [sha256(MIGRATION.encode()).hexdigest()],
        )
    return database


def check(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    status = main(["check", "--migrations", "migrations", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    return {
        "status": status,
        "opaque": report["coverage"]["opaque"],
        "keys": [finding["key"] for finding in report["findings"]],
    }


def test_types_that_only_the_server_knows_are_asked_and_compared(
    production: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(capsys) == {"status": 0, "opaque": [], "keys": []}
    with psycopg.connect(production, autocommit=True) as connection:
        connection.execute("ALTER TABLE made ALTER COLUMN more TYPE real")
    assert check(capsys) == {"status": 2, "opaque": [], "keys": ["schema-changed:column public.made.more"]}


def test_what_was_answered_is_not_asked_again(
    production: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    answers_to = kept.answers_to

    def counted(questions: object, *others: object) -> object:
        asked.append(len(questions))  # type: ignore[arg-type]
        return answers_to(questions, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "answers_to", counted)
    assert check(capsys) == check(capsys)
    assert asked == [1]

"""Two rounds: what the diagnosis leaves open is asked of the server once, and the second diagnosis knows it."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from demo.private_postgres import PrivatePostgres
from shared.doors.terminal.main import main
from shared.gather.attempt import GatherError
from shared.gather.database import analyser
from shared.gather.database import answers as kept
from tests import states

ROOT = Path(__file__).parents[2]

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


def test_a_database_that_cannot_be_asked_leaves_the_type_in_doubt(
    production: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise GatherError("the server is gone")

    monkeypatch.setattr(analyser, "ask_analyser", refuse)
    told = check(capsys)
    assert (told["status"], told["keys"]) == (0, [])
    assert told["opaque"] == [
        {
            "subject": f"column public.made.{name}",
            "because": "its type is that of an expression in a query (not compared: collation, type)",
            "compared": True,
        }
        for name in ("more", "span")
    ]


def test_a_release_that_leaves_nothing_open_imports_nothing_to_ask_with(
    database: str, postgres: PrivatePostgres
) -> None:
    states.load("up_to_date", database, postgres)
    script = (
        "import sys; from shared.doors.terminal.main import main; "
        "status = main(sys.argv[1:]); "
        "print([name for name in sys.modules if name.endswith(('.analyser', '.asking'))], status, file=sys.stderr)"
    )
    arguments = ["check", "--migrations", str(states.migrations("up_to_date")), "--database-url", database]
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stderr.splitlines()[-1] == "[] 0"

"""Two rounds: what the diagnosis leaves open is asked of the server once, and the second diagnosis knows it."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from shared.gather.attempt import GatherError
from shared.gather.database import analyser
from shared.gather.database import answers as kept
from shared.memory.document import understood, written
from shared.model.knowledge import Unavailable
from shared.model.last_seen import LastSeen
from shared.model.memory import Memory
from shared.model.question import Accepted, AnsweredColumn, Question, Refused
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Trigger
from shared.model.schema import Kind, Schema, Subject, Table
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.run import run
from tests import states
from tests.builders import reading, row
from tests.gather.production import Relay
from tests.patience import LONG

ROOT = Path(__file__).parents[2]
SETTINGS = DatabaseSettings(Secret("env:DATABASE_URL", "postgresql://"))

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


@pytest.fixture
def turns(production: str, postgres: PrivatePostgres, tmp_path: Path) -> Callable[[LastSeen], tuple[int, LastSeen]]:
    """Run in a process that knows nothing, and give how often it turned to the server, and what it remembers."""

    def run_cold(last_seen: LastSeen) -> tuple[int, LastSeen]:
        kept._kept.clear()
        with Relay(postgres.port) as relay:
            url = production.replace(str(postgres.port), str(relay.port)) + "?sslmode=disable"
            target = Target(
                "production",
                (ReleaseSettings("folder", str(tmp_path / "migrations")),),
                DatabaseSettings(Secret("env:DATABASE_URL", url)),
                privileges=False,
            )
            report = run(target, Trigger.SCHEDULE, last_seen=last_seen)
        assert report.coverage is not None
        assert report.coverage.opaque == {}
        assert report.seen is not None
        document = written(Memory("production", last_seen=report.seen))
        return relay.turns, understood(document, "production").last_seen

    return run_cold


def test_what_was_answered_is_not_asked_again_by_the_next_process(
    turns: Callable[[LastSeen], tuple[int, LastSeen]], production: str
) -> None:
    asked, seen = turns(LastSeen())
    spared, again = turns(seen)
    # Its own connection, its question, and the names of the types.
    assert spared < asked - 2
    assert again.analysed == seen.analysed
    assert turns(again)[0] == spared
    with psycopg.connect(production, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO _prisma_migrations SELECT '2', checksum, finished_at, 'two' FROM _prisma_migrations"
        )
    # A migration may have changed the functions and types that the questions name.
    assert turns(again)[0] == asked


def test_a_table_that_is_back_is_no_longer_missing_to_a_pending_migration(
    production: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pending = tmp_path / "migrations" / "20260102000000_pending"
    pending.mkdir()
    (pending / "migration.sql").write_text("INSERT INTO t VALUES (1, now());")

    def planned() -> list[str]:
        main(["plan", "--live", "--migrations", "migrations", "--format", "json"])
        return [each["outcome"] for each in json.loads(capsys.readouterr().out)["statements"]]

    assert planned() == ["ok"]
    with psycopg.connect(production, autocommit=True) as connection:
        connection.execute("ALTER TABLE t RENAME TO away")
        assert planned() == ["fails"]
        connection.execute("ALTER TABLE away RENAME TO t")
    assert planned() == ["ok"]


def test_no_refusal_but_one_of_the_grammar_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    production = reading(row("a"))
    questions = [Question(f"SELECT {number}", ("public",)) for number in range(4)]
    answers = (
        Accepted((AnsweredColumn("a", "integer"),)),
        Refused("42601", 'syntax error at or near "x"', 3),
        Refused("42883", "function f() does not exist"),
        Unavailable("busy"),
    )
    monkeypatch.setattr(kept, "_kept", {})
    monkeypatch.setattr(analyser, "ask_analyser", lambda *_: dict(zip(questions, answers, strict=True)))
    asked = kept.answers_to(questions, SETTINGS, production, LONG)
    remembered = kept.to_remember(production)
    assert remembered is not None
    assert (len(remembered.columns), len(remembered.refused)) == (1, 1)
    kept._kept.clear()
    monkeypatch.setattr(analyser, "ask_analyser", lambda _, left, __: {question: asked[question] for question in left})
    assert kept.answers_to(questions, SETTINGS, production, LONG, remembered) == asked
    monkeypatch.setattr(analyser, "ask_analyser", lambda *_: {})
    assert kept.answers_to(questions[:2], SETTINGS, production, LONG, remembered) == dict(list(asked.items())[:2])
    by_hand = Schema({Subject(Kind.TABLE, ("public", "t")): Table()})
    for elsewhere in (replace(production, server_version="17.1"), replace(production, catalog=by_hand)):
        kept._kept.clear()
        assert kept.answers_to(questions[:2], SETTINGS, elsewhere, LONG, remembered) == {}


def test_a_memory_keeps_only_so_many_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    production = reading(row("a"))
    monkeypatch.setattr(kept, "_kept", {})
    wide = Accepted(tuple(AnsweredColumn(f"column_{number}", "timestamp without time zone") for number in range(200)))
    monkeypatch.setattr(analyser, "ask_analyser", lambda _, left, __: dict.fromkeys(left, wide))
    kept.answers_to([Question(str(number), ()) for number in range(200)], SETTINGS, production, LONG)
    remembered = kept.to_remember(production)
    assert remembered is not None
    assert 0 < len(written(Memory("t", last_seen=LastSeen(analysed=remembered)))) < 64 * 1024


def test_a_database_that_cannot_be_asked_leaves_the_type_in_doubt(
    production: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise GatherError("the server is gone")

    monkeypatch.setattr(analyser, "ask_analyser", refuse)
    checked = check(capsys)
    assert (checked["status"], checked["keys"]) == (0, [])
    assert checked["opaque"] == [
        {
            "subject": f"column public.made.{name}",
            "because": "its type is that of an expression in a query (not compared: collation, type)",
            "compared": True,
        }
        for name in ("more", "span")
    ]


def test_a_release_that_leaves_nothing_open_imports_nothing_to_ask_or_to_plan_with(
    database: str, postgres: PrivatePostgres
) -> None:
    states.load("up_to_date", database, postgres)
    script = (
        "import sys; from shared.entrypoints.cli.main import main; "
        "status = main(sys.argv[1:]); "
        "left = ('.analyser', '.asking', '.diagnose.settling', '.postgres.plan', '.pending_run', '.plan.object'); "
        "print([name for name in sys.modules if name.endswith(left)], status, file=sys.stderr)"
    )
    arguments = ["check", "--migrations", str(states.migrations("up_to_date")), "--database-url", database]
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stderr.splitlines()[-1] == "[] 0"

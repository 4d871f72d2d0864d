"""`plan`, `verify` and `check` of a production whose pending migrations fail on its rows: said before anybody deploys."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.demo.incident import HISTORY_TABLE
from shared.entrypoints.cli.main import main

INIT = "20250101000000_init"
BASE = """
CREATE TYPE "Status" AS ENUM ('ACTIVE', 'GONE');
CREATE TABLE "teams" ("id" integer PRIMARY KEY);
CREATE TABLE "users" (
    "id" integer PRIMARY KEY, "email" text NOT NULL, "name" text, "team" integer, "status" "Status" NOT NULL DEFAULT 'ACTIVE'
);
"""
ROWS = 300_000
FILL = f"""
INSERT INTO "teams" SELECT i FROM generate_series(1, 100) i;
INSERT INTO "users" SELECT i,
    'user' || CASE WHEN i <= 40 THEN 1 ELSE i END || '@example.com',
    CASE WHEN i % 1000 = 0 THEN NULL ELSE 's3cr3t ' || i END,
    CASE WHEN i <= 7 THEN 999 ELSE i % 100 + 1 END
FROM generate_series(1, {ROWS}) i;
ANALYZE;
"""
# Migration, script, SQLSTATE, rows in the way (1,000: that many, and more).
PENDING: dict[str, tuple[str, str, int | None]] = {
    "20250201000000_name": ('ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL;', "23502", 300),
    "20250202000000_unique": ('CREATE UNIQUE INDEX "users_email_key" ON "users"("email");', "23505", 1),
    "20250203000000_team": (
        'ALTER TABLE "users" ADD CONSTRAINT "users_team_fkey" FOREIGN KEY ("team") REFERENCES "teams"("id");',
        "23503",
        7,
    ),
    "20250204000000_age": ('ALTER TABLE "users" ADD COLUMN "age" integer NOT NULL;', "23502", 1000),
    "20250205000000_enum": (
        'BEGIN;\nALTER TYPE "Status" ADD VALUE \'NEW\';\nALTER TABLE "users" ALTER COLUMN "status" SET DEFAULT \'NEW\';\nCOMMIT;',
        "55P04",
        None,
    ),
}


@pytest.fixture(scope="module")
def production(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    url, folder = new_database(), tmp_path_factory.mktemp("migrations")
    for name, script in {INIT: BASE, **{name: each[0] for name, each in PENDING.items()}}.items():
        (folder / name).mkdir()
        (folder / name / "migration.sql").write_text(script, encoding="utf-8")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(BASE.encode())
        connection.execute(FILL.encode())
        connection.execute(HISTORY_TABLE.encode())
        connection.execute(
            "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) "
            "VALUES ('1', %s, now(), %s, now() - interval '1 minute', 1)",
            [sha256(BASE.encode()).hexdigest(), INIT],
        )
    return url, folder


Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(production: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.setenv("DATABASE_URL", production[0])

    def called(*words: str) -> tuple[int, str]:
        status = main([words[0], "--migrations", str(production[1]), *words[1:]])
        return status, capsys.readouterr().out

    return called


def failing(plan: dict[str, Any]) -> dict[str, tuple[str, int | None]]:
    return {
        each["migration"]: (each["sqlstate"], each["rows"]) for each in plan["statements"] if each["outcome"] == "fails"
    }


EXPECTED = {name: (sqlstate, rows) for name, (_, sqlstate, rows) in PENDING.items()}


def test_the_plan_names_each_statement_that_fails_with_its_count(call: Call) -> None:
    status, output = call("plan", "--live", "--format", "json")
    assert (status, failing(json.loads(output))) == (2, EXPECTED)
    assert "s3cr3t" not in output


@pytest.mark.parametrize(
    "words", [("verify", "--phase", "before"), ("check",)], ids=["before a deployment", "at a terminal"]
)
def test_the_report_says_so_and_does_not_advise_the_deployment(call: Call, words: tuple[str, ...]) -> None:
    status, output = call(*words, "--format", "json")
    report = json.loads(output)
    assert (status, failing(report["plan"])) == (2, EXPECTED)
    found = {each["subject"]: each for each in report["findings"] if each["code"] == "deploy-will-fail"}
    assert {
        name: (each["severity"], each["evidence"]["sqlstate"], each["evidence"]["rows"]) for name, each in found.items()
    } == {name: ("critical", *expected) for name, expected in EXPECTED.items()}
    # The last one may be followed by the deployment: by then all of them are fixed.
    deploying = [
        each["key"]
        for each in report["findings"]
        for step in each["remedy"]
        if step["command"] == "npx prisma migrate deploy"
    ]
    assert deploying in ([], [f"deploy-will-fail:{max(PENDING)}"])
    assert "s3cr3t" not in output


def test_who_holds_a_lock_is_to_be_waited_for_and_is_no_finding(production: tuple[str, Path], call: Call) -> None:
    with psycopg.connect(f"{production[0]}?application_name=pg_dump") as dump:
        pid = dump.info.backend_pid
        dump.execute("SELECT FROM users LIMIT 1")
        plan = json.loads(call("plan", "--live", "--format", "json")[1])
        report = json.loads(call("verify", "--phase", "before", "--format", "json")[1])
        _, text = call("verify", "--phase", "before")
    for found in (plan["waits"], report["plan"]["waits"]):
        assert [(each["kind"], each["pid"], each["relations"]) for each in found] == [("dump", pid, ["public.users"])]
    assert "Wait for this: the dump pg_dump (pid " in text
    assert not any("wait" in each["code"] for each in report["findings"])
    assert "Wait for this" not in call("verify", "--phase", "before")[1]


def test_for_people(call: Call) -> None:
    status, output = call("plan", "--live")
    assert status == 2
    assert "fails (23502), 300 rows: ALTER TABLE" in output
    assert "5 fails" in output


@pytest.mark.parametrize(
    ("made", "planned"), [pytest.param("", "Plan of 1 migration", id="none of it"), pytest.param(BASE, "Nothing to deploy", id="all of it")]
)  # fmt: skip
def test_a_failed_migration_stops_a_deployment_at_once(
    made: str, planned: str, new_database: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = new_database()
    (tmp_path / INIT).mkdir()
    (tmp_path / INIT / "migration.sql").write_text(BASE, encoding="utf-8")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(made.encode())
        connection.execute(HISTORY_TABLE.encode())
        connection.execute(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, logs, applied_steps_count) "
            "VALUES ('1', %s, %s, now() - interval '1 hour', 'ERROR: no', 0)",
            [sha256(BASE.encode()).hexdigest(), INIT],
        )
    words = ["plan", "--database-url", url, "--migrations", str(tmp_path)]
    assert main(words) == 2
    title, note, *_ = capsys.readouterr().out.splitlines()
    assert title == f"{planned}: failed"
    assert note.startswith(f"{INIT} failed: a deployment stops at once (P3009) until that is resolved")
    assert main([*words, "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["verdict"] == "failed"

"""``migration-monitor plan --scratch-url``: what is pending is run on a real server, beside what is predicted of it."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from shared.gather.scratch.server import is_same_server
from shared.prisma.connection_url import parse_connection_url
from tests.tables import hold

BASE = """
CREATE TABLE "A" (id int PRIMARY KEY, n int, t text);
CREATE TABLE b (id int PRIMARY KEY, a int);
CREATE TYPE mood AS ENUM ('good');
INSERT INTO "A" VALUES (1, NULL, 'x');
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SCRATCH_URL", "MONITOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def scratch(postgres: PrivatePostgres, database: str) -> str:
    """The URL of a server, by a database of this test."""
    return database


def databases(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


def folder(place: Path, *scripts: str) -> str:
    for number, script in enumerate(scripts, 1):
        (place / f"{number}").mkdir(parents=True)
        (place / f"{number}" / "migration.sql").write_text(script)
    return str(place)


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = main(["plan", *arguments, "--format", "json"])
    out, err = capsys.readouterr()
    assert err == ""
    return status, json.loads(out)


# What a statement takes and rewrites: PostgreSQL's manual, "Explicit Locking" and "ALTER TABLE".
ALONE: list[tuple[str, dict[str, str] | None, list[str]]] = [
    ('ALTER TABLE "A" ADD COLUMN x int', {"public.A": "AccessExclusive"}, []),
    (
        'ALTER TABLE "A" ALTER n TYPE bigint',
        {"public.A": "AccessExclusive", "public.A_pkey": "AccessExclusive"},
        ["public.A"],
    ),
    ('ALTER TABLE "A" ALTER t TYPE varchar', {"public.A": "AccessExclusive"}, []),
    ('CREATE INDEX i ON "A" (n)', {"public.A": "Share"}, []),
    ('CREATE INDEX CONCURRENTLY i ON "A" (n)', None, []),
    (
        'ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES "A"',
        {"public.A": "ShareRowExclusive", "public.b": "ShareRowExclusive"},
        [],
    ),
    ('UPDATE "A" SET n = 1', {"public.A": "RowExclusive"}, []),
    ("CREATE TABLE c (id int)", {}, []),
    ("ALTER TYPE mood ADD VALUE 'bad'", {}, []),
    ("COMMENT ON TABLE \"A\" IS 'x'", {"public.A": "ShareUpdateExclusive"}, []),
]


@pytest.mark.parametrize("prisma", ["6.19", "7.4"])
def test_a_statement_does_what_the_manual_says_and_the_plan_predicts(
    prisma: str, scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def does(case: tuple[int, tuple[str, dict[str, str] | None, list[str]]]) -> None:
        number, (script, locks, rewrites) = case
        migrations = folder(tmp_path / str(number), BASE, script)
        _, document = planned(capsys, "--migrations", migrations, "--scratch-url", scratch, "--prisma", prisma)
        (statement,) = document["statements"]
        assert statement["observed"] == {
            "ran": True, "sqlstate": None, "error": None, "of_server": False, "locks": locks, "rewrites": rewrites,
            "differs": [],
        }  # fmt: skip

    hold(does, list(enumerate(ALONE)))


def test_nothing_is_left_on_the_server(scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = databases(scratch)
    for number, last in enumerate(('DROP TABLE "A"', "SELECT 1 / 0", "not SQL")):
        main(["plan", "--migrations", folder(tmp_path / str(number), BASE, last), "--scratch-url", scratch])
    broken = folder(tmp_path / "broken", "SELECT 1 / 0", "SELECT 1")
    assert main(["plan", "--migrations", broken, "--scratch-url", scratch]) == 1
    assert "1 fails on the scratch server: division by zero (22012)" in capsys.readouterr().err
    assert databases(scratch) == before


def test_what_fails_there_and_is_predicted_otherwise_fails_the_plan(
    scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "CREATE TABLE c (id int);\nDO $$ BEGIN RAISE EXCEPTION 'no'; END $$;\nCREATE TABLE d (id int);"
    migrations = folder(tmp_path, BASE, script, "CREATE TABLE e (id int)")
    arguments = ["--migrations", migrations, "--since", "1"]
    assert planned(capsys, *arguments)[0] == 0
    status, document = planned(capsys, *arguments, "--scratch-url", scratch)
    assert (status, document["verdict"]) == (2, "failed")
    seen = [each.get("observed") for each in document["statements"]]
    assert [each and each["ran"] for each in seen] == [True, False, None, None]
    assert (seen[1]["sqlstate"], seen[1]["error"]) == ("P0001", "no")
    assert document["notes"][-1].endswith(
        "1 of 4 statements ran. Line 2 of 2 failed (P0001); nothing after it was run."
    )
    assert main(["plan", *arguments, "--scratch-url", scratch, "--format", "sarif"]) == 2
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("deploy-will-fail", "error")
    assert "observed: failed (P0001): no" in result["message"]["text"]


@pytest.mark.parametrize(
    ("script", "sqlstate"),
    [
        ("CREATE EXTENSION no_such_extension", "0A000"),
        ('GRANT SELECT ON "A" TO no_such_role', "42704"),
        ('ALTER TABLE "A" OWNER TO no_such_role', "42704"),
    ],
)
def test_what_that_server_lacks_is_no_failure(
    script: str, sqlstate: str, scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    migrations = folder(tmp_path, BASE, script)
    status, document = planned(capsys, "--migrations", migrations, "--scratch-url", scratch)
    observed = document["statements"][0]["observed"]
    assert status == 0
    assert (observed["sqlstate"], observed["of_server"], observed["differs"]) == (sqlstate, True, [])
    assert "failed for what that server lacks" in document["notes"][-1]


OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'migration-monitor'"
SUBSCRIPTION = "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)"


def drop_scratch_databases(url: str) -> set[str]:
    """Drop what plans left, with the subscriptions in it, and give the names."""
    left = {name for name in databases(url) if name.startswith("migration_monitor_scratch_")}
    for name in left:
        with psycopg.connect(url, dbname=name, autocommit=True) as connection:
            for (subscription,) in connection.execute("SELECT subname FROM pg_subscription").fetchall():
                connection.execute(f"ALTER SUBSCRIPTION {subscription} SET (slot_name = NONE)".encode())
                connection.execute(f"DROP SUBSCRIPTION {subscription}".encode())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}".encode())
    return left


@pytest.mark.parametrize(
    ("script", "observed", "is_left"),
    [
        pytest.param("SELECT pg_terminate_backend(pg_backend_pid())", "57P01", False, id="its own connection"),
        pytest.param("BEGIN; SELECT pg_terminate_backend(pg_backend_pid())", "57P01", False, id="its transaction"),
        pytest.param(f"{OTHERS} AND pid <> pg_backend_pid()", None, True, id="the connection that drops"),
        pytest.param(SUBSCRIPTION, None, True, id="a subscription"),
    ],
)
def test_a_connection_that_ends_and_a_database_that_stays_are_said(
    script: str, observed: str | None, is_left: bool, scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--migrations", folder(tmp_path, BASE, script), "--scratch-url", scratch]
    try:
        status, document = planned(capsys, *arguments)
    finally:
        left = drop_scratch_databases(scratch)
    last = document["statements"][-1]["observed"]
    assert (status, last["sqlstate"], last["of_server"]) == (0, observed, observed is not None)
    assert len(left) == is_left
    assert [any(name in note for note in document["notes"]) for name in left] == [True] * is_left


def test_a_schema_that_cannot_be_made_is_said(scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrations = folder(tmp_path, BASE, "SELECT 1")
    assert main(["plan", "--migrations", migrations, "--scratch-url", scratch, "--schema", "pg_x"]) == 1
    assert "the scratch database cannot be used: unacceptable schema name" in capsys.readouterr().err


def test_what_a_serializable_transaction_notes_is_no_lock(
    scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = 'BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT * FROM "A"; COMMIT;'
    _, document = planned(capsys, "--migrations", folder(tmp_path, BASE, script), "--scratch-url", scratch)
    assert [each["observed"]["sqlstate"] for each in document["statements"]] == [None, None, None]


def test_a_file_is_run_as_prisma_runs_it(scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = "CREATE INDEX CONCURRENTLY i ON b (a);\nALTER TABLE b ADD COLUMN x int;"
    migrations = folder(tmp_path, BASE, script)
    ran = {}
    for prisma in ("6.19", "7.4"):
        _, document = planned(capsys, "--migrations", migrations, "--scratch-url", scratch, "--prisma", prisma)
        ran[prisma] = [each.get("observed", {}).get("sqlstate", "-") for each in document["statements"]]
    assert ran == {"6.19": ["25001", "-"], "7.4": [None, None]}
    # Not known: as one transaction it fails, and statement by statement it does not.
    _, document = planned(capsys, "--migrations", migrations, "--scratch-url", scratch)
    assert [each["observed"]["ran"] for each in document["statements"]] == [True, True]


def test_locks_of_a_transaction_are_those_of_the_statement_that_took_them(
    scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "CREATE INDEX i ON b (a);\nALTER TABLE b ADD COLUMN x int;\nCREATE INDEX j ON b (x);"
    migrations = folder(tmp_path, BASE, script)
    arguments = ["--migrations", migrations, "--scratch-url", scratch, "--prisma", "6.19"]
    _, document = planned(capsys, *arguments)
    seen = [each["observed"] for each in document["statements"]]
    assert [each["locks"] for each in seen] == [{"public.b": "Share"}, {"public.b": "AccessExclusive"}, {}]
    assert [each["differs"] for each in seen] == [[], [], []]
    assert main(["plan", *arguments]) == 0
    assert "observed: ran, locked public.b (AccessExclusive)" in capsys.readouterr().out


def test_the_schema_of_the_url_is_the_one_that_names_mean(
    scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    migrations = folder(tmp_path, "CREATE TABLE c (id int)", "ALTER TABLE c ADD COLUMN x int")
    _, document = planned(capsys, "--migrations", migrations, "--scratch-url", scratch, "--schema", "My App")
    assert document["statements"][0]["observed"]["locks"] == {"My App.c": "AccessExclusive"}


@pytest.mark.parametrize(
    ("url", "environment", "said"),
    [
        ("", {}, "--scratch-url needs a URL, or SCRATCH_URL in the environment"),
        ("mysql://x", {}, "--scratch-url: the connection URL is not PostgreSQL's"),
        ("postgresql://a:s3cr3t@127.0.0.1:1/x", {}, "cannot be reached"),
        (
            "postgresql://a:s3cr3t@db.example.com/scratch",
            {"DATABASE_URL": "postgresql://b@DB.example.com:5432/app"},
            "the scratch server is that of DATABASE_URL",
        ),
        (
            "postgresql://a@db.example.com/scratch",
            {"DATABASE_URL": "mysql://b:s3cr3t@db.example.com/app"},
            "DATABASE_URL: the connection URL is not PostgreSQL's",
        ),
        (
            "postgresql://a@127.0.0.1/scratch",
            {"DATABASE_URL": "postgresql://b@pool.example.com/app", "DIRECT_URL": "postgresql://b@localhost/app"},
            "the scratch server is that of DIRECT_URL",
        ),
    ],
)
def test_a_scratch_server_that_cannot_be(
    url: str,
    environment: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    arguments = ["plan", "--migrations", folder(tmp_path, BASE, "SELECT 1"), "--scratch-url", *([url] if url else [])]
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "s3cr3t" not in err


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("localhost", "127.0.0.1", True),
        ("localhost", "[::1]", True),
        ("localhost", "%2Fvar%2Frun%2Fpostgresql", True),
        ("127.0.0.1", "[::ffff:127.0.0.1]", True),
        ("127.0.0.1", "0.0.0.0", True),
        ("10.0.0.1", "[::ffff:a00:1]", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "10.0.0.1:5433", False),
        ("DB.invalid.", "db.invalid", True),
        ("db.invalid", "other.invalid", False),
        ("db.invalid/x?hostaddr=10.0.0.1", "10.0.0.1", True),
        ("localhost/x?hostaddr=10.0.0.1", "localhost", False),
    ],
)
def test_servers_are_compared_by_address_and_port(one: str, other: str, is_same: bool) -> None:
    first, second = (parse_connection_url(f"postgresql://a@{each}") for each in (one, other))
    assert (is_same_server(first, second), is_same_server(second, first)) == (is_same, is_same)


def test_a_server_that_an_application_uses_is_no_scratch_server(
    scratch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["plan", "--migrations", folder(tmp_path, BASE, "SELECT 1"), "--scratch-url", scratch]
    name = parse_connection_url(scratch).database
    monkeypatch.setenv("DATABASE_URL", f"postgresql://a@db.invalid/{name}")
    before = databases(scratch)
    assert main(arguments) == 1
    assert f'it has a database "{name}", which DATABASE_URL or DIRECT_URL names' in capsys.readouterr().err
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@db.invalid/postgres")
    assert main(arguments) == 0
    with psycopg.connect(scratch, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA app CREATE TABLE "_prisma_migrations" ()')
    assert main(arguments) == 1
    assert "the database has _prisma_migrations" in capsys.readouterr().err
    assert databases(scratch) == before


def test_a_server_is_started_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    migrations = folder(tmp_path, BASE, 'ALTER TABLE "A" ADD COLUMN x int')
    status, document = planned(capsys, "--migrations", migrations, "--scratch-url", "embedded")
    assert status == 0
    (statement,) = document["statements"]
    assert statement["observed"]["locks"] == {"public.A": "AccessExclusive"}
    monkeypatch.setattr("shared.demo.private_postgres.installed_programs", lambda: iter(()))
    assert main(["plan", "--migrations", migrations, "--scratch-url", "embedded"]) == 1
    assert "--scratch-url embedded: no PostgreSQL server here" in capsys.readouterr().err


def test_a_role_that_may_not_create_databases_is_named(
    scratch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(scratch, autocommit=True) as connection:
        connection.execute("CREATE ROLE poor LOGIN PASSWORD 'p'")
        try:
            migrations = folder(tmp_path, BASE, "SELECT 1")
            url = f"postgresql://poor:p@{scratch.partition('@')[2]}"
            assert main(["plan", "--migrations", migrations, "--scratch-url", url]) == 1
        finally:
            connection.execute("DROP ROLE poor")
    assert "permission denied to create database; the role needs CREATEDB" in capsys.readouterr().err

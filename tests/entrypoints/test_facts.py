"""`migration-monitor facts`, and plans with them: what a pull request says without a database is what the database says."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.demo.incident import HISTORY_TABLE
from shared.entrypoints.cli.main import main
from tests.entrypoints.conftest import target_table

INIT, LONG = "20250101000000_init", "20250102000000_index"
BASE = {
    INIT: """
CREATE TYPE "Status" AS ENUM ('ACTIVE', 'GONE');
CREATE TABLE "teams" ("id" integer PRIMARY KEY, "name" text);
CREATE TABLE "users" (
    "id" integer PRIMARY KEY, "email" text NOT NULL, "name" text, "nick" text, "team" integer, "status" "Status" NOT NULL DEFAULT 'ACTIVE'
);
CREATE TABLE "empty" ("id" integer PRIMARY KEY, "a" text);
""",
    LONG: 'CREATE INDEX "users_name_idx" ON "users"("name");',
}
FILL = """
INSERT INTO "teams" SELECT i, 'team ' || i FROM generate_series(1, 50) i;
INSERT INTO "users" SELECT i, 's3cr3t' || i || '@example.com', CASE WHEN i % 4 = 0 THEN NULL ELSE 's3cr3t ' || i END, 'n', i % 50 + 1
FROM generate_series(1, 20000) i;
ANALYZE;
"""
PENDING = {
    "20250201000000_name": 'ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL;\nALTER TABLE "users" ALTER COLUMN "nick" SET NOT NULL;',
    "20250202000000_unique": 'CREATE UNIQUE INDEX "users_email_key" ON "users"("email");',
    "20250203000000_team": 'ALTER TABLE "users" ADD CONSTRAINT "users_team_fkey" FOREIGN KEY ("team") REFERENCES "teams"("id");',
    "20250204000000_bigint": 'ALTER TABLE "users" ALTER COLUMN "id" TYPE bigint;\nALTER TABLE "empty" ALTER COLUMN "id" TYPE bigint;',
    "20250205000000_enum": 'ALTER TYPE "Status" ADD VALUE \'NEW\';\nDROP INDEX "users_name_idx";\nCREATE TABLE "x" ("id" integer);',
    "20250206000000_fill": 'UPDATE "users" SET "nick" = "name";\nALTER TABLE "teams" ALTER COLUMN "name" SET NOT NULL;',
    "20250207000000_at_once": 'CREATE INDEX CONCURRENTLY "users_team_idx" ON "users"("team");',
    "20250208000000_crypto": "CREATE EXTENSION pgcrypto;",
}  # fmt: skip
# What a table's rows decide, and what the server's analyser or its files say: all that facts leave open.
OF_ROWS = {"outcome", "sqlstate", "rows", "because"}


def write(folder: Path, scripts: dict[str, str]) -> Path:
    for name, script in scripts.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "migration.sql").write_text(script, encoding="utf-8")
    return folder


def record(connection: psycopg.Connection[Any], name: str, script: str, seconds: float = 1) -> None:
    connection.execute(
        "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) "
        "VALUES (%s, %s, now(), %s, now() - %s * interval '1 second', 1)",
        [name[:36], sha256(script.encode()).hexdigest(), name, seconds],
    )


@pytest.fixture
def production(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        for script in (*BASE.values(), FILL, HISTORY_TABLE):
            connection.execute(script.encode())
        for name, script in BASE.items():
            record(connection, name, script, 90)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "migrations", BASE | PENDING)


NOWHERE = Path("/no-such-folder")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, configure: Callable[[str], None]) -> Call:
    def called(url: str, *words: str, settings: str = "", migrations: Path = NOWHERE) -> tuple[int, str, str]:
        configure(target_table("production", extra=settings, migrations=migrations))
        monkeypatch.setenv("DATABASE_URL", url)
        status = main(words)
        found = capsys.readouterr()
        return status, found.out, found.err

    return called


def facts_file(url: str, call: Call, tmp_path: Path, settings: str = "") -> Path:
    path = tmp_path / "facts.json"
    assert call(url, "facts", "--output", str(path), settings=settings) == (0, "", "")
    return path


def plan_with(path: Path, folder: Path, call: Call, *words: str) -> tuple[int, str, str]:
    """Plan where there is no database."""
    call_it = ("plan", "--migrations", str(folder), "--facts", str(path), *(words or ("--format", "json")))
    return call("postgresql://nobody@127.0.0.1:1/nowhere", *call_it)


def planned(found: tuple[int, str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(found[1])
    return document


def test_the_facts_of_a_production(production: str, call: Call) -> None:
    status, output, _ = call(production, "facts", settings='prisma = "6.19"\npolicy = "deploy-migrates"')
    found = json.loads(output)
    assert (status, found["version"], found["target"], found["prisma"]) == (0, 1, "production", "6.19")
    assert (found["policy"], found["schema"], found["unfinished"], found["tables_left_out"]) == (
        "deploy-migrates", "public", [], 0,
    )  # fmt: skip
    assert [each["name"] for each in found["applied"]] == [INIT, LONG]
    assert [round(each["seconds"]) for each in found["applied"]] == [90, 90]
    tables = {each["name"]: each for each in found["tables"]}
    assert next(iter(tables)) == "users"
    assert (tables["users"]["rows"], tables["users"]["bytes"] > 500_000, tables["empty"]["bytes"]) == (20_000, True, 0)
    fractions = tables["users"]["null_fractions"]
    assert fractions == {"name": pytest.approx(0.25, abs=0.03), "nick": 0, "team": 0}
    assert found["catalog"].startswith("sha256:")
    assert "s3cr3t" not in output


def test_without_settings_they_are_those_of_the_database_url(
    production: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DATABASE_URL", production)
    assert main(["facts", "--migrations", str(folder), "--prisma", "7.10"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["prisma"], [each["name"] for each in found["applied"]]) == ("7.10", [INIT, LONG])
    assert found["target"] == production.rpartition("/")[2].partition("?")[0]
    assert main(["facts", "--migrations", str(folder), "--target", "production"]) == 1


def test_a_role_without_a_right_to_rows_sees_no_fraction(production: str, postgres: Any, call: Call) -> None:
    name = production.rpartition("/")[2]
    with psycopg.connect(production, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE \"facts of {name}\" LOGIN PASSWORD 'only-looks'")
        connection.execute(
            f"GRANT SELECT (id, checksum, started_at, finished_at, rolled_back_at, migration_name) ON _prisma_migrations "
            f'TO "facts of {name}"'
        )
    found = json.loads(call(postgres.url(name, f"facts of {name}", "only-looks"), "facts")[1])
    tables = {each["name"]: each for each in found["tables"]}
    assert (tables["users"]["rows"], tables["users"]["null_fractions"]) == (20_000, {})


def test_a_production_that_cannot_be_read_has_none(call: Call) -> None:
    status, output, error = call("postgresql://reader@127.0.0.1:1/nowhere", "facts")
    assert (status, output) == (1, "")
    assert error.startswith("migration-monitor: production: there are no facts: ")


def test_a_sleeping_target_is_not_woken(production: str, call: Call) -> None:
    status, _, error = call(production, "facts", settings="paused_until = 2999-01-01T00:00:00Z")
    assert (status, error) == (
        1, "migration-monitor: production: there are no facts: the target sleeps until 2999-01-01 00:00 UTC\n",
    )  # fmt: skip


MORE = "INSERT INTO users SELECT i, i, i, i FROM generate_series(30000, 150000) i; ANALYZE;"
# A change by hand, the target's settings, and an SQLSTATE that both plans then name.
STATES = [
    pytest.param("", "", "", id="as the migrations made it"),
    pytest.param(f"{MORE} ALTER DATABASE {{database}} SET statement_timeout = '500ms'", "", "57014", id="a limit of the database"),
    pytest.param(f"{MORE} ALTER DATABASE {{database}} SET transaction_timeout = '500ms'", "", "25P04", id="a limit of newer servers", marks=pytest.mark.long),
    pytest.param("ALTER DATABASE {database} SET default_transaction_read_only = on", "", "25006", id="read-only", marks=pytest.mark.long),
    pytest.param("CREATE EXTENSION pgcrypto", "", "42710", id="an extension by hand"),
    pytest.param(MORE, "", "", id="more rows", marks=pytest.mark.long),
    pytest.param("TRUNCATE users, teams; ANALYZE", "", "", id="no rows", marks=pytest.mark.long),
    pytest.param("ALTER TABLE users SET (fillfactor = 50)", "", "", id="pages half full", marks=pytest.mark.long),
    pytest.param("", 'prisma = "7.5"\nmax_block = "1ms"', "", id="a Prisma that splits, and a short patience", marks=pytest.mark.long),
    pytest.param("", 'prisma = "6.19"\npolicy = "deploy-migrates"', "40P01", id="replicas that deploy"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "settings", "sqlstate"), STATES)
def test_the_plan_is_that_of_the_database_but_for_what_rows_decide(
    change: str, settings: str, sqlstate: str, production: str, folder: Path, call: Call, tmp_path: Path
) -> None:
    with psycopg.connect(production, autocommit=True) as connection:
        if "transaction_timeout" in change and connection.info.server_version < 170000:
            pytest.skip("from PostgreSQL 17 on")
        if change:
            connection.execute(change.format(database=production.rpartition("/")[2]).encode())
    live = planned(call(production, "plan", "--format", "json", settings=settings, migrations=folder))
    found = planned(plan_with(facts_file(production, call, tmp_path, settings), folder, call))
    assert found["disk"] == live["disk"]
    for one, other in zip(found["statements"], live["statements"], strict=True):
        # A safer way is said while it is open whether there is a failure to avoid.
        open_ = OF_ROWS | ({"safer"} if one["outcome"] != other["outcome"] else set())
        assert without(one, open_) == without(other, open_)
        if one["outcome"] != "depends":
            assert {key: one[key] for key in OF_ROWS} == {key: other[key] for key in OF_ROWS}
    assert sqlstate in json.dumps(found["statements"])
    assert sqlstate in json.dumps(live["statements"])
    assert any("has drifted" in note for note in found["notes"]) == ("EXTENSION" in change)


def without(statement: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key not in keys}


def test_statistics_are_said_and_are_no_proof(production: str, folder: Path, call: Call, tmp_path: Path) -> None:
    found = planned(plan_with(facts_file(production, call, tmp_path), folder, call))
    said = {
        each["sql"].split('"')[3]: each
        for each in found["statements"]
        if "SET NOT NULL" in each["sql"] and '"users"' in each["sql"]
    }
    assert "when the table was last analysed, 25.0% of its rows had a NULL in name" in normal(said["name"]["because"])
    assert said["nick"]["because"].endswith("a sample had no NULL in nick: that is no proof")
    assert {each["outcome"] for each in said.values()} == {"depends"}


def normal(because: str) -> str:
    """With the percentage of a sample rounded."""
    return re.sub(r"2[2-8]\.\d%", "25.0%", because)


def test_what_a_statement_of_the_run_changes_has_no_statistics_any_more(
    production: str, call: Call, tmp_path: Path
) -> None:
    changes = {
        "1": 'UPDATE "users" SET "name" = \'n\'; ALTER TABLE "users" ALTER "name" SET NOT NULL;',
        "2": 'ALTER TABLE "users" RENAME "team" TO "nick_of_team"; ALTER TABLE "users" RENAME "nick" TO "team"; '
        'ALTER TABLE "users" ALTER "team" SET NOT NULL;',
        "3": 'ALTER TABLE "teams" RENAME TO "groups"; ALTER TABLE "groups" ALTER "name" SET NOT NULL;',
    }
    migrations = write(tmp_path / "changing", BASE | {f"2025030{each}": sql for each, sql in changes.items()})
    found = planned(plan_with(facts_file(production, call, tmp_path), migrations, call))
    assert "analysed" not in json.dumps(found["statements"])


def test_the_plan_says_what_it_rests_on(production: str, folder: Path, call: Call, tmp_path: Path) -> None:
    path = facts_file(production, call, tmp_path)
    (first,) = planned(plan_with(path, folder, call))["notes"]
    assert first.startswith("The history, sizes and settings are those of production at 20")
    for form in ("text", "markdown"):
        assert "No row was read" in plan_with(path, folder, call, "--format", form)[1].replace("\n", " ")


@pytest.mark.parametrize(
    ("change", "note"),
    [
        pytest.param("ALTER TABLE users ADD phone text", "production has drifted: ", id="drift"),
        pytest.param("{elsewhere}", "production has applied migrations that are not in this folder: 2024_other.", id="elsewhere"),
        pytest.param("{failed}", "In production a migration has not finished: 20250201000000_name.", id="failed"),
    ],
)  # fmt: skip
def test_what_of_production_the_folder_does_not_show(
    change: str, note: str, production: str, folder: Path, call: Call, tmp_path: Path
) -> None:
    with psycopg.connect(production, autocommit=True) as connection:
        if change == "{elsewhere}":
            record(connection, "2024_other", "SELECT 1")
        elif change == "{failed}":
            record(connection, "20250201000000_name", "SELECT 1")
            connection.execute("UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name ~ '_name$'")
        else:
            connection.execute(change.encode())
    found = planned(plan_with(facts_file(production, call, tmp_path), folder, call))
    assert [each for each in found["notes"] if each.startswith(note)] != []
    assert {each["migration"] for each in found["statements"]} == set(PENDING)


def test_the_catalog_need_not_be_known(production: str, folder: Path, call: Call, tmp_path: Path) -> None:
    path = facts_file(production, call, tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "catalog": None}))
    assert "Whether production has drifted is not known" in planned(plan_with(path, folder, call))["notes"][1]


def test_what_migrations_make_that_is_not_followed_is_no_drift(production: str, call: Call, tmp_path: Path) -> None:
    migrations = write(tmp_path / "other", {**BASE, LONG: "ALTER TABLE teams ADD COLUMN shape a_type_of_nobody"})
    path = facts_file(production, call, tmp_path)
    assert "not all of the applied migrations" in planned(plan_with(path, migrations, call))["notes"][1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--since", "init"), "--since is for a plan without --facts"),
        (("--postgres", "15"), "--postgres is for a plan without --facts"),
        (("--schema", "app"), "--schema is for a plan without --facts"),
        (("--live",), "--facts: for a plan without a database"),
    ],
)  # fmt: skip
def test_what_the_facts_say_is_not_said_again(
    words: tuple[str, ...], sentence: str, folder: Path, call: Call, tmp_path: Path
) -> None:
    status, _, error = plan_with(tmp_path / "facts.json", folder, call, *words)
    assert (status, sentence in error) == (1, True)


def test_a_file_that_has_no_facts_is_a_usage_error(folder: Path, call: Call, tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    status, output, error = plan_with(path, folder, call)
    assert (status, output, error) == (1, "", f"migration-monitor: {path}: cannot be read: No such file or directory\n")
    path.write_text('{"version": 2}')
    assert plan_with(path, folder, call)[2] == f"migration-monitor: {path}: version: Input should be 1\n"

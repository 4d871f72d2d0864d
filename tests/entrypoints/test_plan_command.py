"""``migration-monitor plan``: one realistic pull request in all forms, and how every call ends."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from shared.entrypoints.cli.main import main

HERE = Path(__file__).parent / "plan"
MIGRATIONS = str(HERE / "migrations")
FIELDS = [
    "migration", "line", "sql", "outcome", "sqlstate", "rows", "locks", "rewrites", "scans", "blocks", "seconds",
    "held", "disk", "because", "clients", "safer",
]  # fmt: skip
BASE = 'CREATE TABLE "A" (id int PRIMARY KEY, n int, t text);'


@pytest.mark.parametrize(
    ("form", "golden"),
    [
        pytest.param("text", "expected.txt", id="text"),
        pytest.param("markdown", "expected.md", id="markdown"),
        pytest.param("json", "expected.json", id="json"),
        pytest.param("junit", "expected.xml", id="junit"),
    ],
)
def test_a_pull_request_in_every_form(form: str, golden: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["plan", "--migrations", MIGRATIONS, "--since", "init", "--prisma", "6.19.0", "--format", form])
    assert (status, capsys.readouterr().out) == (2, (HERE / golden).read_text(encoding="utf-8"))


def test_json_is_the_plan_object_of_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan", "--migrations", MIGRATIONS, "--since", "init", "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert list(document) == [
        "verdict",
        "statements",
        "waits",
        "retry",
        "disk",
        "point_of_no_return",
        "ways_back",
        "notes",
    ]
    assert {tuple(each) for each in document["statements"]} == {tuple(FIELDS)}


def folder(tmp_path: Path, *scripts: str) -> str:
    for number, script in enumerate(scripts, 1):
        (tmp_path / f"{number:02}").mkdir()
        (tmp_path / f"{number:02}" / "migration.sql").write_text(script, encoding="utf-8")
    return str(tmp_path)


def planned(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, object]]]:
    status = main(["plan", *arguments, "--format", "json"])
    return status, json.loads(capsys.readouterr().out)["statements"]


@pytest.mark.parametrize(
    ("script", "strict", "status"),
    [
        pytest.param('ALTER TABLE "A" ADD COLUMN x int', False, 0, id="ok"),
        pytest.param('ALTER TABLE "A" ADD COLUMN x int', True, 0, id="ok, strict"),
        pytest.param('ALTER TABLE "A" ADD COLUMN n int', False, 2, id="fails"),
        pytest.param('ALTER TABLE "A" DROP COLUMN t', False, 0, id="loses data"),
        pytest.param('ALTER TABLE "A" DROP COLUMN t', True, 2, id="loses data, strict"),
        pytest.param('ALTER TABLE "A" ALTER n TYPE bigint', False, 0, id="rewrites"),
        pytest.param('ALTER TABLE "A" ALTER n TYPE bigint', True, 2, id="rewrites, strict"),
        pytest.param("CREATE EXTENSION citext", False, 0, id="depends"),
        pytest.param("CREATE EXTENSION citext", True, 1, id="depends, strict"),
        pytest.param("DO $$ BEGIN NULL; END $$", False, 0, id="unknown"),
        pytest.param("DO $$ BEGIN NULL; END $$", True, 1, id="unknown, strict"),
        pytest.param("-- This is an empty migration.", True, 0, id="empty"),
    ],
)
def test_exit_status(
    script: str, strict: bool, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["plan", "--migrations", folder(tmp_path, BASE, script), *(["--strict"] if strict else [])]
    assert main(arguments) == status
    assert capsys.readouterr().err == ""


def test_what_the_author_accepts_is_no_warning_while_the_file_is_that_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    migrations = folder(tmp_path, BASE, 'ALTER TABLE "A" DROP COLUMN t')
    script = Path(migrations) / "02" / "migration.sql"
    (script.parent / "accept.toml").write_text(
        f"""checksum = "{sha256(script.read_bytes()).hexdigest()}"
            [[accepted]]
            code = "deploy-loses-data"
            line = 1
            reason = "it is a cache"
        """
    )
    arguments = ["plan", "--migrations", migrations, "--strict"]
    assert (main(arguments), capsys.readouterr().err) == (0, "")
    script.write_text(script.read_text() + "-- and a comment\n")
    assert main(arguments) == 2
    assert "migration-monitor: 02/accept.toml accepts nothing: its `checksum` is not" in capsys.readouterr().err


def test_the_newest_alone_is_planned_without_since(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrations = folder(tmp_path, BASE, 'CREATE INDEX i ON "A" (n)', "CREATE TABLE b (id int)")
    _, statements = planned(["--migrations", migrations], capsys)
    assert [each["migration"] for each in statements] == ["03"]
    _, statements = planned(["--migrations", migrations, "--since", "01"], capsys)
    assert [each["migration"] for each in statements] == ["02", "03"]
    _, statements = planned(["--migrations", migrations, "--since", "03"], capsys)
    assert statements == []


def test_what_the_same_run_made_blocks_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrations = folder(
        tmp_path,
        BASE,
        "CREATE TABLE b (id int, t text); CREATE INDEX i ON b (id); ALTER TABLE b ALTER t SET NOT NULL; DROP INDEX i",
        'ALTER TABLE b RENAME TO c; ALTER TABLE c ADD x int NOT NULL; CREATE INDEX j ON "A" (n)',
    )
    _, statements = planned(["--migrations", migrations, "--since", "01"], capsys)
    assert [(each["blocks"], each["outcome"]) for each in statements] == [("none", "ok")] * 6 + [("writes", "ok")]


def test_rows_that_the_run_itself_inserts_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filled = "CREATE TABLE b (id int); INSERT INTO b VALUES (1); ALTER TABLE b ADD x int NOT NULL"
    _, statements = planned(["--migrations", folder(tmp_path, BASE, filled)], capsys)
    assert (statements[-1]["outcome"], statements[-1]["sqlstate"]) == ("depends", "23502")


@pytest.mark.parametrize(
    ("script", "prisma", "outcomes"),
    [
        pytest.param('CREATE INDEX CONCURRENTLY i ON "A" (n)', "6.0", ["ok"], id="alone in its file"),
        pytest.param('CREATE INDEX CONCURRENTLY i ON "A" (n); SELECT 1', "6.0", ["fails", "ok"], id="with another, as a batch"),
        pytest.param("DROP INDEX CONCURRENTLY i; SELECT 1", "7.5", ["fails", "ok"], id="what the splitter refuses"),
        pytest.param('CREATE INDEX CONCURRENTLY i2 ON "A" (n); ALTER TABLE "A" ADD y int', "7.5", ["ok", "ok"], id="split"),
        pytest.param(
            'BEGIN; CREATE INDEX CONCURRENTLY i2 ON "A" (n); COMMIT; CREATE INDEX CONCURRENTLY i3 ON "A" (n)', "7.5",
            ["ok", "fails", "ok", "ok"], id="split, with a transaction of its own",
        ),
        pytest.param("ALTER TYPE mood ADD VALUE 'b'; ALTER TABLE m ALTER m SET DEFAULT 'b'", "6.0", ["ok", "fails"], id="new value, as a batch"),
        pytest.param("ALTER TYPE mood ADD VALUE 'b'; ALTER TABLE m ALTER m SET DEFAULT 'b'", "7.5", ["ok", "ok"], id="new value, split"),
        pytest.param(
            "CREATE TYPE k AS ENUM ('a'); ALTER TYPE k ADD VALUE 'b'; ALTER TABLE m ADD k k DEFAULT 'b'", "6.0", ["ok", "ok", "ok"],
            id="new value of a new type",
        ),
    ],
)  # fmt: skip
def test_how_prisma_runs_the_file_decides(
    script: str, prisma: str, outcomes: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = f"{BASE} CREATE INDEX i ON \"A\" (n); CREATE TYPE mood AS ENUM ('a'); CREATE TABLE m (m mood);"
    base = base if "i ON" not in script or "i2" in script else base.replace('CREATE INDEX i ON "A" (n);', "")
    _, statements = planned(["--migrations", folder(tmp_path, base, script), "--prisma", prisma], capsys)
    assert [each["outcome"] for each in statements] == outcomes


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--since", "nothing"], "--since nothing: no migration has that in its name; there is 01, 02", id="no such name"),
        pytest.param(["--since", "0"], "--since 0: several migrations have that in their names; there is 01, 02", id="several"),
        pytest.param(["--prisma", "seven"], "'seven' is not a version such as 7.4", id="no version"),
        pytest.param(["--postgres", "12"], "invalid choice", id="a server that is not supported"),
    ],
)  # fmt: skip
def test_a_call_that_is_wrong_says_so(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "--migrations", folder(tmp_path, BASE, "SELECT 1"), *arguments]) == 1
    assert sentence in capsys.readouterr().err


def test_a_script_without_an_end_and_one_that_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--migrations", folder(tmp_path, BASE, "SELECT 'x")]) == 1
    assert "PostgreSQL cannot parse 02/migration.sql" in capsys.readouterr().err
    (tmp_path / "02" / "migration.sql").write_text("SELECT 'x'", encoding="utf-8")
    (tmp_path / "03").mkdir()
    assert main(["plan", "--migrations", str(tmp_path)]) == 1
    assert "03 has no migration.sql" in capsys.readouterr().err


def test_another_database_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migrations = folder(tmp_path, BASE)
    (tmp_path / "migration_lock.toml").write_text('provider = "mysql"\n', encoding="utf-8")
    assert main(["plan", "--migrations", migrations]) == 1
    assert "migration_lock.toml is for mysql" in capsys.readouterr().err


def test_the_example_of_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scripts = {
        "20250101000000_init": 'CREATE TABLE "Post" ("id" SERIAL PRIMARY KEY, "views" INTEGER, "author_id" INTEGER);',
        "20250904160000_index_posts": (
            '-- AlterTable\nALTER TABLE "Post" ALTER COLUMN "views" SET DATA TYPE BIGINT;\n\n'
            '-- CreateIndex\nCREATE INDEX CONCURRENTLY "Post_author_id_idx" ON "Post"("author_id");\n'
        ),
    }
    for name, script in scripts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "migration.sql").write_text(script, encoding="utf-8")
    page = (Path(__file__).parents[2] / "docs" / "plan.md").read_text(encoding="utf-8")
    command = "migration-monitor plan --migrations prisma/migrations --since 20250101000000_init --prisma 6.19.0"
    example = page.partition(f"$ {command}\n")[2].partition("```")[0]
    assert main(["plan", "--migrations", str(tmp_path), "--since", "20250101000000_init", "--prisma", "6.19.0"]) == 2
    assert capsys.readouterr().out == example

"""`schema` prints either side in the same words; `baseline` writes drift down so that it is accepted."""

import json
import tomllib
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from tests import states

MIGRATIONS = str(states.migrations("up_to_date"))


@pytest.fixture
def production(database: str, postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    states.load("up_to_date", database, postgres)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    return database


def test_a_release_and_its_database_print_alike(production: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--migrations", MIGRATIONS]) == 0
    release = capsys.readouterr().out
    assert main(["schema"]) == 0
    database = capsys.readouterr().out
    assert release.partition("\n")[0] == database.partition("\n")[0]
    assert release.partition("\n")[0] == (
        "21 objects: 11 columns, 2 indexes, 2 primary keys, 2 sequences, 2 tables, 1 enum, 1 foreign key; nothing opaque"
    )
    assert "  column public.Post.title: character varying(255), not null" in release.splitlines()


def test_settings_of_roles_of_other_databases_are_not_printed(
    production: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(production, autocommit=True) as admin:
        admin.execute("CREATE ROLE of_another_database")
        admin.execute("ALTER ROLE of_another_database SET work_mem = '9MB'")
        try:
            assert main(["schema"]) == 0
            assert "of_another_database" not in capsys.readouterr().out
            admin.execute('ALTER TABLE "Post" OWNER TO of_another_database')
            assert main(["schema"]) == 0
            assert "setting role of_another_database.work_mem" in capsys.readouterr().out
        finally:
            admin.execute('ALTER TABLE "Post" OWNER TO CURRENT_USER')
            admin.execute("DROP ROLE of_another_database")


def test_a_schema_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--migrations", MIGRATIONS, "--format", "json"]) == 0
    objects = {item["subject"]: item for item in json.loads(capsys.readouterr().out)["objects"]}
    assert objects["enum public.Role"]["values"] == ["USER", "ADMIN"]
    title = objects["column public.Post.title"]
    assert (title["type"], title["nullable"], title["default"]) == ("character varying(255)", False, None)
    assert objects["foreign key public.Post.Post_authorId_fkey"]["on_delete"] == "restrict"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        pytest.param("SELECT 1;\nSELECT 'x\n", "PostgreSQL cannot parse 1/migration.sql, line 2", id="a quote without an end"),
        pytest.param(None, "no migrations", id="nothing there"),
    ],
)  # fmt: skip
def test_a_release_that_cannot_be_printed(
    script: str | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m").mkdir()
    if script is not None:
        (tmp_path / "m" / "1").mkdir()
        (tmp_path / "m" / "1" / "migration.sql").write_text(script)
    assert main(["schema", "--migrations", str(tmp_path / "m")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err


def test_what_cannot_be_parsed_is_no_part_of_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m" / "1").mkdir(parents=True)
    (tmp_path / "m" / "1" / "migration.sql").write_text("CREATE TABLE a ();\nFROB;\n")
    assert main(["schema", "--migrations", str(tmp_path / "m")]) == 1
    captured = capsys.readouterr()
    assert "table public.a" in captured.out
    assert captured.err == (
        "migration-monitor: this monitor's grammar (PostgreSQL 18) cannot parse line 2 of 1/migration.sql: "
        'syntax error at or near "FROB"\n'
    )


def test_a_baseline_is_accepted_as_it_stands(
    production: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "monitor.toml"
    target = f'[[target]]\nname = "p"\nprivileges = false\nrelease = {{ source = "folder", path = "{MIGRATIONS}" }}\ndatabase = {{ url = "env:DATABASE_URL" }}\n'
    settings.write_text(target)
    assert main(["baseline"]) == 0
    assert capsys.readouterr().out == "# There is no drift to accept.\n"
    with psycopg.connect(production, autocommit=True) as connection:
        connection.execute('ALTER TABLE "Post" ALTER COLUMN content TYPE varchar(40)')
        connection.execute("""CREATE INDEX "od'd🎉" ON "Post" (title)""")
    assert main(["check"]) == 2
    capsys.readouterr()
    assert main(["baseline"]) == 0
    written = capsys.readouterr().out
    keys = [drift["key"] for drift in tomllib.loads(written)["target"]["accepted"]]
    assert keys == ["schema-changed:column public.Post.content", "schema-unexpected:index public.od'd🎉"]
    settings.write_text(target + written)
    assert main(["check", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["coverage"]["accepted"]) == ("passed", 2)

"""`migration-monitor init` in an application's repository: what it asks, writes and prints, on a real server."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.entrypoints.cli.main import main
from shared.settings import load_settings
from tests import states
from tests.entrypoints.conftest import APP
from tests.on_terminal import run_on_terminal
from tests.settings.sound import sound

CONFIG = (
    "export default defineConfig({ tables: { external: ['public.events_p1'] }, migrations: { seed: 'node seed.js' } })"
)


@pytest.fixture
def application(database: str, postgres: PrivatePostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose database is up to date, with queues and a seeded table beside the migrations."""
    states.load("up_to_date", database, postgres)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA pgboss; CREATE TABLE pgboss.job (id int); CREATE TABLE events_p1 (id int)")
        connection.execute("INSERT INTO \"User\" (email) VALUES ('a'), ('b')")
    app = tmp_path / "app"
    shutil.copytree(states.migrations("up_to_date"), app / "prisma" / "migrations")
    (app / "prisma" / "schema.prisma").write_text("model User {\n  id Int @id\n}\nmodel Post {\n  id Int @id\n}\n")
    (app / "prisma.config.ts").write_text(CONFIG)
    (app / "package.json").write_text('{"devDependencies": {"prisma": "6.19.1"}}')
    (app / "seed.js").write_text("await prisma.user.create({}); await prisma.post.upsert({})")
    (app / ".env").write_text(f'DATABASE_URL="{database}"\n')
    monkeypatch.chdir(app)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return app


def test_without_a_question(
    application: Path, database: str, postgres: PrivatePostgres, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--yes"]) == 0
    out, err = capfd.readouterr()
    written = (application / "monitor.toml").read_text()
    assert err == ""
    for text in (out, written):
        assert postgres.password not in text
        assert database not in text
    (target,) = sound(load_settings(application / "monitor.toml", {"DATABASE_URL": database})).targets
    assert (target.name, target.policy, target.prisma) == ("production", "migrate-first", (6, 19))
    # The other table that the seed script writes to has no rows.
    assert [(each.table, each.min) for each in target.seeds] == [("User", 2)]
    assert [each.patterns for each in target.elsewhere] == [(("tables", "public.events_p1"),), (("schemas", "pgboss"),)]
    said = " ".join(out.split())
    assert "seed script seed.js (writes to User, Post)" in said
    assert "✓ schema passed" in said
    assert "Left out by the settings: public.events_p1 (tables.external of prisma.config.ts: 2 objects)" in said
    assert 'GRANT SELECT ("id") ON "public"."User" TO "migration_monitor";' in out


def test_the_applications_prisma_runs_only_where_somebody_says_so(
    application: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It is code of the repository."""
    commands = application / "node_modules/.bin"
    commands.mkdir(parents=True)
    ran = tmp_path / "ran"
    (commands / "prisma").write_text(f"#!/bin/sh\ntouch {ran}\necho 'CREATE TABLE \"Comment\" (id int PRIMARY KEY);'\n")
    (commands / "prisma").chmod(0o755)
    assert main(["init", "--yes", "--output", "one.toml"]) == 0
    assert not ran.exists()
    assert "Comment" not in capfd.readouterr().out
    assert main(["init", "--yes", "--run-prisma"]) == 0
    assert ran.exists()
    out = capfd.readouterr().out
    assert "schema-prisma-ahead" in out
    assert "Comment" in out


def test_the_last_line_exports_the_url_without_its_value(application: Path, database: str) -> None:
    init = [sys.executable, str(APP / "monitor.py"), "init", "--yes", "--no-connect"]
    environment = {"PATH": os.environ["PATH"]}
    first = subprocess.run(init, cwd=application, env=environment, capture_output=True, text=True, check=True)
    last = first.stdout.splitlines()[-1]
    assert database not in last
    shell = ["bash", "-c", f'{last}\nprintf %s "$DATABASE_URL"']
    assert (
        subprocess.run(shell, cwd=application, env=environment, capture_output=True, text=True, check=True).stdout
        == database
    )
    check = ["bash", "-c", f'{last}\nexec "$0" "$1" check', sys.executable, str(APP / "monitor.py")]
    assert subprocess.run(check, cwd=application, env=environment, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("env", "last"),
    [
        pytest.param(
            "DATABASE_URL=$(touch ran)\n", "export DATABASE_URL='…'  # its value is in ./.env", id="shell code"
        ),
        pytest.param("", "export DATABASE_URL='postgresql://USER:PASSWORD@HOST:5432/DATABASE'", id="nothing"),
    ],
)
def test_an_env_file_is_never_run(env: str, last: str, application: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (application / ".env").write_text(env)
    assert main(["init", "--yes"]) == 0
    out = capfd.readouterr().out
    assert "Not checked: the database was not read." in out
    assert out.splitlines()[-1] == last
    assert not (application / "ran").exists()


def test_partitions_of_the_migrations_tables_are_compared(
    application: Path, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = application / "prisma" / "migrations" / "20990101000000_events"
    folder.mkdir()
    sql = "CREATE TABLE events (at date) PARTITION BY RANGE (at);"
    (folder / "migration.sql").write_text(sql)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql)
        connection.execute(
            "CREATE TABLE events_y2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
        )
        connection.execute(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)"
            " VALUES ('x', encode(sha256(%s), 'hex'), '20990101000000_events', now(), 1)",
            (sql.encode(),),
        )
    assert main(["init", "--yes"]) == 0
    (target,) = sound(load_settings(application / "monitor.toml", {"DATABASE_URL": database})).targets
    assert not any(each.startswith("public.events_y") for one in target.elsewhere for each in one.tables)
    assert "✓ schema     passed" in capfd.readouterr().out


def test_another_file_may_have_the_url(application: Path, database: str, capfd: pytest.CaptureFixture[str]) -> None:
    (application / ".env").rename(application / "of production")
    assert main(["init", "--yes", "--no-connect", "--env-file", "of production"]) == 0
    out = capfd.readouterr().out
    assert out.endswith("""export DATABASE_URL="$(. './of production'; printf %s "$DATABASE_URL")"\n""")
    assert main(["init", "--yes", "--output", "m.toml", "--env-file", "none"]) == 1
    assert main(["init", "--yes", "--output", "m.toml", "--env-file", "of production", "--variable", "OTHER"]) == 1
    assert "no such file that sets OTHER" in capfd.readouterr().err
    assert not (application / "m.toml").exists()


def test_names_with_escape_sequences(application: Path, capfd: pytest.CaptureFixture[str]) -> None:
    odd = application / 'od\'d "$(touch ran)" \x1b[2J\n[[target]]'
    odd.mkdir()
    for each in ("prisma", "package.json", ".env"):
        (application / each).rename(odd / each)
    assert main(["init", "--yes", "--no-connect"]) == 0
    out, err = capfd.readouterr()
    assert "\x1b" not in out + err
    assert out.splitlines()[-1].startswith("export DATABASE_URL='…'  # its value is in ./od'd ")
    (target,) = sound(load_settings(application / "monitor.toml", {"DATABASE_URL": "postgresql://a@b/c"})).targets
    assert target.remedy.folder == odd.name
    assert target.releases[0].path == str(odd / "prisma" / "migrations")


def test_nothing_is_overwritten(application: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = application / "monitor.toml"
    file.write_text("mine")
    assert main(["init", "--yes"]) == 1
    assert "monitor.toml exists, and nothing is overwritten" in capfd.readouterr().err
    assert file.read_text() == "mine"
    file.unlink()
    file.symlink_to(application / "nowhere")
    assert main(["init", "--yes"]) == 1
    assert not (application / "nowhere").exists()
    assert main(["init", "--yes", "--no-connect", "--output", "other.toml"]) == 0


def test_the_settings_lead_to_the_migrations_from_wherever_they_are(
    application: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ops").mkdir()
    output = tmp_path / "ops" / "monitor.toml"
    assert main(["init", "--yes", "--no-connect", "--output", str(output)]) == 0
    assert f"check --config {output}`" in capfd.readouterr().out
    (target,) = sound(load_settings(output, {"DATABASE_URL": "postgresql://a@b/c"})).targets
    assert Path(target.releases[0].path or "").resolve() == application / "prisma" / "migrations"


def test_drift_is_accepted_only_where_somebody_says_so(
    application: Path, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute('CREATE INDEX by_hand ON "Post" (title)')
    assert main(["init", "--yes"]) == 0
    assert "[[target.accepted]]" not in (application / "monitor.toml").read_text()
    assert main(["init", "--yes", "--baseline", "--output", "accepted.toml"]) == 0
    (target,) = sound(load_settings(application / "accepted.toml", {"DATABASE_URL": database})).targets
    assert [each.key for each in target.accepted] == ["schema-unexpected:index public.by_hand"]
    assert "Accepted 1 difference of the schema" in capfd.readouterr().out


def test_answers_at_a_terminal(application: Path, database: str, tmp_path: Path) -> None:
    script = tmp_path / "init.sh"
    script.write_text(f'exec "{sys.executable}" "{APP / "monitor.py"}" init\n')
    answers = {
        "Read database": ["maybe", ""],
        "Name of this environment": ["no name", "staging"],
        "Who applies migrations?": ["2"],
        "Alert when one": ["n"],
        "Leave out public.events_p1": ["y"],
        "Leave out pgboss": ["n"],
        "URL that answers": ["ftp://x", "https://127.0.0.1:1/health"],
        "Accept today's": ["y"],
    }

    def answer(question: str) -> str:
        line = question.rstrip("\n").rpartition("\n")[2]
        return next(waiting.pop(0) for start, waiting in answers.items() if start in line)

    environment = {"PATH": os.environ["PATH"], "TERM": "dumb"}
    done = run_on_terminal(script, answer, folder=application, environment=environment, prompts=(": ",))
    assert done.status == 0, done.output
    assert not any(answers.values())
    (target,) = sound(load_settings(application / "monitor.toml", {"DATABASE_URL": database})).targets
    assert (target.name, target.policy, target.seeds) == ("staging", "deploy-migrates", ())
    assert [each.tables for each in target.elsewhere] == [("public.events_p1",)]
    assert [each.url for each in target.endpoints] == ["https://127.0.0.1:1/health"]
    assert [each.key for each in target.accepted] == ["schema-unexpected:schema pgboss"]


@pytest.mark.parametrize(
    ("arguments", "change", "sentence"),
    [
        pytest.param([], None, "standard input is no terminal, so nobody can answer: give --yes", id="nobody to ask"),
        pytest.param(["--yes"], "several", "several folders of migrations: other/migrations (1), prisma/migrations (", id="several folders"),
        pytest.param(["--yes", "--migrations", "none"], None, "there are no Prisma migrations in such a folder", id="no such folder"),
        pytest.param(["--yes"], "mysql", "there are no migrations for PostgreSQL: prisma/migrations is for mysql", id="another database"),
        pytest.param(["--yes"], "none", "has a Prisma schema and no migrations (`db push` keeps none)", id="no migrations"),
        pytest.param(["--yes", "--repository", "nowhere"], None, "cannot read the folder nowhere: No such file or directory", id="no repository"),
        pytest.param(["--yes", "--output", "nowhere/m.toml"], None, "there is no folder nowhere", id="no folder for it"),
        pytest.param(["--yes", "--no-connect", "--name", "a b"], None, "a target's name is 1 to 64 letters", id="no name"),
    ],
)  # fmt: skip
def test_what_stops_it(
    arguments: list[str],
    change: str | None,
    sentence: str,
    application: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = application / "prisma" / "migrations"
    if change == "several":
        (application / "other" / "migrations" / "1").mkdir(parents=True)
        (application / "other" / "migrations" / "1" / "migration.sql").write_text("SELECT 1;")
        for each in sorted(folder.iterdir())[1:]:
            if each.is_dir():
                shutil.rmtree(each)
    elif change == "mysql":
        (folder / "migration_lock.toml").write_text('provider = "mysql"\n')
    elif change == "none":
        shutil.rmtree(folder)
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert main(["init", *arguments]) == 1
    assert sentence in capfd.readouterr().err
    assert not (application / "monitor.toml").exists()


def test_a_database_that_only_containers_reach(application: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (application / ".env").write_text("DATABASE_URL=postgresql://app:s3cr3t@db.invalid:5432/app\n")
    (application / "compose.yaml").write_text(
        "services:\n  db.invalid:\n    image: postgres:16\n    ports: ['5433:5432']\n"
    )
    assert main(["init", "--yes"]) == 0
    out, err = capfd.readouterr()
    assert (
        "db.invalid is a service of compose.yaml: other containers know it by this name. "
        "From this machine it is localhost:5433" in err
    )
    assert "s3cr3t" not in out + err
    assert (application / "monitor.toml").exists()


@pytest.mark.parametrize(
    ("place", "because"),
    [
        pytest.param("app@db.example.com:{port}/app", "has no password", id="another host"),
        pytest.param("app@localhost:{port}/app?hostaddr=127.0.0.1", "has a hostaddr", id="another address"),
        pytest.param("app@db.example.com:{port}/app?host=localhost&hostaddr=127.0.0.1", "has a hostaddr", id="both"),
        pytest.param("app:theirs@localhost:{port}/app?hostaddr=127.0.0.1", "has a hostaddr", id="with a password"),
    ],
)
def test_a_password_of_ones_own_goes_nowhere_that_the_repository_names(
    place: str,
    because: str,
    application: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPASSWORD", "0nes-own")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = "postgresql://" + place.format(port=server.getsockname()[1])
        (application / ".env").write_text(f"DATABASE_URL={url}\n")
        assert main(["init", "--yes"]) == 0
        with pytest.raises(BlockingIOError):
            server.accept()
    out, err = capfd.readouterr()
    assert f"the URL in .env {because}: set it in the environment" in err
    assert out.splitlines()[-1] == "export DATABASE_URL='postgresql://USER:PASSWORD@HOST:5432/DATABASE'"

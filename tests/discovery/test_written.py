"""What is written: settings that their own reader takes whatever the names hold, and grants that suffice."""

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from shared.discovery.grants import grants
from shared.discovery.others import of_config, of_database
from shared.discovery.settings_text import Counted, Proposal, settings_text
from shared.gather.database.reading import read_database
from shared.model.endpoint import EndpointExpectation
from shared.model.schema import Extension, Kind, Namespace, Schema, Subject
from shared.model.seed import SeedExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Elsewhere
from shared.settings import load_settings
from tests.patience import LONG
from tests.settings.sound import sound

ODD = 'od\'d "quoted" \\ back\n[[target]]\r\x1b[31m\x7f\u202e🎉\u2028 = 1 # x'
HOSTILE = Proposal(
    "production",
    f"../{ODD}/migrations",
    "deploy-migrates",
    "DATABASE_URL",
    prisma=("7.4", ODD),
    folder=ODD,
    github=("example/app", ODD),
    seed_file=ODD,
    seeds=(Counted(ODD.replace(".", ""), 6), Counted("app.users", 2)),
    elsewhere=(Elsewhere(tables=(f"public.{ODD}",), schemas=("pgboss", ODD), because=ODD),),
    endpoints=(EndpointExpectation(name="health", url="https://api.example.com/health"),),
)
PLAIN = Proposal("production", "prisma/migrations", "migrate-first", "DATABASE_URL")


@pytest.mark.parametrize("proposal", [HOSTILE, PLAIN], ids=["hostile names", "nothing found"])
def test_the_settings_reader_takes_what_is_written(proposal: Proposal, tmp_path: Path) -> None:
    file = tmp_path / "monitor.toml"
    file.write_text(settings_text(proposal), encoding="utf-8")
    settings = sound(load_settings(file, {"DATABASE_URL": "postgresql://a@b/c"}))
    (target,) = settings.targets
    assert (target.name, target.policy, target.remedy.folder) == ("production", proposal.policy, proposal.folder)
    assert target.releases[0].path == str(tmp_path / proposal.path)
    assert [(each.table, each.min) for each in target.seeds] == [(each.table, each.rows) for each in proposal.seeds]
    assert target.elsewhere == proposal.elsewhere
    assert [each.url for each in target.endpoints] == [each.url for each in proposal.endpoints]
    assert settings.alerts.channels == ()


SUGGESTED = re.compile(r"^#(?=\[\[|\w+ = )", re.MULTILINE)


def test_every_suggestion_in_the_file_is_valid_once_it_is_taken(tmp_path: Path) -> None:
    start, _, suggestions = settings_text(PLAIN).partition("#[[")
    file = tmp_path / "monitor.toml"
    file.write_text(start + SUGGESTED.sub("", f"#[[{suggestions}"), encoding="utf-8")
    environment = {"DATABASE_URL": "postgresql://a@b/c", "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/x"}
    settings = sound(load_settings(file, environment))
    assert [each.name for each in settings.alerts.channels] == ["team"]
    assert [len(settings.targets[0].seeds), len(settings.targets[0].endpoints)] == [1, 1]


def test_the_suggested_source_is_valid_instead_of_the_folder(tmp_path: Path) -> None:
    lines = settings_text(HOSTILE).split("\n")
    file = tmp_path / "monitor.toml"
    kept = [line for line in lines if not line.startswith(('source = "folder"', "path = "))]
    file.write_text(SUGGESTED.sub("", "\n".join(kept)), encoding="utf-8")
    (target,) = sound(load_settings(file, {"DATABASE_URL": "postgresql://a@b/c"}, notifies=False)).targets
    assert (target.releases[0].source, target.releases[0].repository) == ("github", "example/app")


def test_the_grants_suffice_and_no_name_breaks_them(database: str, new_database: Callable[..., str]) -> None:
    role, table = 'mon"itor; DROP', 'Od"d, tab(le'
    with psycopg.connect(database, autocommit=True) as owner:
        name = owner.info.dbname
        owner.execute(
            "CREATE TABLE _prisma_migrations (id text, migration_name text, checksum text, started_at timestamptz, finished_at timestamptz, rolled_back_at timestamptz, logs text, secret text)"
        )
        owner.execute('CREATE TABLE "Od""d, tab(le" (secret text, "ke""y" int PRIMARY KEY)')
        owner.execute('INSERT INTO "Od""d, tab(le" VALUES (\'x\', 1)')
        settings = DatabaseSettings(url=Secret("env:DATABASE_URL", database))
        catalog = read_database(settings, (), LONG).catalog
        assert isinstance(catalog, Schema)
        for statement in grants(role, name, "public", [table, "none"], catalog):
            owner.execute(statement)
        try:
            owner.execute('ALTER ROLE "mon""itor; DROP" PASSWORD \'p\'')
            start, _, end = database.partition("://postgres:")
            url = f"{start}://mon%22itor%3B%20DROP:p@{end.partition('@')[2]}"
            reader = DatabaseSettings(url=Secret("env:DATABASE_URL", url))
            reading = read_database(reader, (SeedExpectation(table, min=1),), LONG)
            assert [each.count for each in reading.seeds] == [1]
            assert getattr(reading.history, "exists", None) is True
            with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute('SELECT secret FROM "Od""d, tab(le"')
        finally:
            owner.execute('DROP OWNED BY "mon""itor; DROP"; DROP ROLE "mon""itor; DROP"')


def schemas(*names: str) -> Schema:
    return Schema({Subject(Kind.SCHEMA, (name,)): Namespace() for name in names})


@pytest.mark.parametrize(
    ("catalog", "patterns"),
    [
        pytest.param(schemas("app"), [], id="nobody else"),
        pytest.param(schemas("pgboss", "graphile_worker"), [("schemas", "graphile_worker"), ("schemas", "pgboss")], id="queues"),
        pytest.param(schemas("auth"), [], id="an own schema auth"),
        pytest.param(schemas("auth", "storage", "vault"), [("schemas", "auth"), ("schemas", "storage"), ("schemas", "vault")], id="Supabase"),
        pytest.param(Schema({Subject(Kind.EXTENSION, ("pg_partman",)): Extension(schema="partman")}), [("tables", "partman.template_*")], id="pg_partman"),
    ],
)  # fmt: skip
def test_who_else_keeps_tables(catalog: Schema, patterns: list[tuple[str, str]]) -> None:
    assert [pattern for each in of_database(catalog) for pattern in each.patterns] == patterns


def test_what_prisma_leaves_to_others() -> None:
    assert of_config(["auth.users", "log", ".", "x."], "app", "prisma.config.ts") == [
        Elsewhere(tables=("auth.users", "app.log"), because="tables.external of prisma.config.ts")
    ]
    assert of_config([], "app", "prisma.config.ts") == []

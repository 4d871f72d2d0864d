"""`migration-monitor settings`: what a file says without a database, and which secrets can be read from here."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared.entrypoints.cli.main import main
from shared.model.app import AppExpectation
from shared.model.endpoint import EndpointExpectation
from shared.model.hours import SleepingHours
from shared.model.release_settings import ReleaseSettings
from shared.model.seed import SeedExpectation
from shared.model.server import ServerExpectation
from shared.model.setting_types import Secret
from shared.model.settings import AcceptedDrift, DatabaseSettings, Elsewhere, Target
from shared.model.value import replace
from shared.report.settings.unwatched import unwatched
from tests.cloud.cloud import Cloud
from tests.tables import hold

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PASSWORD = "hunter2-and-more"
SETTINGS = """\
[azure]
vault = "https://usasset-kv.vault.azure.net"
identity = "managed:{identity}"

[alerts]
viewer_key = "vault:viewer-key"
[[alerts.channel]]
name = "team"
kind = "teams"
url = "env:TEAMS_URL"

[[target]]
name = "production"
plan = "hourly"
[target.release]
source = "github"
repository = "useng/usasset3"
ref = "main"
[target.database]
url = "vault:database-url"
[[target.seed]]
table = "users"
exact = 6

[[target]]
name = "staging"
release = {{ source = "folder", path = "migrations" }}
database = {{ host = "db.example.com", name = "app", user = "monitor", identity = "managed", schema = "app" }}
"""
Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Write a settings file, and give the exit status and the output of the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEAMS_URL", f"https://example.webhook.office.com/{PASSWORD}")

    def run(settings: str, *words: str) -> tuple[int, str]:
        Path("monitor.toml").write_text(settings)
        status = main(["settings", *words])
        return status, capsys.readouterr().out

    return run


def test_what_is_watched_and_what_is_not(said: Said) -> None:
    assert said(SETTINGS.format(identity="own")) == (
        0,
        """\
monitor.toml: valid, 2 targets

target production
  release   github useng/usasset3 at main
  database  vault:database-url
  checked   every 1h, migrate-first
  notified  team
  not watched:
    the API: no [[target.endpoint]]
    the database server in Azure: its state, firewall and parameters: no [target.server]
    the application in Azure: which release runs: no [target.app]

target staging
  release   folder migrations
  database  app at db.example.com, schema app
  checked   every 1h, migrate-first
  notified  team
  not watched:
    rows that the release seeds: no [[target.seed]]
    the API: no [[target.endpoint]]
    the database server in Azure: its state, firewall and parameters: no [target.server]
    the application in Azure: which release runs: no [target.app]
    on a schedule, rows that pending migrations will meet: plan = "deploy"

channels:
  team (teams): critical, warning

secrets:
  vault:database-url: in https://usasset-kv.vault.azure.net, not read (--resolve reads it); for production
  env:TEAMS_URL: can be read; for channel team
  vault:viewer-key: in https://usasset-kv.vault.azure.net, not read (--resolve reads it); for [alerts] viewer_key
""",
    )


def test_mistakes_in_a_target_leave_the_others(said: Said) -> None:
    wrong = SETTINGS.format(identity="own").replace("exact = 6", "exact = -6").replace("env:TEAMS_URL", "env:NOT_SET")
    status, text = said(wrong)
    assert (status, text.splitlines()[0]) == (1, "monitor.toml: cannot be used")
    assert "  monitor.toml:21: target.production.seed.users: a table cannot hold fewer than 0 rows" in text
    assert "  monitor.toml:10: alerts.channel.team.url: the environment variable NOT_SET is not set" in text
    status, text = said(wrong.replace("env:NOT_SET", "env:TEAMS_URL"))
    assert (status, text.splitlines()[0]) == (1, "monitor.toml: not valid, 2 targets")
    assert "target production: cannot be checked from here, see the mistakes" in text
    assert "target staging\n" in text
    document = json.loads(said(wrong.replace("env:NOT_SET", "env:TEAMS_URL"), "--format", "json")[1])
    assert (document["valid"], document["broken_targets"], [each["name"] for each in document["targets"]]) == (
        False, ["production"], ["staging"],
    )  # fmt: skip
    assert [(each["line"], each["key"]) for each in document["mistakes"]] == [(21, "target.production.seed.users")]


def test_without_a_file(said: Said) -> None:
    status, text = said("", "--config", "other.toml")
    assert (status, text.splitlines()[0]) == (1, "other.toml: cannot be used")


def test_secrets_are_read_where_that_is_asked_for(said: Said, cloud: Cloud) -> None:
    vault = cloud.vault()
    vault.put("database-url", f"postgresql://u:{PASSWORD}@db/app")
    vault.put("viewer-key", f"{PASSWORD}-{PASSWORD}")
    settings = SETTINGS.format(identity=cloud.identity.client_id)
    assert (said(settings)[0], vault.asked) == (0, [])
    status, text = said(settings, "--resolve")
    assert (status, sorted(set(vault.asked)), PASSWORD in text) == (0, ["database-url", "viewer-key"], False)
    assert "vault:database-url: can be read; for production" in text


def test_secrets_that_cannot_be_read(said: Said, cloud: Cloud) -> None:
    cloud.vault().put("database-url", f"postgresql://u:{PASSWORD}@db/app")
    status, text = said(SETTINGS.format(identity=cloud.identity.client_id), "--resolve", "--format", "json")
    document = json.loads(text)
    readable = {each["name"]: each["readable"] for each in document["secrets"]}
    assert (status, document["valid"], PASSWORD in text) == (1, False, False)
    assert readable == {"vault:database-url": True, "env:TEAMS_URL": True, "vault:viewer-key": False}
    (because,) = (each["because"] for each in document["secrets"] if each["because"])
    assert because == "vault:viewer-key of usasset-kv.vault.azure.net: the vault has no secret of that name"


def test_secrets_that_are_something_else(said: Said, cloud: Cloud) -> None:
    vault = cloud.vault()
    vault.put("database-url", f"mysql://u:{PASSWORD}@db/app")
    vault.put("viewer-key", "short")
    status, text = said(SETTINGS.format(identity=cloud.identity.client_id), "--resolve")
    mistakes = text.partition("\nmistakes:\n")[2].splitlines()
    assert (status, len(mistakes), PASSWORD in text, "short" in text) == (1, 2, False, False)
    assert mistakes[0].startswith("  monitor.toml: target.production.database.url: vault:database-url: ")
    assert mistakes[1].startswith("  monitor.toml: alerts: vault:viewer-key of usasset-kv.vault.azure.net: it is not")


def test_what_a_target_does_not_watch() -> None:
    everything = Target(
        "production",
        (ReleaseSettings("folder", path="."),),
        DatabaseSettings(Secret("env:DATABASE_URL", "postgresql://u@h/d")),
        plan="hourly",
        seeds=(SeedExpectation("users", exact=6),),
        endpoints=(EndpointExpectation("api", "https://api.example.com"),),
        server=ServerExpectation(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/n"
        ),
        app=AppExpectation("/subscriptions/s/resourceGroups/g/providers/Microsoft.App/containerApps/n"),
    )
    key, until = "schema-missing:table public.t", date(2026, 11, 30)
    cases: list[tuple[Target, list[str]]] = [
        (everything, []),
        (replace(everything, compare_schema=False), ["the schema"]),
        (replace(everything, privileges=False), ["whether the monitor's own role could write"]),
        (replace(everything, plan="off"), ["what the next deployment will do"]),
        (
            replace(
                everything, elsewhere=(Elsewhere(tables=("public.p*",), schemas=("partman",), because="run-time"),)
            ),
            ["public.p*, schemas partman (run-time)"],
        ),
        (
            replace(everything, accepted=(AcceptedDrift(key, "x", until),)),
            ["schema-missing:table public.t until 2026-11-30 (x)"],
        ),
        (replace(everything, accepted=(AcceptedDrift(key, "x", until - timedelta(days=1)),)), []),
        (
            replace(everything, sleep=(SleepingHours("20:00", "06:00", days=("sat",)),)),
            ["all but the server from 20:00 to 06:00 UTC on sat"],
        ),
        (replace(everything, paused_until=NOW + timedelta(hours=1)), ["all but the server until 2026-11-30 13:00 UTC"]),
        (replace(everything, paused_until=NOW), []),
    ]

    def holds(case: tuple[Target, list[str]]) -> None:
        target, expected = case
        assert [each.what for each in unwatched(target, ["team"], NOW)] == expected

    hold(holds, cases)
    assert [each.what for each in unwatched(everything, [], NOW)] == ["nobody is notified"]

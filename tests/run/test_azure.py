"""Whole runs with a server and an app on loopback: what the report says first, and what the next run compares with."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from shared.alerts.decide.last_seen import last_seen_after
from shared.demo.incident import HISTORY_TABLE
from shared.model.app import AppExpectation
from shared.model.endpoint import EndpointExpectation
from shared.model.hours import SleepingHours
from shared.model.knowledge import Unavailable
from shared.model.last_seen import FIREWALL_RULES, LastSeen, firewall_rule
from shared.model.memory import Memory
from shared.model.plan import Plan
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Phase, Report, Trigger, Verdict
from shared.model.server import ServerExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, Target
from shared.report.forms import render
from shared.report.json import as_document
from shared.report.plan.wording import disk
from shared.report.reading import as_report
from shared.run import run
from tests.cloud.arm import (
    APP,
    EVENTS,
    METRICS,
    SERVER,
    FakeArm,
    app,
    error,
    event,
    metrics,
    revision,
    rule,
    server,
    template,
)
from tests.cloud.cloud import Cloud
from tests.gather.servers import Reply, nobody

API = "api.example.com"
ENDPOINT = EndpointExpectation("health", f"https://{API}/health", tries=1)


@pytest.fixture
def target(cloud: Cloud, tmp_path: Path, database: str) -> Target:
    """A target in step: one migration, applied by nobody yet but in a database of its own."""
    cloud.host(API, Reply())
    migration = tmp_path / "migrations" / "20260101000000_init" / "migration.sql"
    migration.parent.mkdir(parents=True)
    migration.write_text("CREATE TABLE folders (id int);")
    (tmp_path / "migrations" / "migration_lock.toml").write_text('provider = "postgresql"\n')
    return Target(
        "production",
        (ReleaseSettings("folder", str(tmp_path)),),
        DatabaseSettings(Secret("env:DATABASE_URL", database)),
        identity=cloud.identity,
        privileges=False,
        endpoints=(ENDPOINT,),
        server=ServerExpectation(SERVER),
        app=AppExpectation(APP),
    )


def verdicts(report: Report) -> dict[str, str]:
    return {check.name: check.verdict.value for check in report.checks}


def test_server_and_app_are_checks_like_any_other(target: Target, arm: FakeArm, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text, logs text, rolled_back_at timestamptz, started_at timestamptz, applied_steps_count int)"
        )
    arm.things[SERVER] = server(state="Updating", backup={"backupRetentionDays": 1})
    read: list[str] = []
    report = run(
        replace(target, server=ServerExpectation(SERVER, backup_days=7)), Trigger.TERMINAL, on_read=read.append
    )
    assert {name: verdicts(report)[name] for name in ("endpoints", "server", "app")} == {
        "endpoints": "passed", "server": "warning", "app": "passed",
    }  # fmt: skip
    assert set(read) == {"release", "database", "endpoints", "server", "app"}
    document = as_document(report)
    assert document["server"] == {
        "name": "usasset-db", "state": "Updating", "version": "16", "high_availability": "Disabled",
        "backup_days": 1, "geo_backup": None, "earliest_restore": None, "public_access": True,
    }  # fmt: skip
    assert document["app"] == {
        "name": "usasset-api", "revision": "usasset-api--0000007", "traffic": 100,
        "image": f"usasset.azurecr.io/api:v1.42.0@sha256:{'4e' * 32}", "version": "v1.42.0", "digest": f"sha256:{'4e' * 32}",
        "healthy": True, "is_release": None, "database": "usasset at db.example.com", "not_compared": None,
    }  # fmt: skip
    assert document["behind"] == ["database"]
    assert "hunter2" not in json.dumps(document)
    again = as_report(json.loads(json.dumps(document)))
    assert (again.server, again.app) == (report.server, report.app)
    second = render([report], "text").splitlines()[1]
    assert second == "  Behind: the database lacks 1 migration of the release; which release the app runs is not known."


def test_a_stopped_server_is_why(target: Target, arm: FakeArm) -> None:
    arm.things[SERVER] = server(state="Stopped")
    arm.things[f"{APP}/revisions"] = [revision(healthState="Unhealthy", template=template("r/api:v1.42.0"))]
    away = DatabaseSettings(Secret("env:DATABASE_URL", f"postgresql://u:hunter2@127.0.0.1:{nobody()}/d"))
    report = run(replace(target, database=away), Trigger.SCHEDULE)
    history = next(check for check in report.checks if check.name == "history")
    assert history.unknown_because is not None
    assert history.unknown_because.startswith(
        'Azure says that the server usasset-db is Stopped: database "d" at 127.0.0.1'
    )
    because = {finding.code: [cause.key for cause in finding.because] for finding in report.findings}
    assert because == {"server-unavailable": [], "app-unhealthy": ["server-unavailable:usasset-db"]}
    assert report.verdict is Verdict.FAILED


def test_an_identity_without_rights_gets_the_role_that_it_lacks(target: Target, arm: FakeArm) -> None:
    for path in (SERVER, f"{SERVER}/firewallRules", f"{SERVER}/configurations", APP, f"{APP}/revisions"):
        arm.instead[path] = error(403, "AuthorizationFailed")
    report = run(target, Trigger.SCHEDULE)
    who = f"the managed identity with client id {target.identity.client_id}"
    reasons = {check.name: check.unknown for check in report.checks}
    assert reasons["server"] == Unavailable(
        f"the server usasset-db: {who} may not read it: it needs the role Reader on the server", True
    )
    assert reasons["app"] == Unavailable(
        f"the app usasset-api: {who} may not read it: it needs the role Reader on the app", True
    )
    assert (report.server, report.app) == (None, None)


def test_rules_are_remembered_from_when_they_were_first_seen(target: Target, arm: FakeArm) -> None:
    arm.things[f"{SERVER}/firewallRules"] = [rule("tmp-repair", "203.0.113.7")]
    report = run(target, Trigger.SCHEDULE)
    assert report.seen is not None
    seen = {name for name in report.seen.first_seen if name.startswith("firewall")}
    assert seen == {FIREWALL_RULES, firewall_rule("tmp-repair")}
    assert not [finding for finding in report.findings if finding.code.startswith("firewall")]
    two_days_ago = datetime.now(UTC) - timedelta(days=2)
    later = run(target, Trigger.SCHEDULE, last_seen=LastSeen(first_seen={firewall_rule("tmp-repair"): two_days_ago}))
    assert [finding.key for finding in later.findings if finding.code.startswith("firewall")] == [
        "firewall-rule-temporary:tmp-repair"
    ]
    arm.instead[f"{SERVER}/firewallRules"] = error(500, "InternalServerError")
    unread = run(target, Trigger.SCHEDULE).seen
    assert unread is not None
    assert not [name for name in unread.first_seen if name.startswith("firewall")]


def test_who_wrote_a_rule_is_asked_once(target: Target, arm: FakeArm, database: str) -> None:
    wide = rule("everybody", "203.0.113.0", "203.0.120.255")
    arm.things[f"{SERVER}/firewallRules"] = [wide, rule("office", "203.0.113.7")]
    arm.things[EVENTS] = [event(f"{SERVER}/firewallRules/everybody", "alice@example.com", "2026-11-22T09:04:00Z")]
    report = run(target, Trigger.SCHEDULE)
    (found,) = [each for each in report.findings if each.code == "firewall-rule-wide"]
    assert found.evidence["changed"] == {
        "after": None,
        "before": None,
        "by": {
            "role": "alice@example.com",
            "how": "activity log",
            "at": "2026-11-22T09:04:00+00:00",
            "statement": None,
        },
        "same_transaction_as": [],
    }
    assert "By alice@example.com (Azure's activity log, 2026-11-22 09:04 UTC)." in render([report], "text")
    assert arm.asked.count(EVENTS) == 1
    memory = Memory("production")
    seen = last_seen_after(memory, report, report.started_at)
    again = run(target, Trigger.SCHEDULE, last_seen=seen)
    assert [each.evidence for each in again.findings if each.code == found.code] == [found.evidence]
    assert arm.asked.count(EVENTS) == 1, "it is no new finding"
    arm.things[f"{SERVER}/firewallRules"] = [rule("everybody", "203.0.113.0", "203.0.121.255")]
    run(target, Trigger.SCHEDULE, last_seen=seen)
    assert arm.asked.count(EVENTS) == 2, "it was written again"


def test_who_wrote_a_rule_may_come_late_or_never(target: Target, arm: FakeArm, database: str) -> None:
    arm.things[f"{SERVER}/firewallRules"] = [rule("everybody", "203.0.113.0", "203.0.120.255")]
    report = run(target, Trigger.SCHEDULE)
    seen = last_seen_after(Memory("production"), report, report.started_at)
    run(target, Trigger.SCHEDULE, last_seen=seen)
    assert arm.asked.count(EVENTS) == 2, "an event takes minutes to come into the log"
    old = replace(seen, first_seen=dict.fromkeys(seen.first_seen, datetime.now(UTC) - timedelta(hours=1)))
    run(target, Trigger.SCHEDULE, last_seen=old)
    assert arm.asked.count(EVENTS) == 2


def test_why_it_is_not_known_who_wrote_a_rule(target: Target, arm: FakeArm, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(HISTORY_TABLE.encode())
    arm.things[f"{SERVER}/firewallRules"] = [rule("everybody", "203.0.113.0", "203.0.120.255")]
    arm.instead[EVENTS] = error(403, "AuthorizationFailed")
    report = run(target, Trigger.SCHEDULE)
    assert report.coverage is not None
    (said,) = [each for each in report.coverage.not_compared if "firewall" in each]
    assert re.fullmatch(
        r"who wrote the firewall rules \(the activity log of everybody: .* it needs the role Reader .*\)", said
    )


_NOW = datetime.now(UTC)
ASLEEP = SleepingHours(f"{_NOW - timedelta(hours=1):%H:%M}", f"{_NOW + timedelta(hours=6):%H:%M}")


@pytest.mark.parametrize(
    ("state", "verdict", "headline"),
    [
        pytest.param("Stopped", Verdict.PASSED, "production sleeps until {until} UTC.", id="asleep"),
        pytest.param("Ready", Verdict.PASSED, "production sleeps until {until} UTC.", id="awake all the same"),
        pytest.param("Disabled", Verdict.FAILED, "production sleeps until {until} UTC, with 1 critical.", id="dead"),
    ],
)
def test_a_target_that_sleeps_is_left_alone(
    cloud: Cloud, target: Target, arm: FakeArm, state: str, verdict: Verdict, headline: str
) -> None:
    arm.things[SERVER] = server(state=state)
    report = run(replace(target, sleep=(ASLEEP,)), Trigger.SCHEDULE)
    assert report.sleeps_until is not None
    assert verdicts(report) | {"server": ""} == {
        "history": "skipped", "schema": "skipped", "seeds": "skipped", "endpoints": "skipped",
        "activity": "skipped", "server": "", "app": "skipped", "deployment": "skipped", "privileges": "skipped",
    }  # fmt: skip
    assert report.verdict is verdict
    assert headline.format(until=f"{report.sleeps_until:%Y-%m-%d %H:%M}") in render([report], "text")
    assert not cloud.seen_by(API), "a probe would wake it"
    assert APP not in arm.asked
    assert as_report(as_document(report)).sleeps_until == report.sleeps_until.replace(microsecond=0)


def test_a_server_that_cannot_be_seen_while_the_target_sleeps(target: Target, arm: FakeArm) -> None:
    arm.instead[SERVER] = error(500, "InternalServerError")
    report = run(replace(target, sleep=(ASLEEP,)), Trigger.SCHEDULE)
    assert report.verdict is Verdict.UNKNOWN
    assert "UTC; its server could not be checked." in render([report], "text")


def test_without_a_server_to_look_at_a_sleeping_target_passes(cloud: Cloud, target: Target) -> None:
    paused = replace(target, server=None, app=None, paused_until=datetime.now(UTC) + timedelta(hours=1))
    report = run(paused, Trigger.TERMINAL)
    assert (report.verdict, report.sleeps_until) == (Verdict.PASSED, paused.paused_until)
    assert not cloud.requests


def test_who_deploys_has_woken_it(cloud: Cloud, target: Target, arm: FakeArm) -> None:
    report = run(replace(target, sleep=(ASLEEP,)), Trigger.VERIFY)
    assert report.sleeps_until is None
    assert cloud.seen_by(API)


def test_before_a_deployment_the_app_that_runs_is_no_matter(target: Target, arm: FakeArm) -> None:
    arm.things[APP] = app(runningStatus="Stopped")
    report = run(target, Trigger.VERIFY, phase="before")
    assert verdicts(report)["app"] == "skipped"
    assert verdicts(report)["server"] == "passed"


INIT = "CREATE TABLE folders (id int PRIMARY KEY, name text);"


def shipped(folder: Path, schema_sql: str, *scripts: str) -> None:
    for number, script in enumerate(scripts, 1):
        migration = folder / "migrations" / f"{number}" / "migration.sql"
        migration.parent.mkdir(parents=True)
        migration.write_text(script)
    (folder / "migrations" / "schema.sql").write_text(schema_sql)


@pytest.mark.parametrize(
    ("schema_sql", "suffering"),
    [
        pytest.param(INIT, [("P2022", False)], id="which still uses the column"),
        pytest.param("CREATE TABLE folders (id int PRIMARY KEY);", [], id="which no longer uses it"),
    ],
)
def test_before_a_deployment_its_clients_are_those_of_the_running_release(
    schema_sql: str, suffering: list[tuple[str, bool]], target: Target, arm: FakeArm, database: str, tmp_path: Path
) -> None:
    """The app runs v1.42.0: what the candidate's own client knows is no matter."""
    shipped(tmp_path / "v1.42.0", schema_sql, INIT)
    shipped(tmp_path / "v1.43.0", "CREATE TABLE nothing ();", INIT, "ALTER TABLE folders DROP COLUMN name;")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"{HISTORY_TABLE}; {INIT}; INSERT INTO folders VALUES (1, 'a')".encode())
        connection.execute(
            "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('1', %s, now(), '1')",
            [sha256(INIT.encode()).hexdigest()],
        )
    candidate = replace(target, releases=(ReleaseSettings("folder", f"{tmp_path}/{{release}}"),))
    report = run(candidate, Trigger.VERIFY, release="v1.43.0", phase="before")
    assert isinstance(report.plan, Plan)
    (dropped,) = report.plan.statements
    assert [(each.code, each.assumed) for each in dropped.clients] == suffering
    assert (verdicts(report)["app"], report.app) == ("skipped", None)


def test_before_a_deployment_an_app_that_cannot_be_read_is_no_matter(target: Target, arm: FakeArm) -> None:
    arm.instead[APP] = error(403, "AuthorizationFailed")
    assert verdicts(run(target, Trigger.VERIFY, phase="before"))["app"] == "skipped"


def pending(database: str, folder: Path, *scripts: str) -> None:
    """The first of *scripts* was applied, with 5,000 rows of folders; the others are pending."""
    shipped(folder, "CREATE TABLE folders (id int PRIMARY KEY, name text);", *scripts)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"{HISTORY_TABLE}; {scripts[0]}".encode())
        connection.execute("INSERT INTO folders SELECT g, repeat('x', 200) FROM generate_series(1, 5000) g")
        connection.execute(
            "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('1', %s, now(), '1')",
            [sha256(scripts[0].encode()).hexdigest()],
        )


@pytest.mark.parametrize(
    ("left", "severity"),
    [
        pytest.param(1_000_000, "critical", id="less than the rewrite needs"),
        pytest.param(12_000_000, "warning", id="less than twice as much"),
        pytest.param(1_000_000_000, None, id="enough"),
    ],
)
def test_a_rewrite_is_held_against_the_disk(
    left: int, severity: str | None, target: Target, arm: FakeArm, database: str, tmp_path: Path
) -> None:
    arm.things[METRICS] = metrics(5 * 2**30 + left, 50)
    pending(database, tmp_path / "v1.42.0", INIT, "ALTER TABLE folders ALTER id TYPE bigint;")
    report = run(
        replace(target, releases=(ReleaseSettings("folder", f"{tmp_path}/v1.42.0"),)), Trigger.VERIFY, phase="before"
    )
    assert [each.severity.value for each in report.findings if each.code == "deploy-fills-disk"] == [severity] * bool(
        severity
    )
    assert isinstance(report.plan, Plan)
    assert report.plan.disk is not None
    assert report.plan.disk.storage is not None
    assert report.plan.disk.storage.left == left
    document = as_document(report)["plan"]
    assert isinstance(document, dict)
    assert document["disk"] == {
        "bytes": report.plan.disk.bytes, "held": 0, "not_known": 0, "left": left, "free": 5 * 2**30 + left,
    }  # fmt: skip


def test_a_disk_that_azure_does_not_show_is_no_claim(
    target: Target, arm: FakeArm, database: str, tmp_path: Path
) -> None:
    arm.instead[METRICS] = error(403, "AuthorizationFailed")
    pending(database, tmp_path / "v1.42.0", INIT, "ALTER TABLE folders ALTER id TYPE bigint;")
    report = run(
        replace(target, releases=(ReleaseSettings("folder", f"{tmp_path}/v1.42.0"),)), Trigger.VERIFY, phase="before"
    )
    assert isinstance(report.plan, Plan)
    assert report.plan.disk is not None
    assert (report.plan.disk.storage, report.plan.disk.bytes > 1_000_000) == (None, True)
    assert "deploy-fills-disk" not in {each.code for each in report.findings}
    assert "need up to" in (disk(report.plan) or "")
    assert "read-only" not in (disk(report.plan) or "")


@pytest.mark.parametrize(
    ("phase", "severity"),
    [pytest.param("before", "critical", id="before"), pytest.param(None, "warning", id="at a terminal")],
)
def test_an_app_that_migrates_when_it_starts(
    phase: Phase | None, severity: str, target: Target, arm: FakeArm, database: str, tmp_path: Path
) -> None:
    """The history shows it: its last migration began while the running revision was starting."""
    made = template("usasset.azurecr.io/api:v1.42.0")
    assert isinstance(made["containers"], list)
    made["containers"][1]["probes"] = [{"type": "Startup", "periodSeconds": 1, "failureThreshold": 1}]
    began = datetime.now(UTC) - timedelta(days=1)
    pending(database, tmp_path / "v1.42.0", INIT, "UPDATE folders SET name = 'x';" * 9)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE _prisma_migrations SET started_at = %s", [began])
    folder = replace(target, releases=(ReleaseSettings("folder", f"{tmp_path}/v1.42.0"),))
    for created, expected in ((began - timedelta(seconds=20), [severity]), (began - timedelta(hours=2), [])):
        arm.things[f"{APP}/revisions"] = [revision(template=made, createdTime=created.isoformat())]
        report = run(folder, Trigger.VERIFY if phase else Trigger.TERMINAL, phase=phase)
        assert [each.severity.value for each in report.findings if each.code == "deploy-outlasts-start"] == expected

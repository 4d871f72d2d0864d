"""A pending migration whose object has a name that is taken: what is said, how badly, and what is advised."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.checks.awaited import is_imminent
from shared.model.finding import Cause, Severity
from shared.model.knowledge import Unavailable
from shared.model.last_seen import LastSeen
from shared.model.release import Migration
from shared.model.report import Phase, Trigger
from shared.model.server import Server, ServerExpectation, ServerReading
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from shared.run.reporting import report_on
from tests.builders import NOW, facts, reading, release, row
from tests.checks.small_production import ADD, INIT, LAST, SCRIPTS, Production, commands, of
from tests.cloud.arm import SERVER


@pytest.fixture
def production(database: str, tmp_path: Path) -> Production:
    """The first migration is applied, and somebody has added a column ``z`` by hand."""
    made = Production(database, tmp_path / "migrations")
    made.sql(SCRIPTS[INIT])
    made.record(INIT)
    made.sql("ALTER TABLE t ADD COLUMN z int")
    return made


def test_what_is_said_of_it(production: Production) -> None:
    report = production.look()
    finding = of(report, "deploy-will-fail")[ADD]
    assert finding.summary == (
        f"{ADD} cannot be deployed: line 2 makes column public.t.z, and column public.t.z exists already "
        "with another definition (SQLSTATE 42701)."
    )
    assert (finding.expected, finding.actual, finding.severity) == ("text", "integer", Severity.CRITICAL)
    assert finding.because == (Cause("schema-unexpected:column public.t.z", certain=True),)
    assert "schema-unexpected:column public.t.z" in {each.key for each in report.findings}
    conflict = {
        "line": 2, "sqlstate": "42701", "sql": "ALTER TABLE t ADD COLUMN z text", "subject": "column public.t.z",
        "found_as": "column public.t.z", "wanted": "text", "found": "integer",
    }  # fmt: skip
    assert finding.evidence == {**conflict, "conflicts": [conflict]}
    assert (finding.incident, of(report, "migration-pending")[ADD].incident) == (f"migration {ADD}",) * 2


def test_nothing_is_advised_that_hides_it_or_deploys_before_it(production: Production) -> None:
    report = production.look()
    [renaming, deploy] = commands(report)
    assert "ALTER TABLE public.t RENAME COLUMN z TO z_before;" in renaming
    assert deploy == "npx prisma migrate deploy"
    for name in (ADD, LAST):
        pending = of(report, "migration-pending")[name]
        assert [step.text for step in pending.remedy] == [
            f"First fix deploy-will-fail of {ADD}: a deploy would fail there."
        ]
        assert pending.because == (Cause(f"deploy-will-fail:{ADD}", certain=True),)
    drift = of(report, "schema-unexpected")["column public.t.z"]
    assert [step.text for step in drift.remedy] == [f"Fix deploy-will-fail of {ADD}: column public.t.z is in its way."]


def test_once_it_is_out_of_the_way_the_deployment_is_advised(production: Production) -> None:
    production.sql("ALTER TABLE t RENAME COLUMN z TO z_before")
    report = production.look()
    assert of(report, "deploy-will-fail") == {}
    assert commands(report) == ["npx prisma migrate deploy"] * 2


@pytest.mark.parametrize("state", ["failed", "rolled back", "partly", "skipped"])
def test_no_state_of_the_migration_hides_it(production: Production, state: str) -> None:
    if state == "failed":
        production.record(ADD, "NULL", '\'ERROR: column "z" of relation "t" already exists\'')
    elif state == "rolled back":
        production.record(ADD, "NULL", "'ERROR'")
        production.sql("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL")
    elif state == "skipped":
        production.sql(SCRIPTS[LAST])
        production.record(LAST)
    if state in {"failed", "partly"}:
        production.sql("ALTER TABLE t ADD COLUMN a int")
    report = production.look()
    assert set(of(report, "deploy-will-fail")) == {ADD}
    assert "schema-unexpected:column public.t.z" in {each.key for each in report.findings}
    assert not [command for command in commands(report) if "--applied" in command]
    assert [each for each in commands(report) if "deploy" in each] == (
        [] if state in {"failed", "partly"} else ["npx prisma migrate deploy"]
    )


@pytest.mark.parametrize(
    ("sqlstate", "first"),
    [
        pytest.param("42701", [], id="at that object: its steps are enough"),
        pytest.param("23505", ["Fix what made the migration fail the first time."], id="at something else"),
    ],
)
def test_a_rolled_back_one_is_fixed_once(production: Production, sqlstate: str, first: list[str]) -> None:
    production.record(ADD, "NULL", f"E'Database error code: {sqlstate}\n\nDatabase error:\nERROR: it failed\n'")
    production.sql("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL")
    rolled_back = of(production.look(), "migration-rolled-back")[ADD]
    pointer = f"First fix deploy-will-fail of {ADD}: a deploy would fail there."
    assert [step.text for step in rolled_back.remedy] == [*first, pointer]


def test_what_is_as_the_migration_makes_it_is_its_effect(production: Production) -> None:
    production.sql("ALTER TABLE t DROP COLUMN z; ALTER TABLE t ADD COLUMN z text")
    report = production.look()
    assert of(report, "deploy-will-fail") == {}
    assert set(of(report, "migration-partially-applied")) == {ADD}


def test_what_an_applied_migration_made_is_the_releases_mistake(production: Production) -> None:
    (production.folder / LAST / "migration.sql").write_text("ALTER TABLE t ADD COLUMN y text;")
    finding = of(production.look(), "deploy-will-fail")[LAST]
    assert finding.because == ()
    assert [step.text for step in finding.remedy] == [
        f"Remove column public.t.y from line 1 of {LAST}, and release again: an applied migration made it already.",
        "Check again, and follow the steps of the new report.",
    ]


@pytest.mark.parametrize("policy", ["migrate-first", "deploy-migrates"])
@pytest.mark.parametrize(
    ("trigger", "phase", "deploying", "severity"),
    [
        pytest.param(Trigger.VERIFY, "before", None, Severity.CRITICAL, id="before"),
        pytest.param(Trigger.VERIFY, "after", None, Severity.CRITICAL, id="after"),
        pytest.param(Trigger.TERMINAL, None, None, Severity.CRITICAL, id="terminal"),
        pytest.param(Trigger.TERMINAL, None, False, Severity.WARNING, id="terminal that notifies"),
        pytest.param(Trigger.SCHEDULE, None, None, Severity.WARNING, id="schedule"),
        pytest.param(Trigger.SCHEDULE, None, True, Severity.CRITICAL, id="schedule, in a window"),
    ],
)  # fmt: skip
def test_how_bad_it_is(  # the table's columns
    production: Production, policy: str, trigger: Trigger, phase: Phase | None, deploying: bool | None, severity: Severity
) -> None:  # fmt: skip
    report = production.look(trigger, phase, policy=policy, deploying=deploying)
    assert of(report, "deploy-will-fail")[ADD].severity is severity


def test_it_concerns_somebody_once_the_release_is_deployed() -> None:
    context = facts(release("1"), reading())
    assert not is_imminent(context)
    assert is_imminent(replace(context, last_seen=LastSeen(deployed="sha256:0")))


AZURE = Server("db", "Ready", "16", None, 7, geo_backup=None, public=True, earliest_restore=NOW - timedelta(days=7))


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        pytest.param(AZURE, 1, id="Azure keeps backups"),
        pytest.param(replace(AZURE, earliest_restore=None), 0, id="Azure does not say since when"),
        pytest.param(replace(AZURE, earliest_restore=NOW + timedelta(hours=1)), 0, id="no backup is old enough yet"),
        pytest.param(Unavailable("Azure does not answer"), 0, id="Azure does not answer"),
    ],
)
def test_before_data_is_lost_it_says_how_to_restore_it(server: Server | Unavailable, expected: int) -> None:
    base, drop = (
        Migration("1_init", b"CREATE TABLE t (id int PRIMARY KEY, x text);"),
        Migration("2_drop", b"ALTER TABLE t DROP COLUMN x;"),
    )
    replay = Replay()
    replay.run_all(parse((base.script or b"").decode()))
    known = facts(release(base, drop), reading(row("1_init", content=base.script), catalog=replay.freeze()))
    azure = replace(
        known,
        target=replace(known.target, server=ServerExpectation(SERVER)),
        server=ServerReading(server, (), {}),
        started_at=NOW,
    )
    found = report_on(azure, Trigger.TERMINAL, dict.fromkeys(("database", "endpoints", "server", "app"), timedelta(0)))
    (losing,) = of(found, "deploy-loses-data").values()
    restoring = [step.command for step in losing.remedy if step.command is not None]
    assert len(restoring) == expected
    if restoring:
        assert restoring[0].endswith(f"--source-server {SERVER} --restore-time {NOW:%Y-%m-%dT%H:%M:%SZ}")

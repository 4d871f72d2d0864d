"""The application: each rule firing, and keeping quiet; and what a release that runs means to what is pending."""

from dataclasses import replace
from typing import Any

import pytest

from shared.checks.app import runs_release
from shared.checks.awaited import severity_of_waiting
from shared.checks.causes import with_causes
from shared.checks.healing import is_worth_waiting_for
from shared.checks.registry import CHECKS, CheckOutcome, run_check
from shared.model.app import AppExpectation, AppReading, Image, Place, Revision
from shared.model.diagnosis import Diagnosis
from shared.model.endpoint import EndpointExpectation
from shared.model.facts import Facts
from shared.model.finding import Cause, Finding, Severity
from shared.model.knowledge import Unavailable
from shared.model.last_seen import LastSeen
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Phase
from tests.builders import NOW, facts, reading, release
from tests.cloud.arm import APP, DIGEST
from tests.report.sample import report

NO_DIAGNOSIS = Diagnosis((), None, Unavailable("not compared"))
EXPECTED = AppExpectation(APP)
OTHER_DIGEST = f"sha256:{'5f' * 32}"
V41, V42 = Image.parse("r.azurecr.io/api:v1.41.0"), Image.parse("r.azurecr.io/api:v1.42.0")
LATEST, PINNED = Image.parse("r.azurecr.io/api:latest"), Image.parse(f"r.azurecr.io/api@{DIGEST}")
DEPLOYED = LastSeen(deployed="sha256:0")


def revision(number: int = 7, image: Image = V42, **others: Any) -> Revision:
    plain = Revision(f"api--{number}", image, True, 100, "Healthy", "Running", "Provisioned", None, NOW)
    return replace(plain, **others)


def app(*revisions: Revision, **others: Any) -> AppReading:
    newest = max((each.name for each in revisions), default=None)
    plain = AppReading(
        "usasset-api",
        ("api.example.com",),
        "Running",
        True,
        newest,
        newest,
        revisions,
        Place("db.example.com", "usasset"),
    )
    return replace(plain, **others)


def context(
    seen: AppReading | Unavailable,
    *,
    version: str | None = "v1.42.0",
    expectation: AppExpectation = EXPECTED,
    phase: Phase | None = None,
    last_seen: LastSeen | None = None,
    host: str | None = "db.example.com",
    **target: Any,
) -> Facts:
    plain = facts(replace(release("1"), version=version), replace(reading(), host=host))
    return replace(
        plain,
        target=replace(plain.target, app=expectation, **target),
        app=seen,
        phase=phase,
        last_seen=last_seen or LastSeen(),
    )


def outcome_of(found: Facts) -> CheckOutcome:
    return run_check(next(check for check in CHECKS if check.name == "app"), found, NO_DIAGNOSIS)


def codes_of(found: Facts) -> list[tuple[str, Severity]]:
    return [(finding.code, finding.severity) for finding in outcome_of(found).findings]


UNHEALTHY, BEHIND, OTHER = (("app-unhealthy", Severity.CRITICAL), ("app-behind", Severity.CRITICAL), ("app-other-database", Severity.CRITICAL))  # fmt: skip
WARNED = ("app-unhealthy", Severity.WARNING)
WELL = app(revision())
FAILED = revision(
    8, provisioning="Failed", running="Failed", traffic=0, health="None", error="Container crashing: api."
)


@pytest.mark.parametrize(
    ("seen", "phase", "expected"),
    [
        pytest.param(WELL, None, [], id="well"),
        pytest.param(app(revision(health="Unhealthy")), None, [UNHEALTHY], id="its probes fail"),
        pytest.param(app(revision(running="Degraded")), None, [UNHEALTHY], id="in part"),
        pytest.param(app(revision(running="ActivationFailed")), None, [UNHEALTHY], id="does not start"),
        pytest.param(app(revision(provisioning="Failed")), None, [UNHEALTHY], id="never provisioned"),
        pytest.param(app(revision(health="None", running="Processing")), None, [], id="starting"),
        pytest.param(app(revision(health="None", running="ScaledToZero")), None, [], id="nobody asks for it"),
        pytest.param(app(revision(health=None, running=None, provisioning=None)), None, [], id="Azure says nothing of it"),
        pytest.param(app(revision(), revision(6, active=False, traffic=0, health="Unhealthy")), None, [], id="an old one failed"),
        pytest.param(app(revision(traffic=90), revision(6, traffic=10, health="Unhealthy")), None, [UNHEALTHY], id="a tenth of the traffic"),
        pytest.param(app(revision(), FAILED), None, [WARNED], id="the newest fails, the one before serves"),
        pytest.param(app(revision(), FAILED), "after", [UNHEALTHY], id="the deployment did not arrive"),
        pytest.param(app(revision(), replace(FAILED, active=False)), None, [], id="the newest was deactivated"),
        pytest.param(app(revision(traffic=0)), None, [], id="a worker without an ingress"),
        pytest.param(app(revision(traffic=0, health="Unhealthy")), None, [UNHEALTHY], id="a worker that fails"),
        pytest.param(app(revision(traffic=0, active=False)), None, [UNHEALTHY], id="none is active"),
        pytest.param(app(), None, [UNHEALTHY], id="none at all"),
        pytest.param(replace(WELL, running="Stopped"), None, [UNHEALTHY], id="stopped"),
    ],
)  # fmt: skip
def test_health(seen: AppReading, phase: Phase | None, expected: list[tuple[str, Severity]]) -> None:
    # No release to compare with: only health is checked.
    assert codes_of(context(seen, version=None, phase=phase)) == expected


def test_words_about_health() -> None:
    (serving,) = outcome_of(context(app(revision(6, health="Unhealthy", traffic=80)))).findings
    (newest,) = outcome_of(context(app(revision(), FAILED))).findings
    (stopped,) = outcome_of(context(replace(WELL, running="Stopped"))).findings
    assert serving.summary == "The revision api--6 of usasset-api is unhealthy, with 80 % of the traffic."
    assert newest.summary == (
        "The revision api--8 of usasset-api could not be provisioned (Container crashing: api); api--7 still has the traffic."
    )
    assert newest.remedy[0].command == (
        "az containerapp logs show --subscription ffffffff-0000-0000-0000-ffffffffffff --resource-group usasset "
        "--name usasset-api --revision api--8 --type system --tail 50"
    )
    assert stopped.remedy[0].command == f"az resource invoke-action --action start --ids {APP}"


TAGGED = replace(EXPECTED, release_of_image="prod-{release}-x")


@pytest.mark.parametrize(
    ("image", "version", "expectation", "is_of"),
    [
        pytest.param(V42, "v1.42.0", EXPECTED, True, id="the tag is the version"),
        pytest.param(V42, "1.42.0", EXPECTED, True, id="with a v and without"),
        pytest.param(V41, "v1.42.0", EXPECTED, False, id="another version"),
        pytest.param(V42, "v1.42.0-rc.1", EXPECTED, False, id="a candidate for it"),
        pytest.param(V42, None, EXPECTED, None, id="a release without a version"),
        pytest.param(V42, "main", EXPECTED, None, id="a release that is a branch"),
        pytest.param(Image.parse("r/api:main"), "main", EXPECTED, None, id="a tag that moves"),
        pytest.param(LATEST, "v1.42.0", EXPECTED, None, id="latest"),
        pytest.param(Image.parse("r/api"), "v1.42.0", EXPECTED, None, id="no tag"),
        pytest.param(Image.parse("localhost:5000/api"), "v1.42.0", EXPECTED, None, id="a port is no tag"),
        pytest.param(PINNED, DIGEST, EXPECTED, True, id="by digest"),
        pytest.param(PINNED, OTHER_DIGEST, EXPECTED, False, id="another digest"),
        pytest.param(PINNED, DIGEST[:19], EXPECTED, True, id="by a digest cut short"),
        pytest.param(V42, DIGEST, EXPECTED, None, id="a tag names no digest"),
        pytest.param(Image.parse("r/api:prod-v7-x"), "v7", TAGGED, True, id="as the settings make it"),
        pytest.param(Image.parse("r/api:prod-v8-x"), "v7", TAGGED, False, id="as the settings make another"),
        pytest.param(Image.parse("r/api:prod-main-x"), "v7", TAGGED, False, id="of any name"),
        pytest.param(Image.parse("r/api:prod--x"), "v7", TAGGED, None, id="of none"),
        pytest.param(V42, "v1.42.0", TAGGED, None, id="not as the settings make it"),
    ],
)  # fmt: skip
def test_the_release_of_an_image(
    image: Image, version: str | None, expectation: AppExpectation, is_of: bool | None
) -> None:
    assert expectation.is_of(image, version) is is_of


@pytest.mark.parametrize(
    ("seen", "phase", "last_seen", "expected"),
    [
        pytest.param(app(revision(image=V42)), "after", LastSeen(), [], id="deployed and there"),
        pytest.param(app(revision(image=V41)), "after", LastSeen(), [BEHIND], id="deployed and not running"),
        pytest.param(app(revision(image=V41)), None, LastSeen(), [], id="not deployed yet"),
        pytest.param(app(revision(image=V41)), None, LastSeen(deployed="sha256:1"), [], id="another was deployed"),
        pytest.param(app(revision(image=V41)), None, DEPLOYED, [BEHIND], id="deactivated after its deployment"),
        pytest.param(app(revision(image=LATEST)), "after", DEPLOYED, [], id="not known"),
        pytest.param(app(revision(image=V42, traffic=90), revision(6, V41, traffic=10)), "after", LastSeen(), [BEHIND], id="a tenth has the old one"),
        pytest.param(app(revision(6, V41), newest="api--7", ready="api--6"), "after", LastSeen(), [BEHIND], id="the new one starts"),
        pytest.param(app(revision(6, LATEST), newest="api--7", ready="api--6"), "after", LastSeen(), [BEHIND], id="the new one starts, whatever it is"),
        pytest.param(app(revision(6, LATEST), newest="api--7", ready="api--6"), None, DEPLOYED, [], id="a new one starts by itself"),
        pytest.param(app(revision(6, LATEST), newest="api--7", ready="api--6", one_at_a_time=False), "after", LastSeen(), [], id="people give the traffic"),
    ],
)  # fmt: skip
def test_behind(
    seen: AppReading, phase: Phase | None, last_seen: LastSeen, expected: list[tuple[str, Severity]]
) -> None:
    assert codes_of(context(seen, phase=phase, last_seen=last_seen)) == expected


def test_words_about_what_is_behind() -> None:
    (other,) = outcome_of(context(app(revision(6, V41)), phase="after")).findings
    (starts,) = outcome_of(context(app(revision(6, LATEST), newest="api--7", ready="api--6"), phase="after")).findings
    assert other.summary == (
        "usasset-api runs v1.41.0 (revision api--6, with 100 % of the traffic); the deployed release is v1.42.0."
    )
    assert starts.summary == "The newest revision of usasset-api, api--7, is not ready; api--6 still has the traffic."


@pytest.mark.parametrize(
    ("host", "database", "watched", "aliases", "expected"),
    [
        pytest.param("db.example.com", "usasset", "db.example.com", (), [], id="the same"),
        pytest.param("DB.example.com.", "usasset", "db.example.com", (), [], id="in other letters"),
        pytest.param("db.privatelink.postgres.database.azure.com", "usasset", "db.postgres.database.azure.com", (), [], id="by its private name"),
        pytest.param("old.example.com", "usasset", "db.example.com", (), [OTHER], id="another server"),
        pytest.param("db.example.com", "usasset_copy", "db.example.com", (), [OTHER], id="another database there"),
        pytest.param("db.internal", "usasset", "db.example.com", ("DB.internal",), [], id="by another name of it"),
        pytest.param("db.internal", "copy", "db.example.com", ("db.internal",), [OTHER], id="another database, by another name"),
        pytest.param("10.0.0.4", "usasset", "db.example.com", (), [], id="an address proves nothing"),
        pytest.param("localhost", "usasset", "db.example.com", (), [], id="a tunnel proves nothing"),
        pytest.param("old.example.com", "usasset", None, (), [], id="watched through a tunnel"),
    ],
)  # fmt: skip
def test_other_database(
    host: str, database: str, watched: str | None, aliases: tuple[str, ...], expected: list[tuple[str, Severity]]
) -> None:
    seen = app(revision(), database=Place(host, database))
    found = context(seen, host=watched, expectation=replace(EXPECTED, database_hosts=aliases))
    assert codes_of(found) == expected


def test_words_about_another_database() -> None:
    (finding,) = outcome_of(context(app(revision(), database=Place("old.example.com", "usasset")))).findings
    assert finding.summary == (
        "usasset-api uses the database usasset at old.example.com, but the monitor checks usasset at db.example.com."
    )


def test_a_database_of_an_unknown_host_leaves_the_check_complete() -> None:
    seen = app(revision(), database=Unavailable("its secrets may not be read", lasting=True))
    assert outcome_of(context(seen)) == CheckOutcome((), None)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(Unavailable("no right", lasting=True), [], id="nothing"),
        pytest.param(app(revisions=Unavailable("no right", lasting=True), database=Place("x", "y")), [OTHER], id="no revisions"),
    ],
)  # fmt: skip
def test_what_could_be_read_is_checked(seen: AppReading | Unavailable, expected: list[tuple[str, Severity]]) -> None:
    outcome = outcome_of(context(seen))
    assert [(each.code, each.severity) for each in outcome.findings] == expected
    assert outcome.unknown == Unavailable("no right", lasting=True)


@pytest.mark.parametrize(
    ("seen", "phase", "policy", "severity"),
    [
        pytest.param(app(revision(6, V41)), None, "deploy-migrates", Severity.INFO, id="not deployed yet"),
        pytest.param(app(revision(7, V42)), None, "deploy-migrates", Severity.CRITICAL, id="the app runs it"),
        pytest.param(app(revision(7, V42, traffic=5), revision(6, V41, traffic=95)), None, "deploy-migrates", Severity.CRITICAL, id="for some"),
        pytest.param(app(revision(7, LATEST)), None, "deploy-migrates", Severity.INFO, id="not known"),
        pytest.param(Unavailable("no right"), None, "deploy-migrates", Severity.INFO, id="not seen"),
        pytest.param(app(revision(7, V42)), "before", "deploy-migrates", Severity.INFO, id="before its deployment"),
        pytest.param(app(revision(6, V41)), None, "migrate-first", Severity.CRITICAL, id="where migrations go first"),
    ],
)  # fmt: skip
def test_pending_is_an_alarm_once_the_release_runs(
    seen: AppReading | Unavailable, phase: Phase | None, policy: str, severity: Severity
) -> None:
    assert severity_of_waiting(context(seen, phase=phase, policy=policy)) is severity


@pytest.mark.parametrize(
    ("seen", "runs"),
    [
        pytest.param(app(revision()), True, id="it does"),
        pytest.param(app(revision(6, V41)), False, id="another"),
        pytest.param(app(revision(6, V41), revision(7, LATEST)), None, id="perhaps in part"),
        pytest.param(app(), None, id="nothing runs"),
    ],
)
def test_runs_release(seen: AppReading, runs: bool | None) -> None:
    assert runs_release(context(seen)) is runs


RUNNING = ReleaseSettings("image", container_app=APP.upper())


@pytest.mark.parametrize(
    ("seen", "source", "releases", "phase", "runs"),
    [
        pytest.param(app(revision(7, LATEST)), "image", (RUNNING,), None, True, id="it is what runs"),
        pytest.param(app(revision(7, LATEST, traffic=9), revision(6, V41, traffic=91)), "image", (RUNNING,), None, True, id="most of it"),
        pytest.param(app(revision(7, LATEST)), "image", (RUNNING,), "after", None, id="a verification may ask for another"),
        pytest.param(app(revision(7, LATEST)), "folder", (RUNNING, ReleaseSettings("folder", "x")), None, None, id="another source answered"),
        pytest.param(app(revision(7, LATEST)), "image", (RUNNING, ReleaseSettings("image", image="r/api")), None, None, id="one of two images"),
    ],
)  # fmt: skip
def test_the_image_that_runs_runs(
    seen: AppReading, source: str, releases: tuple[ReleaseSettings, ...], phase: Phase | None, runs: bool | None
) -> None:
    found = context(seen, version="sha256:9f86d081884c", phase=phase, releases=releases)
    assert not isinstance(found.release, Unavailable)
    assert runs_release(replace(found, release=replace(found.release, source=source))) is runs


FOLDERS = EndpointExpectation("folders", "https://API.example.com/api/folders", tries=1)
ELSEWHERE = EndpointExpectation("gateway", "https://gateway.example.com/", tries=1)


def findings(*seen: Finding, policy: str = "migrate-first") -> dict[str, tuple[Cause, ...]]:
    found = replace(context(WELL, policy=policy), endpoints=())
    found = replace(found, target=replace(found.target, endpoints=(FOLDERS, ELSEWHERE)))
    return {finding.key: finding.because for finding in with_causes(seen, found, Unavailable("no history"))}


APP_DOWN = Finding("app-unhealthy", "usasset-api", Severity.CRITICAL, "")
SERVER_OFF = Finding("server-unavailable", "usasset-db", Severity.CRITICAL, "")
MIGRATION = Finding("migration-failed", "1", Severity.CRITICAL, "")


def endpoint(code: str, name: str = "folders", status: int = 500) -> Finding:
    return Finding(f"endpoint-{code}", name, Severity.CRITICAL, "", evidence={"status": status})


@pytest.mark.parametrize(
    ("cause", "effect", "policy", "expected"),
    [
        pytest.param(APP_DOWN, endpoint("unreachable"), "migrate-first", True, id="its own endpoint is away"),
        pytest.param(APP_DOWN, endpoint("status", status=503), "migrate-first", True, id="its gateway answers for it"),
        pytest.param(APP_DOWN, endpoint("status"), "migrate-first", False, id="it answers itself that it fails"),
        pytest.param(APP_DOWN, endpoint("content"), "migrate-first", False, id="its own answers, and wrongly"),
        pytest.param(APP_DOWN, endpoint("unreachable", "gateway"), "migrate-first", False, id="somebody else's name"),
        pytest.param(APP_DOWN, endpoint("slow"), "migrate-first", None, id="slow is not broken"),
        pytest.param(
            replace(APP_DOWN, severity=Severity.WARNING),
            endpoint("unreachable"),
            "migrate-first",
            None,
            id="the one before still serves",
        ),
        pytest.param(SERVER_OFF, endpoint("status"), "migrate-first", False, id="no database for it"),
        pytest.param(SERVER_OFF, APP_DOWN, "migrate-first", False, id="no database for the app"),
        pytest.param(MIGRATION, APP_DOWN, "deploy-migrates", False, id="the deployment's migration failed"),
        pytest.param(MIGRATION, APP_DOWN, "migrate-first", None, id="a migration that is not the app's"),
    ],
)
def test_causes(cause: Finding, effect: Finding, policy: str, expected: bool | None) -> None:
    because = findings(effect, cause, policy=policy)
    assert because[effect.key] == (() if expected is None else (Cause(cause.key, certain=expected),))
    assert because[cause.key] == ()


def test_a_certain_cause_needs_no_other() -> None:
    known = replace(endpoint("status"), because=(Cause("migration-failed:1", certain=True),))
    assert findings(known, APP_DOWN)[known.key] == known.because


@pytest.mark.parametrize(
    ("code", "waits"),
    [
        ("app-behind", True),
        ("app-unhealthy", True),
        ("seed-collapsed", True),
        ("app-other-database", False),
        ("server-unavailable", False),
    ],
)
def test_what_is_worth_waiting_for(code: str, waits: bool) -> None:
    assert is_worth_waiting_for(report(Finding(code, "x", Severity.CRITICAL, ""))) is waits

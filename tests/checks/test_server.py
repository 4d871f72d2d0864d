"""The PostgreSQL server: each rule firing, and keeping quiet."""

from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest

from shared.checks.registry import CHECKS, CheckOutcome, run_check
from shared.checks.server import with_server_state
from shared.model.database import DatabaseReading
from shared.model.diagnosis import Diagnosis
from shared.model.facts import Facts
from shared.model.finding import Severity
from shared.model.knowledge import Unavailable
from shared.model.last_seen import LastSeen, firewall_rule
from shared.model.server import FirewallRule, Server, ServerExpectation, ServerReading
from tests.builders import NOW, facts, reading, release
from tests.cloud.arm import SERVER

NO_DIAGNOSIS = Diagnosis((), None, Unavailable("not compared"))
EXPECTED = ServerExpectation(SERVER)
READY = Server("usasset-db", "Ready", "16", "Disabled", 7, geo_backup=False, public=True)
WELL = ServerReading(READY, (), {"require_secure_transport": "on"})
AWAY = Unavailable("db:5432 refused the connection")
A_DAY = timedelta(days=1)


def context(
    server: ServerReading | Unavailable = WELL,
    expectation: ServerExpectation = EXPECTED,
    database: DatabaseReading | Unavailable | None = None,
    seen: LastSeen | None = None,
    sleeps_until: datetime | None = None,
) -> Facts:
    plain = facts(release("1"), database or reading())
    return replace(
        plain,
        target=replace(plain.target, server=expectation),
        server=server,
        last_seen=seen or LastSeen(),
        sleeps_until=sleeps_until,
    )


def outcome_of(found: Facts) -> CheckOutcome:
    return run_check(next(check for check in CHECKS if check.name == "server"), found, NO_DIAGNOSIS)


def keys(found: Facts) -> list[str]:
    return [finding.key for finding in outcome_of(found).findings]


UNAVAILABLE = ["server-unavailable:usasset-db"]


@pytest.mark.parametrize(
    ("state", "database", "asleep", "expected"),
    [
        pytest.param("Ready", None, False, [], id="ready"),
        pytest.param("Stopped", AWAY, False, UNAVAILABLE, id="stopped"),
        pytest.param("Stopped", AWAY, True, [], id="stopped while it sleeps"),
        pytest.param("Stopping", AWAY, True, [], id="falling asleep"),
        pytest.param("Starting", AWAY, True, [], id="waking up"),
        pytest.param("Starting", AWAY, False, UNAVAILABLE, id="starting"),
        pytest.param("Disabled", AWAY, True, UNAVAILABLE, id="disabled is no sleep"),
        pytest.param("Updating", AWAY, False, UNAVAILABLE, id="updating, and nobody answers"),
        pytest.param("Updating", None, False, [], id="updating, and the database answers"),
        pytest.param("Stopping", None, False, UNAVAILABLE, id="answers for the last time"),
        pytest.param("Dropping", None, False, UNAVAILABLE, id="being dropped"),
        pytest.param("Inaccessible", None, False, UNAVAILABLE, id="a state that is new"),
    ],
)
def test_states(state: str, database: Unavailable | None, asleep: bool, expected: list[str]) -> None:
    found = context(
        replace(WELL, server=replace(READY, state=state)), database=database, sleeps_until=NOW if asleep else None
    )
    assert keys(found) == expected
    assert all(finding.severity is Severity.CRITICAL for finding in outcome_of(found).findings)


def test_a_stopped_server_is_started_by_its_id() -> None:
    (finding,) = outcome_of(context(replace(WELL, server=replace(READY, state="Stopped")))).findings
    assert finding.summary == "Azure says that the server usasset-db is Stopped."
    assert finding.remedy[0].command == f"az postgres flexible-server start --ids {SERVER}"


@pytest.mark.parametrize(
    ("wanted", "actual", "setting", "words"),
    [
        pytest.param({"version": "16"}, {}, None, None, id="version"),
        pytest.param({"version": "17"}, {}, "version", ("17", "16"), id="another version"),
        pytest.param({"version": "17"}, {"version": None}, None, None, id="version not said"),
        pytest.param({"high_availability": "Disabled"}, {}, None, None, id="no standby"),
        pytest.param({"high_availability": "ZoneRedundant"}, {}, "high_availability", ("ZoneRedundant", "Disabled"), id="a standby is missing"),
        pytest.param({"backup_days": 7}, {}, None, None, id="backups for as long"),
        pytest.param({"backup_days": 7}, {"backup_days": 35}, None, None, id="backups for longer"),
        pytest.param({"backup_days": 14}, {}, "backup_days", ("14 days or longer", "7 days"), id="backups for less"),
        pytest.param({"geo_backup": True}, {}, "geo_backup", ("true", "false"), id="backups in one region"),
        pytest.param({"geo_backup": True}, {"geo_backup": None}, None, None, id="backups not said"),
        pytest.param({"public_access": False}, {}, "public_access", ("false", "true"), id="open to the internet"),
        pytest.param({"public_access": False}, {"public": False}, None, None, id="private"),
        pytest.param({}, {"version": "11", "high_availability": "SameZone", "backup_days": 1}, None, None, id="nothing expected"),
    ],
)  # fmt: skip
def test_settings(
    wanted: dict[str, Any], actual: dict[str, Any], setting: str | None, words: tuple[str, str] | None
) -> None:
    found = context(replace(WELL, server=replace(READY, **actual)), replace(EXPECTED, **wanted))
    settings = [(each.key, (each.expected, each.actual), each.severity) for each in outcome_of(found).findings]
    assert settings == ([] if setting is None else [(f"server-setting:{setting}", words, Severity.WARNING)])


@pytest.mark.parametrize(
    ("parameters", "actual", "command"),
    [
        pytest.param({"require_secure_transport": "ON"}, None, None, id="in other letters"),
        pytest.param(
            {"require_secure_transport": "off"}, "off",
            "az postgres flexible-server parameter set --subscription ffffffff-0000-0000-0000-ffffffffffff --resource-group usasset "
            "--server-name usasset-db --name require_secure_transport --value on",
            id="without TLS",
        ),
        pytest.param({}, "no such parameter", None, id="a server without it"),
    ],
)  # fmt: skip
def test_parameters(parameters: dict[str, str], actual: str | None, command: str | None) -> None:
    findings = outcome_of(context(replace(WELL, parameters=parameters))).findings
    assert [each.actual for each in findings] == ([] if actual is None else [actual])
    assert [each.remedy[0].command for each in findings] == ([] if actual is None else [command])


def rule(name: str, first: str = "203.0.113.7", last: str | None = None) -> FirewallRule:
    return FirewallRule(name, IPv4Address(first), IPv4Address(last or first))


OFFICE, TEMP, AZURE = rule("office"), rule("ClientIPAddress_2026-11-20_9-5-1"), rule("AllowAllAzureServices", "0.0.0.0")
WIDE = rule("wide", "203.0.113.0", "203.0.114.0")


@pytest.mark.parametrize(
    ("found", "known_for", "expectation", "expected"),
    [
        pytest.param(OFFICE, 9 * A_DAY, EXPECTED, [], id="meant to stay"),
        pytest.param(TEMP, None, EXPECTED, [], id="temporary, never seen before"),
        pytest.param(TEMP, A_DAY, EXPECTED, [], id="temporary, for as long as it may"),
        pytest.param(TEMP, A_DAY + timedelta(seconds=1), EXPECTED, [f"firewall-rule-temporary:{TEMP.name}"], id="temporary, for too long"),
        pytest.param(TEMP, A_DAY, replace(EXPECTED, temporary_grace=timedelta(hours=8)), [f"firewall-rule-temporary:{TEMP.name}"], id="a grace of hours"),
        pytest.param(rule("TMP-repair"), 2 * A_DAY, EXPECTED, ["firewall-rule-temporary:TMP-repair"], id="in capitals"),
        pytest.param(rule("ada-tmp"), 2 * A_DAY, EXPECTED, ["firewall-rule-temporary:ada-tmp"], id="at its end"),
        pytest.param(rule("attempt"), 2 * A_DAY, EXPECTED, [], id="within another word"),
        pytest.param(rule("fix"), 2 * A_DAY, replace(EXPECTED, temporary_rules=("fix?", "*fix")), ["firewall-rule-temporary:fix"], id="by a pattern of one's own"),
        pytest.param(TEMP, 2 * A_DAY, replace(EXPECTED, temporary_rules=()), [], id="no pattern"),
        pytest.param(AZURE, None, EXPECTED, ["firewall-rule-wide:AllowAllAzureServices"], id="all of Azure"),
        pytest.param(AZURE, None, replace(EXPECTED, all_of_azure=True), [], id="all of Azure, on purpose"),
        pytest.param(WIDE, None, EXPECTED, ["firewall-rule-wide:wide"], id="257 addresses"),
        pytest.param(rule("net", "203.0.113.0", "203.0.113.255"), None, EXPECTED, [], id="256 addresses"),
        pytest.param(WIDE, None, replace(EXPECTED, widest_rule=257), [], id="as wide as it may be"),
        pytest.param(rule("all", "0.0.0.0", "255.255.255.255"), None, replace(EXPECTED, all_of_azure=True), ["firewall-rule-wide:all"], id="the whole world"),
        pytest.param(rule("temp", "0.0.0.0", "255.255.255.255"), 2 * A_DAY, EXPECTED, ["firewall-rule-temporary:temp", "firewall-rule-wide:temp"], id="temporary and wide"),
    ],
)  # fmt: skip
def test_firewall_rules(
    found: FirewallRule, known_for: timedelta | None, expectation: ServerExpectation, expected: list[str]
) -> None:
    seen = LastSeen(first_seen={} if known_for is None else {firewall_rule(found.name): NOW - known_for})
    assert keys(context(replace(WELL, rules=(found,)), expectation, seen=seen)) == expected
    private = replace(WELL, server=replace(READY, public=False), rules=(found,))
    assert keys(context(private, expectation, seen=seen)) == [], "nobody comes in by them"


def test_words_about_rules() -> None:
    seen = LastSeen(first_seen={firewall_rule(TEMP.name): NOW - 2 * A_DAY})
    temporary, wide, azure = outcome_of(context(replace(WELL, rules=(TEMP, WIDE, AZURE)), seen=seen)).findings
    assert temporary.summary == (
        f"The firewall rule {TEMP.name} lets in 203.0.113.7, first seen 2026-11-20 09:05 UTC or earlier; "
        "its name says that it is temporary."
    )
    assert temporary.remedy[-1].command == f"az resource delete --ids {SERVER}/firewallRules/{TEMP.name}"
    assert wide.summary == "The firewall rule wide lets in 257 addresses, 203.0.113.0 to 203.0.114.0."
    assert azure.summary == ("The firewall rule AllowAllAzureServices lets in all of Azure, other customers included.")


def test_a_name_cannot_leave_its_place_in_a_command() -> None:
    seen = LastSeen(first_seen={firewall_rule("temp; rm -rf /"): NOW - 2 * A_DAY})
    (finding,) = outcome_of(context(replace(WELL, rules=(rule("temp; rm -rf /"),)), seen=seen)).findings
    assert finding.remedy[-1].command == f"az resource delete --ids '{SERVER}/firewallRules/temp; rm -rf /'"


NO_RIGHT = Unavailable("no right", lasting=True)
OFF = replace(READY, state="Stopped")


@pytest.mark.parametrize(
    ("server", "found", "unknown"),
    [
        pytest.param(NO_RIGHT, [], NO_RIGHT, id="no token"),
        pytest.param(ServerReading(NO_RIGHT, Unavailable("r"), Unavailable("p")), [], NO_RIGHT, id="nothing, said once"),
        pytest.param(replace(WELL, server=NO_RIGHT, rules=(AZURE,)), ["firewall-rule-wide:AllowAllAzureServices"], NO_RIGHT, id="rules without their server"),
        pytest.param(replace(WELL, rules=NO_RIGHT, parameters={}), ["server-setting:require_secure_transport"], NO_RIGHT, id="all but the rules"),
        pytest.param(replace(WELL, rules=Unavailable("r"), parameters=Unavailable("p")), [], Unavailable("p; r"), id="the server alone"),
        pytest.param(replace(WELL, server=replace(READY, public=False), rules=NO_RIGHT), [], None, id="rules that mean nothing"),
        pytest.param(ServerReading(OFF, Unavailable("r"), Unavailable("p")), UNAVAILABLE, None, id="a server that is off has no parameters"),
    ],
)  # fmt: skip
def test_what_could_be_read_is_checked(
    server: ServerReading | Unavailable, found: list[str], unknown: Unavailable | None
) -> None:
    outcome = outcome_of(context(server))
    assert [finding.key for finding in outcome.findings] == found
    assert outcome.unknown == unknown


@pytest.mark.parametrize(
    ("server", "because"),
    [
        pytest.param(None, AWAY.because, id="no server to look at"),
        pytest.param(NO_RIGHT, AWAY.because, id="not seen"),
        pytest.param(replace(WELL, server=NO_RIGHT), AWAY.because, id="not seen itself"),
        pytest.param(WELL, AWAY.because, id="ready"),
        pytest.param(replace(WELL, server=OFF), f"Azure says that the server usasset-db is Stopped: {AWAY.because}", id="stopped"),
    ],
)  # fmt: skip
def test_why_the_database_is_away(server: ServerReading | Unavailable | None, because: str) -> None:
    assert with_server_state(AWAY, server) == Unavailable(because)
    assert with_server_state(reading(), server) == reading()

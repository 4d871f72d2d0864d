"""SARIF by its official schema: for reports of every kind, and for plans."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for

from shared.entrypoints.cli.main import main
from shared.model.codes import CODES
from shared.model.finding import Finding, Severity
from shared.model.report import ReleaseSummary
from shared.report.forms import render
from shared.report.sarif.log import LARGEST
from tests.builders import NOW
from tests.report.sample import FAILED, HOSTILE, PENDING, report
from tests.tables import hold

HERE = Path(__file__).parent
PLAN = HERE.parent.parent / "entrypoints/plan/migrations"


@cache
def validator() -> Any:
    schema = json.loads((HERE / "sarif-2.1.0-rtm.5.json").read_text())
    return validator_for(schema)(schema)


def valid(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    assert [error.message for error in validator().iter_errors(document)] == []
    return document


def results_of(*findings: Finding) -> list[dict[str, Any]]:
    made = replace(report(*findings), release=ReleaseSummary("v1", "folder", "", 3, "prisma", folder="migrations"))
    found: list[dict[str, Any]] = valid(render([made], "sarif"))["runs"][0]["results"]
    return found


def place(location: dict[str, Any]) -> tuple[str, int]:
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def test_the_schema_refuses_what_is_no_sarif() -> None:
    document = valid(render([report(FAILED)], "sarif"))
    document["runs"][0]["results"][0]["level"] = "critical"
    assert list(validator().iter_errors(document)) != []


def test_a_finding_of_every_code_has_its_rule_and_its_level() -> None:
    levels = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

    def has(case: tuple[str, Severity]) -> None:
        code, severity = case
        made = replace(FAILED, code=code, severity=severity)
        (run,) = valid(render([report(made)], "sarif"))["runs"]
        assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [code]
        (result,) = run["results"]
        assert (result["ruleId"], result["level"]) == (code, levels[severity])
        assert result["fingerprints"] == result["partialFingerprints"] == {"findingKey/v1": made.key}

    hold(has, [(code, severity) for code in CODES for severity in Severity])


def statement(line: int, state: str, **more: object) -> Any:
    return {"line": line, "state": state, "sql": "SELECT 1", **more}


STATEMENTS = [statement(3, "present"), statement(5, "absent"), statement(9, "absent", failing=True)]


@pytest.mark.parametrize(
    ("finding", "places"),
    [
        pytest.param(replace(FAILED, evidence={"statements": STATEMENTS}), [9, 5, 3], id="the statement that failed, then those that are missing"),
        pytest.param(FAILED, [1], id="nothing known of the statements"),
        pytest.param(replace(FAILED, code="deploy-fills-disk", subject="production", evidence={"statements": [{"migration": FAILED.subject, "line": 7}]}), [7], id="a finding that names its migrations"),
        pytest.param(replace(FAILED, evidence={"statements": [{"line": "7"}, None]}), [1], id="evidence that is not ours"),
    ],
)  # fmt: skip
def test_a_finding_is_at_the_lines_of_its_migration(finding: Finding, places: list[int]) -> None:
    (result,) = results_of(finding)
    file = f"prisma/migrations/{FAILED.subject}/migration.sql"
    found = [place(each) for each in (*result["locations"], *result.get("relatedLocations", []))]
    assert found == [(file, line) for line in places]


def test_what_is_in_no_file_is_at_the_lock_file_of_the_release() -> None:
    (result,) = results_of(replace(HOSTILE, subject="users"))
    assert place(result["locations"][0]) == ("prisma/migrations/migration_lock.toml", 1)
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "users"}]


@pytest.mark.parametrize(
    ("release", "uri"),
    [
        (ReleaseSummary("v1", "folder", "", 3, "/srv/my app", folder="migrations"), "file:///srv/my%20app/migrations/"),
        (ReleaseSummary("v1", "folder", "", 3, r"C:\app", folder="migrations"), "file:///C:/app/migrations/"),
        (ReleaseSummary("v1", "folder", "", 3, "./prisma/migrations"), "prisma/migrations/"),
        (ReleaseSummary("v1", "github", "", 3, "owner/name at 1f0c", folder="api/prisma/migrations"), "api/prisma/migrations/"),
        (ReleaseSummary("v1", "archive", "", 3, "release.zip"), ""),
        (None, ""),
    ],
)  # fmt: skip
def test_files_are_named_as_the_place_allows(release: ReleaseSummary | None, uri: str) -> None:
    text = render([replace(report(PENDING), release=release)], "sarif")
    (result,) = valid(text)["runs"][0]["results"]
    assert place(result["locations"][0])[0] == f"{uri}{PENDING.subject}/migration.sql"


def test_unknown_checks_are_notifications_and_targets_are_runs() -> None:
    one, two = valid(render([report(unknown="the database refused"), replace(report(), target="staging")], "sarif"))[
        "runs"
    ]
    assert [run["automationDetails"]["id"] for run in (one, two)] == [
        "migration-monitor/production/",
        "migration-monitor/staging/",
    ]
    assert one["invocations"][0]["executionSuccessful"] is False
    assert [each["message"]["text"] for each in one["invocations"][0]["toolExecutionNotifications"]] == [
        "The check seeds is unknown: the database refused"
    ]
    assert two["invocations"][0]["executionSuccessful"] is True


def test_what_is_silenced_is_suppressed() -> None:
    open_one, silenced = results_of(FAILED, replace(PENDING, silenced_until=NOW))
    assert "suppressions" not in open_one
    assert silenced["suppressions"][0]["justification"] == f"silenced until {NOW:%Y-%m-%d %H:%M} UTC"


def test_no_more_results_than_services_read() -> None:
    many = [replace(PENDING, subject=f"m{number}") for number in range(LARGEST + 1)]
    text = render([report(*many)], "sarif")
    assert len(json.loads(text)["runs"][0]["results"]) == LARGEST


def planned(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, Any]]:
    main(["plan", "--migrations", str(PLAN), "--since", "init", "--prisma", "6.19.0", "--format", "sarif", *options])
    found: list[dict[str, Any]] = valid(capsys.readouterr().out)["runs"][0]["results"]
    return found


def test_a_plan_names_the_lines_that_fail(capsys: pytest.CaptureFixture[str]) -> None:
    found = planned(capsys)
    assert {result["ruleId"] for result in found} == {"deploy-will-fail"}
    for result in found:
        (uri, line), text = place(result["locations"][0]), result["message"]["text"]
        assert text.startswith("fails (")
        sql = text.split("): ", 1)[1].split("\n")[0]
        assert (HERE.parent.parent.parent / uri if not uri.startswith("file:") else Path(uri.removeprefix("file://"))).read_text().splitlines()[line - 1].startswith(sql[:20])  # fmt: skip

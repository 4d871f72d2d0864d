"""The shape that is recommended for a deployment: what its files hold, and what its script does, step by step."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.stand_ins import run
from tests.infra.variants import APP, variant

FOLDER = APP / "examples" / "container-apps-job"
MONITOR = "https://monitor.example.com"
WELL = {"job start": ["migrate-abc"], "execution show": ["Running", "fails", "Running", "Succeeded"]}


def deployed(tmp_path: Path, answers: dict[str, list[str]]) -> tuple[int, list[str], str]:
    """How deploy.sh ended, its steps in short, and all that it called."""
    names = {"RELEASE": "v1.43.0", "IMAGE": "r.azurecr.io/api:v1.43.0", "GROUP": "g", "APP": "api", "JOB": "migrate"}
    monitor = {"MONITOR": MONITOR, "MONITOR_KEY": "hunter2", "TARGET": "production", "PAUSE": "0"}
    ended = run(FOLDER / "deploy.sh", ("az", "curl"), tmp_path, {**WELL, **answers}, {**names, **monitor})
    return ended.status, list(map(_short, ended.calls)), ended.said


def _short(call: list[str]) -> str:
    """``verify before``, ``job start``, ``update``."""
    if call[0] == "curl":
        body = next((each for each in call if each.startswith("{")), None)
        return f"verify {json.loads(body)['phase']}" if body else f"ask {call[-1]}"
    return " ".join(call[2 : next(place for place, each in enumerate(call) if each.startswith("--"))])


SHOWN = ["job execution show"]


def test_it_migrates_between_two_verifications(tmp_path: Path) -> None:
    status, steps, said = deployed(tmp_path, {})
    assert (status, steps) == (
        0,
        ["verify before", "job update", "job start", *SHOWN * 4, "update", "verify after"],
    )
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("answers", "steps"),
    [
        pytest.param({'"before"': ["409"]}, ["verify before", "verify aborted"], id="it must not be deployed"),
        pytest.param({'"before"': ["503"]}, ["verify before", "verify aborted"], id="that cannot be known"),
        pytest.param({"job update": ["fails"]}, ["verify before", "job update", "verify aborted"], id="no such image"),
        pytest.param({"job start": ["fails"]}, ["verify before", "job update", "job start", "verify aborted"], id="no job"),
        pytest.param({"execution show": ["Failed"]}, ["verify before", "job update", "job start", *SHOWN, "verify aborted"], id="a migration failed"),
        pytest.param({"containerapp update": ["fails"]}, ["verify before", "job update", "job start", *SHOWN * 4, "update", "verify aborted"], id="the app refuses"),
        pytest.param({'"after"': ["409"]}, ["verify before", "job update", "job start", *SHOWN * 4, "update", "verify after"], id="it came out wrong"),
    ],
)  # fmt: skip
def test_it_stops_where_a_step_fails(answers: dict[str, list[str]], steps: list[str], tmp_path: Path) -> None:
    status, done, _ = deployed(tmp_path, answers)
    assert (status, done) == (1, steps)


@pytest.mark.parametrize(
    ("url", "status", "asked"),
    [
        pytest.param(
            f"{MONITOR}/api/verify?id=7", 0, [f"ask {MONITOR}/api/verify?id=7"] * 2, id="where the monitor says"
        ),
        pytest.param("https://elsewhere.example.com/", 1, [], id="the key goes to nobody else"),
    ],
)
def test_it_waits_for_an_answer_that_takes_longer(url: str, status: int, asked: list[str], tmp_path: Path) -> None:
    answers = {'"after"': [f"202 location: {url}"], "verify?id=7": [f"202 location: {url}", "200"]}
    ended, steps, _ = deployed(tmp_path, answers)
    assert (ended, steps[steps.index("verify after") + 1 :]) == (status, asked)


def job() -> dict[str, Any]:
    (resource,) = variant("examples/migrate_job").of("Microsoft.App/jobs")
    properties: dict[str, Any] = resource["properties"]
    return properties


def test_the_job_runs_once_and_is_never_tried_again() -> None:
    configuration = job()["configuration"]
    assert configuration["triggerType"] == "Manual"
    assert configuration["replicaRetryLimit"] == 0
    assert configuration["manualTriggerConfig"] == {"parallelism": 1, "replicaCompletionCount": 1}


def test_its_url_stays_in_the_vault() -> None:
    text = (FOLDER / "migrate-job.bicep").read_text()
    (secret,) = job()["configuration"]["secrets"]
    assert set(secret) == {"name", "keyVaultUrl", "identity"}
    assert re.findall(r"list[A-Z]\w*\(|getSecret\(|postgres(?:ql)?://", text) == []


def test_the_app_no_longer_migrates() -> None:
    commands = [line for line in (FOLDER / "entrypoint.sh").read_text().splitlines() if not line.startswith("#")]
    assert commands == ["set -eu", "exec node dist/main.js"]


def test_the_monitor_is_deployed_without_a_secret_to_one_environment_after_the_other(tmp_path: Path) -> None:
    workflow = yaml.safe_load((APP / "examples/azd/deploy-monitor.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    assert (job["strategy"]["max-parallel"], job["environment"]) == (1, "${{ matrix.environment }}")
    assert "secrets." not in json.dumps(workflow)
    asked = set(re.findall(r"\$\{(\w+)", (APP / "infra/main.parameters.json").read_text()))
    beside = {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID", "MONITOR_VERIFY_TARGET"}
    assert set(job["env"]) == asked | beside
    assert {name: f"${{{{ vars.{name} }}}}" for name in job["env"]} == job["env"]
    *_, unset, provision, deploy = (step["run"] for step in job["steps"] if "run" in step)
    script = f"set -euo pipefail\n{unset}\n{provision}\n{deploy}"
    (tmp_path / "script").write_text(f"#!/usr/bin/env bash\n{script}")
    (tmp_path / "script").chmod(0o755)
    ended = run(tmp_path / "script", ("azd",), tmp_path, {}, {"RUNNER_TEMP": str(tmp_path), "MONITOR_NETWORK": ""})
    assert ended.calls == (["azd", "provision", "--no-prompt"], ["azd", "deploy", "--no-prompt"])
    assert (tmp_path / "unset").read_text() == "unset MONITOR_NETWORK\n"

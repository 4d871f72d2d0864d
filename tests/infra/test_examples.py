"""The shape that is recommended for a deployment: what its files hold, and what its script does, step by step."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pycep import BicepParser

from tests.infra.bicep import APP

FOLDER = APP / "examples" / "container-apps-job"
# In place of az and curl: writes down what it was called with, and answers what the test says.
STUB = (
    f"#!{sys.executable} -IS"
    """
import json, os, sys
name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
folder = os.environ["ANSWERS"]
with open(f"{folder}/calls", "a") as calls:
    calls.write(json.dumps([name, *arguments]) + "\\n")
text = " ".join([name, *arguments])
answers = json.load(open(f"{folder}/answers"))
key = next((key for key in answers if key in text), None)
said, *answers[key] = answers[key] or [""] if key else [""]
if key and answers[key]:
    json.dump(answers, open(f"{folder}/answers", "w"))
if name == "curl":
    status, _, location = said.partition(" ")
    open(arguments[arguments.index("--output") + 1], "w").write("{}")
    open(arguments[arguments.index("--dump-header") + 1], "w").write(f"HTTP/2 {status}\\r\\nlocation: {location}\\r\\n")
    print(status or "200", end="")
elif said == "fails":
    sys.exit(1)
else:
    print(said)
"""
)
MONITOR = "https://monitor.example.com"
WELL = {"job start": ["migrate-abc"], "execution show": ["Running", "fails", "Running", "Succeeded"]}


def deployed(tmp_path: Path, answers: dict[str, list[str]]) -> tuple[int, list[str], str]:
    """How deploy.sh ended, its steps in short, and all that it called."""
    for name in ("az", "curl"):
        (tmp_path / name).write_text(STUB)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "answers").write_text(json.dumps({**WELL, **answers}))
    names = {"RELEASE": "v1.43.0", "IMAGE": "r.azurecr.io/api:v1.43.0", "GROUP": "g", "APP": "api", "JOB": "migrate"}
    monitor = {"MONITOR": MONITOR, "MONITOR_KEY": "hunter2", "TARGET": "production", "PAUSE": "0"}
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ANSWERS": str(tmp_path)}
    script = [FOLDER / "deploy.sh"]
    ended = subprocess.run(script, env={**names, **monitor, **path}, capture_output=True, text=True, check=False)
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    return ended.returncode, list(map(_short, calls)), ended.stdout + ended.stderr


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
    answers = {'"after"': [f"202 {url}"], "verify?id=7": [f"202 {url}", "200"]}
    ended, steps, _ = deployed(tmp_path, answers)
    assert (ended, steps[steps.index("verify after") + 1 :]) == (status, asked)


def job() -> dict[str, Any]:
    parsed = BicepParser().parse(text=(FOLDER / "migrate-job.bicep").read_text())
    properties: dict[str, Any] = parsed["resources"]["job"]["config"]["properties"]
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

"""``examples/azure-devops``: its steps run as an agent runs them, and what its check reads of an answer."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from action.workflow import AzurePipelines
from shared.entrypoints.http.verify import verify
from shared.report.json import as_document
from tests import states
from tests.action.steps import ACTION, ROOT, Runner
from tests.action.test_plan import DROPS, FAILS, FOLDER, INIT, commit, git
from tests.gather.servers import Reply, http_server
from tests.report.sample import FAILED, report

FOLDER_OF_TEMPLATES = ROOT / "examples/azure-devops"


def run(runner: Runner, template: str, parameters: Mapping[str, str], **variables: str) -> tuple[int, str]:
    """Run the steps of *template* but for its checkouts, with the agent's *variables*; give status and log."""
    document = yaml.safe_load((FOLDER_OF_TEMPLATES / template).read_text())
    names = {each["name"]: each.get("default") for each in document["parameters"]}
    assert parameters.keys() <= names.keys()
    given = {**names, **parameters}
    checkout = runner.temp / "monitor"
    if not checkout.exists():
        checkout.symlink_to(ROOT)
    agent = {
        "AGENT_BUILDDIRECTORY": str(runner.temp), "AGENT_TEMPDIRECTORY": str(runner.temp),
        "BUILD_SOURCESDIRECTORY": str(runner.workspace), "TF_BUILD": "True", "BUILD_BUILDID": "4711",
        "SYSTEM_STAGEATTEMPT": "1", **variables,
    }  # fmt: skip

    def filled(text: str) -> str:
        text = re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda found: str(given[found[1]]), text)
        return re.sub(r"\$\(([\w.]+)\)", lambda found: agent[found[1].upper().replace(".", "_")], text)

    (step,) = (each for each in document["steps"] if "bash" in each)
    assert "${{" not in step["bash"], "a parameter would be code there"
    done = subprocess.run(
        ["bash", "-c", step["bash"]],
        cwd=filled(step.get("workingDirectory", "$(Build.SourcesDirectory)")),
        env={
            "PATH": os.environ["PATH"], "HOME": str(runner.temp), "PYTHON": sys.executable, **agent,
            **{name: filled(str(text)) for name, text in step["env"].items()},
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("template", ["plan.yml", "verify.yml", "check.yml"])
def test_templates_give_inputs_that_the_action_has(template: str) -> None:
    document = yaml.safe_load((FOLDER_OF_TEMPLATES / template).read_text())
    (step,) = (each for each in document["steps"] if "bash" in each)
    inputs = {
        name.removeprefix("INPUT_").lower().replace("_", "-") for name in step["env"] if name.startswith("INPUT_")
    }
    assert inputs <= ACTION["inputs"].keys()


def test_a_plan_is_issues_at_their_lines_and_a_tab(runner: Runner) -> None:
    git(runner, "init", "--quiet", "--initial-branch=main")
    commit(runner, _1_init=INIT)
    git(runner, "update-ref", "refs/remotes/origin/main", "HEAD")
    commit(runner, _2_fails=FAILS, _3_drops=DROPS)
    branch = {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}
    status, log = run(runner, "plan.yml", {"migrations": FOLDER}, **branch)
    assert status == 2, log
    issues = [line for line in log.splitlines() if line.startswith("##vso[task.logissue ")]
    file = f"sourcepath={FOLDER}/2_fails/migration.sql;linenumber=2;code=deploy-will-fail;"
    assert [each.partition("]")[0] for each in issues] == [f"##vso[task.logissue type=error;{file}"]
    (tab,) = re.findall(r"##vso\[task\.uploadsummary\](.+)", log)
    assert "## ❌ Plan of 2 migrations: failed" in Path(tab).read_text()
    assert "##vso[task.setvariable variable=verdict;isOutput=true]failed" in log


def test_nothing_that_the_command_prints_is_a_command_to_the_agent(runner: Runner) -> None:
    git(runner, "init", "--quiet", "--initial-branch=main")
    evil = "UPDATE \"User\" SET name = '##vso[task.prependpath]/evil ##VSO[x]y ##[error] # ##\u200dvso[x]z';\n"
    commit(runner, _1_init=INIT, _2_fills=evil)
    status, log = run(runner, "plan.yml", {"migrations": FOLDER})
    assert status == 0, log
    assert "task.prependpath]/evil" in log
    # What .NET ignores when it searches is no part of what it finds.
    searched = re.sub("[^ -~\n]", "", log)
    commands = re.findall(r"##(?:vso)?\[[\w.]*", searched, re.IGNORECASE)
    assert set(commands) <= {"##vso[task.logissue", "##vso[task.uploadsummary", "##vso[task.setvariable"}, commands


def test_a_notice_is_no_command_to_the_agent(capsys: pytest.CaptureFixture[str]) -> None:
    AzurePipelines({}).annotate("notice", "##vso[task.prependpath]/evil\n##vso[x]y")
    assert capsys.readouterr().out == "Migration Monitor: ## vso[task.prependpath]/evil ## vso[x]y\n"


def test_two_plans_of_one_job_have_nothing_in_common(runner: Runner) -> None:
    git(runner, "init", "--quiet", "--initial-branch=main")
    other = runner.workspace / "other"
    (other / "1_init").mkdir(parents=True)
    (other / "1_init/migration.sql").write_text(INIT)
    commit(runner, _1_init=INIT, _2_fails="CREATE TABLE b (id int);\n")
    git(runner, "update-ref", "refs/remotes/origin/main", "HEAD")
    (other / "2_fails").mkdir()
    (other / "2_fails/migration.sql").write_text(FAILS)
    branch = {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}
    first, log = run(runner, "plan.yml", {"migrations": FOLDER}, **branch)
    assert first == 0, log
    second, log = run(runner, "plan.yml", {"migrations": "other"}, **branch)
    assert second == 2, log


@pytest.mark.parametrize(
    ("reply", "on_unknown", "status", "verdict"),
    [
        (Reply(200, json.dumps(as_document(report())).encode()), "fail", 0, "passed"),
        (Reply(409, json.dumps(as_document(report(FAILED))).encode()), "fail", 1, "failed"),
        (Reply(401, b""), "fail", 1, "unknown"),
        (Reply(401, b""), "warn", 0, "unknown"),
    ],
)
def test_a_deployment_is_verified(reply: Reply, on_unknown: str, status: int, verdict: str, runner: Runner) -> None:
    with http_server(lambda _request: reply) as (port, seen):
        parameters = {"url": f"http://127.0.0.1:{port}/api/verify", "release": "v1", "onUnknown": on_unknown}
        done, log = run(runner, "verify.yml", parameters, MONITOR_KEY="k3y")
    assert done == status, log
    assert f"variable=verdict;isOutput=true]{verdict}" in log
    assert json.loads(seen[0].body)["id"] == "4711/1/after"
    assert seen[0].headers["x-functions-key"] == "k3y"
    assert "k3y" not in log


def test_a_production_is_checked(production: Callable[[str], str], runner: Runner) -> None:
    url = production("pending")
    parameters = {"migrations": str(states.migrations("pending")), "facts": "facts.json"}
    status, log = run(runner, "check.yml", parameters, READER_DATABASE_URL=url)
    assert status == 2, log
    assert "code=migration-pending;" in log
    assert json.loads((runner.workspace / "facts.json").read_text())["version"] == 1


CHECK = json.loads((FOLDER_OF_TEMPLATES / "invoke-azure-function.json").read_text())["settings"]


def passes(criteria: str, answer: Any) -> bool:
    """Whether an answer meets the criteria of a check; only the functions `or` and `eq` are known here."""
    if found := re.fullmatch(r"eq\(root\['(\w+)'\], '(\w+)'\)", criteria):
        return bool(answer[found[1]] == found[2])
    found = re.fullmatch(r"or\((eq\(.*?\)), (eq\(.*?\))\)", criteria)
    assert found is not None, criteria
    return passes(found[1], answer) or passes(found[2], answer)


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [("up_to_date", True), ("pending", False), (None, False)],
    ids=["passed", "failed", "no settings"],
)
def test_the_check_without_an_agent_reads_the_verdict_of_every_answer(
    state: str | None, goes_on: bool, production: Callable[[str], str], configure: Callable[[str], None]
) -> None:
    if state is None:
        configure("this is no TOML")
    else:
        production(state)
    inputs = CHECK["inputs"]
    body = {**json.loads(inputs["body"]), "release": None}
    assert body == {"target": "production", "release": None, "phase": "before"}, "no id: each evaluation is a new one"
    _, _, query = inputs["function"].partition("?")
    name, value = query.split("=")
    answers = [
        verify(inputs["method"], "https://monitor/api/verify", {name: value}, json.dumps(body).encode(), timedelta(0))
        for _ in range(2)
    ]
    for answer in answers:
        assert answer.status == 200
        assert passes(inputs["successCriteria"], json.loads(answer.body)) is goes_on


def test_the_check_is_asked_again_and_not_called_back() -> None:
    assert CHECK["inputs"]["waitForCompletion"] == "false"
    assert CHECK["retryInterval"] > 0

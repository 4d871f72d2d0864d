"""The other examples: GitHub's workflows, GitLab, cron and Kubernetes, each run as far as that goes here."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.settings import load_settings
from tests import states
from tests.action.steps import ACTION, ROOT, Runner
from tests.action.test_plan import FAILS, INIT, commit, git
from tests.gather.servers import Reply, http_server

EXAMPLES = ROOT / "examples"


def workflows() -> Iterator[tuple[str, dict[Any, Any]]]:
    for path in sorted((EXAMPLES / "github").glob("*.yml")):
        yield path.stem, yaml.safe_load(path.read_text())


@pytest.mark.parametrize(("name", "workflow"), list(workflows()), ids=[name for name, _ in workflows()])
def test_workflows_use_inputs_and_outputs_that_the_action_has(name: str, workflow: dict[Any, Any]) -> None:
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    ours = [step for step in steps if step.get("uses", "").startswith("OWNER/migration-monitor@")]
    assert ours
    for step in ours:
        assert step["with"].keys() <= ACTION["inputs"].keys()
        assert step["with"]["mode"] == {"plan": "plan", "deploy": "verify", "check": "check"}[name]
    used = set(re.findall(r"steps\.check\.outputs\.(\w+)", yaml.safe_dump(workflow)))
    assert used <= ACTION["outputs"].keys()
    assert "contents" in workflow["permissions"]
    for step in steps:
        assert "${{" not in step.get("run", ""), "an expression is code in a shell"


def test_every_input_of_the_action_reaches_it() -> None:
    (step,) = ACTION["runs"]["steps"]
    assert step["env"] == {
        f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]
    }
    assert "${{" not in step["run"]


def commands(runner: Runner) -> dict[str, str]:
    """The environment of a job on a machine where the monitor is installed, and nothing has to be."""
    folder = runner.temp / "commands"
    folder.mkdir(exist_ok=True)
    for name, text in {
        "migration-monitor": f'exec {shlex.quote(sys.executable)} {shlex.quote(str(ROOT / "monitor.py"))} "$@"',
        "apt-get": "exit 0", "apk": "exit 0", "pip": "exit 0",
    }.items():  # fmt: skip
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(runner.temp)}


def job(name: str, part: str, runner: Runner, **variables: str) -> subprocess.CompletedProcess[str]:
    document = yaml.safe_load((EXAMPLES / "gitlab/.gitlab-ci.yml").read_text())
    lines = [*(document[name].get("before_script", []) if part == "script" else []), *document[name][part]]
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
        cwd=runner.workspace,
        env={**commands(runner), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_gitlab_plans_a_merge_request(runner: Runner) -> None:
    git(runner, "init", "--quiet")
    migrations = runner.workspace / "prisma/migrations"
    (migrations / "1_init").mkdir(parents=True)
    (migrations / "1_init/migration.sql").write_text(INIT)
    base = commit(runner)
    (migrations / "2_fails").mkdir()
    (migrations / "2_fails/migration.sql").write_text(FAILS)
    done = job("migration-plan", "script", runner, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == 2, done.stdout
    assert "Plan of 1 migration: failed" in (runner.workspace / "plan.md").read_text()


@pytest.mark.parametrize(("verdict", "deployed"), [("passed", True), ("failed", False)])
def test_gitlab_deploys_between_two_questions(verdict: str, deployed: bool, runner: Runner) -> None:
    (runner.workspace / "verify.sh").write_bytes((EXAMPLES / "curl/verify.sh").read_bytes())
    (runner.workspace / "deploy.sh").write_text("#!/bin/sh\ntouch deployed\n")
    for name in ("verify.sh", "deploy.sh"):
        (runner.workspace / name).chmod(0o755)
    reply = Reply(200 if verdict == "passed" else 409, b"{}", {"X-Migration-Verdict": verdict})
    with http_server(lambda _request: reply) as (port, seen):
        variables = {"MONITOR_URL": f"http://127.0.0.1:{port}/api/verify", "MONITOR_KEY": "k", "CI_COMMIT_TAG": "v1"}
        done = job("deploy", "script", runner, CI_PIPELINE_ID="7", **variables)
    assert (done.returncode == 0, (runner.workspace / "deployed").exists()) == (deployed, deployed), done.stdout
    assert len(seen) == (2 if deployed else 1)


@pytest.mark.parametrize(("state", "status"), [("up_to_date", 0), ("pending", 2)])
def test_cron_mails_what_is_wrong_and_nothing_else(
    state: str, status: int, production: Callable[[str], str], runner: Runner
) -> None:
    settings = runner.temp / "settings.env"
    settings.write_text(f"DATABASE_URL='{production(state)}'\nMIGRATIONS='{states.migrations(state)}'\n")
    done = subprocess.run(
        ["sh", str(EXAMPLES / "cron/migration-monitor")],
        env={**commands(runner), "MONITOR_ENV": str(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert ("migration-pending" in done.stdout) is (state == "pending")
    assert bool(done.stdout) is (state == "pending")


def test_kubernetes_runs_a_check_with_settings_that_are_sound(tmp_path: Path) -> None:
    settings, cron = yaml.safe_load_all((EXAMPLES / "kubernetes/cronjob.yaml").read_text())
    pod = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    environment = {each["name"]: each.get("value", "https://example.com/x") for each in container["env"]}
    environment["DATABASE_URL"] = "postgresql://reader@db.example.com/app"
    file = tmp_path / Path(environment["MONITOR_CONFIG"]).name
    file.write_text(settings["data"][file.name])
    found = load_settings(file, environment)
    assert [each.name for each in found.targets] == ["production"]
    assert not found.broken
    mounted = {each["mountPath"] for each in container["volumeMounts"]}
    assert str(found.memory.folder) in mounted
    assert str(Path(environment["MONITOR_CONFIG"]).parent) in mounted
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}


def test_kubernetes_options_are_those_of_the_command(runner: Runner) -> None:
    _, cron = yaml.safe_load_all((EXAMPLES / "kubernetes/cronjob.yaml").read_text())
    (container,) = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    call = [*container["command"], *container["args"]]
    done = subprocess.run(call, cwd=runner.workspace, env=commands(runner), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing says what to check" in done.stderr


@pytest.mark.parametrize("script", ["curl/verify.sh", "cron/migration-monitor", "../action/run.sh"])
def test_scripts_are_sound(script: str) -> None:
    shell = (EXAMPLES / script).read_text().partition("\n")[0].rpartition("/")[2].split()[-1]
    assert subprocess.run([shell, "-n", EXAMPLES / script], check=False).returncode == 0

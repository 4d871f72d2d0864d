"""A step of a workflow, run by its own shell script in a folder that is like a runner's."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


@dataclass(frozen=True)
class Done:
    status: int
    log: str
    summary: str
    outputs: dict[str, str]

    def commands(self, level: str) -> list[str]:
        """Give what the runner takes for commands of *level*: none while they are stopped."""
        found, end = [], None
        for line in self.log.splitlines():
            if end is None and line.startswith("::stop-commands::"):
                end = f"::{line.removeprefix('::stop-commands::')}::"
            elif line == end:
                end = None
            elif end is None and line.startswith(f"::{level} "):
                found.append(line)
        assert end is None, "commands are still stopped at the end"
        return found


class Runner:
    """A runner's folders and files. The monitor counts as installed: its command is that of this checkout."""

    def __init__(self, folder: Path) -> None:
        self.workspace, self.temp = folder / "workspace", folder / "temp"
        self.workspace.mkdir()
        command = self.temp / "migration-monitor/bin/migration-monitor"
        command.parent.mkdir(parents=True)
        command.write_text(
            f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(ROOT / "monitor.py"))} "$@"\n'
        )
        command.chmod(0o755)

    def step(
        self, event: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None, /, **inputs: str
    ) -> Done:
        """Run the action with *inputs*, the others at their defaults, and *environ* beside what every runner has."""
        files = {name: self.temp / name for name in ("summary", "outputs", "event.json")}
        for name in ("summary", "outputs"):
            files[name].write_text("")
        files["event.json"].write_text(json.dumps(event or {}))
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= ACTION["inputs"].keys()
        (step,) = ACTION["runs"]["steps"]
        variables = {
            variable: given.get(name, ACTION["inputs"][name].get("default", ""))
            for variable, written in step["env"].items()
            for name in [written.removeprefix("${{ inputs.").removesuffix(" }}")]
        }
        process = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.workspace,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.temp),
                "PYTHON": sys.executable,
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_WORKSPACE": str(self.workspace),
                "GITHUB_EVENT_PATH": str(files["event.json"]),
                "GITHUB_STEP_SUMMARY": str(files["summary"]),
                "GITHUB_OUTPUT": str(files["outputs"]),
                "GITHUB_REPOSITORY": "owner/name",
                "GITHUB_RUN_ID": "4711",
                "GITHUB_RUN_ATTEMPT": "2",
                "GITHUB_JOB": "deploy",
                "RUNNER_TEMP": str(self.temp),
                **variables,
                **(environ or {}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outputs = dict(line.split("=", 1) for line in files["outputs"].read_text().splitlines())
        return Done(process.returncode, process.stdout, files["summary"].read_text(), outputs)

"""The monitor's command, as it was installed for this job, and what it wrote."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from action.workflow import Level, Place, Workflow

_LEVELS: Mapping[str, Level] = {"error": "error", "warning": "warning", "note": "notice"}


def called(arguments: Sequence[str], workflow: Workflow, **more: str) -> int:
    """Run the command with *more* variables, its output in the log; give its exit status."""
    # What is an input of the action is none of the command's: keys among them.
    own = {name: value for name, value in workflow.environ.items() if not name.startswith("INPUT_")}
    with subprocess.Popen(
        [workflow.environ["MIGRATION_MONITOR"], *arguments],
        env={**own, "FORCE_COLOR": "1", **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as command:
        assert command.stdout is not None  # noqa: S101  # it is a pipe
        workflow.log(command.stdout)
    return command.returncode


def outputs(workflow: Workflow) -> tuple[Path, Path, Path, list[str]]:
    """Give the files for JSON, Markdown and SARIF, and the options that have them written."""
    document, summary, sarif = (workflow.temporary(name) for name in ("result.json", "summary.md", "result.sarif"))
    options = []
    for form, file in (("json", document), ("markdown", summary), ("sarif", sarif)):
        options += ["--output", f"{form}={file}"]
    return document, summary, sarif, options


def annotate_results(sarif: Path, workflow: Workflow) -> None:
    """Show each result of *sarif* at its line, but for those that somebody accepted or silenced."""
    document: dict[str, Any] = json.loads(sarif.read_text(encoding="utf-8"))
    for run in document["runs"]:
        for result in run["results"]:
            if not result.get("suppressions"):
                place = _place(result["locations"][0]["physicalLocation"], workflow)
                workflow.annotate(
                    _LEVELS[result["level"]], _printable(result["message"]["text"]), place, result["ruleId"]
                )


def _place(location: Mapping[str, Any], workflow: Workflow) -> Place:
    """Give the place by the path within the checkout, which annotations have to name."""
    parts = urlsplit(location["artifactLocation"]["uri"])
    path = unquote(parts.path)
    workspace = workflow.environ.get("GITHUB_WORKSPACE", str(Path.cwd()))
    if parts.scheme == "file":
        path = os.path.relpath(path, workspace)
    return Place(path, location["region"]["startLine"])


def _printable(text: str) -> str:
    from shared.report.wording import printable

    return printable(text)

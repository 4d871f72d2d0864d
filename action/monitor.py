"""The monitor's command, as it was installed for this job, and what it wrote."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Results:
    """The files that the command writes."""

    json: Path
    markdown: Path
    sarif: Path

    def options(self) -> list[str]:
        """Give the options that have them written."""
        written = (("json", self.json), ("markdown", self.markdown), ("sarif", self.sarif))
        return [word for form, file in written for word in ("--output", f"{form}={file}")]


def results(workflow: Workflow) -> Results:
    return Results(*(workflow.temporary(name) for name in ("result.json", "summary.md", "result.sarif")))


def published(found: Results, workflow: Workflow, what: str) -> dict[str, Any] | None:
    """Annotate, summarize and give out what the command wrote, and give its JSON; None where there is no *what*."""
    if not found.json.exists():
        workflow.annotate("error", f"There is no {what}: the log says why.")
        workflow.output("verdict", "unknown")
        return None
    _annotate(found.sarif, workflow)
    workflow.summarize(found.markdown.read_text(encoding="utf-8"))
    workflow.output("json", str(found.json))
    workflow.output("sarif", str(found.sarif))
    document: dict[str, Any] = json.loads(found.json.read_text(encoding="utf-8"))
    workflow.output("verdict", document["verdict"])
    return document


def _annotate(sarif: Path, workflow: Workflow) -> None:
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

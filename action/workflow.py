"""What a step of a workflow has: inputs, annotations, a summary, outputs."""

import json
import re
import secrets
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

Level = Literal["error", "warning", "notice"]
# GitHub drops the summary of a step above 1 MiB as a whole.
_LARGEST_SUMMARY = 1_000_000
# What a push of a new branch has as the commit before it.
_NO_COMMIT = "0" * 40
# .NET, which Azure's agent is written in, ignores some characters when it searches: none of them is printable ASCII.
_IGNORED = "[^ -~]*"
_AZURE_COMMAND = re.compile(
    rf"#{_IGNORED}#(?={_IGNORED}(?:v{_IGNORED}s{_IGNORED}o{_IGNORED})?\[)", re.IGNORECASE | re.ASCII
)


class InputError(Exception):
    """An input of the action is wrong; the text says what would be right."""


@dataclass(frozen=True)
class Place:
    """A line of a file of the checkout."""

    file: str
    line: int


class Workflow:
    """A step, by the variables of its environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def input(self, name: str) -> str:
        return self.environ.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()

    def needed(self, name: str) -> str:
        """Give an input that this mode cannot do without."""
        if not (value := self.input(name)):
            raise InputError(f"mode {self.input('mode')} needs the input `{name}`")
        return value

    def choice(self, name: str, choices: Collection[str]) -> str:
        value = self.input(name)
        if value not in choices:
            raise InputError(f"`{name}` must be {' or '.join(choices)}, not {value!r}")
        return value

    def seconds(self, name: str, most: int) -> int:
        value = self.input(name) or "0"
        if not re.fullmatch("[0-9]{1,5}", value) or int(value) > most:
            raise InputError(f"`{name}` must be whole seconds, 0 to {most}, not {value!r}")
        return int(value)

    @property
    def is_strict(self) -> bool:
        return self.choice("strict", ("false", "true")) == "true"

    def on_unknown(self) -> int:
        """Give the exit status for what is unknown."""
        return 1 if self.choice("on-unknown", ("fail", "warn")) == "fail" else 0

    def event(self) -> dict[str, Any]:
        """Give the event that started the workflow, empty where there is none."""
        path = self.environ.get("GITHUB_EVENT_PATH")
        return json.loads(Path(path).read_text(encoding="utf-8")) if path else {}

    def base(self) -> str:
        """Give the commit below the pull request or the push; empty where there is none."""
        event = self.event()
        found: str = event.get("pull_request", {}).get("base", {}).get("sha") or event.get("before") or ""
        return "" if found == _NO_COMMIT else found

    def own_id(self) -> str:
        """Give what this attempt of this job is called."""
        names = ("GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB")
        return "/".join(filter(None, (self.environ.get(name) for name in names)))

    def temporary(self, name: str) -> Path:
        """Give the path of a file that this step alone writes, and that lasts as long as the job."""
        return self._folder / name

    @cached_property
    def _folder(self) -> Path:
        # Always a new one: no variable that every runner has differs between two steps of a job.
        return Path(tempfile.mkdtemp(prefix="migration-monitor-results-", dir=self.environ["RUNNER_TEMP"]))

    def log(self, lines: Iterable[str]) -> None:
        """Write what a command printed: no line of it, such as SQL of a pull request, is a command to the runner."""
        end = secrets.token_hex(16)
        self._write(f"::stop-commands::{end}")
        try:
            for line in lines:
                self._write(line.removesuffix("\n"))
        finally:
            self._write(f"::{end}::")

    def annotate(self, level: Level, text: str, place: Place | None = None, title: str = "Migration Monitor") -> None:
        """Write a workflow command: the page of the pull request shows *text* at *place*."""
        properties = {"title": title}
        if place is not None:
            properties = {"file": place.file, "line": str(place.line), **properties}
        written = ",".join(f"{name}={_escaped(value, also=':,')}" for name, value in properties.items())
        self._write(f"::{level} {written}::{_escaped(text)}")

    def _write(self, command: str) -> None:
        sys.stdout.write(f"{command}\n")
        sys.stdout.flush()

    def summarize(self, markdown: str) -> None:
        """Add to the summary of the job."""
        self._append("GITHUB_STEP_SUMMARY", cut(markdown, _LARGEST_SUMMARY))

    def output(self, name: str, value: str) -> None:
        """Set an output of the step; *value* has one line."""
        self._append("GITHUB_OUTPUT", f"{name}={' '.join(value.splitlines())}\n")

    def _append(self, variable: str, text: str) -> None:
        if path := self.environ.get(variable):
            with Path(path).open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)


class AzurePipelines(Workflow):
    """The same as a step of Azure DevOps: other commands, and other variables."""

    def base(self) -> str:
        branch = self.environ.get("SYSTEM_PULLREQUEST_TARGETBRANCH", "")
        return f"origin/{branch.removeprefix('refs/heads/')}" if branch else ""

    def own_id(self) -> str:
        names = ("SYSTEM_TEAMPROJECTID", "BUILD_BUILDID", "SYSTEM_STAGEATTEMPT", "SYSTEM_JOBATTEMPT", "SYSTEM_JOBID")
        return "/".join(filter(None, (self.environ.get(name) for name in names)))

    def log(self, lines: Iterable[str]) -> None:
        # The agent looks for its commands anywhere in a line, and nothing makes it stop.
        for line in lines:
            self._write(_AZURE_COMMAND.sub("## ", line.removesuffix("\n")))

    def annotate(self, level: Level, text: str, place: Place | None = None, title: str = "Migration Monitor") -> None:
        if level == "notice":
            self.log([f"{title}: {' '.join(text.splitlines())}"])
            return
        properties: dict[str, str] = {"type": level}
        if place is not None:
            properties |= {"sourcepath": place.file, "linenumber": str(place.line), "code": title}
        written = "".join(f"{name}={_escaped_for_azure(value)};" for name, value in properties.items())
        self._write(f"##vso[task.logissue {written}]{_escaped_for_azure(text)}")

    def summarize(self, markdown: str) -> None:
        file = self.temporary("tab.md")
        file.write_text(cut(markdown, _LARGEST_SUMMARY), encoding="utf-8", errors="replace")
        self._write(f"##vso[task.uploadsummary]{file}")

    def output(self, name: str, value: str) -> None:
        self._write(f"##vso[task.setvariable variable={name};isOutput=true]{_escaped_for_azure(value)}")


def this_step(environ: Mapping[str, str]) -> Workflow:
    """Give the step, by the service that runs it."""
    return AzurePipelines(environ) if environ.get("TF_BUILD") else Workflow(environ)


def cut(markdown: str, most: int) -> str:
    """Leave out the last items of a list where *markdown* has more than *most* bytes."""
    if len(markdown.encode(errors="replace")) <= most:
        return markdown
    shortened = markdown.encode(errors="replace")[: most - 100].decode(errors="ignore")
    # A line that begins so is never within a block of code: those are indented.
    end = max(shortened.rfind("\n- "), shortened.rfind("\n### "), 0)
    return f"{shortened[:end]}\n\n… and more: see the log or the JSON.\n"


def _escaped(text: str, also: str = "") -> str:
    """Escape what would end a workflow command; see actions/toolkit, `command.ts`."""
    for character in f"%\r\n{also}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _escaped_for_azure(text: str) -> str:
    """Escape what would end a logging command; see azure-pipelines-agent, `Command.cs`."""
    for character, code in (("%", "%AZP25"), (";", "%3B"), ("\r", "%0D"), ("\n", "%0A"), ("]", "%5D")):
        text = text.replace(character, code)
    return text

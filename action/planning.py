"""``mode: plan``: what the migrations of a pull request will do."""

import io
import re
import subprocess
import tarfile
from pathlib import Path

from action import comment
from action.asking import NoReplyError, ask
from action.monitor import called, published, results
from action.workflow import InputError, Workflow

_SECONDS = 60.0
# What git cannot take for an option.
_COMMIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*")


def run(workflow: Workflow) -> int:
    """Plan, annotate, summarize, comment; give the exit status."""
    written = results(workflow)
    arguments = ["plan", "--migrations", workflow.needed("migrations"), *_against(workflow), *written.options()]
    arguments += ["--prisma", prisma] if (prisma := workflow.input("prisma")) else []
    arguments += ["--prisma-schema", schema] if (schema := workflow.input("prisma-schema")) else []
    arguments += ["--strict"] if workflow.is_strict else []
    scratch = workflow.input("scratch-url")
    status = called([*arguments, *(["--scratch-url"] if scratch else [])], workflow, SCRATCH_URL=scratch)
    plan = published(written, workflow, "plan")
    if plan is None:
        return status or 1
    if token := workflow.input("token"):
        comment.keep(
            written.markdown.read_text(encoding="utf-8"), token, workflow, only_if_there=not plan["statements"]
        )
    return status


def _against(workflow: Workflow) -> list[str]:
    """Say what is deployed already: by the facts of a production, else by the commit below the pull request."""
    if file := workflow.input("facts"):
        return ["--facts", file]
    if (url := workflow.input("facts-url")) and (facts := _fetched(url, workflow)):
        return ["--facts", str(facts)]
    base = _base(workflow)
    return ["--deployed", str(_migrations_at(base, workflow))] if base else []


def _fetched(url: str, workflow: Workflow) -> Path | None:
    """Get the facts from a monitor. A pull request of a fork has no key for it, and is planned without."""
    key = workflow.input("facts-key")
    if not key:
        workflow.annotate("notice", "Planned without the facts of a production: there is no `facts-key` here.")
        return None
    try:
        answer = ask("GET", url, {"X-Monitor-Key": key}, None, _SECONDS)
    except NoReplyError as error:
        workflow.annotate("warning", f"Planned without the facts of a production: {error}")
        return None
    if answer.status != 200:
        because = "the key or the target's name is wrong" if answer.status == 404 else "the log of the monitor says why"
        workflow.annotate("warning", f"Planned without the facts of a production: HTTP {answer.status}; {because}.")
        return None
    file = workflow.temporary("facts.json")
    file.write_bytes(answer.body)
    return file


def _base(workflow: Workflow) -> str:
    base = workflow.input("base") or workflow.base()
    if base and not _COMMIT.fullmatch(base):
        raise InputError("`base` must be a commit, a branch or a tag")
    return base


def _migrations_at(commit: str, workflow: Workflow) -> Path:
    """Extract the migrations folder as it is at *commit*; an empty folder where the commit has none."""
    if _git("cat-file", "-e", f"{commit}^{{commit}}").returncode:
        # actions/checkout fetches one commit unless it is asked for more.
        _git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", commit)
    migrations = workflow.needed("migrations")
    prefix = _git("rev-parse", "--show-prefix").stdout.decode().strip()
    place = f"{prefix}{migrations.removeprefix('./').rstrip('/')}"
    listed = _git("ls-tree", "--full-tree", "--name-only", f"{commit}^{{commit}}", place)
    if listed.returncode:
        raise InputError(
            f"the commit {commit}, which this is compared with, is not in the checkout and cannot be fetched: "
            "give `fetch-depth: 0` to actions/checkout, or another `base`"
        )
    folder = workflow.temporary("deployed")
    folder.mkdir()
    if not listed.stdout.strip():
        return folder
    packed = _git("archive", "--format=tar", f"{commit}:{place}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], capture_output=True, check=False)

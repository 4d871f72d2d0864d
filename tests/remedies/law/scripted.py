"""Somebody at a terminal who runs what `remedy --script` writes, and answers what it asks."""

import os
import pty
import re
import select
from contextlib import suppress
from pathlib import Path

from shared.model.finding import Finding, Step
from shared.model.report import Report
from tests.remedies.law.cli import CRASHED, CommandLine
from tests.remedies.law.person import DRIFT, AdviceError, Person, is_run

_BY_HAND = re.compile("needs a person: choose one of the ways")
_PROMPT = re.compile(r"(?i)\btype [^\n]*: $")
_SETTINGS = """\
[[target]]
name = "production"
patience = "15m"
privileges = false
[target.release]
source = "folder"
path = "{migrations}"
[target.database]
url = "env:DATABASE_URL"
[target.remedy]
folder = "apps/backend"
"""
# Behind it stands the check that the script ends with, and its exit status.
_DONE = re.compile("^(Done|These steps are done)[.]", re.MULTILINE)
_SECONDS = 60


def follow_script(person: Person, command_line: CommandLine, report: Report) -> str | None:
    """Write the script, run it and answer it; say why it was not written, if it was not."""
    here = person.world.production
    settings = here.checkout / "monitor.toml"
    settings.write_text(_SETTINGS.format(migrations=here.migrations))
    file = here.checkout / "remedy.sh"
    file.unlink(missing_ok=True)
    _, said = command_line.run(here.url, "remedy", "--script", "--config", str(settings), "--output", str(file))
    if not file.exists():
        return said
    script = command_line.resident(file.read_text())
    file.write_text(script)
    person.did.append(script)
    person.left_to_me = False
    person.read()
    status, printed = _run(person, file, report)
    person.world.note(here.engine.sent())
    if person.left_to_me:
        # It stops where one of several ways has to be chosen; these are followed as they are printed.
        person.follow(here.look())
    elif status == CRASHED or (status != 0 and not _DONE.search(printed)):
        raise AdviceError(f"the script ends with {status}:\n{printed}\n--\n{script}")
    return None


def _run(person: Person, file: Path, report: Report) -> tuple[int, str]:
    here = person.world.production
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(here.checkout)
        os.execvpe("bash", ["bash", str(file)], {**here.environment, "DATABASE_URL": here.url})
    printed, answered = "", 0
    try:
        while select.select([terminal], [], [], _SECONDS)[0]:
            more = ""
            with suppress(OSError):  # the other end is closed
                more = os.read(terminal, 65536).decode(errors="replace")
            if not more:
                break
            printed += more.replace("\r\n", "\n")
            if _PROMPT.search(printed):
                answer = _answer(person, printed[answered:], report)
                printed += f"[{answer}]"
                answered = len(printed)
                os.write(terminal, f"{answer}\n".encode())
        else:
            os.kill(child, 9)
            raise AdviceError(f"the script waits for something:\n{printed}")
    finally:
        os.close(terminal)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), printed


def _answer(person: Person, asked: str, report: Report) -> str:
    if _BY_HAND.search(" ".join(asked.split())):
        person.left_to_me = True
        return "no"
    finding, step = _step(asked, report)
    if step.asks:
        return "no" if person.has_run(finding, step) else "yes"
    if step.command is None and person.knows_that_it_ran(finding):
        # Going on would run it again: what else is to be done, the printed steps say.
        person.left_to_me = True
        return "no"
    person.asked += 1
    is_drift = step.command is not None and finding.code.startswith(DRIFT) and not is_run(finding)
    done = [] if is_drift else list(person.taken(finding, step))
    if is_drift:
        person.release(step.command or "")
    if done:
        person.run("\n".join(done), "what the script asks for")
    return "yes"


def _step(asked: str, report: Report) -> tuple[Finding, Step]:
    """The step that is asked about: the last one that stands there whole, with its subject."""
    words = " ".join(asked.split())
    found = [(f, s) for f in report.findings for s in f.remedy if " ".join(s.text.split()) in words]
    found = [(f, s) for f, s in found if " ".join(f.subject.split()) in words]
    if not found:
        raise AdviceError(f"unknown question of the script: {words}")
    return max(found, key=lambda each: words.rfind(" ".join(each[1].text.split())))

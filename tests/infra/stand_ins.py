"""Programs in place of `az`, `curl` and their like, which a script finds first in its PATH."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Writes down what it was called with, and answers what the test says: an answer is used up but for the last.
_PROGRAM = (
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
    status, _, headers = said.partition(" ")
    open(arguments[arguments.index("--output") + 1], "w").write("{}")
    lines = "".join(f"{line}\\r\\n" for line in headers.split("|") if line)
    open(arguments[arguments.index("--dump-header") + 1], "w").write(f"HTTP/2 {status}\\r\\n{lines}")
    print(status or "200", end="")
elif said == "fails":
    sys.exit(1)
else:
    print(said)
"""
)


@dataclass(frozen=True)
class Ended:
    status: int
    calls: tuple[list[str], ...]
    said: str


def run(
    script: Path, names: tuple[str, ...], folder: Path, answers: Mapping[str, list[str]], environ: Mapping[str, str]
) -> Ended:
    """Run *script* with stand-ins of these *names*.

    *answers*: part of a command line → what it prints, one a call; ``fails`` ends it with 1. An answer of curl is a
    status, and headers with ``|`` between two: ``202 location: https://…``.
    """
    for name in names:
        (folder / name).write_text(_PROGRAM)
        (folder / name).chmod(0o755)
    (folder / "answers").write_text(json.dumps(answers))
    path = {"PATH": f"{folder}:{os.environ['PATH']}", "ANSWERS": str(folder)}
    ended = subprocess.run([script], env={**path, **environ}, capture_output=True, text=True, check=False)
    calls = folder / "calls"
    lines = calls.read_text().splitlines() if calls.exists() else []
    return Ended(ended.returncode, tuple(json.loads(line) for line in lines), ended.stdout + ended.stderr)

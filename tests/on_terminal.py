"""A shell script on a terminal of its own, with somebody who answers what it asks."""

import fcntl
import os
import pty
import select
import subprocess
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_MOST_SECONDS = 120
_PROMPTS = ("Type yes to go on: ", "no to leave it out: ", "anything else to end here: ")


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    output: str
    questions: tuple[str, ...]


def run_on_terminal(
    script: Path,
    answer: Callable[[str], str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    prompts: tuple[str, ...] = _PROMPTS,
) -> Done:
    """Run *script* by bash; *answer* is asked with the text of each question, which ends with one of *prompts*."""
    ours, its = pty.openpty()
    with subprocess.Popen(
        ["bash", str(script)],
        cwd=folder,
        env=dict(environment),
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
        preexec_fn=_take_terminal,  # noqa: PLW1509  # no thread of ours holds a lock that it needs
    ) as process:
        os.close(its)
        output, questions, seen = "", [], 0
        while chunk := _read(process, ours, output):
            output += chunk
            new = output[seen:]
            if new.endswith(prompts):
                questions.append(new.replace("\r\n", "\n"))
                seen = len(output)
                os.write(ours, f"{answer(questions[-1])}\n".encode())
        status = process.wait()
    os.close(ours)
    return Done(status, output.replace("\r\n", "\n"), tuple(questions))


def _take_terminal() -> None:
    """Make the terminal on standard input the one of this session: /dev/tty."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(process: subprocess.Popen[bytes], terminal: int, output: str) -> str:
    if not select.select([terminal], [], [], _MOST_SECONDS)[0]:
        process.kill()
        raise TimeoutError(f"the script neither goes on nor asks: {output}")
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # Linux says so where the other end was closed by all
        return ""

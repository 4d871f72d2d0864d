"""Questions to somebody at a terminal; with ``--yes`` each has its default."""

import sys
from collections.abc import Callable, Mapping
from typing import TextIO, TypeVar, cast

from ...report.toml import one_line
from ...report.wording import printable
from .exits import UsageError
from .output import say, write_text

Answer = TypeVar("Answer")
_YES, _NO = frozenset({"y", "yes"}), frozenset({"n", "no"})


class Asking:
    def __init__(self, *, takes_defaults: bool) -> None:
        """Raise `UsageError` where somebody is to answer and nobody can."""
        stdin = cast("TextIO | None", sys.stdin)
        if not takes_defaults and (stdin is None or not stdin.isatty()):
            raise UsageError("standard input is no terminal, so nobody can answer: give --yes to take the defaults")
        self._takes_defaults = takes_defaults

    def valid(self, question: str, default: str, read: Callable[[str], Answer]) -> Answer:
        """Give what *read* makes of the answer; asked again where it raises `UsageError`."""
        while True:
            try:
                return read(self.text(question, default))
            except UsageError as error:
                if self._takes_defaults:
                    raise
                say(str(error))

    def text(self, question: str, default: str) -> str:
        """Give the answer to *question*, *default* where it is empty."""
        if self._takes_defaults:
            return default
        shown = f" [{default}]" if default else ""
        write_text(printable(f"{question}{shown}: "), None)
        answer = sys.stdin.readline()
        if not answer:
            raise KeyboardInterrupt  # the terminal is closed, or somebody pressed Ctrl-D
        return answer.strip() or default

    def agrees(self, question: str, *, default: bool) -> bool:
        """Ask *question* until the answer is yes or no."""
        while True:
            answer = self.text(f"{question} ({'Y/n' if default else 'y/N'})", "").lower()
            if not answer or answer in _YES | _NO:
                return answer in _YES if answer else default

    def choice(self, question: str, choices: Mapping[str, str], default: str) -> str:
        """Give one of the keys of *choices*, whose values say what each means; by its number or its name."""
        if self._takes_defaults:
            return default
        names = list(choices)
        for number, (name, meaning) in enumerate(choices.items(), 1):
            write_text(printable(f"  {number}  {one_line(name)}{': ' if meaning else ''}{meaning}") + "\n", None)
        while True:
            answer = self.text(question, default)
            if answer in choices:
                return answer
            if answer.isdecimal() and 1 <= int(answer) <= len(names):
                return names[int(answer) - 1]

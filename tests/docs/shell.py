"""As much of a shell as the pages need: each command of a block, and what our own ones print, in this process.

What it does not understand is an error, so that a block is either run or its page's test fails.
"""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.entrypoints.cli.main import main
from shared.model.version import VERSION
from tests.docs.pages import HOME

# Nobody is at the terminal, and nobody deploys.
_ADDED: Mapping[str, Sequence[str]] = {"init": ("--yes",), "watch": ("--for", "1ms")}
# These end only when somebody ends them, or take long; `make demo` and the tests of each run them.
_ONLY_READ = frozenset({"demo", "serve"})
# What a command of a page may end with: findings are no mistake of the page.
_ENDS = frozenset({0, 2})
_ENDS_OF: Mapping[str, frozenset[int]] = {"watch": frozenset({1})}


@dataclass
class Shell:
    """Each block begins in *home*, beside which are other repositories; *read* holds that a command takes its options."""

    home: Path
    export: Callable[[str, str], None]
    change: Callable[[Path], None]
    read: Callable[[Sequence[str]], None]

    def run(self, script: str) -> Iterator[str]:
        """Run each command of *script*; what is wrong is given."""
        self.change(self.home)
        for words in commands(script):
            match words:
                case ["export", assignment] if "=" in assignment:
                    self.export(*assignment.split("=", 1))
                case ["cd", name]:
                    self.change(self.home.parent / name)
                case ["pipx", "install", wheel]:
                    assert wheel == f"migration_monitor-{VERSION}-py3-none-any.whl"
                case [".venv/bin/python", "-m", "pytest", "-q", test]:
                    assert (HOME / test).exists()
                case ["make", target]:
                    subprocess.run(["make", "-n", target], cwd=HOME, check=True, capture_output=True)
                case [*settings, "python", "-m", "benchmarks", name] if all("=" in each for each in settings):
                    assert f'"{name}": ' in (HOME / "benchmarks" / "__main__.py").read_text(encoding="utf-8")
                case ["migration-monitor", name, *arguments]:
                    yield from self._monitor(name, arguments)
                case _:
                    yield f"what is {shlex.join(words)}?"

    def _monitor(self, name: str, arguments: list[str]) -> Iterator[str]:
        self.read([name, *arguments])
        if name in _ONLY_READ or (name == "init" and Path("monitor.toml").exists()):
            return
        status = main([name, *arguments, *_ADDED.get(name, ())])
        if status not in _ENDS_OF.get(name, _ENDS):
            yield f"{shlex.join([name, *arguments])} ended with {status}"


def commands(script: str) -> Iterator[list[str]]:
    for line in script.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            yield words

"""How this program was called: help and errors name it so, and a script calls it so again."""

import sys
from pathlib import Path
from typing import Final

# Its name wherever a text is read by others than its caller: findings, messages, pages, the documents.
COMMAND: Final = "migration-monitor"
_PACKAGE: Final = (__package__ or "").partition(".")[0]
_FILE: Final = "monitor.py"


def called() -> str:
    """Give the words with which the caller named this program."""
    if _is_module():
        return f"python -m {_PACKAGE}"
    return _FILE if Path(sys.argv[0]).name == _FILE else COMMAND


def words_to_call_again() -> list[str]:
    """Give the words with which a shell calls this program again, from any folder."""
    if _is_module():
        return [sys.executable, "-m", _PACKAGE]
    return [sys.executable, str(Path(sys.argv[0]).resolve())]


def _is_module() -> bool:
    program = Path(sys.argv[0])
    return program.name == "__main__.py" and program.parent.name == _PACKAGE

"""Where ``.env`` files have the connection URL. Their syntax is dotenv's, read by its library; no shell sees them."""

import io
import re
from collections.abc import Iterable
from dataclasses import field
from pathlib import Path

from ..model.value import dataclass
from .repository import Repository, read_text

_MOST_BYTES = 256 * 1024
# What a shell and dotenv read alike: a shell fills in variables, and has nothing to run.
_FILLED = r"\$\{[A-Za-z_]\w*\}"
_VALUE = rf"""(?:"(?:[^"$`\\]|{_FILLED})*"|'[^'$]*'|(?:[\w./:@%+,?=-]|{_FILLED})*)"""
_FILLED_NAME = re.compile(r"\$\{(\w+)\}")
_SET_NAME = re.compile(r"^\s*(?:export )?([A-Za-z_]\w*)=", re.ASCII)
_PLAIN = re.compile(rf"\s*(?:#.*|(?:export )?[A-Za-z_]\w*={_VALUE}\s*(?: #.*)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FoundUrl:
    """The connection URL that a *variable* holds; *file* is where it was found, None for the environment itself.

    *is_plain*: a shell may read the file and gets the same of it.
    """

    variable: str
    value: str = field(repr=False)
    file: str | None = None
    is_plain: bool = False


def find_url(repository: Repository, files: Iterable[str], variables: Iterable[str]) -> FoundUrl | None:
    """Give the first of *variables* that one of the *files* sets, the files in their order."""
    names = list(variables)
    listed = (file for file in files if file in repository.files)
    return next(filter(None, (url_of(repository.root / file, file, names) for file in listed)), None)


def url_of(path: Path, file: str, variables: Iterable[str]) -> FoundUrl | None:
    """Give the first of *variables* that the file at *path*, called *file*, sets."""
    text = read_text(path, _MOST_BYTES)
    if text is None:
        return None
    values = _values(text)
    is_plain = _is_plain(text)
    found = (FoundUrl(name, value, file, is_plain) for name in variables if (value := values.get(name)))
    return next(found, None)


def _is_plain(text: str) -> bool:
    """Say whether a shell reads *text* as dotenv does, and fills in nothing but what *text* itself sets before."""
    known: set[str] = set()
    for line in text.splitlines():
        if _PLAIN.fullmatch(line) is None or not known.issuperset(_FILLED_NAME.findall(line.partition("#")[0])):
            return False
        known.update(_SET_NAME.findall(line))
    return True


def _values(text: str) -> dict[str, str]:
    """Give what *text* sets. A ``${NAME}`` is filled in from *text* alone.

    From the environment, a repository could have a secret of it sent to wherever its URL leads.
    """
    import logging  # noqa: PLC0415  # only here

    from dotenv import dotenv_values  # noqa: PLC0415  # only `init` needs it
    from dotenv.variables import parse_variables  # noqa: PLC0415  # as above

    # It would print the number of each line that it cannot read.
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    values: dict[str, str] = {}
    for name, value in dotenv_values(stream=io.StringIO(text), interpolate=False).items():
        values[name] = "".join(part.resolve(values) for part in parse_variables(value or ""))
    return values

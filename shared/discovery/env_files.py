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
    is_plain = all(map(_PLAIN.fullmatch, text.splitlines()))
    found = (FoundUrl(name, value, file, is_plain) for name in variables if (value := values.get(name)))
    return next(found, None)


def _values(text: str) -> dict[str, str | None]:
    import logging  # noqa: PLC0415  # only here

    from dotenv import dotenv_values  # noqa: PLC0415  # only `init` needs it

    # It would print the number of each line that it cannot read.
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    return dotenv_values(stream=io.StringIO(text))

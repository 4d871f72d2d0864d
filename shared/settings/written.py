"""The settings as they are written: a file, and beside it a folder of more targets."""

import tomllib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from ..model.mistake import Mistake, SettingsError
from ..model.settings import BrokenTarget
from .lines import line_of, lines_of
from .problem import Problem, spell
from .targets import NO_TARGET, is_name

_FOLDER = "targets"


class Document:
    """One TOML file. *first* is the place of its first target among those of all files."""

    def __init__(self, path: Path, first: int = 0) -> None:
        """Read it; raises `SettingsError` where it is no TOML text."""
        self.path, self.first = path, first
        self._text = _read(path)
        self.written = _parse(path, self._text)

    @property
    def tables(self) -> list[object] | None:
        """Its targets; None where it has something else for them, or nothing."""
        targets = self.written.get("target")
        return targets if isinstance(targets, list) else None

    @property
    def end(self) -> int:
        return self.first + len(self.tables or ())

    def mistakes(self, problems: Iterable[Problem]) -> Iterator[Mistake]:
        """Say where in the file each of *problems* is; their places of targets are those among all files."""
        for location, problem in problems:
            own = location
            if self.first and len(location) > 1:
                own = ("target", int(location[1]) - self.first, *location[2:])
            yield Mistake(str(self.path), spell(own, self.written), problem, line_of(own, self._lines))

    @cached_property
    def _lines(self) -> dict[tuple[str | int, ...], int]:
        """Found only where something is wrong: it takes longer than to read the settings."""
        return lines_of(self._text)


def more_targets(main: Document) -> tuple[list[Document], list[BrokenTarget]]:
    """Read the files of the folder ``targets`` beside *main*, in the order of their names.

    A file that holds anything but tables ``[[target]]`` is a target for itself that cannot be watched.
    """
    documents: list[Document] = []
    broken: list[BrokenTarget] = []
    first = main.end
    for number, path in enumerate(_files(main.path), 1):
        try:
            document = Document(path, first)
            _insist_on_targets(document)
        except SettingsError as error:
            name = path.name if is_name(path.name) else f"unnamed-file-{number}"
            broken.append(BrokenTarget(name, error.mistakes))
        else:
            documents.append(document)
            first = document.end
    return documents, broken


def files_of(path: Path) -> list[Path]:
    """Name the files of more targets beside the settings file *path*; raises OSError where that is not known."""
    folder = path.parent / _FOLDER
    if not folder.is_dir():
        return []
    # An editor's own files begin with a dot.
    return sorted(each for each in folder.iterdir() if each.suffix == ".toml" and not each.name.startswith("."))


def unusable(path: Path, problem: str) -> SettingsError:
    return SettingsError([Mistake(str(path), "", problem)])


def _files(path: Path) -> list[Path]:
    try:
        return files_of(path)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    raise unusable(path.parent / _FOLDER, problem)


def _insist_on_targets(document: Document) -> None:
    strangers = [
        Problem((key,), "belongs into the settings file itself: only target is allowed here")
        for key in document.written
        if key != "target"
    ]
    if not strangers and not document.tables:
        strangers.append(NO_TARGET)
    if strangers:
        raise SettingsError(document.mistakes(strangers))


def _read(path: Path) -> str:
    try:
        # Windows editors put a byte order mark before UTF-8.
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problem = "there is no such file; start from monitor.example.toml, or name another one in MONITOR_CONFIG"
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text, from byte {error.start} on"
    except ValueError:
        problem = "is not the name of a file"
    raise unusable(path, problem)


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # a number of thousands of digits is one as well as TOMLDecodeError
        problem = f"is not TOML: {error}"
    except RecursionError:
        problem = "is nested too deeply"
    raise unusable(path, problem)

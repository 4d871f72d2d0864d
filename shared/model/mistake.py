"""Mistakes in a settings file, described so that its author can find and fix them."""

from collections.abc import Iterable

from .value import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong value: *key* in TOML's words (``target.production.seed.users.exact``), empty for the file as a whole.

    A table of a list is called by its name, or by its place counted from one: ``seed[2]``. *line*
    counts from one. *problem* says what would be right and never repeats a value.
    """

    file: str
    key: str
    problem: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.problem) if part)


def by_line(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Give *mistakes* in the order of the files and lines."""
    return tuple(sorted(mistakes, key=lambda each: (each.file, each.line or 0, each.key, each.problem)))


class SettingsError(Exception):
    """The settings cannot be used; the text has every mistake, a line each."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = by_line(mistakes)
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))

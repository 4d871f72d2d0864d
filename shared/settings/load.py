"""The settings file from bytes to `Settings`."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shared.model.mistake import Mistake, SettingsError
from shared.model.setting_types import FromEnvironment
from shared.model.settings import TARGET_NAME, BrokenTarget, Settings, SettingsFile, Target
from shared.prisma.connection_url import parse_connection_url
from shared.settings.environment import Substitution
from shared.settings.everything import everything_wrong
from shared.settings.lines import line_of, lines_of
from shared.settings.problem import Problem, inside, spell
from shared.settings.validate import adapter, validate


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the settings in the TOML file *path*, with *environ* for what it names ``env:NAME``.

    Mistakes within a target break that target alone: `Settings.broken` has them, `Settings.insist`
    raises them. Any other mistake makes the file unusable: `SettingsError` has all there are, those
    of targets included. Relative paths in the file start from its folder.
    """
    try:
        return _load(path, environ)
    except RecursionError:
        pass  # raised below, where no chain holds on to what was read
    raise _unusable(path, "is nested too deeply")


def _load(path: Path, environ: Mapping[str, str]) -> Settings:
    text = _read(path)
    written = _parse(path, text)
    substitution = Substitution(environ)
    filled: Any = substitution.apply(written)
    problems = [*substitution.problems, *_url_problems(filled)]
    checked = validate(filled)
    if not isinstance(checked, SettingsFile):
        told = [problem.location for problem in problems]
        problems += everything_wrong(Substitution(environ).apply(written), told)
    names = _target_names(filled)
    clashes = list(_clashes(names))
    if clashes or not all(_is_in_target(problem) for problem in problems):
        raise SettingsError(_mistakes(path, text, written, [*problems, *clashes]))
    wrong: dict[int, list[Problem]] = {}
    for problem in problems:
        wrong.setdefault(int(problem.location[1]), []).append(problem)
    if not isinstance(checked, SettingsFile) or wrong:
        sound = [table for place, table in enumerate(filled["target"]) if place not in wrong]
        checked = adapter().validate_python({**filled, "target": sound})
    return Settings(
        tuple(_anchored(target, path.parent) for target in checked.targets),
        tuple(BrokenTarget(names[place], _mistakes(path, text, written, wrong[place])) for place in sorted(wrong)),
    )


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
        problem = "is no name of a file"
    raise _unusable(path, problem)


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # a number of thousands of digits is one as well as TOMLDecodeError
        problem = f"is not TOML: {error}"
    raise _unusable(path, problem)


def _unusable(path: Path, problem: str) -> SettingsError:
    return SettingsError([Mistake(str(path), "", problem)])


def _target_names(document: dict[str, Any]) -> list[str]:
    tables = document.get("target")
    names = [inside(table, "name") for table in tables] if isinstance(tables, list) else []
    return [
        str(name) if isinstance(name, str) and TARGET_NAME.fullmatch(name) else f"unnamed-{place}"
        for place, name in enumerate(names, 1)
    ]


def _clashes(names: Sequence[str]) -> Iterable[Problem]:
    """Give what is wrong with the targets taken together: there must be one, and names that differ."""
    if not names:
        yield Problem(("target",), "there is none: begin one with [[target]]")
    # Names of files: Windows and macOS take production and Production for one.
    uses = Counter(name.casefold() for name in names)
    for place, name in enumerate(names):
        if uses[name.casefold()] > 1:
            yield Problem(("target", place, "name"), "another target has the same name")


def _url_problems(document: dict[str, Any]) -> Iterable[Problem]:
    """Give what is wrong with the values of the databases' URLs, which only Prisma's floor can read."""
    tables = document.get("target")
    for place, table in enumerate(tables if isinstance(tables, list) else ()):
        url = inside(inside(table, "database"), "url")
        if isinstance(url, FromEnvironment) and url:
            try:
                parse_connection_url(url)
            except ValueError as error:
                yield Problem(("target", place, "database", "url"), str(error))


def _is_in_target(problem: Problem) -> bool:
    return len(problem.location) > 1 and problem.location[0] == "target"


def _mistakes(path: Path, text: str, written: object, problems: Iterable[Problem]) -> tuple[Mistake, ...]:
    lines = lines_of(text)
    return tuple(
        Mistake(str(path), spell(location, written), problem, line_of(location, lines))
        for location, problem in problems
    )


def _anchored(target: Target, folder: Path) -> Target:
    return replace(target, release=replace(target.release, path=str(folder / target.release.path)))

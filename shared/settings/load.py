"""The settings file from bytes to `Settings`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from shared.model.mistake import Mistake, SettingsError
from shared.model.settings import BrokenTarget, Settings, SettingsFile
from shared.settings.anchored import anchored
from shared.settings.environment import Substitution
from shared.settings.everything import everything_wrong
from shared.settings.lines import line_of, lines_of
from shared.settings.problem import Problem, spell
from shared.settings.targets import name_clashes, target_names, target_problems, vault_problems
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
    filled = substitution.apply(written)
    clashes = list(name_clashes(filled))
    problems = [*substitution.problems, *target_problems(filled), *vault_problems(filled), *clashes]
    checked = validate(filled)
    if isinstance(checked, SettingsFile) and not problems:
        return anchored(checked, path.parent, environ)
    problems += everything_wrong(Substitution(environ).apply(written), [problem.location for problem in problems])
    word = partial(_mistakes, path, text, written)
    if clashes or not all(map(_is_in_target, problems)):
        raise SettingsError(word(problems))
    wrong: dict[int, list[Problem]] = {}
    for problem in problems:
        wrong.setdefault(int(problem.location[1]), []).append(problem)
    sound = [table for place, table in enumerate(filled["target"]) if place not in wrong]
    names = target_names(filled)
    usable = anchored(adapter().validate_python({**filled, "target": sound}), path.parent, environ)
    return replace(usable, broken=tuple(BrokenTarget(names[place], word(wrong[place])) for place in sorted(wrong)))


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


def _is_in_target(problem: Problem) -> bool:
    return len(problem.location) > 1 and problem.location[0] == "target"


def _mistakes(path: Path, text: str, written: object, problems: Iterable[Problem]) -> tuple[Mistake, ...]:
    lines = lines_of(text)
    return tuple(
        Mistake(str(path), spell(location, written), problem, line_of(location, lines))
        for location, problem in problems
    )

"""The settings file from bytes to `Settings`."""

from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from ..model.mistake import Mistake, SettingsError, by_line
from ..model.settings import BrokenTarget, Settings
from ..model.value import replace
from .anchored import anchored
from .environment import Substitution
from .everything import everything_wrong
from .file import SettingsFile
from .problem import Location, Problem
from .targets import (
    NO_TARGET,
    name_clashes,
    sleep_problems,
    target_names,
    target_problems,
    vault_of_alerts,
    vault_problems,
)
from .validate import adapter, validate
from .written import Document, more_targets, unusable


def load_settings(path: Path, environ: Mapping[str, str], *, notifies: bool = True) -> Settings:
    """Read the settings in the TOML file *path*, with *environ* for what it names ``env:NAME``.

    Who does not notify needs no variable that ``[alerts]`` names: a channel that lacks one is left out then.

    More targets may stand in files of the folder ``targets`` beside it. Mistakes within a target
    break that target alone, and those of a file in the folder no more than its targets:
    `Settings.broken` has them, `Settings.insist` raises them. Any other mistake makes the settings
    unusable: `SettingsError` has all there are, those of targets included. Relative paths start from
    the folder of *path*.
    """
    try:
        return _load(path, environ, notifies=notifies)
    except RecursionError:
        pass  # raised below, where no chain holds on to what was read
    raise unusable(path, "is nested too deeply")


def _load(path: Path, environ: Mapping[str, str], *, notifies: bool) -> Settings:
    main = Document(path)
    more, broken = more_targets(main)
    written = _whole(main, more, broken)
    substitution = Substitution(environ)
    filled = substitution.apply(written)
    lacking = set() if notifies else {problem.location[:3] for problem in substitution.problems if _is_alert(problem)}
    usable = _without(filled, lacking)
    problems = [
        *(problem for problem in substitution.problems if problem.location[:3] not in lacking),
        *target_problems(filled),
        *vault_problems(filled),
        *name_clashes(filled),
    ]
    if filled.get("target") == [] and not broken:
        problems.append(NO_TARGET)
    checked = validate(usable)
    if isinstance(checked, SettingsFile):
        problems += sleep_problems(checked.targets)
    if isinstance(checked, SettingsFile) and not problems:
        return replace(anchored(checked, path.parent, environ, vault_of_alerts(filled)), broken=tuple(broken))
    reported = [*(problem.location for problem in problems), *lacking]
    problems += everything_wrong(Substitution(environ).apply(written), reported)
    documents = [main, *more]
    if _is_ambiguous(filled, main) or not all(map(_is_in_target, problems)):
        raise SettingsError(_mistakes(documents, problems))
    wrong = {int(problem.location[1]) for problem in problems}
    sound = [table for place, table in enumerate(filled["target"]) if place not in wrong]
    settings = anchored(
        adapter().validate_python({**usable, "target": sound}), path.parent, environ, vault_of_alerts(filled)
    )
    return replace(settings, broken=(*_broken(documents, problems, target_names(filled)), *broken))


def _whole(main: Document, more: Iterable[Document], broken: Iterable[BrokenTarget]) -> dict[str, Any]:
    """Give one document with the targets of all files; what *main* has instead of targets stays, to be reported."""
    of_files = [table for document in more for table in document.tables or ()]
    if not of_files and not broken:
        return main.written
    if "target" in main.written and main.tables is None:
        return main.written
    return {**main.written, "target": [*(main.tables or ()), *of_files]}


def _is_alert(problem: Problem) -> bool:
    return problem.location[0] == "alerts" and len(problem.location) > 1


def _without(filled: dict[str, Any], lacking: Set[Location]) -> dict[str, Any]:
    """Give *filled* without the channels and the keys of ``[alerts]`` in *lacking*."""
    if not lacking:
        return filled
    alerts = {key: value for key, value in filled["alerts"].items() if not any(at[1] == key for at in lacking)}
    if "channel" in filled["alerts"]:
        channels = enumerate(filled["alerts"]["channel"])
        alerts["channel"] = [each for place, each in channels if ("alerts", "channel", place) not in lacking]
    return {**filled, "alerts": alerts}


def _is_ambiguous(filled: dict[str, Any], main: Document) -> bool:
    """Say whether two targets of the settings file itself have one name; a file of the folder breaks less."""
    return main.tables is not None and any(name_clashes({"target": filled["target"][: main.end]}))


def _is_in_target(problem: Problem) -> bool:
    return len(problem.location) > 1 and problem.location[0] == "target" and isinstance(problem.location[1], int)


def _mistakes(documents: Iterable[Document], problems: Iterable[Problem]) -> Iterator[Mistake]:
    """Say of each of *problems* where it is; what is in no target is in the first document."""
    by_document: dict[Document, list[Problem]] = {}
    files = list(documents)
    for problem in problems:
        place = int(problem.location[1]) if _is_in_target(problem) else -1
        document = next((each for each in files if each.first <= place < each.end), files[0])
        by_document.setdefault(document, []).append(problem)
    for document, of_it in by_document.items():
        yield from document.mistakes(of_it)


def _broken(documents: Iterable[Document], problems: Iterable[Problem], names: list[str]) -> Iterator[BrokenTarget]:
    """Give every target that has a problem, in order. Those of one name are one: it is unknown which is meant."""
    files = list(documents)
    wrong: dict[str, list[Problem]] = {}
    for problem in sorted(problems, key=lambda problem: int(problem.location[1])):
        wrong.setdefault(names[int(problem.location[1])].casefold(), []).append(problem)
    for of_it in wrong.values():
        yield BrokenTarget(names[int(of_it[0].location[1])], by_line(_mistakes(files, of_it)))

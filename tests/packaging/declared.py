"""What the wheel declares that it needs, by the standard library's own reading of installed packages."""

from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def needed_by(requirements: list[str], extras: tuple[str, ...] = ("",)) -> dict[str, Distribution]:
    """Every package that *requirements* lead to, as it is installed beside the tests; those of *extras* as well."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(each), extras) for each in requirements]
    while waiting:
        requirement, of = waiting.pop()
        if requirement.marker is not None and not any(requirement.marker.evaluate({"extra": each}) for each in of):
            continue
        package = distribution(requirement.name)
        if requirement.name in found and not requirement.extras:
            continue
        found[requirement.name] = package
        waiting += [(Requirement(each), ("", *requirement.extras)) for each in package.requires or ()]
    return found


def links(packages: dict[str, Distribution]) -> Iterator[Path]:
    """The files and folders of *packages* at the top of where they are installed."""
    for package in packages.values():
        home = Path(str(package.locate_file("")))
        for name in {file.parts[0] for file in package.files or () if file.parts[0] not in {"..", "__pycache__"}}:
            yield home / name

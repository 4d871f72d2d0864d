"""The deployment's files, parsed; what has to be asked of them again and again."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pycep import BicepParser

APP = Path(__file__).parents[2]
INFRA = APP / "infra"
MAIN = INFRA / "main.bicep"
FILES = {path.relative_to(INFRA).as_posix(): path for path in (MAIN, *sorted((INFRA / "modules").glob("*.bicep")))}


@cache
def _parser() -> BicepParser:
    return BicepParser()


@cache
def parsed(file: str) -> Any:
    """The file as a tree, which all share: nobody changes it."""
    return _parser().parse(text=FILES[file].read_text())


def settings() -> dict[str, str]:
    """Give each app setting's name with its value as the file has it; secrets of the vault are further ones."""
    variables = parsed("modules/app.bicep")["variables"]
    plain = {setting["name"]: setting["value"] for setting in variables["plainSettings"]["value"]}
    ((name, value),) = re.findall(r"\[\{ name: '(\w+)', value: (\w+) \}\]", FILES["modules/app.bicep"].read_text())
    return plain | {name: value}


def parts_of(value: object) -> Iterator[Any]:
    """Give *value* and all that is inside it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from parts_of(part)

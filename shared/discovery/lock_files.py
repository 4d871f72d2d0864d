"""Prisma's version, as the lock file of npm, pnpm, yarn or bun has it. Pure."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\.\d")
# yarn 1 and later: `prisma@npm:^6.10.1:`, then a line `version "6.10.1"` or `version: 6.10.1`.
_YARN_VERSION = re.compile(r"""\s+version:? "?(\d[^\s"]*)""")
# bun: `"prisma": ["prisma@6.10.1", …]`.
_BUN = re.compile(r'"prisma"\s*:\s*\[\s*"prisma@(\d[^"]*)"')
_PNPM_PACKAGE = re.compile(r"^  '?/?prisma[@/](\d[^:(_']*)", re.MULTILINE)
_KEY = re.compile(r"( *)'?([^\s':]+)'?:(?: (.*))?")

LOCK_FILES = ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock")


def prisma_version(name: str, text: str, folder: str) -> str | None:
    """Give ``7.4`` of the lock file called *name*: the version that *folder* uses, else the only one.

    *folder* is relative to the lock file, empty for its own.
    """
    readers = {"pnpm-lock.yaml": _of_pnpm, "yarn.lock": _of_yarn, "bun.lock": _of_bun}
    found = readers.get(name, _of_npm)(text, folder)
    versions = {f"{match[1]}.{match[2]}": None for each in found if (match := _VERSION.match(each))}
    return next(iter(versions)) if len(versions) == 1 else None


def of_manifest(text: str) -> str | None:
    """Give the version in package.json, where it is an exact one."""
    manifest = _object(text)
    for part in ("dependencies", "devDependencies"):
        version = _inside(manifest, part, "prisma")
        if isinstance(version, str) and (match := _VERSION.match(version)):
            return f"{match[1]}.{match[2]}"
    return None


def _of_npm(text: str, folder: str) -> list[str]:
    lock = _object(text)
    places = [f"{folder}/node_modules/prisma"] if folder else []
    for place in (*places, "node_modules/prisma"):
        version = _inside(lock, "packages", place, "version")
        if isinstance(version, str):
            return [version]
    version = _inside(lock, "dependencies", "prisma", "version")  # npm 6
    return [version] if isinstance(version, str) else []


def _of_pnpm(text: str, folder: str) -> list[str]:
    """The workspace's own version stands by its importer; else every version that is installed."""
    importers = dict(_pnpm_importers(text))
    if (own := importers.get(folder or ".")) is not None:
        return [own]
    return sorted(set(importers.values())) or _PNPM_PACKAGE.findall(text)


def _pnpm_importers(text: str) -> Iterator[tuple[str, str]]:
    """Give the importers that use Prisma's CLI, by the indentation of pnpm's own writer: two spaces a level."""
    importer = dependency = ""
    within = False
    for line in text.splitlines():
        match = _KEY.fullmatch(line)
        if match is None:
            continue
        depth, key, value = len(match[1]), match[2], match[3]
        if depth == 0:
            within = key == "importers"
        elif within and depth == 2:
            importer = key
        elif within and depth == 6:
            dependency = key
        elif within and depth == 8 and (dependency, key) == ("prisma", "version") and value:
            yield importer, value


def _of_yarn(text: str, _folder: str) -> list[str]:
    lines = text.splitlines()
    versions = (_YARN_VERSION.match(after) for line, after in pairwise(lines) if _is_of_prisma(line))
    return [match[1] for match in versions if match]


def _is_of_prisma(line: str) -> bool:
    """Say whether *line* begins what yarn knows of Prisma: ``"prisma@npm:6", "prisma@npm:^6.1":``."""
    ranges = line.removesuffix(":").split(", ") if line.endswith(":") and "prisma@" in line else []
    return any(each.strip('"').startswith("prisma@") for each in ranges)


def _of_bun(text: str, _folder: str) -> list[str]:
    return _BUN.findall(text)


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _inside(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value

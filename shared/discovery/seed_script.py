"""Which tables a seed script writes to, as far as its text says. Pure but for reading the script's files."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from .repository import Repository

_SUFFIXES = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
_MOST_FILES = 30
_IMPORT = re.compile(r"""(?:\bfrom|\bimport|\brequire\()\s*["'](\.{1,2}/[^"'\n]{1,200})["']""")
# prisma.user.upsert(…): the model with its first letter in lower case.
_WRITE = re.compile(r"\.\s*(\w+)\s*\.\s*(?:create|createMany|createManyAndReturn|upsert)\s*\(")
_INSERT = re.compile(
    r"""\bINSERT\s+INTO\s+((?:"[^"\n]{1,63}"|\w{1,63})(?:\.(?:"[^"\n]{1,63}"|\w{1,63}))?)""", re.IGNORECASE
)


def seed_files(repository: Repository, command: str | None, folder: PurePosixPath, beside: PurePosixPath) -> list[str]:
    """Give the files of the script that *command* runs in *folder*; without one, of a file called ``seed`` *beside*."""
    named = [path for word in _words(command) if (path := _inside(repository, folder / word)) is not None]
    if not named:
        usual = [folder / "prisma" / "seed", beside / "seed"]
        found = [
            _inside(repository, each.with_name(each.name + suffix)) for each in usual for suffix in (*_SUFFIXES, ".sql")
        ]
        named = [each for each in found if each is not None][:1]
    return _with_imports(repository, named)


def tables_written(repository: Repository, files: list[str], tables: Mapping[str, str]) -> list[str]:
    """Give the tables, of those of the models in *tables*, that the *files* write to; in the order of the models."""
    accessors = {name[0].lower() + name[1:]: table for name, table in tables.items()}
    by_name = {table.rpartition(".")[2]: table for table in tables.values()}
    written: set[str] = set()
    for file in files:
        text = repository.text(file) or ""
        written |= {accessors[name] for name in _WRITE.findall(text) if name in accessors}
        names = (_stored(name) for name in _INSERT.findall(text))
        written |= {by_name[name] for name in names if name in by_name}
    return [table for table in dict.fromkeys(tables.values()) if table in written]


def _words(command: str | None) -> list[str]:
    try:
        words = shlex.split(command or "")
    except ValueError:
        return []
    return [word for word in words if word.endswith((*_SUFFIXES, ".sql"))]


def _with_imports(repository: Repository, files: list[str]) -> list[str]:
    found = list(files)
    for file in found:  # it grows meanwhile
        for name in _IMPORT.findall(repository.text(file) or ""):
            path = _imported(repository, PurePosixPath(file).parent / name)
            if path is not None and path not in found and len(found) < _MOST_FILES:
                found.append(path)
    return found


def _imported(repository: Repository, path: PurePosixPath) -> str | None:
    # TypeScript's own modules are imported as the .js that they become.
    bare = path.with_suffix("") if path.suffix in _SUFFIXES else path
    return next(filter(None, (_inside(repository, each) for each in _spellings(path, bare))), None)


def _spellings(path: PurePosixPath, bare: PurePosixPath) -> Iterator[PurePosixPath]:
    yield path
    for suffix in _SUFFIXES:
        yield bare.with_name(bare.name + suffix)
        yield path / f"index{suffix}"


def _inside(repository: Repository, path: PurePosixPath) -> str | None:
    """Give *path* without ``.`` and ``..`` where the repository lists such a file."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    found = "/".join(parts)
    return found if found in repository.files else None


def _stored(name: str) -> str:
    last: str = re.findall(r'"[^"]*"|\w+', name)[-1]
    return last[1:-1] if last.startswith('"') else last.lower()

"""Where the migrations of applications are, below a folder of checkouts."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

_LOCK = "migration_lock.toml"
_NOT_THEIR_OWN = frozenset({"node_modules", ".git"})


def folders_of_migrations(directory: Path) -> Iterator[Path]:
    """Each folder below *directory* whose lock file names PostgreSQL, in the order of their paths."""
    if _is_of_postgres(directory / _LOCK):
        yield directory
    for each in sorted(directory.iterdir()):
        if each.is_dir() and not each.is_symlink() and each.name not in _NOT_THEIR_OWN:
            yield from folders_of_migrations(each)


def _is_of_postgres(lock: Path) -> bool:
    try:
        return tomllib.loads(lock.read_text(encoding="utf-8")).get("provider") == "postgresql"
    except (FileNotFoundError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False

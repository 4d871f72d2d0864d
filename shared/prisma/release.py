"""A migrations folder, as Prisma reads it, found in whatever a release source yields."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from hashlib import sha256
from posixpath import basename, dirname

from ..model.release import Acceptance, Migration
from ..model.value import dataclass
from .acceptance import ACCEPT_FILE, read_acceptances
from .contract import migration_package
from .order import deploy_order

LOCK_FILE = "migration_lock.toml"
SCRIPT_FILE = "migration.sql"
# What `prisma migrate diff --from-empty --to-schema … --script` prints, in the migrations folder itself.
SCHEMA_FILE = "schema.sql"
# From this version on `prisma migrate diff` calls its options so.
OPTIONS_OF_DIFF_FROM = 7
# What a source gives in place of a file that it found and did not read.
LEFT_OUT = b"\0left out"
_WHY_LEFT_OUT = "was not read: it is larger than a file may be, or a link to a file that is not read"
# Prisma looks for this very spelling, double quotes included (P3019 otherwise).
_PROVIDER = re.compile(r'^\s*provider\s*=\s*"([^"]*)"', re.MULTILINE)


def to_schema_option(version: int) -> str:
    """What takes a ``schema.prisma`` in `prisma migrate diff` of that major version."""
    return "--to-schema" if version >= OPTIONS_OF_DIFF_FROM else "--to-schema-datamodel"


class MigrationsNotFoundError(Exception):
    """No migrations folder, or more than one that could be meant; the text names them."""


@dataclass(frozen=True, slots=True)
class MigrationsFolder:
    """Its migrations in the order in which Prisma runs them, what its lock file names, and a digest of it all.

    *schema_sql*, *mistakes* and *folder* as in a Release.
    """

    migrations: tuple[Migration, ...]
    provider: str | None
    digest: str
    schema_sql: bytes | None = None
    mistakes: tuple[str, ...] = ()
    folder: str = ""


def read_migrations(files: Mapping[str, bytes], folders: Set[str], wanted: str | None = None) -> MigrationsFolder:
    """Read the migrations folder out of *files* (path → bytes, ``/`` between parts) and *folders*.

    *wanted* is matched as a suffix, since archives put a folder of their own in front. Without it
    the one folder with a ``migration_lock.toml`` is meant. Direct subfolders count, hidden and
    empty ones too; plain files do not.
    """
    root = _root(files, folders, wanted)
    if not any(path.startswith(root) and basename(path) == SCRIPT_FILE for path in files):
        _insist_on_older_than_8(folders, root)
    names = {path.removeprefix(root).split("/")[0] for path in folders if path.startswith(root) and path != root}
    mistakes: list[str] = []
    migrations = tuple(
        Migration(name, files.get(f"{root}{name}/{SCRIPT_FILE}"), _accepted(files, root, name, mistakes))
        for name in sorted(names - {""}, key=deploy_order)
    )
    if not migrations:
        raise MigrationsNotFoundError(f"no migrations in {root or 'the folder'}: it has no subfolders")
    lock = files.get(f"{root}{LOCK_FILE}")
    schema_sql = files.get(f"{root}{SCHEMA_FILE}")
    if schema_sql == LEFT_OUT:
        mistakes.append(f"{SCHEMA_FILE} {_WHY_LEFT_OUT}")
        schema_sql = None
    provider = None if lock is None else _provider(lock)
    return MigrationsFolder(migrations, provider, _digest(migrations), schema_sql, tuple(mistakes), root.rstrip("/"))


def mistakes_of_schema(mistakes: Iterable[str]) -> tuple[str, ...]:
    """Those of a release's *mistakes* that are about its ``schema.sql``."""
    return tuple(each for each in mistakes if each.startswith(f"{SCHEMA_FILE} "))


def _accepted(files: Mapping[str, bytes], root: str, name: str, mistakes: list[str]) -> tuple[Acceptance, ...]:
    content = files.get(f"{root}{name}/{ACCEPT_FILE}")
    if content is None:
        return ()
    if content == LEFT_OUT:
        mistakes.append(f"{name}/{ACCEPT_FILE} {_WHY_LEFT_OUT}")
        return ()
    found = read_acceptances(content)
    mistakes += [f"{name}/{ACCEPT_FILE}: {mistake}" for mistake in found.mistakes]
    return found.accepted


def _root(files: Mapping[str, bytes], folders: Set[str], wanted: str | None) -> str:
    """Give the folder's path, with a ``/`` at its end, or the empty string."""
    if wanted is not None:
        suffix = "/" + wanted.strip("/")
        found = [folder for folder in folders if f"/{folder}".endswith(suffix)]
        if not found:
            raise MigrationsNotFoundError(f"no folder {wanted} in it" + _instead(_candidates(files)))
    else:
        found = list(_candidates(files))
        if not found:
            _insist_on_older_than_8(folders, "")
            raise MigrationsNotFoundError(f"no migrations in it: no {LOCK_FILE}, and no folder with a {SCRIPT_FILE}")
    if len(found) > 1:
        raise MigrationsNotFoundError(f"several migrations folders in it: say which is meant ({_listed(found)})")
    return f"{found[0]}/" if found[0] else ""


def _insist_on_older_than_8(folders: Set[str], root: str) -> None:
    package = migration_package(folders, root)
    if package is not None:
        raise MigrationsNotFoundError(f"its migrations are those of Prisma 8 ({package}), which are not read yet")


def _candidates(files: Mapping[str, bytes]) -> list[str]:
    """Give the folders that may be meant; what lies deeper within one of them is part of its migrations."""
    locked = {dirname(path) for path in files if basename(path) == LOCK_FILE}
    found = locked or {dirname(dirname(path)) for path in files if path.endswith(f"/{SCRIPT_FILE}")}
    return sorted(folder for folder in found if not found & set(_above(folder)))


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = dirname(folder)
        yield folder


def _instead(candidates: Iterable[str]) -> str:
    listed = _listed(candidates)
    return f"; there is {listed}" if listed else ""


def _listed(folders: Iterable[str]) -> str:
    shown = sorted(folder or "." for folder in folders)
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def _provider(lock: bytes) -> str:
    found = _PROVIDER.search(lock.decode("utf-8", "replace"))
    return found[1] if found else ""


def _digest(migrations: Iterable[Migration]) -> str:
    digest = sha256()
    for migration in migrations:
        name = migration.name.encode("utf-8", "surrogatepass")
        script = b"" if migration.script is None else migration.script
        digest.update(b"%d %d %d\n" % (len(name), migration.script is not None, len(script)))
        digest.update(name + script)
    return f"sha256:{digest.hexdigest()}"

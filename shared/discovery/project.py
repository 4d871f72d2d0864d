"""The applications of a repository that have Prisma migrations, and what their files say."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from ..model.value import dataclass
from ..prisma.release import LOCK_FILE, SCRIPT_FILE
from .compose import COMPOSE_FILES, MOST_BYTES, PostgresService, postgres_services
from .lock_files import LOCK_FILES, of_manifest, prisma_version
from .prisma_config import PrismaConfig, read_config
from .repository import Repository
from .schema_prisma import PrismaSchema, provider_of_lock_file, read_schema
from .seed_script import seed_files, tables_written

_TOP = PurePosixPath()
_CONFIGS = tuple(f"prisma.config.{suffix}" for suffix in ("ts", "mts", "cts", "js", "mjs", "cjs"))
_CONFIGS_IN_FOLDER = tuple(name.replace("prisma.config", "prisma") for name in _CONFIGS)
_POSTGRES = frozenset({"postgresql", "postgres"})
_MOST_COMPOSE_FILES = 10
_LARGEST_LOCK_FILE = 16 * 1024 * 1024
_USUAL = "DATABASE_URL"
_ENV_FILES = (".env", ".env.local", ".env.development")
# Between the words of a list, as in CMD ["npx", "prisma", "migrate", "deploy"].
_NEXT = r"""["']?\s*,\s*["']?"""
# With few options: from each `prisma` in a long line of them, the search would read on to the end of the line.
_DEPLOYS = re.compile(
    r"^[^#\n]*\bprisma(?:@[\w.^~-]+|/build/index\.js)?"
    r"(?:(?:\s+--\S+){0,9}\s+migrate\s+deploy"
    rf"""|(?:{_NEXT}--[^"',\s]+){{0,9}}{_NEXT}migrate{_NEXT}deploy)\b""",
    re.MULTILINE,
)
# On a platform that builds each deployment, the build applies them.
_STARTS = re.compile(r"(?:pre|post)?start(?::.*)?|serve|(?:vercel-)?build|heroku-postbuild|release(?::.*)?")
# What platforms read to deploy.
_OF_PLATFORMS = frozenset({"Procfile", "app.json", "fly.toml", "railway.json", "railway.toml", "render.yaml"})
_SECTION = re.compile(r"^[ \t]*\[([^\]\n]*)\]", re.MULTILINE)
_REMOTE = re.compile(r'(?i:remote)[ \t]+"(.*)"')
_AT_GITHUB = re.compile(
    r"^[ \t]*url[ \t]*=[ \t]*(?:https://github\.com/|git@github\.com:|ssh://git@github\.com/)"
    r"([\w.-]+/[\w.-]+?)(?:\.git)?/?[ \t\r]*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Migrations:
    """A folder of migrations: its path below the root, how many it has, and for which kind of database."""

    path: PurePosixPath
    count: int
    provider: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """What the files around one folder of *migrations* say. *folder* is where Prisma's commands run.

    *variables* are the names that the connection URL may have, the likeliest first. *written* are the tables that the
    seed script writes to. *deployed_by* is the file that runs ``prisma migrate deploy`` when the app starts.
    """

    migrations: Migrations
    folder: PurePosixPath
    schema_files: tuple[str, ...]
    schema: PrismaSchema
    config_file: str | None
    config: PrismaConfig
    version: tuple[str, str] | None  # and where it was found
    variables: tuple[str, ...]
    env_files: tuple[str, ...]
    seed_file: str | None
    written: tuple[str, ...]
    services: tuple[tuple[str, PostgresService], ...]  # each with its file
    deployed_by: str | None


def migrations_in(repository: Repository) -> list[Migrations]:
    """Give every folder of migrations, the one with most migrations first; also those for other databases."""
    scripts = [PurePosixPath(each) for each in repository.files if each.endswith(f"/{SCRIPT_FILE}")]
    counts = Counter(each.parent.parent for each in scripts if len(each.parts) > 2)
    locks = {each.parent: provider_of_lock_file(repository.text(each) or "") for each in repository.named(LOCK_FILE)}
    folders = {*locks, *(folder for folder in counts if folder.name == "migrations")}
    found = [Migrations(folder, counts[folder], locks.get(folder)) for folder in folders]
    return sorted(found, key=lambda each: (-each.count, each.path))


def is_for_postgres(migrations: Migrations) -> bool:
    return migrations.provider is None or migrations.provider in _POSTGRES


def project_of(repository: Repository, migrations: Migrations) -> Project:
    """Read what belongs to *migrations*."""
    folder = _folder(repository, migrations.path)
    schema_files = _schema_files(repository, folder, migrations.path.parent)
    schema = read_schema(text for each in schema_files if (text := repository.text(each)) is not None)
    config_file = next(_configs(repository, folder), None)
    config = read_config(repository.text(config_file) or "") if config_file is not None else PrismaConfig()
    manifest = _manifest(repository, folder)
    seed = config.seed or _text(manifest, "prisma", "seed")
    beside = PurePosixPath(schema_files[0]).parent if schema_files else migrations.path.parent
    files = seed_files(repository, seed, folder, beside)
    return Project(
        migrations,
        folder,
        schema_files,
        schema,
        config_file,
        config,
        _version(repository, folder),
        tuple(dict.fromkeys((*config.variables, *schema.variables, _USUAL))),
        tuple(_env_files(repository, folder, beside)),
        files[0] if files else None,
        tuple(tables_written(repository, files, schema.tables)),
        tuple(_services(repository)),
        next(_deploying(repository), None),
    )


def github_repository(git_config: str) -> str | None:
    """Give ``owner/name`` of the remote at GitHub in the text of ``.git/config``: *origin*, or else the first."""
    _, *sections = _SECTION.split(git_config)
    remotes: dict[str, str] = {}
    for title, text in zip(sections[::2], sections[1::2], strict=True):
        remote, url = _REMOTE.fullmatch(title), _AT_GITHUB.search(text)
        if remote is not None and url is not None:
            remotes.setdefault(remote[1], url[1])
    return remotes.get("origin", next(iter(remotes.values()), None))


def _folder(repository: Repository, path: PurePosixPath) -> PurePosixPath:
    """Give the nearest folder above *path* that has a package or Prisma's settings, else the one above ``prisma``."""
    marks = ("package.json", *_CONFIGS)
    for folder in path.parents:
        if any(str(folder / mark) in repository.files for mark in marks):
            return folder
    return path.parent.parent if path.parent.name == "prisma" else path.parent


def _schema_files(repository: Repository, folder: PurePosixPath, beside: PurePosixPath) -> tuple[str, ...]:
    """Give ``schema.prisma``, or the files of a schema in several, nearest to the migrations first."""
    own = [PurePosixPath(each) for each in repository.files if each.endswith(".prisma")]
    own = [each for each in own if each.is_relative_to(beside)] or [each for each in own if each.is_relative_to(folder)]
    return tuple(map(str, sorted(own, key=lambda each: (each.name != "schema.prisma", len(each.parts), each))))


def _configs(repository: Repository, folder: PurePosixPath) -> Iterator[str]:
    for place in _upwards(folder):
        paths = [place / name for name in _CONFIGS] + [place / ".config" / name for name in _CONFIGS_IN_FOLDER]
        yield from (str(each) for each in paths if str(each) in repository.files)


def _upwards(folder: PurePosixPath) -> tuple[PurePosixPath, ...]:
    return (folder, *folder.parents) if folder != _TOP else (folder,)


def _manifest(repository: Repository, folder: PurePosixPath) -> Any:
    try:
        return json.loads(repository.text(folder / "package.json") or "null")
    except (ValueError, RecursionError):
        return None


def _text(value: Any, *keys: str) -> str | None:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def _version(repository: Repository, folder: PurePosixPath) -> tuple[str, str] | None:
    for place in _upwards(folder):
        for name in LOCK_FILES:
            text = repository.text(place / name, _LARGEST_LOCK_FILE)
            below = str(folder.relative_to(place)) if folder != place else ""
            if text is not None and (version := prisma_version(name, text, below)) is not None:
                return version, str(place / name)
        text = repository.text(place / "package.json")
        if text is not None and (version := of_manifest(text)) is not None:
            return version, str(place / "package.json")
    return None


def _env_files(repository: Repository, folder: PurePosixPath, beside: PurePosixPath) -> Iterator[str]:
    places = dict.fromkeys((folder, beside, folder / "prisma", *_upwards(folder)))
    for name in _ENV_FILES:
        yield from (str(place / name) for place in places if str(place / name) in repository.files)


def _services(repository: Repository) -> Iterator[tuple[str, PostgresService]]:
    for path in repository.named(*COMPOSE_FILES)[:_MOST_COMPOSE_FILES]:
        text = repository.text(path, MOST_BYTES)
        yield from ((str(path), each) for each in (postgres_services(text) if text is not None else ()))


def _deploying(repository: Repository) -> Iterator[str]:
    """Give the files that run ``prisma migrate deploy`` where an app starts: start scripts, images, entry points."""
    for path in map(PurePosixPath, repository.files):
        is_image = path.name == "Dockerfile" or path.name.startswith("Dockerfile.")
        if is_image or path.suffix == ".sh" or path.name in _OF_PLATFORMS:
            text = repository.text(path)
            if text is not None and any(not line.lstrip().startswith("RUN") for line in _matching(text)):
                yield str(path)
        elif path.name == "package.json" and _starts_with_deploy(repository.text(path) or ""):
            yield str(path)


def _matching(text: str) -> Iterable[str]:
    return (match[0] for match in _DEPLOYS.finditer(text))


def _starts_with_deploy(text: str) -> bool:
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return False
    scripts = manifest.get("scripts") if isinstance(manifest, dict) else None
    starts = (each for name, each in scripts.items() if _STARTS.fullmatch(name)) if isinstance(scripts, dict) else ()
    return any(isinstance(each, str) and _DEPLOYS.search(each) for each in starts)

"""The options that say what to look at, and the targets that they mean."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, _ActionsContainer
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from ...gather.attempt import GatherError
from ...model.endpoint import EndpointExpectation
from ...model.release_settings import ReleaseSettings
from ...model.seed import seed_from_option
from ...model.setting_types import PrismaVersion, Secret
from ...model.settings import BrokenTarget, DatabaseSettings, Settings, Target
from ...prisma.connection_url import parse_connection_url
from ...report.wording import printable
from ...settings import SettingsError, database_url, environment, load_settings, settings_path, ssl_root_cert
from ..watched import NoSuchTargetError, named_target
from .exits import UsageError
from .output import say

if TYPE_CHECKING:
    from ...memory import MemoryPlace
    from ...run.lowering import Lowering

# The options of a call without settings.
_DIRECT = ("database_url", "migrations", "schema", "prisma", "seed", "endpoint")


def add_target_options(parser: ArgumentParser) -> None:
    """Add the two ways to say what to look at: a settings file, or everything in the call itself."""
    add_named_target_options(parser.add_argument_group("targets of a settings file"))
    direct = parser.add_argument_group("or without any settings")
    direct.add_argument(
        "--database-url",
        metavar="URL",
        help="as Prisma writes it; better set DATABASE_URL in the environment, because `ps` shows arguments",
    )
    direct.add_argument(
        "--migrations", type=Path, metavar="PATH", help="prisma/migrations, or a .zip or .tar.gz with it"
    )
    direct.add_argument("--schema", metavar="NAME", help="the schema to watch (default: the URL's, else public)")
    add_prisma_version(direct)
    direct.add_argument(
        "--seed",
        action="append",
        default=[],
        metavar="'TABLE=N'",
        help="rows that a table must hold: 'users=6', 'rules>=1', 'locks<=3'; repeatable",
    )
    direct.add_argument("--endpoint", action="append", default=[], metavar="URL", help="must answer 200; repeatable")


def one_target(options: Namespace, settings: Settings | None = None) -> Target:
    """Give the target that the options mean; raises `UsageError`, or `SettingsError` with that target's mistakes.

    *settings* are those of `settings_of`, where they have been read already.
    """
    if is_direct(options):
        return _direct_target(options)
    return sound(_named(_targets_of_settings(options, settings), options.target))


def every_target(options: Namespace, settings: Settings | None = None) -> Sequence[Target | BrokenTarget]:
    """Give all targets of the settings, those that cannot be watched too; raises as `one_target` does."""
    return _targets_of_settings(options, settings)


def insist_on_all(options: Namespace) -> None:
    """Raise `UsageError` where the call asks for all targets, and for one as well."""
    if options.target:
        raise UsageError("--all and --target exclude each other: use one of them")
    if is_direct(options):
        raise UsageError("--all needs a settings file: a call without settings has only one target")


def settings_of(options: Namespace) -> Settings | None:
    """Give the settings that the options mean, None for a call without; raises `UsageError` or `SettingsError`."""
    if is_direct(options):
        return None
    if not settings_are_there(options):
        raise UsageError(_both_ways())
    return settings_in(options, notifies=getattr(options, "notify", False))


def settings_in(options: Namespace, *, notifies: bool = False) -> Settings:
    """Give the settings of the file that the options or the environment name; raises `SettingsError`."""
    return load_settings(options.config or settings_path(environment()), environment(), notifies=notifies)


def add_named_target_options(parser: _ActionsContainer) -> None:
    """Add the options that name one target of a settings file."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: $MONITOR_CONFIG or monitor.toml)"
    )
    parser.add_argument("--target", metavar="NAME", help="the target to check; not needed where there is only one")


def add_prisma_schema(parser: _ActionsContainer) -> None:
    """Add the option for a checkout of the application with its packages."""
    parser.add_argument(
        "--prisma-schema",
        type=Path,
        metavar="PATH",
        help="schema.prisma, or the folder of several: the application's own Prisma is run on it, without "
        "DATABASE_URL, and what no migration makes is reported (default: the schema.sql of the release)",
    )


def lowering_of(options: Namespace) -> "Lowering | None":
    """Start Prisma on the ``schema.prisma`` that the options name; None where they name none."""
    if options.prisma_schema is None:
        return None
    from ...run.lowering import Lowering  # noqa: PLC0415  # few calls need it

    if not options.prisma_schema.exists():
        raise UsageError(f"--prisma-schema {options.prisma_schema}: there is no such file or folder")
    return Lowering(options.prisma_schema, environment())


def add_prisma_version(parser: _ActionsContainer) -> None:
    """Add the option that names the version of Prisma that deploys."""
    parser.add_argument(
        "--prisma",
        type=_prisma_version,
        metavar="VERSION",
        help="Prisma's version, as 7.4: it decides whether a file runs as one transaction (default: not known)",
    )


def _prisma_version(text: str) -> PrismaVersion:
    try:
        return PrismaVersion.parse(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a version such as 7.4") from None


def named_target_of(options: Namespace) -> tuple[str, "MemoryPlace"]:
    """Give the name of the target that the options mean, and where its memory is; a broken one has one too."""
    from ...memory import memory_of  # noqa: PLC0415  # not every command has to do with memory

    settings = settings_in(options)
    try:
        target = named_target(settings, options.target)
    except NoSuchTargetError as error:
        raise UsageError(str(error)) from None
    return target.name, memory_of(target.name, settings.memory)


def is_direct(options: Namespace) -> bool:
    """Say whether the call itself holds everything; raises `UsageError` where it names a target as well."""
    direct = [name for name in _DIRECT if getattr(options, name)]
    if direct and (options.config or options.target):
        raise UsageError(
            f"--{direct[0].replace('_', '-')} belongs to a call without settings: "
            "remove it, or remove --config and --target"
        )
    return bool(direct)


def settings_are_there(options: Namespace) -> bool:
    """Say whether the call or the environment names a settings file, or one lies where it is looked for."""
    return bool(options.config or environment().get("MONITOR_CONFIG")) or settings_path(environment()).exists()


def _targets_of_settings(options: Namespace, settings: Settings | None) -> Sequence[Target | BrokenTarget]:
    found = settings or settings_of(options)
    return () if found is None else (*found.targets, *found.broken)


def _both_ways() -> str:
    without = "--migrations prisma/migrations"
    if database_url(environment()) is None:
        without = f"set DATABASE_URL in the environment and give {without}"
    else:
        without = f"give {without} (the database is that of DATABASE_URL)"
    return (
        f"nothing says what to check: there is no {settings_path(environment())}. Either {without}, "
        "or copy monitor.example.toml to monitor.toml and name your targets there"
    )


def _named(found: Sequence[Target | BrokenTarget], name: str | None) -> Target | BrokenTarget:
    names = ", ".join(target.name for target in found)
    if name is None:
        if len(found) > 1:
            raise UsageError(f"several targets: name one with --target, or use --all ({names})")
        return found[0]
    for target in found:
        if target.name == name:
            return target
    raise UsageError(f"no target {name!r} in the settings; it has {names}")


def sound(found: Target | BrokenTarget) -> Target:
    """Give *found*; raises `SettingsError` with its mistakes."""
    if isinstance(found, BrokenTarget):
        raise SettingsError(found.mistakes)
    return found


def _direct_target(options: Namespace) -> Target:
    url = direct_url(options)
    if options.migrations is None:
        raise UsageError("say where the release's migrations are: --migrations prisma/migrations")
    try:
        return Target(
            name=parse_connection_url(url.value).database,
            releases=(release_at(options.migrations),),
            database=DatabaseSettings(url=url, schema=options.schema, ssl_root_cert=ssl_root_cert(environment())),
            # Somebody at a terminal looks with whatever role is at hand.
            privileges=False,
            prisma=options.prisma,
            seeds=tuple(seed_from_option(seed) for seed in options.seed),
            endpoints=endpoints_of(options.endpoint),
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def endpoints_of(urls: Sequence[str]) -> tuple[EndpointExpectation, ...]:
    """Give what each of *urls* must answer; raises ValueError with what is wrong with one."""
    return tuple(EndpointExpectation(name=name, url=url) for name, url in zip(_endpoint_names(urls), urls, strict=True))


def direct_url(options: Namespace) -> Secret:
    """Give the URL that the call or the environment names, and warn of unknown parameters.

    Raises `UsageError` where neither names one, or one that cannot be read.
    """
    if options.database_url is not None:
        url = Secret("--database-url", options.database_url)
    else:
        from_environment = database_url(environment())
        if from_environment is None:
            raise UsageError("say which database: set DATABASE_URL in the environment, or give --database-url")
        url = from_environment
    try:
        unknown = parse_connection_url(url.value).unknown
    except ValueError as error:
        raise UsageError(str(error)) from None
    for name in unknown:
        say(f'unknown URL parameter "{printable(name)}" (ignored)')
    return url


def require_release(target: Target) -> None:
    """Raise `UsageError` where the release that a call without settings names cannot be read.

    With settings that gives a report with unknown checks; here the call itself has to be fixed.
    """
    from ...gather.release import read_release  # noqa: PLC0415  # few calls need it here

    try:
        read_release(target.releases)
    except GatherError as error:
        raise UsageError(str(error)) from None


def release_at(path: Path) -> ReleaseSettings:
    """Take *path* for what it is: an archive if it is a file, else a folder."""
    if not path.exists():
        raise no_such_release(path)
    source: Literal["archive", "folder"] = "archive" if path.is_file() else "folder"
    return ReleaseSettings(source=source, path=str(path))


def is_written_as_path(release: str) -> bool:
    """Say whether *release* can only mean a path: no version is written so."""
    from ...gather.sources.archive import SUFFIXES  # noqa: PLC0415  # few calls need it here

    return release.startswith(("/", "./", "../", "~")) or "\\" in release or release.lower().endswith(SUFFIXES)


def no_such_release(path: Path | str) -> UsageError:
    return UsageError(f"{path}: there is no such folder or archive")


def _endpoint_names(urls: Sequence[str]) -> list[str]:
    """Name each by its path; where two have the same, by the host as well."""
    parts = [urlsplit(url) for url in urls]
    paths = [part.path.strip("/") or part.netloc for part in parts]
    uses = Counter(paths)
    return [
        f"{part.netloc}/{path}" if uses[path] > 1 and path != part.netloc else path
        for part, path in zip(parts, paths, strict=True)
    ]

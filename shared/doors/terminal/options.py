"""The options that say what to look at, and the targets that they mean."""

from argparse import ArgumentParser, Namespace, _ActionsContainer
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from shared.doors.terminal.exits import UsageError
from shared.doors.watched import NoSuchTargetError, named_target
from shared.memory import MemoryPlace, memory_of
from shared.model.endpoint import EndpointExpectation
from shared.model.seed import seed_from_option
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings, ReleaseSettings, Settings, Target
from shared.prisma.connection_url import parse_connection_url
from shared.settings import database_url, environment, load_settings, settings_path, ssl_root_cert


def add_target_options(parser: ArgumentParser) -> None:
    """Add the two ways to say what to look at: a settings file, or everything in the call itself."""
    add_named_target_options(parser.add_argument_group("targets of a settings file"))
    direct = parser.add_argument_group("or without any settings")
    direct.add_argument(
        "--database-url",
        metavar="URL",
        help="as Prisma has it; better left to the environment as DATABASE_URL, since arguments show in `ps`",
    )
    direct.add_argument(
        "--migrations", type=Path, metavar="PATH", help="prisma/migrations, or a .zip or .tar.gz with it"
    )
    direct.add_argument("--schema", metavar="NAME", help="the schema to watch (default: the URL's, else public)")
    direct.add_argument(
        "--seed",
        action="append",
        default=[],
        metavar="'TABLE=N'",
        help="rows that a table must hold: 'users=6', 'rules>=1', 'locks<=3'; repeatable",
    )
    direct.add_argument("--endpoint", action="append", default=[], metavar="URL", help="must answer 200; repeatable")


def add_named_target_options(parser: _ActionsContainer) -> None:
    """Add the options that name one target of a settings file."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: $MONITOR_CONFIG or monitor.toml)"
    )
    parser.add_argument("--target", metavar="NAME", help="the target to look at; not needed where there is only one")


def settings_of(options: Namespace) -> Settings | None:
    """Give the settings that the options mean, None for a call without; raises `UsageError` or `SettingsError`."""
    if _is_direct(options):
        return None
    return load_settings(options.config or settings_path(environment()), environment()).insist()


def targets(options: Namespace, settings: Settings | None) -> Sequence[Target]:
    """Give the targets that the options mean, among those of *settings* if there are any; raises `UsageError`."""
    if settings is None:
        return [_direct_target(options)]
    if getattr(options, "all", False):
        return settings.targets
    return [_named(settings.targets, options.target)]


def named_target_of(options: Namespace) -> tuple[str, MemoryPlace]:
    """Give the name of the target that the options mean, and where its memory is; a broken one has one too."""
    settings = load_settings(options.config or settings_path(environment()), environment())
    try:
        target = named_target(settings, options.target)
    except NoSuchTargetError as error:
        raise UsageError(str(error)) from None
    return target.name, memory_of(target.name, settings.memory)


def _is_direct(options: Namespace) -> bool:
    direct = [name for name in ("database_url", "migrations", "schema", "seed", "endpoint") if getattr(options, name)]
    if direct and (options.config or options.target):
        raise UsageError(
            f"--{direct[0].replace('_', '-')} belongs to a call without settings: "
            "leave it out, or leave --config and --target out"
        )
    return bool(direct)


def _named(found: Sequence[Target], name: str | None) -> Target:
    names = ", ".join(target.name for target in found)
    if name is None:
        if len(found) > 1:
            raise UsageError(f"several targets: name one with --target, or take --all ({names})")
        return found[0]
    for target in found:
        if target.name == name:
            return target
    raise UsageError(f"no target {name!r} in the settings; there is {names}")


def _direct_target(options: Namespace) -> Target:
    url = _direct_url(options)
    if options.migrations is None:
        raise UsageError("say where the release's migrations are: --migrations prisma/migrations")
    try:
        return Target(
            name=parse_connection_url(url.value).database,
            release=release_at(options.migrations),
            database=DatabaseSettings(url=url, schema=options.schema, ssl_root_cert=ssl_root_cert(environment())),
            # Somebody at a terminal looks with whatever role is at hand.
            privileges=False,
            seeds=tuple(seed_from_option(seed) for seed in options.seed),
            endpoints=tuple(EndpointExpectation(name=_endpoint_name(url), url=url) for url in options.endpoint),
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def _direct_url(options: Namespace) -> Secret:
    if options.database_url is not None:
        return Secret("--database-url", options.database_url)
    from_environment = database_url(environment())
    if from_environment is None:
        raise UsageError("say which database: set DATABASE_URL in the environment, or give --database-url")
    return from_environment


def release_at(path: Path) -> ReleaseSettings:
    """Take *path* for what it is: an archive if it is a file, else a folder."""
    if not path.exists():
        raise UsageError(f"{path}: there is no such folder or archive")
    source: Literal["archive", "folder"] = "archive" if path.is_file() else "folder"
    return ReleaseSettings(source=source, path=str(path))


def _endpoint_name(url: str) -> str:
    parts = urlsplit(url)
    return parts.path.strip("/") or parts.netloc

"""What a deployed monitor watches, and finding one target among it by name."""

from pathlib import Path

from ..model.settings import BrokenTarget, Settings, Target
from ..settings import environment, kept_settings, settings_path

# Azure promises nothing about a worker's working directory.
_APP_FOLDER = Path(__file__).parents[2]


class NoSuchTargetError(Exception):
    """The settings have no such target, or several where none was named; the text lists them."""


def watched() -> Settings:
    """Read the settings file that the environment names; a relative path starts from the app's own folder."""
    environ = environment()
    settings = kept_settings(_APP_FOLDER / settings_path(environ), environ)
    if settings.memory.container is not None:
        # Only here: a terminal's commands import this module too, and ask Azure for nothing of this.
        from ..gather.sources.beside_memory import BesideMemory  # noqa: PLC0415
        from ..gather.sources.cache import keep_behind  # noqa: PLC0415

        keep_behind(BesideMemory(settings.memory.container, settings.memory.identity))
    return settings


def named_target(settings: Settings, name: str | None) -> Target | BrokenTarget:
    """Give the target of that name, or the only one where none is named."""
    both: tuple[Target | BrokenTarget, ...] = (*settings.targets, *settings.broken)
    targets = {target.name: target for target in both}
    names = ", ".join(targets)
    if name is not None:
        if name not in targets:
            raise NoSuchTargetError(f"no target of that name; the settings have {names}")
        return targets[name]
    if len(targets) > 1:
        raise NoSuchTargetError(f"several targets: name one of {names}")
    return next(iter(targets.values()))

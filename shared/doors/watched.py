"""Finding a target by name, among those of the settings."""

from shared.model.settings import BrokenTarget, Settings, Target


class NoSuchTargetError(Exception):
    """The settings have no such target, or several where none was named; the text lists them."""


def named_target(settings: Settings, name: str | None) -> Target | BrokenTarget:
    """Give the target of that name, or the only one where none is named."""
    watched = {target.name: target for target in (*settings.targets, *settings.broken)}
    names = ", ".join(watched)
    if name is not None:
        if name not in watched:
            raise NoSuchTargetError(f"no target of that name; there is {names}")
        return watched[name]
    if len(watched) > 1:
        raise NoSuchTargetError(f"several targets: name one of {names}")
    return next(iter(watched.values()))

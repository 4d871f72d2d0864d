"""The settings file and the environment, read and checked; nothing else in `shared` looks at the environment.

What reads a file is imported by those who have one.
"""

from collections.abc import Mapping
from pathlib import Path

from ..model.mistake import SettingsError
from ..model.settings import Settings
from .environment import database_url, environment, settings_path, ssl_root_cert

__all__ = [
    "SettingsError",
    "database_url",
    "environment",
    "kept_settings",
    "load_settings",
    "settings_path",
    "ssl_root_cert",
]


def load_settings(path: Path, environ: Mapping[str, str], *, notifies: bool = True) -> Settings:
    """Read the settings in the TOML file *path*: see `shared.settings.load`."""
    from .load import load_settings as load  # noqa: PLC0415  # see above

    return load(path, environ, notifies=notifies)


def kept_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read them again only where something has changed: see `shared.settings.kept`."""
    from .kept import kept_settings as kept  # noqa: PLC0415  # see above

    return kept(path, environ)

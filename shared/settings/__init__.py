"""The settings file and the environment, read and checked; nothing else in `shared` looks at the environment."""

from shared.model.mistake import SettingsError
from shared.settings.environment import database_url, environment, settings_path, ssl_root_cert
from shared.settings.kept import kept_settings
from shared.settings.load import load_settings

__all__ = [
    "SettingsError",
    "database_url",
    "environment",
    "kept_settings",
    "load_settings",
    "settings_path",
    "ssl_root_cert",
]

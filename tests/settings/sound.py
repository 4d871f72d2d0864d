"""Settings without a mistake in any target: the reader itself keeps the targets that are right."""

from shared.model.mistake import SettingsError
from shared.model.settings import Settings


def sound(settings: Settings) -> Settings:
    """Give *settings* if every target is right; else raise `SettingsError` with all mistakes."""
    if settings.broken:
        raise SettingsError(mistake for target in settings.broken for mistake in target.mistakes)
    return settings

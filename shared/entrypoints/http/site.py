"""What the routes of the status page answer from: the settings, and who vouches for a caller."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ...model.mistake import SettingsError
from ...model.settings import BrokenTarget, Settings, Target
from ...model.value import dataclass, replace
from ...settings import environment
from ..watched import watched
from .answer import HttpAnswer, not_found
from .call import HttpCall

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """*signs_in*: the platform in front of this process signs people in, and lets nobody write its headers.

    *is_local*: who reaches it is at this machine, and is its reader. *queues*: a check can be queued.
    """

    settings: Settings
    signs_in: bool = False
    is_local: bool = False
    queues: bool = True

    def target(self, name: str) -> Target | BrokenTarget | None:
        both: tuple[Target | BrokenTarget, ...] = (*self.settings.targets, *self.settings.broken)
        return next((each for each in both if each.name == name), None)


Route = Callable[[HttpCall, Site, datetime], HttpAnswer]


def answered(route: Route, call: HttpCall, environ: Mapping[str, str] | None = None) -> HttpAnswer:
    """Answer *call* as a deployed monitor; settings that cannot be used are a 404, as all is that nobody may see."""
    environ = environment() if environ is None else environ
    try:
        settings = watched()
    except SettingsError as error:
        _LOGGER.error("The settings cannot be used: %s", error)  # noqa: TRY400  # a traceback says nothing more
        return not_found()
    # App Service sets this where its authentication is on, and then takes such headers out of what comes from outside.
    signs_in = environ.get("WEBSITE_AUTH_ENABLED") == "True"
    answer = route(call, Site(settings, signs_in=signs_in), datetime.now(UTC))
    return replace(answer, body="") if call.method == "HEAD" else answer

"""Who may see the status page and what belongs to it: who brings the viewer key, is signed in, or has a signed link.

One place decides it. Nobody else is admitted, and where the settings name neither a viewer key nor a key for links,
nobody is: pages are shown once somebody has decided to show them.
"""

from datetime import datetime

from ....alerts.links import Purpose
from ..call import HttpCall
from ..site import Site
from .key import brings_key
from .link import link_in
from .principal import principal_in
from .reader import Reader

__all__ = ["Reader", "admitted", "brings_key"]


def admitted(call: HttpCall, site: Site, now: datetime, *links: Purpose) -> Reader | None:
    """Give who is reading, or None; a link admits where it is for the target of *call* and one of the purposes *links*.

    A person who is signed in counts before a link that anybody may have: the name is known.
    """
    if site.is_local:
        return Reader("local")
    alerts = site.settings.alerts
    if not alerts.pages or (alerts.viewer_key is None and alerts.link_key is None):
        return None
    if brings_key(call.headers, alerts):
        return Reader("key", brings_key=True)
    person = principal_in(call) if site.signs_in else None
    return person or link_in(call, alerts, links, now)

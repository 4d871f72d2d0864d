"""A signed link, in the query of a request."""

import logging
from collections.abc import Iterable
from datetime import datetime

from ....alerts.link_key import with_link_key
from ....alerts.links import Purpose, opened
from ....model.alerts import AlertSettings
from ..call import HttpCall
from .reader import Reader

_LOGGER = logging.getLogger(__name__)


def link_in(call: HttpCall, alerts: AlertSettings, purposes: Iterable[Purpose], now: datetime) -> Reader | None:
    """Give who comes by a link that was signed for the target of *call* and for one of *purposes*."""
    token, wanted = call.query.get("link"), tuple(purposes)
    key = link_key(alerts) if token and wanted else None
    if token is None or key is None:
        return None
    for purpose in wanted:
        link = opened(token, key, purpose, call.target, now=now)
        if link is not None:
            return Reader(f"link {token}", link=token, purpose=purpose, about=link.about)
    return None


def link_key(alerts: AlertSettings) -> str | None:
    """Give the key that signs; None where there is none, or it cannot be fetched."""
    ready, problems = with_link_key(alerts)
    for problem in problems:
        _LOGGER.error("%s", problem)
    return None if ready.link_key is None else ready.link_key.value

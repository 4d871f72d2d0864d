"""Entry point of the poison queue: notify people of a check that Azure gave up after several attempts."""

import json
import logging

from ..alerts.self_watch import SelfWatch
from .watched import watched

_LOGGER = logging.getLogger(__name__)
_LONGEST_NAME = 64


class NotDeliveredError(Exception):
    """A check was given up and no channel took the message about it."""


def poisoned(message: bytes) -> None:
    """Notify people that the check of *message* was given up; raises `NotDeliveredError` if no channel took it."""
    target = _target_of(message)
    _LOGGER.error("The check of %s was given up after several attempts", target)
    alerts = watched().alerts
    watch = SelfWatch(lambda why: _LOGGER.error("Not notified: %s", why))
    if alerts.channels and not watch.notify_poisoned(target, alerts):
        raise NotDeliveredError(f"no channel took the message that the check of {target} was given up")


def _target_of(message: bytes) -> str:
    """Give the target's name; a message that is none of ours is poison as well."""
    try:
        document = json.loads(message)
    except (ValueError, RecursionError):
        document = None
    match document:
        case {"target": str(name)} if name.isprintable() and len(name) <= _LONGEST_NAME:
            return name
    return "an unreadable message"

"""Who wrote a resource of Azure last, from its subscription's activity log, which Azure keeps for 90 days."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ..model.attribution import Actor
from ..model.azure import Identity
from ..model.moment import moment_of, written
from .arm import Arm, text_at

_PATH, _VERSION = "providers/Microsoft.Insights/eventtypes/management/values", "2015-04-01"
_KEPT = timedelta(days=89)
_NEEDS = "the role Reader on the server, or on its subscription"


def last_writer(resource: str, identity: Identity, now: datetime, within: timedelta) -> Actor | None:
    """Give the caller of the last write of *resource* (its id) that succeeded; None where the log has none.

    Nor where the resource was deleted after that: who made it again is not in the log yet. Azure shows only events
    of what *identity* may read: an empty list is no error. Raises `GatherError`.
    """
    _, _, subscription, *_ = resource.split("/")
    name = resource.rpartition("/")[2]
    between = f"eventTimestamp ge '{written(now - _KEPT)}' and eventTimestamp le '{written(now)}'"
    found = Arm.within(identity, within).get_all(
        f"/subscriptions/{subscription}/{_PATH}",
        _VERSION,
        f"the activity log of {name}",
        _NEEDS,
        {"$filter": f"{between} and resourceUri eq '{resource}'"},
    )
    events = sorted(_succeeded(found, resource), key=lambda each: each[0])
    if not events:
        return None
    at, action, caller = events[-1]
    return Actor(caller, "activity log", at) if action == "write" and caller is not None else None


def _succeeded(events: list[dict[str, Any]], resource: str) -> Iterator[tuple[datetime, str, str | None]]:
    """Give when each write and deletion succeeded, and who called: a person's name, or the id of an application."""
    for each in events:
        at = moment_of(text_at(each, "eventTimestamp"))
        action = (text_at(each, "operationName", "value") or "").casefold().rpartition("/")[2]
        is_done = (text_at(each, "status", "value") or "").casefold() == "succeeded"
        is_of_it = (text_at(each, "resourceId") or "").casefold() == resource.casefold()
        if at is not None and is_done and is_of_it and action in {"write", "delete"}:
            yield at, action, text_at(each, "caller")

"""Which image runs in production: that of the revision of a Container App that has the traffic."""

from collections.abc import Mapping
from typing import Any

from shared.gather.arm import Arm, at, number_at, objects_at, text_at
from shared.gather.attempt import GatherError
from shared.gather.sources.image.reference import ImageReference, parse_reference
from shared.gather.sources.web import Web
from shared.model.azure import Identity

_VERSION = "2024-03-01"
_NEEDS = "the role Reader on the app"


def running_image(app: str, container: str | None, identity: Identity, web: Web) -> ImageReference:
    """Give the image of the revision of *app*, a resource id, with most traffic; of several containers *container*'s.

    A tag that was moved since the revision was made leads to what it means now: Azure does not say which it was.
    """
    active = [each for each in _revisions(app, identity, web) if at(each, "properties", "active") is True]
    if not active:
        raise web.refused("the app has no active revision: nothing of it runs")
    # Without ingress there is no traffic: then the newest runs.
    revision = max(active, key=lambda each: (_traffic(each), text_at(each, "properties", "createdTime") or ""))
    containers = objects_at(revision, "properties", "template", "containers")
    images = {text_at(each, "name") or "?": text_at(each, "image") or "" for each in containers}
    name = container or (next(iter(images)) if len(images) == 1 else None)
    if name is None or name not in images:
        names = ", ".join(images) or "none"
        wanted = "say in `container_name` which is meant" if container is None else f"there is no {container}"
        raise web.refused(f"the revision {text_at(revision, 'name')} has the containers {names}: {wanted}")
    reference = parse_reference(images[name])
    if reference is None:
        raise web.refused(f"the image of {name} is called {images[name][:200]!a}, which cannot be read")
    return reference


def _revisions(app: str, identity: Identity, web: Web) -> list[dict[str, Any]]:
    what = f"the revisions of {app.rpartition('/')[2]}"
    try:
        return Arm.within(identity, web.left).get_all(f"{app}/revisions", _VERSION, what, _NEEDS)
    except GatherError as error:
        failure = web.down(str(error), lasting=error.lasting)
    raise failure


def _traffic(revision: Mapping[str, Any]) -> int:
    return number_at(revision, "properties", "trafficWeight") or 0

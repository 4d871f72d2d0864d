"""Which image runs in production: that of the revision of a Container App that has the traffic."""

from collections.abc import Mapping
from typing import Any

from ....model.azure import Identity
from ...arm import Arm, at, number_at, text_at
from ...attempt import GatherError
from ...containers import containers_of, knowing, revisions_of
from ..web import Web
from .reference import ImageReference, parse_reference

_VERSION = "2024-03-01"


def running_image(app: str, container: str | None, variable: str, identity: Identity, web: Web) -> ImageReference:
    """Give the image of the revision of *app*, a resource id, with most traffic.

    Of several containers *container*'s is meant, else that of the only one that has the *variable* with the
    database's URL: as a sidecar has none, it is the app. A tag that was moved since the revision was made
    leads to what it means now: Azure does not say which it was.
    """
    active = [each for each in _revisions(app, identity, web) if at(each, "properties", "active") is True]
    if not active:
        raise web.refused("the app has no active revision: nothing of it runs")
    # Without ingress there is no traffic: then the newest runs.
    revision = max(active, key=lambda each: (_traffic(each), text_at(each, "properties", "createdTime") or ""))
    containers = containers_of(at(revision, "properties"))
    meant = _meant(containers, container, variable)
    if len(meant) != 1:
        names = ", ".join(map(_name, containers)) or "none"
        wanted = "say in `container_name` which is meant" if container is None else f"there is no {container}"
        raise web.refused(f"the revision {text_at(revision, 'name')} has the containers {names}: {wanted}")
    image = text_at(meant[0], "image") or ""
    reference = parse_reference(image)
    if reference is None:
        raise web.refused(f"the image of {_name(meant[0])} is called {image[:200]!a}, which cannot be read")
    return reference


def _meant(containers: list[dict[str, Any]], name: str | None, variable: str) -> list[dict[str, Any]]:
    if name is not None:
        return [each for each in containers if _name(each) == name]
    return containers if len(containers) == 1 else knowing(containers, variable)


def _name(container: Mapping[str, Any]) -> str:
    return text_at(container, "name") or "?"


def _revisions(app: str, identity: Identity, web: Web) -> list[dict[str, Any]]:
    try:
        return revisions_of(app, _VERSION, Arm.within(identity, web.left))
    except GatherError as error:
        raise web.down(str(error), lasting=error.lasting) from None


def _traffic(revision: Mapping[str, Any]) -> int:
    return number_at(revision, "properties", "trafficWeight") or 0

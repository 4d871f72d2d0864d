"""Which image runs in production: that of the revision of a Container App that has the traffic."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from shared.azure.credential import forget_token, token
from shared.azure.error import AzureError
from shared.azure.identity_errors import named
from shared.gather.attempt import GatherError
from shared.gather.sources.image.reference import ImageReference, parse_reference
from shared.gather.sources.web import Document, Web
from shared.model.azure import Identity

_HOST = "management.azure.com"
_SCOPE = f"https://{_HOST}/.default"
_VERSION = "2024-03-01"
_MOST_PAGES = 20


def running_image(app: str, container: str | None, identity: Identity, web: Web) -> ImageReference:
    """Give the image of the revision of *app*, a resource id, with most traffic; of several containers *container*'s.

    A tag that was moved since the revision was made leads to what it means now: Azure does not say which it was.
    """
    revisions = [each for each in _revisions(app, identity, web) if _of(each).get("active") is True]
    if not revisions:
        raise web.refused("the app has no active revision: nothing of it runs")
    # Without ingress there is no traffic: then the newest runs.
    revision = max(revisions, key=lambda each: (_weight(each), str(_of(each).get("createdTime"))))
    images = dict(_images(revision))
    name = container or (next(iter(images)) if len(images) == 1 else None)
    if name is None or name not in images:
        names = ", ".join(images) or "none"
        wanted = "say in `container_name` which is meant" if container is None else f"there is no {container}"
        raise web.refused(f"the revision {revision.get('name')} has the containers {names}: {wanted}")
    reference = parse_reference(images[name])
    if reference is None:
        raise web.refused(f"the image of {name} is called {images[name][:200]!a}, which cannot be read")
    return reference


def _revisions(app: str, identity: Identity, web: Web) -> Iterator[Mapping[str, Any]]:
    try:
        own, failure = token(identity, _SCOPE, web.within), None
    except AzureError as error:
        failure = web.down(error.because, lasting=error.lasting)
    if failure is not None:
        raise failure
    url = f"https://{_HOST}{app}/revisions?api-version={_VERSION}"
    for _ in range(_MOST_PAGES):
        document = web.document(url, authorization=f"Bearer {own}")
        if document.status == 401:
            forget_token(identity, own)
        if document.status != 200:
            raise _refusal(document, identity, web)
        page = document.json()
        listed = page.get("value") if isinstance(page, dict) else None
        if not isinstance(listed, list):
            raise web.down(f"{document.address} answered with something else than a list of revisions")
        yield from (each for each in listed if isinstance(each, dict) and isinstance(each.get("properties"), dict))
        url = page.get("nextLink") or ""
        if not url:
            return
        if urlsplit(url).netloc != _HOST:
            raise web.down(f"{document.address} leads elsewhere for the next page of revisions")
    raise web.refused(f"the app has more revisions than {_MOST_PAGES} pages hold")


def _refusal(document: Document, identity: Identity, web: Web) -> GatherError:
    if document.status in {401, 403}:
        who = f"{named(identity)} ({document.status})"
        return web.down(f"{document.address} refuses it to {who}: it needs the role Reader on the app", lasting=True)
    if document.status == 404:
        return web.refused("there is no such app (404)")
    return web.unexpected(document)


def _of(revision: Mapping[str, Any]) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = revision["properties"]
    return properties


def _weight(revision: Mapping[str, Any]) -> int:
    weight = _of(revision).get("trafficWeight")
    return weight if isinstance(weight, int) else 0


def _images(revision: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    template = _of(revision).get("template")
    containers = template.get("containers") if isinstance(template, dict) else None
    for each in containers if isinstance(containers, list) else []:
        if isinstance(each, dict) and isinstance(each.get("image"), str):
            yield str(each.get("name")), each["image"]

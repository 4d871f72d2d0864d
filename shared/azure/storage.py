"""Azure's blob storage, by whatever means it is asked: who is let in, its listings, and what a refusal means."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..model.azure import Identity
from ..model.value import dataclass
from .identity_errors import named

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SCOPE = "https://storage.azure.com/.default"
# The first that takes tokens of 2017 will do; this one has all that is asked for here, and names come XML-escaped.
API_VERSION = "2021-12-02"


@dataclass(frozen=True, slots=True)
class Listed:
    """A blob as a listing has it: *etag* is as a header takes it, None where the listing does not say."""

    name: str
    etag: str | None
    modified: datetime | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing; *marker* asks for the next one and is empty on the last."""

    blobs: tuple[Listed, ...]
    marker: str


def page_of(document: bytes) -> Page | None:
    """Read a part of a listing; None where *document* is none."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415  # only here

    # What a listing has no need of, and what could make it grow without end.
    if b"<!DOCTYPE" in document:
        return None
    try:
        page = ET.fromstring(document)  # noqa: S314  # without entities
    except ET.ParseError:
        return None
    # Some storage has folders, which it lists as if they were blobs.
    blobs = (each for each in page.iter("Blob") if each.findtext("Properties/ResourceType") != "directory")
    return Page(tuple(map(_listed, blobs)), page.findtext("NextMarker") or "")


def why_refused(identity: Identity, role: str, container: str, status: int, code: str | None) -> str | None:
    """Give why *identity*, which needs *role* on *container*, is not let in; None where *status* does not say so."""
    who, said = named(identity), f"{status} {code}" if (code or "").isalnum() else f"{status}"
    if status == HTTPStatus.UNAUTHORIZED:
        return f"the account does not accept the token of {who} ({said}): are both of the same tenant?"
    if status != HTTPStatus.FORBIDDEN:
        return None
    if code == "AuthorizationFailure":
        return f"the account's network rules do not let this address in, or {who} may do nothing there ({said})"
    return f"{who} may not: it needs the role {role} on {container} ({said})"


def _listed(blob: "Element") -> Listed:
    etag, modified = blob.findtext("Properties/Etag"), blob.findtext("Properties/Last-Modified")
    metadata = blob.find("Metadata")
    return Listed(
        blob.findtext("Name") or "",
        # A header takes it in quotation marks, with which not every version lists it.
        etag if not etag or etag.startswith(('"', "W/")) else f'"{etag}"',
        _moment(modified or ""),
        {} if metadata is None else {each.tag: each.text or "" for each in metadata},
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # So it is read where the zone is -0000, or none.
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

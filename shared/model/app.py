"""The application that uses the database, as a Container App: what it must be like, and what Azure says of it."""

import re
from collections.abc import Iterable
from dataclasses import field
from datetime import UTC, datetime
from typing import ClassVar

from .azure import CONTAINER_APP, is_resource_id, resource_id_example
from .knowledge import Unavailable
from .server import is_api_version
from .setting_types import STRICT, YesNo, insist
from .value import dataclass

# Prisma's own example has it so, and nearly everybody kept it.
DATABASE_VARIABLE = "DATABASE_URL"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_RELEASE = "{release}"
_DIGEST = "sha256:"
_VERSION = re.compile(r"[vV]?\d+(\.\d+)+([-+.][0-9A-Za-z.+-]+)?")
_IMAGE = re.compile(r"(?P<name>[^@]+?)(?::(?P<tag>[^:/@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?")


@dataclass(frozen=True, slots=True)
class AppExpectation:
    """The app's *resource_id*, and what is expected of it.

    *release_of_image* is how an image's tag is made of the release's version (``prod-{release}``); by
    default the tag is the version. *database_variable* has the database's URL; *database_hosts* are
    other names of the watched server under which the app may know it. *migrates_at_start* says whether its containers
    run `prisma migrate deploy` when they start; None: by what the history and the revisions show.
    """

    resource_id: str = field(metadata={"example": resource_id_example(CONTAINER_APP)})
    api_version: str = "2024-03-01"
    release_of_image: str | None = field(default=None, metadata={"example": "prod-{release}"})
    database_variable: str = DATABASE_VARIABLE
    database_hosts: tuple[str, ...] = ()
    migrates_at_start: YesNo | None = None
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        template = self.release_of_image
        insist(
            (
                is_resource_id(self.resource_id, CONTAINER_APP),
                f"`resource_id` must be like /subscriptions/…/{CONTAINER_APP}/…",
            ),
            (is_api_version(self.api_version), "`api_version` must be like 2024-03-01"),
            (template is None or template.count(_RELEASE) == 1, "`release_of_image` must have {release} in it, once"),
        )

    def release_of(self, image: "Image") -> str | None:
        """Give the release that *image* is of, by its tag; None where the tag does not say.

        A tag is a version only if it reads like one, unless the settings say how tags are made.
        """
        if image.tag is None:
            return None
        if self.release_of_image is None:
            return image.tag if _VERSION.fullmatch(image.tag) else None
        before, _, after = self.release_of_image.partition(_RELEASE)
        inner = len(image.tag) - len(before) - len(after)
        fits = inner > 0 and image.tag.startswith(before) and image.tag.endswith(after)
        return image.tag[len(before) : len(before) + inner] if fits else None

    def is_of(self, image: "Image", release: str | None) -> bool | None:
        """Say whether *image* is of the version *release*, with ``v`` before a number or without; None: not known.

        A release that is an image itself is known by its digest. Other names that differ say something
        only of two version numbers, or where the settings say how tags are made: ``main`` may well be
        ``v1.42.0``.
        """
        if release is None:
            return None
        if release.startswith(_DIGEST):
            # It may be cut short, for people.
            return None if image.digest is None else image.digest.startswith(release)
        running = self.release_of(image)
        if running is None:
            return None
        if running.lower().removeprefix("v") == release.lower().removeprefix("v"):
            return True
        return False if self.release_of_image is not None or _VERSION.fullmatch(release) else None


@dataclass(frozen=True, slots=True)
class Image:
    """A container's image, as a revision names it: ``registry/name:tag@sha256:…``."""

    reference: str
    tag: str | None
    digest: str | None

    @classmethod
    def parse(cls, reference: str) -> "Image":
        parts = _IMAGE.fullmatch(reference)
        return cls(reference, parts["tag"] if parts else None, parts["digest"] if parts else None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is: what may be shown of a URL."""

    host: str
    database: str

    def __str__(self) -> str:
        return f"{self.database} at {self.host}"


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an app. *traffic* is in percent; *health*, *running* and *provisioning* are Azure's own words.

    *error* is why it could not be provisioned, in Azure's words.
    """

    name: str
    image: Image
    active: bool
    traffic: int
    health: str | None
    running: str | None
    provisioning: str | None
    error: str | None
    created_at: datetime | None

    @property
    def fails(self) -> str | None:
        """Say in which way it fails; None where it runs, starts, or rests without traffic."""
        if self.provisioning == "Failed":
            return "could not be provisioned"
        if self.running in {"Failed", "ActivationFailed"}:
            return "failed to start"
        if self.running == "Degraded":
            return "fails in part"
        return "is unhealthy" if self.health == "Unhealthy" else None


@dataclass(frozen=True, slots=True)
class StartLimit:
    """A container that has not started after so many *seconds* is stopped. *is_default*: nobody set that."""

    seconds: int
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class AppStart:
    """How the *app* that runs starts. *limit* is None where nothing ends a start, *most_replicas* where not known.

    *made* are its revisions, each with the moment at which it was made. *migrates* is what the settings say.
    """

    app: str
    limit: StartLimit | None
    most_replicas: int | None
    made: tuple[tuple[str, datetime], ...]
    migrates: bool | None = None


@dataclass(frozen=True, slots=True)
class AppReading:
    """What Azure says of the app. *hosts* are the names under which it is reached from outside.

    *running* is Azure's own word for the whole. *newest* is the revision made last, *ready* the last one
    that came up; *one_at_a_time*, the newest gets all the traffic once it is ready. *database* is where
    the revision with most of it finds its database, or why that is not known. *most_replicas* may run at once.
    *start_limit* ends a start of its containers; None where nothing does.
    """

    name: str
    hosts: tuple[str, ...]
    running: str | None
    one_at_a_time: bool
    newest: str | None
    ready: str | None
    revisions: tuple[Revision, ...] | Unavailable
    database: Place | Unavailable
    most_replicas: int | None = None
    start_limit: StartLimit | None = None

    def start(self, expectation: AppExpectation) -> AppStart:
        made = tuple((each.name, each.created_at) for each in self.revisions_known if each.created_at is not None)
        return AppStart(self.name, self.start_limit, self.most_replicas, made, expectation.migrates_at_start)

    @property
    def serving(self) -> tuple[Revision, ...]:
        return serving(self.revisions_known)

    @property
    def revisions_known(self) -> tuple[Revision, ...]:
        return () if isinstance(self.revisions, Unavailable) else self.revisions


def serving(revisions: Iterable[Revision]) -> tuple[Revision, ...]:
    """Give the revisions that people meet, most traffic first; without an ingress the active ones, newest first."""
    every = tuple(revisions)
    with_traffic = sorted((each for each in every if each.traffic), key=lambda each: -each.traffic)
    active = sorted(
        (each for each in every if each.active), key=lambda each: each.created_at or _LONG_AGO, reverse=True
    )
    return tuple(with_traffic or active)

"""Where a release comes from: five kinds of sources, and what each needs."""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import ClassVar, Literal

from .app import DATABASE_VARIABLE
from .azure import CONTAINER_APP, DEFAULT, Identity, is_resource_id, resource_id_example
from .setting_types import STRICT, Secret, insist
from .urls import is_container, is_plain_https
from .value import dataclass

SourceKind = Literal["folder", "archive", "github", "blob", "image"]
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_GIT_NAME = re.compile(r"(?!.*\.\.)(?!.*//)[^\s\x00-\x1f~^:?*\[\\./-][^\s\x00-\x1f~^:?*\[\\]{0,199}")
# registry/name:tag or registry/name@sha256:digest, as container runtimes write it.
_IMAGE = re.compile(r"[a-z0-9.-]+(:[0-9]+)?/[a-z0-9._/-]+(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?")
_TOKEN = re.compile(r"[\x21-\x7e]+")
# Which keys belong to which kind, besides `source` and `migrations`; the first of each is needed.
_KEYS: dict[SourceKind, tuple[str, ...]] = {
    "folder": ("path",),
    "archive": ("path",),
    "github": ("repository", "tag", "ref", "asset", "token", "api"),
    "blob": ("container", "prefix", "identity"),
    "image": ("image", "container_app", "container_name", "database_variable", "identity"),
}


def is_git_name(text: str) -> bool:
    """Say whether git could have a tag or a branch called *text*: what could lead elsewhere in a URL is none."""
    return _GIT_NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """Where the release comes from.

    *path* is a folder or an archive. ``{release}`` in it is replaced by the version that a verification
    asks for; otherwise the newest that matches is read.
    GitHub's *repository* gives its latest release, that of *tag*, or the commit at *ref*: the *asset*
    that matches, or the source itself. A storage *container* (its URL) gives the newest blob whose
    name begins with *prefix*. Of container images, *image* names one; *container_app* is the
    resource id of an app whose running image is meant, by default the target's own; where it has
    several containers, *container_name* says which; else it is the one with a *database_variable*, by
    default that of the target's app.
    """

    source: SourceKind
    path: str | None = None
    migrations: str | None = None
    repository: str | None = field(default=None, metadata={"example": "owner/name"})
    tag: str | None = None
    ref: str | None = None
    asset: str | None = None
    token: Secret | None = None
    api: str = "https://api.github.com"
    container: str | None = field(default=None, metadata={"example": "https://account.blob.core.windows.net/releases"})
    prefix: str = ""
    image: str | None = field(default=None, metadata={"example": "registry.azurecr.io/api:latest"})
    container_app: str | None = field(default=None, metadata={"example": resource_id_example(CONTAINER_APP)})
    container_name: str | None = None
    database_variable: str = DATABASE_VARIABLE
    identity: Identity = DEFAULT
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(*self._foreign_keys(), *self._rules())

    def _foreign_keys(self) -> Iterator[tuple[bool, str]]:
        of_others = {key for keys in _KEYS.values() for key in keys}.difference(_KEYS[self.source])
        for key in sorted(of_others):
            kinds = " or ".join(kind for kind, keys in _KEYS.items() if key in keys)
            at_default = getattr(self, key) == type(self).__dataclass_fields__[key].default
            yield at_default, f"`{key}` belongs to the source {kinds}"

    def _rules(self) -> Iterator[tuple[bool, str]]:
        match self.source:
            case "folder" | "archive":
                yield self.path is not None, '`path` is missing, e.g. path = "…"'
            case "github":
                for key, name in (("tag", self.tag), ("ref", self.ref)):
                    yield name is None or is_git_name(name), f"`{key}` can be no name in git"
                yield _REPOSITORY.fullmatch(self.repository or "") is not None, "`repository` must be like owner/name"
                yield self.tag is None or self.ref is None, "`tag` and `ref` exclude each other"
                yield self.asset is None or self.ref is None, "`asset` belongs to a release: a `ref` has none"
                fits = self.token is None or self.token.given is None or _TOKEN.fullmatch(self.token.given) is not None
                yield fits, "`token` must be one line, without spaces"
                yield is_plain_https(self.api), "`api` must be like https://github.example.com/api/v3"
            case "blob":
                url = "`container` must be like https://account.blob.core.windows.net/releases"
                yield is_container(self.container), url
            case "image":
                one = self.image is None or self.container_app is None
                yield one, "`image` names an image, `container_app` the one that runs there: give one of them"
                named = self.image is None or _IMAGE.fullmatch(self.image) is not None
                yield named, "`image` must be like registry.azurecr.io/api:latest"
                app = self.container_app is None or is_resource_id(self.container_app, CONTAINER_APP)
                yield app, "`container_app` must be its resource id, /subscriptions/…"
                of_app = self.container_name is None or self.image is None
                yield of_app, "`container_name` is one of the app's: it has no meaning for a named `image`"
                of_app = self.database_variable == DATABASE_VARIABLE or self.image is None
                yield of_app, "`database_variable` is the app's: it has no meaning for a named `image`"

    @property
    def place(self) -> str:
        """What the source is called in sentences: a path, a repository, a container, an image; no secret in it."""
        app = self.container_app and self.container_app.rpartition("/")[2]
        container = self.container and f"{self.container.rstrip('/')}/{self.prefix}"
        return self.path or self.repository or container or self.image or app or self.source

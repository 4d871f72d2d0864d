"""How container images are named."""

import re

from ....model.value import dataclass, replace

_HUB = "docker.io"
_REFERENCE = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._/:-]*?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
# What a registry allows as a tag.
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image in the *repository* of a *registry*: *digest* where it is said, else *tag*."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        tag = "" if self.tag is None else f":{self.tag}"
        return f"{self.name}{tag}" + ("" if self.digest is None else f"@{self.digest}")

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}"

    @property
    def wanted(self) -> str:
        """What the registry is asked for."""
        return self.digest or self.tag or "latest"

    @property
    def host(self) -> str:
        """The registry's host; Docker's own hub has another one than its name."""
        return "registry-1.docker.io" if self.registry == _HUB else self.registry

    def tagged(self, tag: str) -> "ImageReference":
        return replace(self, tag=tag, digest=None)


def is_tag(text: str) -> bool:
    return _TAG.fullmatch(text) is not None


def parse_reference(text: str) -> ImageReference | None:
    """Read *text* as container runtimes do: without a host it is an image of Docker's hub. None if it is none."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    host, slash, rest = match["name"].partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, rest = _HUB, match["name"]
    if not all(part.strip(".:_-") == part and part for part in rest.split("/")) or ":" in rest:
        return None
    if host == _HUB and "/" not in rest:
        rest = f"library/{rest}"
    return ImageReference(host, rest, match["tag"], match["digest"])

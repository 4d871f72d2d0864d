"""A release in a container image: one that is named, or the one that runs in production."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ....model.release_settings import ReleaseSettings
from ....model.value import dataclass
from ..artifact import Artifact
from ..cache import Cache, Contents, contents_once
from ..web import Web
from .layer import Layer, insist_on_weight, keep_layer, kept_layer, read_layer
from .packed import checked
from .reference import ImageReference, is_tag, parse_reference
from .registry import Blob, Registry
from .running import running_image
from .union import Union

# Runtimes allow 127 layers; an index within an index is allowed, and nobody makes one.
_MAX_LAYERS, _MAX_INDEXES = 256, 3
_WANTED = ("linux", "amd64")
_VERSION, _REVISION = "org.opencontainers.image.version", "org.opencontainers.image.revision"
_SHORT = len("sha256:") + 12
# Labels can be of any length, and a version is in every headline.
_LONGEST = 128


def read_image(settings: ReleaseSettings, release: str | None, web: Web) -> Artifact:
    """Read the image tagged *release*, else the one that is named or runs.

    Its layers are read from the top down, and each is downloaded once. Only where the migrations'
    folder is shut against what lies beneath can the rest be left out; else any layer may add to it.
    """
    image = _image(settings, release, web)
    web.origin = f"the image {image}"
    reading = _Reading(settings, image, web)
    digest, manifest = reading.manifest()
    contents = reading.contents(digest, manifest)
    version = release or _version(image, digest, reading.labels(manifest))
    return Artifact(contents.files, contents.folders, version, settings.source, f"{image.name}@{digest}")


def _image(settings: ReleaseSettings, release: str | None, web: Web) -> ImageReference:
    if release is not None and not is_tag(release):
        raise web.refused(f"{release[:100]!a} cannot be the tag of an image: letters, digits and . _ - make one")
    if settings.image is not None:
        image = parse_reference(settings.image)
    else:
        app, name, variable = settings.container_app or "", settings.container_name, settings.database_variable
        image = running_image(app, name, variable, settings.identity, web)
    if image is None:
        raise web.refused("that is no image")
    return image if release is None else image.tagged(release)


def _version(image: ImageReference, digest: str, labels: Mapping[str, Any]) -> str:
    """Give what the image says of itself, else its tag.

    A version without a revision beside it may be the base image's (Ubuntu's says so), and counts less than a tag.
    """
    said, revision = labels.get(_VERSION), labels.get(_REVISION)
    tag = None if image.tag == "latest" else image.tag
    first = said if revision else None
    return next((str(each)[:_LONGEST] for each in (first, tag, said, revision) if each), digest[:_SHORT])


@dataclass(frozen=True, slots=True)
class _Parts:
    config: Blob
    layers: tuple[Blob, ...]


class _Reading:
    def __init__(self, settings: ReleaseSettings, image: ImageReference, web: Web) -> None:
        self._settings, self._image, self._web, self._cache = settings, image, web, Cache.here()
        self._registry = Registry(image, settings.identity, web, self._cache)

    def manifest(self) -> tuple[str, _Parts]:
        """Give the digest and the parts of the image, of several platforms those of linux/amd64."""
        wanted = self._image.wanted
        for _ in range(_MAX_INDEXES):
            digest, document = self._registry.manifest(wanted)
            listed = document.get("manifests")
            if not isinstance(listed, list):
                return digest, self._parts(document)
            wanted = self._registry.blob_of(_of_platform(listed, self._web)).digest
        raise self._web.refused("it is an index of indexes")

    def labels(self, parts: _Parts) -> Mapping[str, Any]:
        config = self._registry.config(parts.config).get("config")
        labels = config.get("Labels") if isinstance(config, dict) else None
        return labels if isinstance(labels, dict) else {}

    def contents(self, digest: str, parts: _Parts) -> Contents:
        key = f"image {digest} in {self._settings.migrations}"
        return contents_once(self._cache, key, partial(self._united, parts))

    def _united(self, parts: _Parts) -> Contents:
        union, weight = Union(self._settings.migrations), 0
        for layer in self._layers(parts):
            weight += layer.weight
            insist_on_weight(weight, self._web.origin)
            union.lay(layer)
            if union.is_complete():
                break
        return union.contents

    def _parts(self, manifest: Mapping[str, Any]) -> _Parts:
        listed = manifest.get("layers")
        if not isinstance(listed, list):
            raise self._web.refused("its manifest is of a kind that is not read (schema 1, or no image)")
        if len(listed) > _MAX_LAYERS:
            raise self._web.refused(f"it has more than {_MAX_LAYERS} layers")
        layers = tuple(self._registry.blob_of(each) for each in listed)
        return _Parts(self._registry.blob_of(manifest.get("config")), layers)

    def _layers(self, parts: _Parts) -> Iterator[Layer]:
        """Give the layers from the top down. Those that no registry may hold are Windows itself: no migrations."""
        for blob in reversed(parts.layers):
            if "foreign" not in blob.media_type and "nondistributable" not in blob.media_type:
                yield self._layer(blob)

    def _layer(self, blob: Blob) -> Layer:
        key = f"layer {blob.digest} in {self._settings.migrations}"
        layer = kept_layer(self._cache, key)
        if layer is None:
            origin = f"the layer {blob.digest[:_SHORT]} of {self._image.name}"
            with self._registry.blob(blob) as answer, checked(answer, blob, origin, self._web) as stream:
                layer = read_layer(stream, self._settings.migrations)
            keep_layer(self._cache, key, layer)
        return layer


def _of_platform(listed: list[object], web: Web) -> object:
    """Choose what a server of Azure would run; attestations say that they are for no platform."""
    manifests = [each for each in listed if isinstance(each, dict) and _platform(each) != ("unknown", "unknown")]
    if not manifests:
        raise web.refused("its index names no image")
    return next((each for each in manifests if _platform(each) == _WANTED), manifests[0])


def _platform(manifest: Mapping[str, Any]) -> tuple[object, object]:
    platform = manifest.get("platform")
    return (platform.get("os"), platform.get("architecture")) if isinstance(platform, dict) else (None, None)

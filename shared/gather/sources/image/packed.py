"""A layer as it comes: unpacked on the way, and held against its digest at the end."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import SEEK_CUR, BytesIO
from typing import Any, BinaryIO, cast

from ...attempt import GatherError
from ..artifact import Readable
from ..down import SourceDownError
from ..tarred import Forward
from ..web import Web
from .registry import Blob

MAX_LAYER = 8 * 1024 * 1024 * 1024
_CHUNK = 64 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# What `zstd --ultra` needs at most by default; a forged frame could ask for more.
_MAX_WINDOW = 128 * 1024 * 1024
# Three bytes of zstd can say 128 KiB: so few come to megabytes at most.
_PACKED_AT_ONCE = 128


@contextmanager
def checked(body: Readable, blob: Blob, origin: str, web: Web) -> Iterator[Forward]:
    """Give the tar within *body*, packed by gzip, zstd or not at all; what it then says counts if no error follows."""
    raw = _Hashed(body)
    failure: GatherError | None = None
    try:
        with _unpacked(raw) as stream:
            yield Forward(stream, origin, MAX_LAYER)
    except SourceDownError:
        raise
    except GatherError as error:
        failure = error
    raw.drain()
    if raw.digest != blob.digest:
        # Whatever else was found wrong with it came of this.
        raise web.down(f"{origin} came otherwise than its digest says")
    if failure is not None:
        raise failure


@contextmanager
def _unpacked(raw: "_Hashed") -> Iterator[Readable]:
    start = raw.peek(len(_ZSTD))
    if start.startswith(_GZIP):
        with gzip.GzipFile(fileobj=cast("BinaryIO", raw)) as stream:
            yield stream
    elif start == _ZSTD:
        yield _Zstd(raw)
    else:
        yield raw


class _Zstd:
    """Unpacks zstd; what is broken, or ends within a frame, ends as it does in the standard library."""

    def __init__(self, raw: "_Hashed") -> None:
        import zstandard  # noqa: PLC0415  # few images are packed by it

        self._raw, self._broken = raw, zstandard.ZstdError
        self._unpacking = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
        self._frame: Any = None  # the one that has begun and not ended
        self._packed, self._unpacked = BytesIO(), BytesIO()

    def read(self, size: int, /) -> bytes:
        parts = []
        while size and ((part := self._unpacked.read(size)) or self._unpack()):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _unpack(self) -> bool:
        """Unpack some more; False if there is no more."""
        packed = self._packed.read(_PACKED_AT_ONCE)
        if not packed:
            self._packed = BytesIO(self._raw.read(_CHUNK))
            packed = self._packed.read(_PACKED_AT_ONCE)
        if not packed:
            if self._frame is not None:
                raise EOFError
            return False
        frame = self._unpacking.decompressobj() if self._frame is None else self._frame
        try:
            self._unpacked = BytesIO(frame.decompress(packed))
        except self._broken:
            raise EOFError from None
        if frame.eof:
            self._packed.seek(-len(frame.unused_data), SEEK_CUR)
        self._frame = None if frame.eof else frame
        return True


class _Hashed:
    """Bytes on their way, summed up in a digest."""

    def __init__(self, body: Readable) -> None:
        self._body, self._hash, self._ahead = body, sha256(), b""

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"

    def peek(self, size: int) -> bytes:
        self._ahead = self.read(size)
        return self._ahead

    def read(self, size: int, /) -> bytes:
        if self._ahead:
            ahead, self._ahead = self._ahead[:size], self._ahead[size:]
            return ahead + (self.read(size - len(ahead)) if size > len(ahead) else b"")
        part = self._body.read(size)
        self._hash.update(part)
        return part

    def drain(self) -> None:
        while self.read(_CHUNK):
            pass

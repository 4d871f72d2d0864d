"""What a release makes, kept on the local disk: a process that starts need not replay hundreds of migrations again.

To read it takes a tenth of the replay. It lies in the folder of `Cache`, which is this user's alone, and may be lost at
any time. Its key is a digest of all that the replay depends on: the migrations, the watched schema, the answers of the
server, and the files of the monitor and of its parser, as the file system describes them: no other version reads it.
"""

import os
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path

from ..diagnose.made import give, made_before, scripts_of
from ..diagnose.scripts import hashable
from ..gather.sources.cache import Cache
from ..model.knowledge import Unavailable
from ..model.question import Answers
from ..model.release import Release
from ..model.schema_document import NoSchemaError, as_document, from_document
from ..postgres.library import library_file

# A replay of fewer migrations than this is as fast as to look for what is kept of it.
_FEWEST = 30
# To write and to read a larger schema takes memory that a run is to do without.
_MOST_OBJECTS = 20_000
_OURS = Path(__file__).parents[1]


class KeptSchema:
    """What all of *release* makes in the watched *schema* with these *answers*.

    `take` before it is needed, and `keep` afterwards.
    """

    def __init__(self, release: Release | Unavailable, schema: str, answers: Answers) -> None:
        self._release = release if isinstance(release, Release) and len(release.migrations) >= _FEWEST else None
        self._schema = schema
        self._answers = answers
        self._key: str | None = None

    def take(self) -> None:
        """Let the diagnosis have what is kept, if it has not found it out itself."""
        if self._release is None or made_before(self._release, self._schema, self._answers) is not None:
            return
        try:
            self._key = _key(self._release, self._schema, self._answers)
            made = from_document(Cache.here().get(self._key) or b"")
        except (OSError, NoSchemaError):
            return
        give(self._release, self._schema, self._answers, made)
        self._key = None

    def keep(self) -> None:
        """Keep what the diagnosis has found out since `take`."""
        if self._release is None or self._key is None:
            return
        made = made_before(self._release, self._schema, self._answers)
        if made is not None and len(made.objects) <= _MOST_OBJECTS:
            Cache.here().put(self._key, as_document(made))


def _key(release: Release, schema: str, answers: Answers) -> str:
    digest = blake2b(digest_size=32)
    for part in (_program(), schema, repr(hashable(answers))):
        digest.update(blake2b(part.encode()).digest())
    for each in scripts_of(release):
        digest.update(blake2b(each.name.encode()).digest() + blake2b(each.script).digest())
    return f"schema {digest.hexdigest()}"


@cache
def _program() -> str:
    """What changes whenever the monitor, its parser or its interpreter does."""
    return "\n".join((sys.version, *sorted(map(_described, _files()))))


def _files() -> Iterator[str]:
    yield library_file()
    waiting = [str(_OURS)]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for each in found:
                if each.is_dir(follow_symlinks=False):
                    if each.name != "__pycache__":
                        waiting.append(each.path)
                elif each.name.endswith(".py"):
                    yield each.path


def _described(path: str) -> str:
    status = os.stat(path)  # noqa: PTH116  # a Path for each of 600 files takes longer than all the rest
    return f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"

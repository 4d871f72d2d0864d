"""The settings as they were last read, while nothing of them has changed: a process checks target after target."""

import time
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from threading import Lock

from ..model.settings import Settings
from ..model.value import dataclass
from .load import load_settings
from .written import files_of

# Two writes of one length within a tick of the file system's clock look like one.
_TICK_NANOSECONDS = 2_000_000_000

# A file's path, the moment of its last change and its length.
_Stamp = tuple[tuple[Path, int, int], ...]


def kept_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Give what `load_settings` does, and read it again only where a file or the environment has changed."""
    with _LOCK:
        kept = _KEPT.get(path)
        stamp = _stamp(path)
        if kept is not None and stamp is not None and (kept.stamp, kept.environ) == (stamp, environ):
            return kept.settings
        _KEPT.pop(path, None)
        settings = load_settings(path, environ)
        if stamp is not None and time.time_ns() - max(changed for _, changed, _ in stamp) > _TICK_NANOSECONDS:
            _KEPT[path] = _Kept(stamp, environ, settings)
        return settings


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: _Stamp
    environ: Mapping[str, str] = field(repr=False)
    settings: Settings


def _stamp(path: Path) -> _Stamp | None:
    """Give what shows that a file has changed; None where one cannot be read, which the reading itself reports."""
    try:
        states = [(each, each.stat()) for each in (path, *files_of(path))]
    except (OSError, ValueError):
        return None
    return tuple((each, state.st_mtime_ns, state.st_size) for each, state in states)


_LOCK = Lock()
_KEPT: dict[Path, _Kept] = {}

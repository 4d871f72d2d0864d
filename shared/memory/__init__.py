"""What is remembered of each target: a document in a local folder, or in a storage container."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from ..model.settings import MemorySettings
from .document import PATIENCE, RememberError, UnsavedError
from .file import MemoryFile
from .held import Held
from .place import MemoryPlace, TaggedPlace

__all__ = [
    "GROUPS",
    "MemoryFile",
    "MemoryPlace",
    "RememberError",
    "UnsavedError",
    "memory_of",
    "memory_of_groups",
    "next_runs",
]

# No target is called so.
GROUPS = "~groups"


def memory_of(target: str, settings: MemorySettings, patience: timedelta = PATIENCE) -> TaggedPlace:
    """Give the place of *target*'s memory; *patience* is how long it waits for another run to end."""
    if settings.container is None:
        return Held(MemoryFile(Path(settings.folder), target, patience=patience), f"{settings.folder}/{target}")
    # Only here: who remembers in a folder need not wait for what asks Azure.
    from .blob import MemoryBlob  # noqa: PLC0415

    blob = MemoryBlob(settings.container, settings.identity, target, patience=patience)
    return Held(blob, f"{settings.container}/{target} as {settings.identity}")


def memory_of_groups(settings: MemorySettings, patience: timedelta = PATIENCE) -> MemoryPlace:
    """Give the place of the incident groups, beside the memories of the targets.

    This process holds nothing of them: what cannot be saved there is sent by the run of the target itself.
    """
    if settings.container is None:
        return MemoryFile(Path(settings.folder), GROUPS, patience=patience)
    from .blob import MemoryBlob  # noqa: PLC0415  # as above

    return MemoryBlob(settings.container, settings.identity, GROUPS, patience=patience)


def next_runs(targets: Iterable[str], settings: MemorySettings) -> Mapping[str, datetime]:
    """Give by target when it is to be checked again, where that is known; raises `RememberError`.

    One request to a container answers that for 5,000 targets.
    """
    if settings.container is None:
        moments = {target: memory_of(target, settings).load().next_run_at for target in targets}
        return {target: moment for target, moment in moments.items() if moment is not None}
    from ..azure.error import AzureError  # noqa: PLC0415  # as above
    from .blob import next_runs as of_container  # noqa: PLC0415

    try:
        return of_container(settings.container, settings.identity)
    except AzureError as error:
        because = error.because
    raise RememberError(f"the memories in {settings.container} cannot be listed: {because}")

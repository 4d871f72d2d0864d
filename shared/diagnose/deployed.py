"""A release beside the one that is deployed: what a deployment runs, and what it does not run although it changed."""

from collections.abc import Iterator, Sequence

from ..model.phrases import listed
from ..model.release import Migration
from ..model.value import dataclass
from ..prisma.checksum import accepted_checksums, matches
from ..prisma.order import deploy_order

_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Deployed:
    """*earlier* have run, as they were deployed, *pending* have not; *notes* are sentences on both."""

    earlier: tuple[Migration, ...]
    pending: tuple[Migration, ...]
    notes: tuple[str, ...]


def compare(deployed: Sequence[Migration], released: Sequence[Migration]) -> Deployed:
    """Say what a deployment of *released* runs where *deployed* has run."""
    names = {each.name for each in deployed}
    pending = tuple(each for each in released if each.name not in names)
    return Deployed(tuple(deployed), pending, tuple(_notes(deployed, released, pending)))


def _notes(deployed: Sequence[Migration], released: Sequence[Migration], pending: Sequence[Migration]) -> Iterator[str]:
    by_name = {each.name: each for each in released}
    edited = [each.name for each in deployed if each.name in by_name and not _is_same(each, by_name[each.name])]
    if edited:
        yield (
            f"Changed after the deployment: {listed(edited, _MOST_NAMES)}. A deployment does not run a migration "
            "again: restore the file, and put the change into a new migration."
        )
    removed = [each.name for each in deployed if each.name not in by_name]
    if removed:
        yield f"Deployed, and not in this folder: {listed(removed, _MOST_NAMES)}. What they made is in the plan."
    newest = max((each.name for each in deployed), key=deploy_order, default=None)
    if newest is not None:
        older = [each.name for each in pending if deploy_order(each.name) < deploy_order(newest)]
        if older:
            yield f"Older by name than {newest}, which is deployed, and run after it: {listed(older, _MOST_NAMES)}."


def _is_same(deployed: Migration, released: Migration) -> bool:
    """Say whether Prisma takes both for the same script: line endings may differ."""
    if deployed.script is None or released.script is None:
        return deployed.script is released.script
    return matches(released.script, next(accepted_checksums(deployed.script)))

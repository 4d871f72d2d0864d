"""Which differences come from a file that was edited after it was applied.

Where the recorded file is available, it is replayed too: what then no longer differs comes from the edit. Where it is
not, a difference in an object that the edited file mentions may come from the edit, or from a change by hand.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from ..model.diagnosis import Comparison, Edit, MigrationStatus, State
from ..model.difference import Change, Difference
from ..model.knowledge import Unavailable
from ..model.release import Migration
from ..model.schema import CONSTRAINTS, Index, Kind, Subject
from ..model.value import dataclass, replace
from ..postgres.parse import MalformedError, read
from ..postgres.progress.steps import mentions, words
from ..prisma.checksum import matches
from ..prisma.script import runnable
from .order import was_started
from .schema import Followed

# The server may have chosen their names: no text has them.
_NAMED_BY_SERVER = {*CONSTRAINTS, Kind.INDEX}
Edits = Mapping[Subject, tuple[Edit, ...]]


def edits(
    migrations: Sequence[MigrationStatus],
    files: Iterable[Migration],
    comparison: Comparison | Unavailable,
    follow: Callable[[Sequence[MigrationStatus]], Followed],
) -> Edits:
    """The edited ones of *migrations* behind each difference of *comparison*; *follow* replays all of them.

    *files* are all that are known of any release. Among them may be the one that was recorded.
    """
    edited = [status for status in migrations if status.state is State.EDITED]
    if not edited or isinstance(comparison, Unavailable) or not comparison.differences:
        return MappingProxyType({})
    made = _made(migrations, _recorded(edited, files), follow)
    known = [] if made is None else [status for status in edited if status.name in made.alone]
    unknown = [(status, _words(status)) for status in edited if status not in known]
    found: dict[Subject, tuple[Edit, ...]] = {}
    for difference in comparison.differences:
        certain, concerned = (False, []) if made is None else made.behind(known, difference, comparison)
        if not certain:
            concerned += [each for each, said in unknown if _mentions(said, difference)]
        if concerned:
            found[difference.subject] = tuple(Edit(each.name, certain, was_started(each)) for each in concerned)
    return MappingProxyType(found)


def _recorded(edited: Iterable[MigrationStatus], files: Iterable[Migration]) -> dict[str, Migration]:
    """The files that production's rows were written for, by the migration's name."""
    checksums = {status.name: status.row.checksum for status in edited if status.row is not None}
    return {
        file.name: file
        for file in files
        if file.name in checksums and file.script is not None and matches(file.script, checksums[file.name])
    }


@dataclass(frozen=True, slots=True)
class _Made:
    """The comparisons with *all* recorded files in place of the edited ones, and with each of them *alone*, by name."""

    all: Comparison
    alone: Mapping[str, Comparison]

    def behind(
        self, known: Iterable[MigrationStatus], difference: Difference, comparison: Comparison
    ) -> tuple[bool, list[MigrationStatus]]:
        """Give those of *known* that a difference may come from, and whether it certainly does."""
        concerned = [each for each in known if self._differs(each, difference, comparison)]
        return bool(concerned) and self._settles(difference), concerned

    def _differs(self, status: MigrationStatus, difference: Difference, comparison: Comparison) -> bool:
        """Say whether the recorded file makes something else of what differs than the edited one does."""
        expected, without = comparison.expected.objects, self.alone[status.name].expected.objects
        return any(without.get(subject) != expected.get(subject) for subject in _subjects([difference]))

    def _settles(self, difference: Difference) -> bool:
        """Say whether nothing of it differs where the recorded files are replayed, and all of it was compared."""
        subjects = {*_subjects([difference]), Subject(Kind.TABLE, difference.subject.name[:2])}
        left = {*_subjects(self.all.differences), *self.all.expected.opaque, *self.all.unsure}
        return subjects.isdisjoint(left)


def _made(
    migrations: Sequence[MigrationStatus],
    recorded: Mapping[str, Migration],
    follow: Callable[[Sequence[MigrationStatus]], Followed],
) -> _Made | None:
    """Replay the *recorded* files; None where there are none, or they cannot be followed."""
    if not recorded:
        return None

    def compared(names: Iterable[str]) -> Comparison | Unavailable:
        put = {name: recorded[name] for name in names}
        return follow([replace(each, shipped=put.get(each.name, each.shipped)) for each in migrations]).comparison

    by_all = compared(recorded)
    alone = {name: by_all if len(recorded) == 1 else compared([name]) for name in recorded}
    known = {name: each for name, each in alone.items() if not isinstance(each, Unavailable)}
    return None if isinstance(by_all, Unavailable) else _Made(by_all, known)


def _subjects(differences: Iterable[Difference]) -> Iterator[Subject]:
    for difference in differences:
        yield difference.subject
        yield from difference.folded
        if difference.found_as is not None:
            yield difference.found_as


def _words(status: MigrationStatus) -> frozenset[str]:
    script = None if status.shipped is None else status.shipped.script
    try:
        statements = list(read(runnable(script))) if script is not None else []
    except MalformedError:
        return frozenset()
    return frozenset[str]().union(*map(words, statements))


def _mentions(said: frozenset[str], difference: Difference) -> bool:
    """Say whether an edited file mentions what differs, or its table where the file need not name it."""
    subject, definition = difference.subject, difference.wanted or difference.found
    if mentions(said, subject):
        return True
    if difference.change is not Change.UNEXPECTED and subject.kind not in _NAMED_BY_SERVER:
        return False
    table = definition.table if isinstance(definition, Index) else Subject(Kind.TABLE, subject.name[:2])
    return mentions(said, table)

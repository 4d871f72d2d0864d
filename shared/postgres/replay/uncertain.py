"""What may or may not have been run: both ends are as they should be, and what differs between them is in doubt."""

from collections.abc import Callable, Iterable, Iterator

from ...model.schema import Definition, Doubt, Subject
from ...model.value import compared_fields
from . import records, rights
from .records import Oid, Record
from .show import Subjects
from .show.definitions import Definitions
from .state import State

_Written = tuple[Oid, Record | None, Record | None]
# Which object a definition is of, by the record that it comes from.
_Shown = dict[Subject, tuple[Oid, Definition]]


def run_uncertainly(state: State, run: Callable[[], None], because: str, *, by_text: bool = False) -> None:
    """Have *run* change the catalog, and put in doubt, *because* of what, all in which that differs from before.

    What *run* makes or drops may exist or not; of what it changes, the attributes that it changes are not known. What
    it drops stays, since later statements may need it. *by_text*: what runs is text put together from rows.
    """
    mark = state.catalog.mark()
    rights.doubting(state, run)
    touched = [(oid, before, now) for oid, before, now in state.catalog.written_since(mark) if before != now]
    if not touched:
        return
    shown = list(dict.fromkeys(map(state.catalog.said_by, _shown_in(touched))))
    after = _shown(state, shown)
    state.catalog.undo(mark)
    before = _shown(state, shown)
    if before.keys() <= after.keys():
        for oid, _, now in touched:
            state.catalog.put(oid, now)
    for subject in before.keys() | after.keys():
        there, here = before.get(subject), after.get(subject)
        if there is None or here is None:
            doubt = Doubt(because, may_be_absent=True, by_text=by_text and there is None)
            if there is not None:
                state.perhaps_dropped[subject] = because
        else:
            doubt = Doubt(because, attributes=_different(there[1], here[1]))
        _put_in_doubt(state, subject, here or there, doubt)


def _shown_in(touched: Iterable[_Written]) -> Iterator[Oid]:
    """The oids whose definitions say what was written."""
    for oid, *states in touched:
        for record in states:
            if record is not None and not isinstance(record, records.Opaque | records.Doubted):
                said_by = record.shown_in()
                yield oid if said_by is None else said_by


def _shown(state: State, oids: Iterable[Oid]) -> _Shown:
    definitions = Definitions(state.names)
    return {
        subject: (oid, definition)
        for oid in oids
        if oid in state.catalog and not state.is_temporary(oid)
        for subject, definition in definitions.of(oid, state.catalog[oid])
    }


def _different(before: Definition, after: Definition) -> frozenset[str]:
    if type(before) is not type(after):
        return frozenset(compared_fields(type(after)))
    return frozenset(name for name in compared_fields(type(after)) if getattr(before, name) != getattr(after, name))


def _put_in_doubt(state: State, subject: Subject, here: tuple[Oid, Definition] | None, doubt: Doubt) -> None:
    if not doubt.attributes and not doubt.may_be_absent:
        return
    if here is not None and here[0] in state.catalog and Subjects(state.names).subject(here[0]) == subject:
        state.doubt(here[0], doubt)
    else:  # it is gone, or it has no record of its own
        state.doubt_subject(subject, doubt)

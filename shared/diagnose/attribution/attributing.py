"""Every bound of a change, and of those the narrowest."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from hashlib import sha256

from ...model.attribution import Actor, Before, Changed, OwnRun, OwnRuns, Position, SeenBefore, Written
from ...model.database import History
from ...model.diagnosis import Comparison, Edit
from ...model.difference import Change, Difference
from ...model.knowledge import Unavailable
from ...model.schema import Kind, Schema, Subject
from ...model.value import dataclass, replace
from .holding import last_written
from .recorded import Recorded, has_loaded, means_one_transaction, next_recorded, recorded
from .seen import Between, Seen

# So many differences of one check are attributed: each is remembered.
_MOST = 100
_OWNED_AS_THEIR_TABLE = (Kind.INDEX, Kind.ROW_SECURITY, Kind.REPLICA_IDENTITY)


@dataclass(frozen=True, slots=True)
class Present:
    """What the check of *at* knows beside the differences. *own_runs* has this check as its last one.

    *own_runs* and *position* are None where the server does not say where it is.
    """

    at: datetime
    catalog: Schema | Unavailable
    history: History | Unavailable
    position: Position | None
    own_runs: OwnRuns | None
    seen_before: SeenBefore | None = None


def changed_by_others(comparison: Comparison, edits: Mapping[Subject, tuple[Edit, ...]]) -> Sequence[Difference]:
    """Give the differences that nobody's migration left: recorded without being run, or edited after it ran.

    Nor those of objects that belong to something else by the settings: earlier checks left them out.
    """
    of_others = {each.name[:2] for each in comparison.made}
    return [
        each
        for each in comparison.differences
        if each.subject not in comparison.recorded_early
        and each.subject not in edits
        and each.subject.name[:2] not in of_others
    ]


def to_ask_of(differences: Sequence[Difference], known: Mapping[str, Changed]) -> Sequence[Difference]:
    """Give the differences that are new: those of before keep what was found then, which later writes only hide."""
    return [each for each in differences[:_MOST] if digest_of(each) not in known]


def digest_of(difference: Difference) -> str:
    """Give the same digest for the same difference at the next check."""
    found = (difference.change, difference.subject, difference.found_as, difference.attributes, difference.actual)
    return sha256(repr(found).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def attributed(
    differences: Sequence[Difference],
    known: Mapping[str, Changed],
    written: Mapping[Subject, Written],
    present: Present,
) -> Mapping[str, Changed]:
    """Give by its digest what is known of each of *differences*; what was *known* before stays.

    *written* is by the name that the object has now. Of one transaction are those whose rows it wrote last, all of them
    present.
    """
    new = {digest_of(each) for each in to_ask_of(differences, known)}
    line_since = present.at if present.own_runs is None else present.own_runs.runs[0].at
    seen: Seen | None = None
    found: dict[str, Changed] = {}
    subjects: dict[str, str] = {}
    with_new_columns = _with_new_columns(differences)
    for each in differences[:_MOST]:
        digest = digest_of(each)
        if digest in new:
            seen = seen or Seen(present.seen_before, present.catalog, line_since, present.at)
            of = written.get(each.found_as or each.subject)
            may_be_renamed = each.subject.name[:2] in with_new_columns
            between = _since_migrations(seen.between(each), present)
            found[digest] = _changed(each, of, between, present, may_be_renamed=may_be_renamed)
        elif digest in known:
            found[digest] = known[digest]
        subjects[digest] = str(each.subject)
    return {digest: replace(one, same_transaction_as=_same(digest, found, subjects)) for digest, one in found.items()}


def to_keep(found: Mapping[str, Changed]) -> Mapping[str, Changed]:
    """Give what the next check is to know: not which are of one transaction, which `attributed` says again."""
    return {digest: replace(each, same_transaction_as=()) for digest, each in found.items()}


def worth_saying(changed: Changed, at: datetime) -> Changed:
    """Leave out that the check of *at* saw it, where that is all: the finding itself says so."""
    is_this_check = changed.after is None and changed.before == Before("check", at)
    return replace(changed, before=None) if is_this_check else changed


def _same(digest: str, found: Mapping[str, Changed], subjects: Mapping[str, str]) -> tuple[str, ...]:
    xid = found[digest].xid
    if xid is None:
        return ()
    return tuple(sorted(subjects[each] for each, other in found.items() if other.xid == xid and each != digest))


def _since_migrations(between: Between, present: Present) -> Between:
    """Give the first check after all migrations, where an earlier one saw the object as it is now.

    A migration may have made it what is expected since, and somebody undone that before the next check.
    """
    rows = () if isinstance(present.history, Unavailable) else present.history.rows
    moments = (each.finished_at or each.started_at for each in rows)
    last = max((each for each in moments if each is not None), default=None)
    if last is None or between.before is None or between.before >= last:
        return between
    return replace(between, before=next((run.at for run in _runs(present) if run.at >= last), present.at))


def _with_new_columns(differences: Sequence[Difference]) -> Set[tuple[str, ...]]:
    """The relations in which a missing column may be there by another name."""
    return {
        each.subject.name[:2]
        for each in differences
        if each.subject.kind is Kind.COLUMN and each.change is Change.UNEXPECTED
    }


def _changed(
    difference: Difference, written: Written | None, between: Between, present: Present, *, may_be_renamed: bool
) -> Changed:
    by = None
    is_new = difference.change is Change.UNEXPECTED and difference.subject.kind not in _OWNED_AS_THEIR_TABLE
    if is_new and written is not None and written.owner is not None:
        by = Actor(written.owner, "owner")
    row = None if written is None else last_written(difference, written.rows, may_be_renamed=may_be_renamed)
    checked = _first_check(between, None if row is None else row.xid, present)
    before = None if checked is None else Before("check", checked)
    if row is None:
        return Changed(between.after, before, by)
    if row.committed_at is not None and _is_later(row.committed_at, between):
        commit = _narrower(Before("commit", row.committed_at), before)
        return Changed(between.after, commit, by, xid=_sure(row.xid, present))
    migration = _migration(row.xid, between, present)
    if migration is not None and _comes_first(migration, checked, present):
        before = Before("migration", migration.at, migration.name)
    return Changed(between.after, before, by, xid=_sure(row.xid, present))


def _narrower(commit: Before, check: Before | None) -> Before:
    """The time of the commit, but where a check had seen the change before: something wrote the row again."""
    return check if check is not None and check.at < commit.at else commit


def _sure(xid: int, present: Present) -> int | None:
    """Give *xid* where it means one transaction that changed something; one that loaded the history loaded all else."""
    if present.position is None or not means_one_transaction(xid, present.position.next_xid, present.own_runs):
        return None
    return None if has_loaded(xid, present.history, present.position.next_xid) else xid


def _first_check(between: Between, xid: int | None, present: Present) -> datetime | None:
    """The first check that saw the change, or before which the transaction of *xid* had ended."""
    ended = [run.at for run in _runs(present) if xid is not None and xid < run.oldest_xid]
    moments = [at for at in ended if _is_later(at, between)]
    return min([*moments, *([] if between.before is None else [between.before])], default=None)


def _migration(xid: int, between: Between, present: Present) -> Recorded | None:
    """The migration that was recorded next.

    Where a check that saw it as it was before came after the transaction began, that took long, and its beginning says
    little: then none.
    """
    if present.position is None or isinstance(present.history, Unavailable):
        return None
    next_xid = present.position.next_xid
    if not means_one_transaction(xid, next_xid, present.own_runs):
        return None
    if between.after is not None:
        last = _run_at_or_after(between.after, present)
        if last is None or xid < last.next_xid:
            return None
    found = next_recorded(xid, recorded(present.history.rows, next_xid, present.own_runs))
    return found if found is not None and _is_later(found.at, between) else None


def _is_later(moment: datetime, between: Between) -> bool:
    """Say whether *moment*, of any clock, is after the check that saw it as it was before; else clocks differ."""
    return between.after is None or moment > between.after


def _run_at_or_after(at: datetime, present: Present) -> OwnRun | None:
    return next((run for run in _runs(present) if run.at >= at), None)


def _runs(present: Present) -> Sequence[OwnRun]:
    return () if present.own_runs is None else present.own_runs.runs


def _comes_first(migration: Recorded, checked: datetime | None, present: Present) -> bool:
    """Say whether *migration* was surely recorded before the check of *checked*: its transaction had ended by then."""
    if checked is None:
        return True
    run = next((run for run in _runs(present) if run.at == checked), None)
    return run is not None and migration.xid < run.oldest_xid

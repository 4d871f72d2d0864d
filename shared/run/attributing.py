"""When the differences of a run came about: one more round trip, only where there is a difference that is new."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from ..diagnose.attribution import Present, after_run, attributed, digest_of, to_ask_of
from ..gather.attempt import GatherError
from ..model.attribution import Attribution, Changed, OwnRuns, SeenBefore, Written
from ..model.audit import LogSettings
from ..model.database import DatabaseReading
from ..model.difference import Difference
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.schema import Subject
from ..net.deadline import Deadline

if TYPE_CHECKING:
    from ..gather.ddl_log import ServerLog

# A line takes this long to come into Log Analytics, at most; no older lines than that are read.
_LATE, _LONGEST = timedelta(minutes=30), timedelta(days=30)
ReadSeenBefore = Callable[[], SeenBefore | None]


def own_runs_after(facts: Facts) -> OwnRuns | None:
    """Give the line of own checks with this one; None where it is not known where the server is."""
    database = facts.database
    if isinstance(database, Unavailable) or database.position is None or isinstance(database.catalog, Unavailable):
        return None
    return after_run(facts.last_seen.own_runs, database.position, facts.started_at, facts.target.elsewhere)


def attribute(
    differences: Sequence[Difference],
    facts: Facts,
    database: DatabaseReading,
    within: timedelta,
    read_seen_before: ReadSeenBefore,
) -> Attribution:
    """Give what is known of each difference, by its digest.

    What cannot be read says nothing, and holds up nothing.
    """
    deadline = Deadline.after(within)
    own_runs = own_runs_after(facts)
    goes_on = own_runs is not None and len(own_runs.runs) > 1
    known = (facts.last_seen.attributed or {}) if goes_on else {}
    asked = to_ask_of(differences, known)
    written = _written([each.found_as or each.subject for each in asked], facts, deadline)
    seen_before = read_seen_before() if asked and goes_on else None
    present = Present(facts.started_at, database.catalog, database.history, database.position, own_runs, seen_before)
    found = attributed(differences, known, written, present)
    new = {digest_of(each) for each in asked}
    unnamed = {
        digest: each
        for each in differences
        if (digest := digest_of(each)) in found
        and (digest in new or _is_recent(found[digest], facts))
        and not _is_logged(found[digest])
    }
    return _with_actors(found, unnamed, facts, database, deadline)


def _is_logged(changed: Changed) -> bool:
    return changed.by is not None and changed.by.how == "log"


def _is_recent(changed: Changed, facts: Facts) -> bool:
    """Say whether its statement may have come into the log since."""
    return changed.before is not None and facts.started_at - changed.before.at < _LATE


def _with_actors(
    found: Mapping[str, Changed],
    unknown: Mapping[str, Difference],
    facts: Facts,
    database: DatabaseReading,
    deadline: Deadline,
) -> Attribution:
    """Look up who changed *unknown*, which are by their digests, in the server's log, where the settings want that."""
    target, log = facts.target, database.log
    if target.audit is None or target.server is None or log is None:
        return Attribution(found)
    if log.lacks is not None:
        return Attribution(found, log.lacks)
    if not unknown:
        return Attribution(found)
    from ..gather.ddl_log import ServerLog  # noqa: PLC0415  # few targets have a log

    earliest = min((found[digest].after or facts.started_at - _LONGEST) for digest in unknown)
    between = (max(earliest, facts.started_at - _LONGEST), facts.started_at)
    server_log = ServerLog(target.server.resource_id, target.audit, target.identity, between)
    try:
        named = _named({digest: (each, found[digest]) for digest, each in unknown.items()}, server_log, log, deadline)
    except GatherError as error:
        return Attribution(found, str(error))
    return Attribution({**found, **named})


def _named(
    unknown: Mapping[str, tuple[Difference, Changed]], server_log: "ServerLog", log: LogSettings, deadline: Deadline
) -> Mapping[str, Changed]:
    """Read the statements, and where one names an object of *unknown*, the errors of its session."""
    from ..diagnose.attribution.who import naming, with_actor  # noqa: PLC0415  # few targets have a log
    from ..postgres.server_log import statements  # noqa: PLC0415  # as above

    _, now = server_log.between
    logged = list(statements(server_log.read(deadline.left), log.prefix))
    sessions = {each.session for it, changed in unknown.values() for each in naming(changed, it, logged, now)}
    if not sessions:
        return {}
    logged = list(statements(server_log.read(deadline.left, sessions), log.prefix))
    return {digest: with_actor(changed, each, logged, now) for digest, (each, changed) in unknown.items()}


def _written(subjects: Sequence[Subject], facts: Facts, deadline: Deadline) -> Mapping[Subject, Written]:
    if not subjects:
        return {}
    from ..gather.database.row_versions import read_row_versions  # noqa: PLC0415  # most runs find nothing new

    try:
        return read_row_versions(facts.target.database, subjects, deadline.left)
    except GatherError:
        return {}

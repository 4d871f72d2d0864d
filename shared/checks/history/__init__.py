"""Does the migration history match the release?"""

from collections.abc import Iterator

from ...diagnose.elsewhere import schemas_of_history
from ...model.database import DatabaseReading, History
from ...model.diagnosis import Diagnosis, State
from ...model.facts import Facts
from ...model.finding import Finding
from ...model.knowledge import Unavailable, known
from ...model.value import replace
from ...remedies.context import RemedyContext, context_of, in_fix_order, is_replaced, may_run_twice
from ..awaited import is_imminent, severity_of_no_history, severity_of_waiting
from ..predicted import failing
from ..rewritten import check_rewritten
from ..stale import check_stale
from .missing import history_missing
from .words import finding_of, foreign_provider, squashed

# What a deployment is to apply: how bad it is that it waits is the target's policy, unless none may run it.
_AWAITED = {State.PENDING, State.SKIPPED, State.ROLLED_BACK}


def check_history(facts: Facts, diagnosis: Diagnosis | Unavailable) -> Iterator[Finding | Unavailable]:
    """Yield how the history differs from the release, in the order in which it is fixed."""
    yield from check_stale(facts)
    release, database = known(facts.release), known(facts.database)
    history = known(database.history)
    elsewhere = schemas_of_history(release, database, history, facts.unread)
    if not history.exists:
        missing = history_missing(database.schema, history, elsewhere)
        yield missing if elsewhere else replace(missing, severity=severity_of_no_history(facts, history))
    # Where another schema was meant, no migration was checked: neither pending nor fine.
    truth = known(diagnosis)
    if truth.foreign_provider is not None:
        yield foreign_provider(truth.foreign_provider)
    yield from check_rewritten(facts, history, database.schema)
    context = _context(facts, truth, database, history)
    waiting, imminent = severity_of_waiting(facts), is_imminent(facts)
    for status in in_fix_order(truth.migrations):
        if status.state is State.MISSING_FROM_RELEASE and facts.unseen_ahead is not None:
            # It is not known whether it is only ahead.
            yield facts.unseen_ahead
            continue
        yield from (Unavailable(because, lasting=True) for because in status.unread)
        finding = finding_of(status, context)
        if finding is not None:
            # What was recorded without being run comes first: the one that waits may need it.
            is_too_early = imminent and (may_run_twice(status) or bool(context.recorded_early))
            must_not_run = is_replaced(status) or is_too_early
            is_awaited = status.state in _AWAITED and not must_not_run
            yield replace(finding, severity=waiting) if is_awaited else finding
        if status.squashes:
            yield squashed(status)


def _context(facts: Facts, diagnosis: Diagnosis, database: DatabaseReading, history: History) -> RemedyContext:
    return context_of(diagnosis.migrations, facts.target.remedy, database, history, failing(diagnosis))

"""Whether the rows are looked at in this run, and what was found before."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.gather.database.probes import AROUND_A_DEPLOYMENT, ON_A_SCHEDULE, probe_rows
from shared.model.database import DatabaseReading
from shared.model.facts import Facts
from shared.model.knowledge import Unavailable
from shared.model.plan import NotProbed, Probe, ProbeAnswer, ProbeAnswers
from shared.model.report import Trigger

# On a schedule, what was asked of the same rows' file is not asked again for so long, whatever the answer was.
_KEPT_FOR = timedelta(days=1)
_MOST_KEPT = 2_000
_kept: dict[tuple[object, ...], tuple[datetime, ProbeAnswer]] = {}
# Beside the run's own deadline.
_PATIENCE = timedelta(seconds=30)


def probed(probes: Sequence[Probe], facts: Facts, database: DatabaseReading, trigger: Trigger) -> ProbeAnswers:
    """Answer *probes*, not at all where that is not safe or not wanted."""
    because = _why_not(facts, database, trigger)
    if because is not None:
        return dict.fromkeys(probes, NotProbed(because))
    within = min(_PATIENCE, facts.target.deadline)
    if is_around_a_deployment(facts, trigger):
        return probe_rows(facts.target.database, probes, AROUND_A_DEPLOYMENT, within)
    keys = {probe: _key(probe, database) for probe in probes}
    since = facts.started_at - _KEPT_FOR
    known = {probe: _kept[key][1] for probe, key in keys.items() if key in _kept and _kept[key][0] > since}
    left = [probe for probe in probes if probe not in known]
    answers = probe_rows(facts.target.database, left, ON_A_SCHEDULE, within) if left else {}
    if len(_kept) + len(answers) > _MOST_KEPT:
        _kept.clear()
    _kept.update({keys[probe]: (facts.started_at, answer) for probe, answer in answers.items()})
    return {**known, **answers}


def _key(probe: Probe, database: DatabaseReading) -> tuple[object, ...]:
    """What the answer is of: the statement's question, the files of its tables, and the server."""
    files = tuple(database.sizes[each].file if each in database.sizes else None for each in probe.tables)
    return probe, files, database.system_identifier, database.host, database.name


def is_around_a_deployment(facts: Facts, trigger: Trigger) -> bool:
    """Say whether somebody is about to deploy and asks: a pipeline before it, or a person at a terminal."""
    return facts.phase == "before" or (trigger is Trigger.TERMINAL and facts.deploying)


def _why_not(facts: Facts, database: DatabaseReading, trigger: Trigger) -> str | None:
    history, activity = database.history, database.activity
    if database.replica is not None:
        return "this is a standby"
    if isinstance(history, Unavailable) or any(
        row.finished_at is None and row.rolled_back_at is None for row in history.rows
    ):
        return "a migration has not finished"
    if isinstance(activity, Unavailable) or activity.lock:
        return "a migration runs, or waits to run"
    if facts.target.plan == "hourly" or is_around_a_deployment(facts, trigger):
        return None
    return 'on a schedule rows are only looked at with plan = "hourly"'

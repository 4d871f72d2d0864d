"""Whether the rows are read in this run, and what was found before."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ..gather.database.probes import AROUND_A_DEPLOYMENT, ON_A_SCHEDULE, probe_rows
from ..model.database import DatabaseReading
from ..model.digest import digest
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.last_seen import ROWS_ANSWER_FOR, RowsAnswer
from ..model.plan import Found, NotProbed, Probe, ProbeAnswer, ProbeAnswers, Raised
from ..model.report import Trigger

# Beside the run's own deadline.
_PATIENCE = timedelta(seconds=30)


def probed(
    probes: Sequence[Probe], facts: Facts, database: DatabaseReading, trigger: Trigger
) -> tuple[ProbeAnswers, Mapping[str, RowsAnswer]]:
    """Answer *probes*, not at all where that is not safe or not wanted; and give what the next run need not ask."""
    because = _why_not(facts, database, trigger)
    if because is not None:
        return dict.fromkeys(probes, NotProbed(because)), {}
    within = min(_PATIENCE, facts.target.deadline)
    if is_around_a_deployment(facts, trigger):
        return probe_rows(facts.target.database, probes, AROUND_A_DEPLOYMENT, within), {}
    keys = {probe: _key(probe, database) for probe in probes}
    remembered, since = facts.last_seen.rows, facts.started_at - ROWS_ANSWER_FOR
    known = {
        probe: _answer(remembered[key])
        for probe, key in keys.items()
        if key in remembered and remembered[key].at > since
    }
    left = [probe for probe in probes if probe not in known]
    new = probe_rows(facts.target.database, left, ON_A_SCHEDULE, within) if left else {}
    return {**known, **new}, {keys[probe]: _remembered(answer, facts) for probe, answer in new.items()}


def _key(probe: Probe, database: DatabaseReading) -> str:
    """A digest of what the answer is of: the statement's question, the files of its tables, and the server."""
    files = tuple(database.sizes[each].file if each in database.sizes else None for each in probe.tables)
    of = (probe, files, database.system_identifier, database.host, database.name)
    return digest(repr(of))


def _remembered(answer: ProbeAnswer, facts: Facts) -> RowsAnswer:
    match answer:
        case Found(rows, at, more):
            return RowsAnswer(at, rows, more)
        case Raised(sqlstate, at):
            return RowsAnswer(at, sqlstate=sqlstate)
        case NotProbed(because):
            return RowsAnswer(facts.started_at, because=because)


def _answer(remembered: RowsAnswer) -> ProbeAnswer:
    if remembered.because is not None:
        return NotProbed(remembered.because)
    if remembered.sqlstate is not None:
        return Raised(remembered.sqlstate, remembered.at)
    return Found(remembered.rows, remembered.at, remembered.more)


def is_around_a_deployment(facts: Facts, trigger: Trigger) -> bool:
    """Say whether somebody is about to deploy and asks: a pipeline before it, or a person at a terminal."""
    return facts.phase == "before" or (trigger is Trigger.TERMINAL and facts.deploying)


def _why_not(facts: Facts, database: DatabaseReading, trigger: Trigger) -> str | None:
    history, activity = database.history, database.activity
    if database.replica is not None:
        return "this is a standby"
    if isinstance(history, Unavailable) or any(row.is_unfinished for row in history.rows):
        return "a migration has not finished"
    if isinstance(activity, Unavailable) or activity.lock:
        return "a migration runs, or waits to run"
    if facts.target.plan == "hourly" or is_around_a_deployment(facts, trigger):
        return None
    return 'on a schedule rows are only read with plan = "hourly"'

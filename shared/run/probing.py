"""Whether the rows are looked at in this run, and what was found before."""

from collections.abc import Sequence
from datetime import timedelta

from shared.gather.database.probes import AROUND_A_DEPLOYMENT, ON_A_SCHEDULE, probe_rows
from shared.model.database import DatabaseReading
from shared.model.facts import Facts
from shared.model.knowledge import Unavailable
from shared.model.plan import NotProbed, Probe, ProbeAnswers
from shared.model.report import Trigger

# Beside the run's own deadline.
_PATIENCE = timedelta(seconds=30)


def probed(probes: Sequence[Probe], facts: Facts, database: DatabaseReading, trigger: Trigger) -> ProbeAnswers:
    """Answer *probes*, not at all where that is not safe or not wanted."""
    because = _why_not(facts, database, trigger)
    if because is not None:
        return dict.fromkeys(probes, NotProbed(because))
    bounds = AROUND_A_DEPLOYMENT if is_around_a_deployment(facts, trigger) else ON_A_SCHEDULE
    return probe_rows(facts.target.database, probes, bounds, min(_PATIENCE, facts.target.deadline))


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
    return (
        'rows are looked at before a deployment (verify --phase before, or plan); plan = "hourly" does so on a schedule'
    )

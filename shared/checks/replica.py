"""What can be checked on a standby: only what its primary has too."""

from datetime import timedelta

from ..model.database import DatabaseReading, Replica
from ..model.knowledge import Unavailable
from ..model.phrases import span
from ..model.seed import SeedCount
from ..model.value import replace


def without_stale_data(database: DatabaseReading | Unavailable, patience: timedelta) -> DatabaseReading | Unavailable:
    """Give *database*; of a standby that may lack what its primary has, only what is its own."""
    if isinstance(database, Unavailable) or database.replica is None:
        return database
    replica = database.replica
    because = replica.because if isinstance(replica, Unavailable) else _why_stale(replica, patience)
    if because is None:
        return database
    stale = Unavailable(f"{database.name} is read on a standby: {because}")
    return replace(
        database,
        history=stale,
        catalog=stale,
        empty_tables=frozenset(),
        seeds=tuple(SeedCount(seed.expectation, stale) for seed in database.seeds),
        activity=stale,
    )


def _why_stale(replica: Replica, patience: timedelta) -> str | None:
    age = replica.since_last_replay
    ago = "" if age is None else f"; the last change it replayed is {span(age)} old"
    if replica.replay_paused:
        return f"replay is paused{ago}"
    if not replica.receives:
        return f"nothing streams changes to it (no WAL receiver){ago}"
    # An idle primary's last change is old as well: only what was received and not replayed is a delay.
    if not replica.caught_up and (age is None or age > patience):
        return f"it has received changes that it has not replayed{ago}"
    return None

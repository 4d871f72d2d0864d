"""A hard frame around large scripts: they are checked in a process of its own with limits of time and memory.

What ends that process ends no run: the scripts are checked once more without the largest of them, then without the
schema, then not at all. What could not be checked is unknown and says why; all else is reported.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

from ..model.database import DatabaseReading
from ..model.facts import Facts
from ..model.knowledge import Unavailable
from ..model.report import Report, Trigger
from ..model.value import replace
from .framed import Limits, Task
from .process import EndedError, report_by
from .reporting import Server, report_on
from .size import largest, names

# As much as a schema of 25,000 tables takes; the plans of a function app have hardly more.
MEBIBYTES = 1_536
# The whole has as long as the target's deadline; of that the rest has so much, and this many seconds at least.
_AGAIN, _LEAST = 1 / 3, 10.0


def report_in_frame(facts: Facts, trigger: Trigger, took: Mapping[str, timedelta], server: Server) -> Report:
    """As `report_on`, *facts* with a database. Where that takes too much or ends its process, less is checked."""
    assert isinstance(facts.database, DatabaseReading)  # noqa: S101  # without one no script is checked
    whole = Limits(facts.target.deadline.total_seconds(), MEBIBYTES)
    again = replace(whole, seconds=max(whole.seconds * _AGAIN, _LEAST))
    try:
        return report_by(Task(facts, trigger, took), whole, server)
    except EndedError as error:
        because = str(error)
    for less in _with_less(facts, facts.database, because):
        with suppress(EndedError):
            return report_by(Task(less, trigger, took), again, server)
    unknown = Unavailable(f"the release {because}", lasting=True)
    nothing = replace(facts.database, history=unknown, catalog=unknown)
    return report_on(replace(facts, database=nothing), trigger, took)


def _with_less(facts: Facts, database: DatabaseReading, because: str) -> Iterator[Facts]:
    """*facts* without the largest script, then without the schema. *because* follows the name of what is lacking."""
    releases = facts.release, facts.ahead
    if (name := largest(*releases)) is not None:
        yield replace(facts, unread={name: f"migration {name} {because}"})
    schema = Unavailable(f"the release {because}", lasting=True)
    unread = {each: f"migration {each} {because}" for each in names(*releases)}
    yield replace(facts, database=replace(database, catalog=schema), unread=unread)

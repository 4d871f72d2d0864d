"""A step with the query for the rows that most likely caused a recorded error."""

from collections.abc import Iterable, Iterator, Sequence

from ..model.finding import Step
from ..model.recorded_error import RecordedError
from ..postgres.conversions import Live
from ..postgres.violations import SqlText, enums_made, query_for_violations
from . import commands


def rows_in_the_way(
    at_fault: Iterable[SqlText], script: Sequence[SqlText], error: RecordedError, live: Live, said: str
) -> Iterator[Step]:
    """Give the query of the first statement *at_fault* that has one, with the sentence *said*.

    If none has a query: the reason.
    """
    enums = enums_made(script)
    found = [each for statement in at_fault if (each := query_for_violations(statement.sql, error, live, enums))]
    first = min(found, key=lambda each: each.query is None, default=None)
    if first is not None:
        yield Step(first.because) if first.query is None else Step(said, commands.psql([first.query], live.schema))

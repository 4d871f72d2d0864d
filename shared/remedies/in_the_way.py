"""A step with the query for the rows that most likely caused a recorded error."""

from collections.abc import Iterable, Iterator, Sequence

from ..model.finding import Step
from ..model.progress import StatementProgress
from ..model.recorded_error import RecordedError
from ..postgres.live import Live
from ..postgres.reading_again import read_again
from ..postgres.violations import enums_made, query_for_violations
from . import commands


def rows_in_the_way(
    at_fault: Iterable[StatementProgress],
    script: Sequence[StatementProgress],
    error: RecordedError,
    live: Live,
    said: str,
) -> Iterator[Step]:
    """Give the query of the first statement *at_fault* that has one, with the sentence *said*.

    If none has a query: the reason. What could not be parsed is not parsed again.
    """
    enums = enums_made(read for each in script if "ENUM" in each.sql.upper() for read in read_again(each))
    texts = (each.sql if each.parsed else "" for each in at_fault)
    found = [each for text in texts if (each := query_for_violations(text, error, live, enums))]
    first = min(found, key=lambda each: each.query is None, default=None)
    if first is not None:
        yield Step(first.because) if first.query is None else Step(said, commands.psql([first.query], live.schema))

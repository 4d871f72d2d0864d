"""A step with the query for the rows that most likely caused a recorded error."""

from collections.abc import Iterable, Iterator, Sequence

from ..model.finding import Step
from ..model.progress import StatementProgress
from ..model.recorded_error import RecordedError
from ..postgres.live import Live
from ..postgres.reading_again import read_again
from ..postgres.violations import enums_made, query_for_violations, required_column
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


def without_losing_rows(at_fault: Iterable[StatementProgress], error: RecordedError | None) -> str:
    """How a required column is added to a table that has rows; empty where none of *at_fault* failed at that.

    As it is printed, the statement fails again: before it has run, no row can have a value of its column.
    """
    texts = (each.sql for each in at_fault if error is not None and each.parsed)
    found = [each for text in texts if error is not None and (each := required_column(text, error)) is not None]
    if not found:
        return ""
    table, column = found[0]
    return (
        f" To keep the rows of {table}, add {column} without NOT NULL, fill it and set NOT NULL, by hand. Then check "
        "again before the next step: the statement counts as applied."
    )

"""The statements of a script that was followed, parsed again."""

from collections.abc import Iterator

from ..model.progress import StatementProgress
from .parse import Statement, read, read_nothing


def read_again(statement: StatementProgress) -> Iterator[Statement]:
    """As `parse.read`; but what was not parsed is not parsed now either: it may end the process."""
    return read(statement.sql) if statement.parsed else read_nothing(statement.sql, statement.because)

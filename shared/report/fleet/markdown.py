"""The tables of many reports as Markdown."""

from collections.abc import Iterator, Sequence

from ...model.report import Report
from ..markdown import SIGNS, code, escaped
from .summary import ABSENT, matrices, rows
from .wording import applied, column, headline, pending, shared_columns, title, took


def as_tables(reports: Sequence[Report]) -> str:
    """Give a line for each target, then which migration is where."""
    return "\n".join(_lines(reports)) + "\n"


def _lines(reports: Sequence[Report]) -> Iterator[str]:
    shown = rows(reports)
    yield f"## {escaped(headline(shown))}"
    yield ""
    yield "| target | release | applied | pending | took | worst |"
    yield "|---|---|--:|--:|--:|---|"
    for row in shown:
        worst = "" if row.worst is None else _cell(row.worst)
        cells = [f"{SIGNS[row.verdict]} {escaped(row.target)}", escaped(row.release or ABSENT), applied(row)]
        yield f"| {' | '.join([*cells, pending(row), took(row), worst])} |"
    for matrix in matrices(reports):
        yield ""
        yield f"### {escaped(title(matrix))}"
        if matrix.states:
            yield ""
            yield f"| | {' | '.join(escaped(column(targets)) for targets in matrix.columns)} |"
            yield f"|---{'|---' * len(matrix.columns)}|"
            for name, states in matrix.states.items():
                yield f"| {_cell(name)} | {' | '.join(states)} |"
            for shared in shared_columns(matrix):
                yield f"\n{escaped(shared)}"


def _cell(text: str) -> str:
    """Give code that does not end the cell of its table."""
    return code(text).replace("|", "\\|")

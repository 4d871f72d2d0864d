"""The tables of many reports as text; where there is no space for columns, line by line."""

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.text import Text

from ...model.report import Report, Verdict
from ..printing import Printer
from ..text import SIGNS
from ..wording import printable
from .summary import ABSENT, Matrix, Row, matrices, rows
from .wording import applied, column, headline, names, pending, shared_columns, title, took

_GAP = 2
# Below it a column of findings says nothing any more.
_LEAST_FOR_FINDINGS = 24
_LONGEST_TARGET, _LONGEST_RELEASE = 24, 14
_HEADS = ("", "target", "release", "applied", "pending", "took", "worst")
_RIGHT = {"applied", "pending", "took"}
_NOT_DONE = "bold"
_STYLES = {"applied": "", ABSENT: ""}


def as_tables(reports: Sequence[Report], *, width: int | None = None, colour: bool = False) -> str:
    """Give a line for each target, then which migration is where; no line is wider than *width*."""
    printer = Printer(width, colour=colour)
    shown = rows(reports)
    printer.sentence(0, Text(printable(headline(shown)), style="bold"))
    printer.blank()
    _print_rows(printer, shown)
    for matrix in matrices(reports):
        printer.blank()
        printer.sentence(0, Text(printable(title(matrix)), style="bold"))
        if matrix.states:
            printer.blank()
            _print_matrix(printer, matrix)
    return printer.text()


def _print_rows(printer: Printer, shown: Sequence[Row]) -> None:
    lines = [dict(zip(_HEADS, _cells(row), strict=True)) for row in shown]
    widths = {head: max(cell_len(each) for each in (head, *(line[head] for line in lines))) for head in _HEADS}
    heads = _fitting([head for head in _HEADS if any(line[head] for line in lines)], widths, printer.width)
    if heads is None:
        for row in shown:
            _print_stacked(printer, row)
        return
    widths[_HEADS[-1]] = _left(heads, widths, printer.width)
    printer.line(_line((Text(head) for head in heads), heads, widths))
    for row, line in zip(shown, lines, strict=True):
        styles = {
            "": SIGNS[row.verdict][1],
            "target": "" if row.verdict is Verdict.PASSED else "bold",
            "pending": "bold",
        }
        printer.line(_line((Text(line[head], styles.get(head, "")) for head in heads), heads, widths))


def _fitting(heads: Sequence[str], widths: Mapping[str, int], width: int) -> Sequence[str] | None:
    """Give the columns for which there is space, the least useful ones left out; None where there is too little."""
    least = min(_LEAST_FOR_FINDINGS, widths[_HEADS[-1]])
    for left_out in ((), ("took",), ("took", "release")):
        some = [head for head in heads if head not in left_out]
        if _left(some, widths, width) >= least:
            return some
    return None


def _left(heads: Sequence[str], widths: Mapping[str, int], width: int) -> int:
    """Give the space for findings beside the other columns."""
    return width - sum(widths[head] + _GAP for head in heads if head != _HEADS[-1])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        SIGNS[row.verdict][0],
        _cut(row.target, _LONGEST_TARGET),
        _cut(row.release or "", _LONGEST_RELEASE),
        applied(row),
        pending(row),
        took(row),
        _flat(row.worst or ""),
    )


def _print_stacked(printer: Printer, row: Row) -> None:
    sign, style = SIGNS[row.verdict]
    # Wrapped as a sentence, a name longer than a line would leave its sign alone.
    name = chop_cells(_flat(row.target), max(20, printer.width) - _GAP)
    for number, piece in enumerate(name):
        printer.line(Text.assemble((" " * _GAP if number else f"{sign} ", style), (piece, "bold")))
    shown = [printable(row.release)] if row.release else []
    shown += [f"{count} {word}" for count, word in ((applied(row), "applied"), (pending(row), "pending")) if count]
    shown.append(took(row))
    printer.sentence(2, Text(" · ".join(shown)), hang=2)
    if row.worst:
        printer.sentence(2, Text(_flat(row.worst)), hang=2)


def _print_matrix(printer: Printer, matrix: Matrix) -> None:
    heads = ["", *(_flat(column(targets)) for targets in matrix.columns)]
    lines = [dict(zip(heads, (_flat(name), *states), strict=True)) for name, states in matrix.states.items()]
    widths = {head: max(cell_len(each) for each in (head, *(line[head] for line in lines))) for head in heads}
    if sum(widths.values()) + _GAP * (len(widths) - 1) > printer.width:
        _print_by_migration(printer, matrix)
        return
    printer.line(_line((Text(head) for head in heads), heads, widths))
    for line in lines:
        cells = (Text(line[head], _STYLES.get(line[head], _NOT_DONE) if head else "") for head in heads)
        printer.line(_line(cells, heads, widths))
    shown = shared_columns(matrix)
    if shown:
        printer.blank()
    for shared in shown:
        printer.sentence(0, Text(printable(shared)), hang=2)


def _print_by_migration(printer: Printer, matrix: Matrix) -> None:
    for name, states in matrix.states.items():
        printer.sentence(0, Text(printable(name), style="bold"), hang=2)
        for state in dict.fromkeys(states):
            targets = tuple(target for at, each in enumerate(states) if each == state for target in matrix.columns[at])
            word = "neither released nor applied" if state == ABSENT else state
            line = Text.assemble((word, _STYLES.get(state, _NOT_DONE)), f": {printable(names(targets))}")
            printer.sentence(2, line, hang=2)


def _line(cells: Iterable[Text], heads: Sequence[str], widths: Mapping[str, int]) -> Text:
    line = Text(" " * _GAP).join(_filled(cell, head, widths[head]) for cell, head in zip(cells, heads, strict=True))
    line.rstrip()
    return line


def _filled(cell: Text, head: str, width: int) -> Text:
    fitting = Text(_cut(cell.plain, width), cell.style)
    fitting.align("right" if head in _RIGHT else "left", width)
    return fitting


def _cut(text: str, width: int) -> str:
    flat = _flat(text)
    return flat if cell_len(flat) <= width else f"{set_cell_size(flat, width - 1).rstrip()}…"


def _flat(text: str) -> str:
    return printable(" ".join(text.split()))

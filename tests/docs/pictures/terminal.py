"""A terminal as SVG: its rows in its colours, light or dark; and several screens one after the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO

from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

COLUMNS = 100
# Of a cell of text at 14 px: DejaVu Sans Mono's; each run of text is set to its length, so other fonts fit as well.
_SIZE, _CELL, _LINE, _EDGE = 14, 8.43, 19, 16
_FONT = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


@dataclass(frozen=True, slots=True)
class Theme:
    """*colours* are those of ANSI's first eight numbers."""

    name: str
    background: str
    ink: str
    edge: str
    colours: Sequence[str]


LIGHT = Theme(
    "light", "#ffffff", "#1f2328", "#d1d9e0",
    ("#1f2328", "#cf222e", "#1a7f37", "#7d4e00", "#0969da", "#8250df", "#0b6e76", "#1f2328"),
)  # fmt: skip
DARK = Theme(
    "dark", "#0d1117", "#e6edf3", "#3d444d",
    ("#e6edf3", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#d2a8ff", "#56d4dd", "#e6edf3"),
)  # fmt: skip

Row = Text


@dataclass(frozen=True, slots=True)
class Screen:
    """What the terminal shows for some *seconds*."""

    rows: Sequence[Row]
    seconds: float


def rows(printed: str) -> list[Row]:
    """The rows of *printed*, with its ANSI codes, as a terminal breaks them: hard, at its width."""
    return [
        line[at : at + COLUMNS]
        for line in Text.from_ansi(printed).split("\n", allow_blank=True)
        for at in range(0, max(1, len(line)), COLUMNS)
    ]


def still(shown: Sequence[Row], title: str, theme: Theme) -> str:
    """A whole terminal, however long: nothing is cut."""
    return _svg(_drawn(shown, theme), "", len(shown), title, theme)


def moving(screens: Sequence[Screen], height: int, title: str, theme: Theme) -> str:
    """One screen after the other, for ever; who wants no motion sees the last of the longest shown."""
    whole = sum(screen.seconds for screen in screens)
    kept = max(range(len(screens)), key=lambda number: (screens[number].seconds, number))
    frames, style, begins = "", "", 0.0
    # A row that several screens show is drawn once.
    drawn: dict[str, int] = {}
    for number, screen in enumerate(screens):
        first, last = (f"{100 * at / whole:.2f}%" for at in (begins, begins + screen.seconds))
        steps = f"0%{{visibility:hidden}}{first}{{visibility:visible}}{last}{{visibility:hidden}}"
        style += f"@keyframes k{number}{{{steps}}}#f{number}{{animation:k{number} {whole:.1f}s step-end infinite}}\n"
        hidden = "" if number == kept else ' visibility="hidden"'
        frames += f'<g id="f{number}"{hidden}>{_placed(screen.rows, theme, drawn)}</g>\n'
        begins += screen.seconds
    all_rows = "".join(f'<g id="r{number}">{row}</g>\n' for row, number in drawn.items())
    frames = f"<defs>\n{all_rows}</defs>\n{frames}"
    return _svg(frames, f"@media (prefers-reduced-motion: no-preference) {{\n{style}}}\n", height, title, theme)


def _svg(body: str, style: str, height: int, title: str, theme: Theme) -> str:
    width, tall = round(COLUMNS * _CELL + 2 * _EDGE), height * _LINE + 2 * _EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {tall}" width="{width}" height="{tall}" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>\ntext{{font:{_SIZE}px {_FONT};white-space:pre;fill:{theme.ink}}}\n{style}</style>\n"
        f'<rect x=".5" y=".5" width="{width - 1}" height="{tall - 1}" rx="8" fill="{theme.background}"'
        f' stroke="{theme.edge}"/>\n{body}</svg>\n'
    )


def _console() -> Console:
    return Console(file=StringIO(), width=COLUMNS * 10, color_system="truecolor", force_terminal=True)


def _drawn(shown: Iterable[Row], theme: Theme) -> str:
    console = _console()
    return "".join(_row(row, _EDGE + number * _LINE, theme, console) for number, row in enumerate(shown))


def _placed(shown: Iterable[Row], theme: Theme, drawn: dict[str, int]) -> str:
    """*shown*, of rows that *drawn* has or gets."""
    console = _console()
    named = [_row(row, 0, theme, console) for row in shown]
    return "".join(
        f'<use href="#r{drawn.setdefault(row, len(drawn))}" y="{_EDGE + number * _LINE}"/>'
        for number, row in enumerate(named)
        if row
    )


def _row(row: Row, top: int, theme: Theme, console: Console) -> str:
    fills, spans = "", ""
    for column, text, style in _runs(row, console):
        left = f"{_EDGE + column * _CELL:.1f}"
        ink, fill = _colours(style, theme)
        if fill:
            fills += f'<rect x="{left}" y="{top}" width="{len(text) * _CELL:.1f}" height="{_LINE}" fill="{fill}"/>\n'
        bold = ' font-weight="bold"' if style.bold else ""
        colour = f' fill="{ink}"' if ink != theme.ink else ""
        spans += (
            f'<tspan x="{left}" textLength="{len(text) * _CELL:.1f}"{bold}{colour}>{escape(text, quote=False)}</tspan>'
        )
    return fills + (f'<text y="{top + _SIZE}">{spans}</text>\n' if spans else "")


def _runs(row: Row, console: Console) -> Iterator[tuple[int, str, Style]]:
    """The parts of *row* that are seen, each with its column and its style."""
    column = 0
    for segment in row.render(console):
        style = segment.style or Style()
        text = segment.text.rstrip("\n")
        shown = text if style.bgcolor or style.reverse else text.strip(" ")
        if shown:
            yield column + text.index(shown), shown, style
        column += len(text)


def _colours(style: Style, theme: Theme) -> tuple[str, str]:
    """The colour of the text, and of what is behind it: empty where nothing is."""
    ink = theme.ink if style.color is None else _of(style.color, theme)
    return ink, "" if style.bgcolor is None else _of(style.bgcolor, theme)


def _of(colour: Color, theme: Theme) -> str:
    """The first sixteen are the terminal's own; the others are the same in every terminal."""
    if colour.number is not None and colour.number < 16:
        return theme.colours[colour.number % 8]
    return colour.get_truecolor().hex

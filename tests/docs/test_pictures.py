"""The pictures of the pages: each is used, light and dark, has an alternative text, and shows what is printed."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.text import Text

from shared.demo.private_postgres import private_postgres
from tests.contrast import ENOUGH, contrast
from tests.docs.pages import HOME, PAGES, links, prose
from tests.docs.pictures.scenes import pictures
from tests.docs.pictures.terminal import COLUMNS, DARK, LIGHT, Screen, Theme, moving, rows, still
from tests.throwaway import in_memory

PICTURES = HOME / "docs" / "pictures"
FILES = sorted(PICTURES.iterdir())
DRAWN = [path for path in FILES if path.suffix == ".svg"]
# A recording of half a minute is to be there at once, also on a phone.
LARGEST = 300_000


def texts() -> Iterator[tuple[str, str]]:
    """Each picture of each page, with its alternative text."""
    for page in PAGES:
        written = prose(page.read_text(encoding="utf-8"))
        yield from (
            (f"{page.name}: {target}", text) for text, target in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", written)
        )
        for image in re.findall(r"<img [^>]*>", written):
            given = dict(re.findall(r'(\w+)="([^"]*)"', image))
            yield f"{page.name}: {given['src']}", given.get("alt", "")


def test_every_picture_is_used() -> None:
    used = {(page.parent / target).resolve() for page in PAGES for target in links(page.read_text(encoding="utf-8"))}
    assert [path.name for path in FILES if path not in used] == []


def test_every_picture_is_light_and_dark() -> None:
    of_scheme = [
        {path.name.replace(f"-{name}.", ".") for path in FILES if f"-{name}." in path.name}
        for name in ("light", "dark")
    ]
    assert of_scheme[0] == of_scheme[1]
    assert 2 * len(of_scheme[0]) == len(FILES)


def test_every_picture_has_a_text() -> None:
    found = list(texts())
    assert found
    assert [picture for picture, text in found if len(text.split()) < 4] == []


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.name)
def test_a_drawn_picture_needs_nothing_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) < LARGEST
    assert ElementTree.fromstring(text).find("{http://www.w3.org/2000/svg}title") is not None
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert "<script" not in text


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_colour_can_be_read(theme: Theme) -> None:
    inks = {theme.ink, *theme.colours}
    assert {ink: contrast(ink, theme.background) for ink in inks if contrast(ink, theme.background) < ENOUGH} == {}


def test_the_terminal_is_drawn_as_it_is_now(request: pytest.FixtureRequest) -> None:
    """After a change of a report or a plan: `make pictures`, or `--update-golden`."""
    with private_postgres(None, in_memory()) as server:
        drawn = pictures(server)
    if request.config.getoption("--update-golden"):
        for name, svg in drawn.items():
            (PICTURES / name).write_text(svg, encoding="utf-8")
    assert sorted(drawn) == [path.name for path in DRAWN]
    assert [name for name, svg in drawn.items() if (PICTURES / name).read_text(encoding="utf-8") != svg] == []


def test_rows_are_broken_as_a_terminal_does() -> None:
    assert [row.plain for row in rows("a\n\n" + "b" * (COLUMNS + 1))] == ["a", "", "b" * COLUMNS, "b"]


def test_a_screen_has_its_colours_and_leaves_out_what_is_empty() -> None:
    svg = still(rows("\x1b[31m  x < y\x1b[0m\n\x1b[1;38;5;231;48;5;124m NO \x1b[0m"), "A <test>", LIGHT)
    assert "<title>A &lt;test&gt;</title>" in svg
    assert f'fill="{LIGHT.colours[1]}">x &lt; y</tspan>' in svg
    assert 'fill="#af0000"' in svg
    assert svg.count("<text ") == 2


def test_a_recording_shows_its_longest_screen_where_nothing_moves() -> None:
    screens = [Screen([Text("always"), Text(str(number))], seconds) for number, seconds in enumerate((1, 3, 2))]
    svg = moving(screens, 1, "A recording", LIGHT)
    assert re.findall(r'<g id="(f\d)"( visibility="hidden")?>', svg) == [
        ("f0", ' visibility="hidden"'),
        ("f1", ""),
        ("f2", ' visibility="hidden"'),
    ]
    assert svg.count("always") == 1
    assert "@keyframes k1{0%{visibility:hidden}16.67%{visibility:visible}66.67%{visibility:hidden}}" in svg

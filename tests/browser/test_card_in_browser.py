"""Every card, drawn by Microsoft's own library in a real browser: valid, whole, and nothing wider than a phone."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.alerts.channels.teams.card import as_card
from tests.alerts.news import BROKEN, LONG, MESSAGES
from tests.browser.chromium import CHROMIUM, chromium
from tests.browser.host import DARK, LIGHT, host_config

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
LIBRARY = HERE / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.js"
PICTURES = HERE / "pictures"
DESKTOP, PHONE = 760, 390
# Enough for the longest card on a phone; what is empty below is part of the picture.
HEIGHT = {DESKTOP: 1250, PHONE: 1900}

DRAWN_IN_EVERY_WAY = ["predicted", "opened", "fixed in part", "cannot check", "reminder", "long names"]

Draw = Callable[[str, dict[str, Any], int], dict[str, Any]]


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    assert CHROMIUM is not None, "no Chromium here: install one"
    assert LIBRARY.exists(), "make test-browser installs what is needed"

    folder = tmp_path_factory.mktemp("browser")
    profile = folder / "profile"

    def drawn(name: str, theme: dict[str, Any], width: int) -> dict[str, Any]:
        page = folder / "page.html"
        page.write_text(page_of(as_card(MESSAGES[name]()), theme, width), encoding="utf-8")
        PICTURES.mkdir(exist_ok=True)
        look = "dark" if theme is DARK else "light"
        picture = PICTURES / f"{name.replace(' ', '-')}-{look}-{width}.png"
        size = f"--window-size={width},{HEIGHT[width]}"
        dom = chromium(size, f"--screenshot={picture}", "--dump-dom", page, profile=profile)
        found = re.search(r'<script type="application/json" id="found">(.*?)</script>', dom, re.DOTALL)
        assert found is not None, dom
        outcome: dict[str, Any] = json.loads(html.unescape(found[1]))
        return outcome

    return drawn


def page_of(card: dict[str, Any], theme: dict[str, Any], width: int) -> str:
    page = (HERE / "page.html").read_text(encoding="utf-8")
    for word, value in {
        "WIDTH": str(width),
        "PAGE": theme["page"],
        "EDGE": theme["edge"],
        "INK": theme["ink"],
        "LIBRARY": LIBRARY.as_uri(),
        "HOST": json.dumps(host_config(theme)),
        "CARD": json.dumps(card).replace("<", "\\u003c"),
    }.items():
        page = page.replace(word, value)
    return page


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", DRAWN_IN_EVERY_WAY)
def test_looks(draw: Draw, name: str, theme: dict[str, Any], width: int) -> None:
    drawn = draw(name, theme, width)
    assert drawn["problems"] == []


@pytest.mark.parametrize("name", [name for name in MESSAGES if name not in DRAWN_IN_EVERY_WAY])
def test_every_other_message_is_valid_and_fits(draw: Draw, name: str) -> None:
    drawn = draw(name, LIGHT, PHONE)
    assert drawn["problems"] == []


def test_names_are_drawn_with_their_underscores(draw: Draw) -> None:
    drawn = draw("opened", LIGHT, DESKTOP)
    assert BROKEN in drawn["text"]
    assert f"npx prisma migrate resolve --rolled-back {BROKEN}" in drawn["text"]


def test_a_name_longer_than_a_line_of_a_phone_is_whole_once_it_is_copied(draw: Draw) -> None:
    """A text field takes no line break, and a shell none behind a backslash."""
    text = draw("long names", LIGHT, PHONE)["text"]
    assert LONG in text.replace("\n", "")
    assert f"npx prisma migrate resolve --rolled-back {LONG}" in text.replace("\\\n", "")

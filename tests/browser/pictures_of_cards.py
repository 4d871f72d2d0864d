"""``make pictures``: docs/pictures/card-light.png and card-dark.png, the card of the incident as Teams draws it."""

import html
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.alerts.channels.teams.card import as_card
from tests.alerts.news import MESSAGES
from tests.browser.chromium import chromium
from tests.browser.host import DARK, LIGHT
from tests.browser.test_card_in_browser import DESKTOP, page_of

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    for name, theme in (("light", LIGHT), ("dark", DARK)):
        draw(theme, DESKTOP, PICTURES / f"card-{name}.png")


def draw(theme: dict[str, Any], width: int, picture: Path) -> None:
    """Draw the whole card: first to learn how high it is."""
    with TemporaryDirectory() as folder:
        page, profile = Path(folder) / "page.html", Path(folder) / "profile"
        page.write_text(page_of(as_card(MESSAGES["opened"]()), theme, width), encoding="utf-8")
        dom = chromium(f"--window-size={width},2000", "--dump-dom", page, profile=profile)
        found = re.search(r'<script type="application/json" id="found">(.*?)</script>', dom, re.DOTALL)
        if found is None:
            raise ValueError(dom)
        height = json.loads(html.unescape(found[1]))["height"]
        chromium(f"--window-size={width},{height}", f"--screenshot={picture}", page, profile=profile)


if __name__ == "__main__":
    main()

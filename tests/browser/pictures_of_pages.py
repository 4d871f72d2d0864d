"""``make pictures``: docs/pictures/page.png and page-dark-phone.png, the status page of the incident."""

from dataclasses import replace
from pathlib import Path

from shared.report.html.page import target_page
from tests.browser.chromium import CHROMIUM
from tests.report.html.states import ALL_ACCESS, INCIDENT, NOW

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only here is it installed

    html = target_page(INCIDENT, NOW, replace(ALL_ACCESS, seen=None))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, dark, width in (("page", False, 1200), ("page-dark-phone", True, 390)):
            # Times in words would be others each day.
            context = browser.new_context(
                viewport={"width": width, "height": 1000},
                color_scheme="dark" if dark else "light",
                java_script_enabled=False,
            )
            tab = context.new_page()
            tab.set_content(html)
            tab.screenshot(path=PICTURES / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()

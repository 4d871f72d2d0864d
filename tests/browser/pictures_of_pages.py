"""``make pictures``: the status page of the incident, also on a phone, and its mail, each light and dark."""

from dataclasses import replace
from pathlib import Path

from shared.alerts.channels.email.mail import as_html
from shared.report.html.page import target_page
from tests.alerts.news import MESSAGES
from tests.browser.chromium import CHROMIUM
from tests.report.html.states import ALL_ACCESS, INCIDENT, NOW

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only here is it installed

    page, mail = target_page(INCIDENT, NOW, replace(ALL_ACCESS, seen=None)), as_html(MESSAGES["opened"]())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, html, width in (("page", page, 1200), ("page-phone", page, 390), ("mail", mail, 720)):
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": 1000},
                    color_scheme=scheme,
                    # Times in words would be others each day.
                    java_script_enabled=False,
                )
                tab = context.new_page()
                tab.set_content(html)
                tab.screenshot(path=PICTURES / f"{name}-{scheme}.png")
                context.close()
        browser.close()


if __name__ == "__main__":
    main()

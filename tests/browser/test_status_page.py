"""The status page in a real browser: readable by everybody, everywhere, and nothing in it that was not ours."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from shared.report.brief import brief_of
from shared.report.html.page import Remembered, fleet_page, target_page
from shared.report.html.rendering import content_security_policy
from tests.browser.tab import opened
from tests.report.html.states import ALL_ACCESS, DEPLOYING, INCIDENT, NOW, PLANNED, a_month, document
from tests.report.html.test_page import many, spoiled

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = Remembered("production", spoiled("planned"), a_month())
WELL = document("incident") | {"verdict": "passed", "findings": []}
WELL["checks"] = [check | {"verdict": "passed", "findings": []} for check in WELL["checks"]]
FLEET = [
    INCIDENT,
    Remembered("broken", None, None, "its settings cannot be used"),
    Remembered("staging", WELL, a_month()),
]
# Drawn when the first test asks: to be collected takes nothing.
PAGES: dict[str, Callable[[], str]] = {
    "incident": lambda: target_page(INCIDENT, NOW, ALL_ACCESS, FLEET),
    "planned": lambda: target_page(PLANNED, NOW),
    "deploying": lambda: target_page(DEPLOYING, NOW),
    "well": lambda: target_page(FLEET[-1], NOW, ALL_ACCESS),
    "unknown": lambda: target_page(FLEET[1], NOW),
    "hostile": lambda: target_page(HOSTILE, NOW, ALL_ACCESS),
    "fleet": lambda: fleet_page(list(map(brief_of, FLEET)), NOW, ALL_ACCESS),
    "500": lambda: fleet_page(
        list(map(brief_of, [*FLEET, *[replace(FLEET[-1], name=f"tenant-{n}") for n in range(500)]])), NOW, ALL_ACCESS
    ),
    "many": lambda: target_page(many(5_000), NOW, ALL_ACCESS),
}
LARGE = ("500", "many")


@cache
def page(name: str) -> str:
    return PAGES[name]()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address under which each of `PAGES` stands, with the header that its policy needs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/")
            html = page(name) if name in PAGES else ""
            self.send_response(200 if html else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", content_security_policy())
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("width", [1300, 360], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name in PAGES if name not in LARGE])
def test_everybody_can_read_it(browser: "Browser", address: str, name: str, scheme: str, width: int) -> None:
    look = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with opened(browser, f"{address}/{name}", **look) as (tab, wrong):
        PICTURES.mkdir(exist_ok=True)
        tab.screenshot(path=PICTURES / f"page-{name}-{scheme}-{width}.png", full_page=True)
        assert is_sound(tab, width, wrong)
        # Run by the browser's own tools, which no policy of the page binds.
        tab.evaluate(AXE.read_text(encoding="utf-8"))
        found = tab.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        serious = [each for each in found if each["impact"] in {"serious", "critical"}]
        assert [(each["id"], each["nodes"][0]["html"]) for each in serious] == []


@pytest.mark.parametrize("name", LARGE)
def test_a_large_one_is_as_sound(browser: "Browser", address: str, name: str) -> None:
    with opened(browser, f"{address}/{name}", viewport={"width": 360, "height": 900}) as (tab, wrong):
        assert is_sound(tab, 360, wrong)


def is_sound(tab: "Tab", width: int, wrong: list[str]) -> bool:
    """Nothing wider than the window, nothing from elsewhere, no error, no violation of the policy."""
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("violations") == []
    assert wrong == []
    return True


def test_a_command_is_copied_as_it_is(browser: "Browser", address: str) -> None:
    with opened(browser, f"{address}/incident", permissions=["clipboard-read", "clipboard-write"]) as (tab, wrong):
        command = tab.locator(".command").filter(has_text="migrate resolve --applied").first
        command.locator("button").click()
        command.get_by_text("Copied").wait_for()
        assert tab.evaluate("navigator.clipboard.readText()") == command.locator("code").text_content()
        assert wrong == []


def test_the_link_of_a_message_leads_to_its_incident(browser: "Browser", address: str) -> None:
    article = next(part for part in page("incident").split('id="')[2:] if part.startswith("incident-"))
    fragment = article.partition('"')[0]
    with opened(browser, f"{address}/incident#{fragment}") as (tab, _):
        tab.locator(f"#{fragment}").wait_for()
        assert tab.evaluate(f"document.getElementById('{fragment}').getBoundingClientRect().top") < 900


def test_it_works_without_javascript(browser: "Browser", address: str) -> None:
    with opened(browser, f"{address}/incident", java_script_enabled=False) as (tab, _):
        assert tab.get_by_role("button", name="Copy").count() == 0
        tab.get_by_text("I am on it").click()
        tab.get_by_label("Who").fill("ada")
        tab.get_by_label("What is being done").fill("running the rest by hand")
        with tab.expect_request("**/api/somewhere/production") as posted:
            tab.get_by_role("button", name="Silence").click()
        assert posted.value.method == "POST"
        assert posted.value.post_data == "token=t0ken&incident=&for=4h&who=ada&why=running+the+rest+by+hand"


def test_a_fleet_is_filtered(browser: "Browser", address: str) -> None:
    with opened(browser, f"{address}/500") as (tab, wrong):
        tab.get_by_label("Filter").fill("failed prod")
        assert tab.locator("tbody tr:visible").count() == 1
        tab.get_by_label("Filter").fill("tenant-4")
        assert tab.locator("tbody tr:visible").count() == 111
        tab.get_by_text("111 of 503").wait_for()
        assert wrong == []


def test_it_can_be_used_by_keyboard_alone(browser: "Browser", address: str) -> None:
    with opened(browser, f"{address}/incident") as (tab, _):
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.textContent") == "Skip to the content"
        tab.locator("summary", has_text="I am on it").focus()
        tab.keyboard.press("Enter")
        assert tab.get_by_label("What is being done").is_visible()

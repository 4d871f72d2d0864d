"""From the card to the silence: Teams' button opens the page at the incident, and its form silences it there.

Everything is real but Azure's front: the message and its link, the Functions runtime that answers, the browser.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shared.memory import MemoryFile
from tests.browser.tab import opened
from tests.entrypoints.conftest import configure, target_table  # noqa: F401  # one is a fixture
from tests.entrypoints.functions_runtime import FunctionsRuntime
from tests.entrypoints.test_status_routes import KEY, LINK_KEY, Site
from tests.gather.servers import Reply, Request, http_server
from tests.states import load, migrations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from shared.demo.private_postgres import PrivatePostgres

pytestmark = pytest.mark.browser


def buttons(card: Any) -> Iterator[tuple[str, str]]:
    """Each button of a card that opens a page: its title and its URL."""
    match card:
        case {"type": "Action.OpenUrl", "title": str(title), "url": str(url)}:
            yield title, url
        case dict():
            for value in card.values():
                yield from buttons(value)
        case list():
            for value in card:
                yield from buttons(value)


def test_the_card_s_button_leads_to_the_incident_which_is_silenced_there(
    browser: "Browser",
    functions: FunctionsRuntime,
    configure: Callable[[str], None],  # noqa: F811  # the fixture
    database: str,
    postgres: "PrivatePostgres",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load("failed", database, postgres)
    site = Site(functions, configure, tmp_path)

    def front(request: Request) -> Reply:
        answer = site.ask(f"{address}{request.path}", request.method, request.headers, request.body)
        return Reply(answer.status, answer.body, dict(answer.headers))

    with http_server(lambda _: Reply(202)) as (hook, cards), http_server(front) as (port, _):
        address = f"http://127.0.0.1:{port}"
        for name, value in {
            "DATABASE_URL": database,
            "HOOK": f"http://127.0.0.1:{hook}",
            "VIEWER_KEY": KEY,
            "LINK_KEY": LINK_KEY,
        }.items():
            monkeypatch.setenv(name, value)
        configure(
            f'[alerts]\nstatus_page = "{address}/api/status"\nlink_key = "env:LINK_KEY"\nweekly = false\n'
            '[[alerts.channel]]\nname = "team"\nkind = "teams"\nurl = "env:HOOK"\n'
            + target_table("production", migrations=migrations("failed"))
        )
        functions.deliver("check_target", b'{"target": "production"}')
        (url,) = {url for title, url in buttons(json.loads(cards[-1].body)) if title == "Status page"}
        incident = MemoryFile(tmp_path / "memory", "production").load().incidents[0].name
        with opened(browser, url) as (tab, wrong):
            article = tab.locator("article:target")
            assert article.locator(".name").first.text_content() == f"{incident} failed"
            assert tab.evaluate("document.querySelector(':target').getBoundingClientRect().top") < 900
            tab.get_by_text("I am on it").click()
            tab.get_by_role("combobox").select_option(incident)
            tab.get_by_label("1 hour").check()
            tab.get_by_label("Who").fill("Ada")
            tab.get_by_label("What is being done").fill("running the rest by hand")
            assert wrong == []
            tab.get_by_role("button", name="Silence").click()
            tab.get_by_text("The silence is saved.").wait_for()
            assert tab.get_by_text("by Ada: running the rest by hand").is_visible()
            assert tab.evaluate("violations") == []
        (silence,) = (each.silence for each in MemoryFile(tmp_path / "memory", "production").load().silences)
        assert (silence.incident, silence.who, silence.because) == (incident, "Ada", "running the rest by hand")
        functions.deliver("check_target", b'{"target": "production"}')
        assert "Ada" in cards[-1].body.decode()

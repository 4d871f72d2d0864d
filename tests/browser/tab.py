"""A tab of the browser that notes what goes wrong in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

# Noted in the page as they happen, before anything of it runs.
NOTE = (
    "window.violations = []; addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective))"
)


@contextmanager
def opened(browser: "Browser", url: str, **context: Any) -> "Iterator[tuple[Tab, list[str]]]":
    """Open *url*; what goes wrong in the page, and what it asks for besides itself, is in the list."""
    wrong: list[str] = []
    own = browser.new_context(**{"viewport": {"width": 1300, "height": 900}, **context})
    try:
        tab = own.new_page()
        tab.add_init_script(NOTE)
        tab.on("console", lambda message: wrong.append(message.text))
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
        tab.on(
            "request",
            lambda request: (
                wrong.append(request.url) if request.url.partition("#")[0] != url.partition("#")[0] else None
            ),
        )
        tab.goto(url)
        yield tab, wrong
    finally:
        own.close()

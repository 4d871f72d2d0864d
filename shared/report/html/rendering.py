"""The templates, and the one style sheet and script that each page carries within it."""

from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from ...model.phrases import two_units
from ..templates import templates_of
from ..wording import printable
from .anchor import anchor_of


def rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


@cache
def content_security_policy() -> str:
    """The header for every page: nothing from anywhere, our own style and script alone, forms to us alone.

    The page has it, too, but for what a browser only takes from a header.
    """
    return f"{_policy()}; frame-ancestors 'none'"


def _policy() -> str:
    style, script = (_hash(_static(name)) for name in ("style.css", "page.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; form-action 'self'; "
        "base-uri 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _static(name: str) -> str:
    return (files(str(__package__)) / "static" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    # Names come from databases and archives.
    environment = templates_of(__package__, _shown)
    environment.filters |= {"moment": _moment, "iso": _iso, "span": two_units, "anchor": anchor_of, "path": _path}
    # Our own files, which hold no value of anybody.
    environment.globals |= {
        "style": Markup(_static("style.css")),  # noqa: S704
        "script": Markup(_static("page.js")),  # noqa: S704
        "policy": _policy(),
    }
    return environment


def _shown(value: Any) -> Any:
    """What an expression of a template gives, without characters that cannot be seen or turn the text around."""
    return printable(value) if type(value) is str else value


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds")


def _path(name: str) -> str:
    return quote(name, safe="")

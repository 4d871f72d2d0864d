"""The templates of pages and mails: what a value holds is escaped, and a name that is missing is an error."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates_of(package: str | None, shown: Callable[[Any], Any] | None = None) -> Environment:
    """Give those of the *package*; *shown* gives what an expression shows of its value."""
    return Environment(
        loader=PackageLoader(str(package), "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )

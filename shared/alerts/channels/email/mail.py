"""A message as a mail: text and HTML, one thread an incident, marked as written by a machine."""

import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from ....model.finding import Severity
from ....model.message import Kind, Message
from ...messages.marks import gravity, is_relief, title
from ...messages.text import as_plain_text

if TYPE_CHECKING:
    from jinja2 import Template

# Longer than about half a line of a phone.
_LONG_NAME = re.compile(r"\w{24,}")
_DOMAIN = "migration-monitor.invalid"
_COLOURS = {Kind.WEEKLY: "#0969da", Kind.TEST: "#0969da"}
_RELIEF, _CRITICAL, _WARNING = "#1a7f37", "#b42318", "#9a6700"
_SEVERITIES = {Severity.CRITICAL: _CRITICAL, Severity.WARNING: _WARNING, Severity.INFO: "#0969da"}
# For programs that keep a style sheet. The others leave a mail as it is, or change its colours themselves.
_DARK = {
    ".page": {"background": "#010409"},
    ".card": {"background": "#0d1117", "color": "#e6edf3", "border-color": "#30363d"},
    ".command": {"background": "#21262d", "color": "#e6edf3"},
    ".line": {"border-color": "#30363d"},
    ".link, .info": {"color": "#58a6ff"},
    ".subtle": {"color": "#9198a1"},
    ".critical": {"color": "#ff7b72"},
    ".warning": {"color": "#d29922"},
}


def as_mail(message: Message, sender: str, recipients: Sequence[str]) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = Address("Migration Monitor", addr_spec=sender)
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = subject(message)
    mail["Date"] = format_datetime(message.written_at)
    for name, value in headers(message).items():
        mail[name] = value
    mail.set_content(as_plain_text(message))
    mail.add_alternative(as_html(message), subtype="html")
    return mail


def subject(message: Message) -> str:
    return title(message)


def headers(message: Message) -> dict[str, str]:
    """Give what threads the mail and keeps machines from answering it.

    Each incident is a thread whose first mail need not exist: programs go by the references alone.
    """
    roots = [
        f"<{sha256(f'{message.target} {thread}'.encode()).hexdigest()[:24]}@{_DOMAIN}>" for thread in message.threads
    ]
    threading = {"References": " ".join(roots), "In-Reply-To": roots[0]} if roots else {}
    return {
        "Message-ID": f"<{message.id}@{_DOMAIN}>",
        **threading,
        # RFC 3834, and what Exchange asks for.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


def as_html(message: Message) -> str:
    """Give the mail's HTML: styles within it, for mail programs know no other, and every word escaped."""
    return _template().render(
        message=message,
        title=title(message),
        colour=_colour(message),
        severities=_SEVERITIES,
        dark=_DARK,
        above=message.groups(folded=False),
        below=message.groups(folded=True),
    )


def _colour(message: Message) -> str:
    if is_relief(message):
        return _RELIEF
    return _COLOURS.get(message.kind, _CRITICAL if gravity(message) is Severity.CRITICAL else _WARNING)


@cache
def _template() -> "Template":
    # Imported here: only mails and pages need it.
    from markupsafe import Markup, escape  # noqa: PLC0415

    from ....report.templates import templates_of  # noqa: PLC0415  # as above

    def soft(text: str) -> Markup:
        """Let a long name be broken behind an underscore; who copies it gets no other character."""
        return Markup(_LONG_NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), str(escape(text))))  # noqa: S704  # escaped

    environment = templates_of(__package__)
    environment.filters["soft"] = soft
    return environment.get_template("mail.html")

"""A message as plain text: for a terminal, a log, and the mail that is read without HTML."""

from collections.abc import Iterator

from ...model.message import Message, Section
from .fold import WIDTH, wrapped
from .marks import title, with_severity

_INDENT = 12
_NARROWEST = 30
FOLD = "─" * 20
# Before the name of a finding.
_NAMED = "▸ "


def as_plain_text(message: Message, width: int | None = None) -> str:
    """Give the whole message; sentences wrap, commands never do, so that they can be pasted.

    *width* is that of the terminal, where it is narrower than a mail.
    """
    columns = WIDTH if width is None else max(min(width - _INDENT, WIDTH), _NARROWEST)
    lines = [title(message), *_part(message, columns, folded=False)]
    if message.links:
        lines.append("  ".join(f"{link.text}: {link.url}" for link in message.links))
    below = list(_part(message, columns, folded=True))
    if below:
        lines += ["", FOLD, *below]
    return "\n".join(lines) + "\n"


def _part(message: Message, columns: int, *, folded: bool) -> Iterator[str]:
    """Give the lines of a part; the name of a finding stands at the margin, above what is said of it."""
    for about, sections in message.groups(folded=folded):
        if about:
            yield from wrapped(f"{_NAMED}{''.join(span.text for span in about)}", columns + _INDENT)
        for section in sections:
            yield from _section(section, columns)


def _section(section: Section, columns: int) -> Iterator[str]:
    title = section.title
    for item in section.items:
        for line in wrapped(with_severity(item), columns):
            yield f"{title:<{_INDENT}}{line}".rstrip()
            title = ""
        command = item.command or ""
        # The end of a here-document must be at the beginning of its line, or the pasted command never ends.
        margin = 0 if "<<" in command else _INDENT + 2
        yield from (f"{'':<{margin}}{line}".rstrip() for line in command.splitlines())
    if section.more:
        yield f"{title:<{_INDENT}}… and {section.more} more: see the report"

"""A message as plain text: for a terminal, a log, and the mail that is read without HTML."""

from collections.abc import Iterator

from ...model.message import Message, Section
from .fold import WIDTH, wrapped
from .marks import title, with_severity

_INDENT = 12
_NARROWEST = 30
FOLD = "─" * 20


def as_plain_text(message: Message, width: int | None = None) -> str:
    """Give the whole message; sentences wrap, commands never do, so that they can be pasted.

    *width* is that of the terminal, where it is narrower than a mail.
    """
    columns = WIDTH if width is None else max(min(width - _INDENT, WIDTH), _NARROWEST)
    lines = [title(message)]
    above = [section for section in message.sections if not section.folded]
    below = [section for section in message.sections if section.folded]
    lines += [line for section in above for line in _section(section, columns)]
    if message.links:
        lines.append("  ".join(f"{link.text}: {link.url}" for link in message.links))
    if below:
        lines += ["", FOLD, *(line for section in below for line in _section(section, columns))]
    return "\n".join(lines) + "\n"


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

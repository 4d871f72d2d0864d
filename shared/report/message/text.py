"""A message as plain text: for a terminal, a log, and the mail that is read without HTML."""

from collections.abc import Iterator

from shared.model.message import Item, Message, Section
from shared.report.message.fold import wrapped
from shared.report.message.marks import title

_INDENT = 12
FOLD = "─" * 20


def as_plain_text(message: Message) -> str:
    """Give the whole message; sentences wrap, commands never do, so that they can be pasted."""
    lines = [title(message)]
    above = [section for section in message.sections if not section.folded]
    below = [section for section in message.sections if section.folded]
    lines += [line for section in above for line in _section(section)]
    if message.links:
        lines.append("  ".join(f"{link.text}: {link.url}" for link in message.links))
    if below:
        lines += ["", FOLD, *(line for section in below for line in _section(section))]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    title = section.title
    for item in section.items:
        for line in _lines(item):
            yield f"{title:<{_INDENT}}{line}".rstrip()
            title = ""
    if section.more:
        yield f"{title:<{_INDENT}}… and {section.more} more: see the report"


def _lines(item: Item) -> Iterator[str]:
    yield from wrapped(item.text)
    yield from (f"  {line}" for line in (item.command or "").splitlines())

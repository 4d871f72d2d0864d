"""A message as Block Kit, within its limits, with nothing in it that Slack would take for markup or a mention."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from ....model.finding import Json, Severity
from ....model.message import Change, Event, Item, Message, Section, Span
from ...messages.fit import fitting
from ...messages.marks import title
from ...messages.parts import plain_name

# https://docs.slack.dev/reference/block-kit/blocks
MOST_BLOCKS, LONGEST_TEXT, LONGEST_HEADER = 50, 3000, 150
# Not documented: beyond some 13,000 characters in all, Slack answers `msg_blocks_too_long` (slackapi/bolt-js#2509).
LONGEST_MESSAGE = 12_000
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Where Slack would format text, an invisible character keeps it from that: commands and names have none of these.
_MARKUP = re.compile(r"[*_~`]")
_MENTION = re.compile(r"@(?=here|channel|everyone)")
_JOINER = "\N{WORD JOINER}"
_WORDS = {Severity.CRITICAL: "*critical*: ", Severity.WARNING: "*warning*: "}
_FENCE, _FENCED = "```\n", "\n```"


def as_slack_message(message: Message) -> dict[str, Json]:
    """Give text and blocks; whole items are left out where it would be too large."""
    kept = fitting(message, lambda shorter: _fits(_blocks(shorter)))
    # Shown in notifications, and where blocks cannot be.
    return {"text": _cut(escaped(title(message)), LONGEST_TEXT), "blocks": _blocks(kept)}


def as_slack_reply(message: Message, events: Iterable[Event]) -> dict[str, Json]:
    """Give the reply about *events* in a thread, where the message itself is in another place."""
    lines = [f"{_CHANGES[event.change]}: {escaped(plain_name(event.incident))}" for event in events]
    text = "\n".join([*lines, f"In one message with more: {escaped(message.headline)}"])
    return {"text": _cut(text, LONGEST_TEXT)}


_CHANGES = {
    Change.OPENED: "Opened",
    Change.CHANGED: "Changed",
    Change.RESOLVED: "Resolved",
    Change.REMINDER: "Still open",
    Change.VERIFICATION: "Verified",
}


def escaped(text: str) -> str:
    """Give *text* so that Slack shows it as it is."""
    harmless = _MENTION.sub(f"@{_JOINER}", _MARKUP.sub(lambda found: f"{_JOINER}{found[0]}", text))
    return _with_entities(harmless)


def _with_entities(text: str) -> str:
    return text.translate(_ENTITIES)


def _fits(blocks: list[Json]) -> bool:
    return len(blocks) <= MOST_BLOCKS and sum(map(_length, blocks)) <= LONGEST_MESSAGE


def _length(block: Json) -> int:
    match block:
        case {"text": {"text": str(text)}}:
            return len(text)
    return 0


def _blocks(message: Message) -> list[Json]:
    headline = title(message)
    header = _cut(_with_entities(headline), LONGEST_HEADER)
    blocks: list[Json] = [{"type": "header", "text": {"type": "plain_text", "text": header, "emoji": True}}]
    if header.endswith("…") and not headline.endswith("…"):
        blocks += _sections([_cut(escaped(headline), LONGEST_TEXT)])
    blocks += _part(message, folded=False)
    if message.links:
        links = " · ".join(f"<{_address(link.url)}|{escaped(link.text)}>" for link in message.links)
        blocks += _sections([links])
    below = list(_part(message, folded=True))
    if below:
        blocks += [{"type": "divider"}, *below]
    return blocks


def _part(message: Message, *, folded: bool) -> Iterator[Json]:
    """Give the blocks of a part: one for a finding, with its name in bold, or for a section about none."""
    for about, sections in message.groups(folded=folded):
        lines = list(map(_lines, sections))
        if about:
            yield from _sections([f"*{_cut(escaped(_text(about)), LONGEST_TEXT - 2)}*", *chain.from_iterable(lines)])
        else:
            yield from chain.from_iterable(map(_sections, lines))


def _text(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)


def _lines(section: Section) -> list[str]:
    lines = [_cut(f"*{escaped(section.title)}*", LONGEST_TEXT), *chain.from_iterable(map(_item, section.items))]
    if section.more:
        lines.append(f"… and {section.more} more: see the report")
    return lines


def _sections(lines: Iterable[str]) -> Iterator[Json]:
    """Give as few blocks as *lines* take; each of them fits into one."""
    text = ""
    for line in lines:
        if text and len(text) + 1 + len(line) > LONGEST_TEXT:
            yield _text_block(text)
            text = ""
        text = f"{text}\n{line}" if text else line
    yield _text_block(text)


def _text_block(text: str) -> Json:
    # verbatim: Slack looks for no URLs, names of channels or mentions in it.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _item(item: Item) -> Iterator[str]:
    words = _WORDS.get(item.severity, "") if item.severity is not None else ""
    yield from _pieces(words + "".join(map(_span, item.spans)), LONGEST_TEXT)
    if item.command is not None:
        command = _with_entities(item.command.replace("```", f"`{_JOINER}``"))
        for piece in _pieces(command, LONGEST_TEXT - len(_FENCE) - len(_FENCED)):
            yield f"{_FENCE}{piece}{_FENCED}"


def _span(span: Span) -> str:
    if not span.code:
        return escaped(span.text)
    return f"`{_with_entities(span.text.replace('`', chr(39)))}`"


def _pieces(text: str, longest: int) -> Iterator[str]:
    """Cut *text* into pieces that fit, at the ends of lines where there are any."""
    while len(text) > longest:
        end = text.rfind("\n", 1, longest + 1)
        piece = text[:end] if end > 0 else _without_half_entity(text[:longest])
        yield piece
        text = text[len(piece) :].removeprefix("\n")
    yield text


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{_without_half_entity(text[: longest - 1])}…"


def _without_half_entity(text: str) -> str:
    start = text.rfind("&")
    return text if start < 0 or ";" in text[start:] else text[:start]


def _address(url: str) -> str:
    return _with_entities(url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E"))

"""A message as an Adaptive Card, wrapped as a Teams workflow takes it.

Version 1.4 is what Power Automate lets through; so there is no table, and no style of a text block.
"""

import json
from collections.abc import Iterator

from ....model.finding import Json, Severity
from ....model.message import Item, Kind, Message, Section, Span
from ...messages.fit import fitting
from ...messages.marks import gravity, is_relief, title
from ...messages.parts import sentence
from .narrow import broken_command, broken_text

# Teams drops what is larger, with what the workflow adds: https://learn.microsoft.com/microsoftteams/limits-specifications-teams
LARGEST = 28 * 1024
_MOST_BUTTONS = 2
_COLOURS = {Severity.CRITICAL: "attention", Severity.WARNING: "warning"}
_STYLES = {Kind.WEEKLY: "accent", Kind.TEST: "accent"}
_CODE: dict[str, Json] = {"fontType": "Monospace", "size": "small"}


def as_teams_post(message: Message) -> bytes:
    """Give the body of the request; whole findings are left out where it would be too large."""
    kept = fitting(message, lambda shorter: len(_post(shorter)) <= LARGEST)
    return _post(kept)


def _post(message: Message) -> bytes:
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": as_card(message),
    }
    # Shown in notifications and lists of chats, where a card would read "Card".
    document = {"type": "message", "summary": title(message), "attachments": [attachment]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def as_card(message: Message) -> dict[str, Json]:
    below = _part(message, folded=True)
    headline = title(message)
    first_line: Json = {
        "type": "RichTextBlock",
        "inlines": [_run(span, weight="bolder") for span in sentence(headline)],
    }
    body: list[Json] = [{"type": "Container", "style": _style(message), "bleed": True, "items": [first_line]}]
    body += _part(message, folded=False)
    if below:
        body.append({"type": "Container", "separator": True, "spacing": "large", "items": below})
    card: dict[str, Json] = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "fallbackText": headline,
        "msteams": {"width": "Full"},
        "body": body,
    }
    if message.links:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": link.text, "url": link.url} for link in message.links[:_MOST_BUTTONS]
        ]
    return card


def _style(message: Message) -> str:
    if is_relief(message):
        return "good"
    if message.kind in _STYLES:
        return _STYLES[message.kind]
    return "attention" if gravity(message) is Severity.CRITICAL else "warning"


def _part(message: Message, *, folded: bool) -> list[Json]:
    """Give the sections, those about one finding in a container with a line and its name above them."""
    part: list[Json] = []
    for about, sections in message.groups(folded=folded):
        drawn = list(map(_section, sections))
        if about:
            name: Json = {"type": "RichTextBlock", "inlines": [_run(span, weight="bolder") for span in about]}
            part.append({"type": "Container", "separator": True, "spacing": "large", "items": [name, *drawn]})
        else:
            part += drawn
    return part


def _section(section: Section) -> Json:
    items: list[Json] = [_words(section.title, weight="bolder", size="small", isSubtle=True)]
    items += [block for item in section.items for block in _item(item)]
    if section.more:
        items.append(_words(f"… and {section.more} more: see the report", isSubtle=True))
    return {"type": "Container", "spacing": "medium", "items": items}


def _item(item: Item) -> Iterator[Json]:
    """Text blocks read Markdown and eat the underscores of every migration's name; text runs read nothing."""
    runs: list[Json] = []
    if item.severity is not None:
        looks: dict[str, Json] = {"color": _COLOURS[item.severity]} if item.severity in _COLOURS else {}
        runs.append({"type": "TextRun", "text": f"{item.severity}: ", "weight": "bolder", **looks})
    runs += map(_run, item.spans)
    yield {"type": "RichTextBlock", "spacing": "small", "inlines": runs}
    if item.command is not None:
        lines = list(_command(item.command))
        # Bled to the edges of the card, a long name fits on a phone.
        yield {"type": "Container", "style": "emphasis", "spacing": "small", "bleed": True, "items": lines}


def _command(command: str) -> Iterator[Json]:
    for line in broken_command(command).splitlines():
        run: Json = {"type": "TextRun", "text": line or " ", **_CODE}
        yield {"type": "RichTextBlock", "spacing": "none", "inlines": [run]}


def _run(span: Span, **looks: Json) -> Json:
    """Give names small, and broken where a phone is too narrow all the same."""
    code = _CODE if span.code else {}
    return {"type": "TextRun", "text": broken_text(span.text), **code, **looks}


def _words(text: str, **looks: Json) -> Json:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}

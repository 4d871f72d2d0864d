"""docs/report.md has a row for each field of a report that its JSON Schema has, and for no other."""

import re
from collections.abc import Iterator

from shared.report.json_schema import Schema, report_schema
from tests.docs.pages import HOME
from tests.tables import hold

PAGE = (HOME / "docs" / "report.md").read_text(encoding="utf-8")
# Each heading of the page, and where in a report its fields are.
SECTIONS = {
    "The report": (),
    "A check": ("checks",),
    "A finding": ("findings",),
    "A migration": ("migrations",),
    "A measurement": ("measured",),
    "Coverage": ("coverage",),
    "A plan": ("plan", "statements"),
    "A way back": ("ways_back",),
}


def within(schema: Schema, path: tuple[str, ...]) -> Schema:
    """The object at *path*, through lists and what may be null."""
    while "properties" not in schema:
        schema = schema["items"] if "items" in schema else schema["anyOf"][0]
    return within(schema["properties"][path[0]], path[1:]) if path else schema


def rows(heading: str) -> Iterator[str]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for row in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section, re.MULTILINE):
        yield from re.findall(r"`(\w+)`", row)


def has_all_fields(heading: str) -> None:
    assert sorted(rows(heading)) == sorted(within(report_schema(), SECTIONS[heading])["properties"])


def test_every_field_has_its_row() -> None:
    hold(has_all_fields, SECTIONS)

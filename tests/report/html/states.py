"""Targets as a page finds them: the incident, its plan, and what a month of runs leaves."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from shared.memory.document import understood
from shared.model.finding import Severity
from shared.model.memory import Memory, PastIncident, Point, Run, Series
from shared.model.report import MigrationDay, Verdict
from shared.report.html.page import Access, Form, Remembered

HERE = Path(__file__).parent
FORM = Form("/api/somewhere/production", {"token": "t0ken"})
ALL_ACCESS = Access(
    silence=FORM,
    check_now=FORM,
    seen=FORM,
    fleet="/api/status",
    target="/api/status/{}",
    report="/api/report/production",
)


def document(name: str) -> dict[str, Any]:
    found = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def remembered() -> Memory:
    return understood((HERE / "memory.json").read_bytes(), "production")


# An hour after the last check.
NOW = datetime.fromisoformat(document("incident")["started_at"]).astimezone(UTC) + timedelta(minutes=4)


def a_month() -> Memory:
    """The incident's memory after thirty days of hourly runs, of every verdict."""
    verdicts = [*[Verdict.PASSED] * 20, Verdict.WARNING, Verdict.UNKNOWN, Verdict.FAILED]
    runs = [
        Run(NOW - timedelta(hours=hours), verdicts[hours % 23], timedelta(seconds=0.4), number=720 - hours)
        for hours in range(720, 0, -1)
    ]
    memory = remembered()
    days = tuple(MigrationDay(NOW - timedelta(days=day), 2, timedelta(seconds=day), day % 2) for day in (20, 9, 2))
    past = PastIncident(
        "schema-missing:index public.users_email_idx", NOW - timedelta(days=9), NOW - timedelta(days=8, hours=20),
        Severity.WARNING, ("schema",), "index public.users_email_idx is missing in the database.",
    )  # fmt: skip
    series = {
        "seed users": Series(tuple(Point(NOW - timedelta(hours=hours), 6 if hours > 3 else 2) for hours in range(24, 0, -1))),
        "endpoint folders": Series(tuple(Point(NOW - timedelta(hours=hours), 40 + hours % 7) for hours in range(24, 3, -1))),
    }  # fmt: skip
    return replace(memory, runs=(*runs, *memory.runs), migration_days=days, past=(past,), series=series)


INCIDENT = Remembered("production", document("incident"), a_month())
PLANNED = Remembered("production", document("planned"))
DEPLOYING = Remembered("production", document("deploying"))


class Page(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and the text that a person sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Mapping[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self._within: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag in {"style", "script", "title"}:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if self._within:
            self.raw[self._within[-1]] = self.raw.get(self._within[-1], "") + data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def all(self, tag: str) -> Iterator[Mapping[str, str | None]]:
        yield from (attributes for name, attributes in self.elements if name == tag)

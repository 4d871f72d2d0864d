"""What is wrong now: each cause with its impact and its steps, and below it what it brought about."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ...model.finding import Finding, Severity, Step
from ...model.memory import Incident
from ...model.value import dataclass
from ..changed import changed
from ..impact import clients_of, left_out
from ..respond import first_look
from ..wording import Story, arranged, problem

# More are no page that anybody reads; the JSON report has all of them.
MOST = 200
# So many operations of a client are named at first sight.
_MOST_CLIENTS = 4


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a migration that did not run as a whole: *state* is the word of the report."""

    line: int
    state: str
    sql: str
    because: str
    failing: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """A finding for a page. *since* is None where nothing is remembered, *by_cause* says how surely it follows.

    *is_first*: the first of its incident on the page, which its anchor then names. *meaning*: what its code means and
    where to look first, at the first of its code alone.
    """

    incident: str
    code: str
    severity: Severity
    title: str
    summary: str
    expected: str | None
    actual: str | None
    changed: str | None
    steps: tuple[Step, ...]
    clients: tuple[str, ...]
    clients_left_out: int
    statements: tuple[Statement, ...]
    statements_left_out: int
    since: datetime | None
    silenced_until: datetime | None
    consequences: tuple["Trouble", ...] = ()
    by_cause: str | None = None
    more: int = 0
    is_first: bool = False
    meaning: str = ""

    @property
    def clients_at_first(self) -> Sequence[str]:
        return self.clients[:_MOST_CLIENTS]

    @property
    def clients_more(self) -> Sequence[str]:
        return self.clients[_MOST_CLIENTS:]


def troubles(
    findings: Sequence[Finding], incidents: Iterable[Incident], *, named: bool
) -> tuple[Sequence[Trouble], int]:
    """Give the worst `MOST` findings, causes first and consequences beneath them; and how many others there are.

    They are *named* where links may lead to them.
    """
    worst = findings
    if len(findings) > MOST:
        # Sorting keeps the order of the checks among findings that are as bad.
        worst = sorted(findings, key=lambda finding: finding.severity.rank)[:MOST]
    since = {incident.name: incident.since for incident in incidents if incident.is_open}
    # Of those that have a name already, none is named again.
    seen = set() if named else {finding.incident for finding in worst}
    explained: set[str] = set()
    return [_trouble(story, since, seen, explained) for story in arranged(worst)], len(findings) - len(worst)


def _trouble(story: Story, since: Mapping[str, datetime], seen: set[str], explained: set[str]) -> Trouble:
    finding = story.finding
    is_first = finding.incident not in seen
    seen.add(finding.incident)
    meaning = "" if finding.code in explained else first_look(finding.code)
    explained.add(finding.code)
    return Trouble(
        incident=finding.incident,
        code=finding.code,
        severity=finding.severity,
        title=problem(finding),
        summary=finding.summary,
        expected=finding.expected,
        actual=finding.actual,
        steps=finding.remedy,
        changed=changed(finding),
        clients=tuple(clients_of(finding) or ()),
        clients_left_out=left_out([finding], "clients"),
        statements=tuple(statements_of(finding.evidence.get("statements"))),
        statements_left_out=left_out([finding], "statements"),
        since=since.get(finding.incident),
        silenced_until=finding.silenced_until,
        consequences=tuple(_trouble(each, since, seen, explained) for each in story.consequences),
        by_cause=None if story.cause is None else "caused by" if story.cause.certain else "possibly related to",
        more=len(story.more),
        is_first=is_first,
        meaning=meaning,
    )


def statements_of(found: Any) -> Iterator[Statement]:
    """Read the statements of a finding's evidence; what is none is left out."""
    for each in found if isinstance(found, list) else ():
        match each:
            case {"line": int(line), "state": str(state), "sql": str(sql)}:
                because = each.get("because")
                yield Statement(
                    line, state, sql, because if isinstance(because, str) else "", bool(each.get("failing"))
                )

"""What the pictures show: the plan of the evening before, the report of the morning after, the way from it to the fix, and
what a later check says of changes by hand.

All of it is printed by the monitor, of the demo's incident on a private PostgreSQL. What differs from run to run (the time,
how long the check took, the server's version) is set.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import psycopg
from rich.text import Text

from shared.alerts.decide.last_seen import last_seen_after
from shared.alerts.schema_changes import seen_before, with_schema
from shared.demo.api import serving
from shared.demo.fixing import fix
from shared.demo.incident import DATABASE, break_it, build
from shared.demo.private_postgres import PrivatePostgres
from shared.demo.show import target
from shared.model.finding import Json
from shared.model.memory import Memory
from shared.model.plan import Plan
from shared.model.report import DatabaseSummary, Report, Trigger, Verdict
from shared.model.settings import Target
from shared.model.value import replace
from shared.report.forms import render
from shared.report.plan.text import plan_as_text
from shared.run import run
from tests.alerts.news import BEGAN
from tests.docs.pictures.terminal import COLUMNS, DARK, LIGHT, Row, Screen, moving, rows, still
from tests.report.prediction import before_the_deployment

PLAN, CHECK = "migration-monitor plan --target production", "migration-monitor check --target production"
# The rows of the recording, and the rounds of the demo: a failed migration, what waited behind it, the seeds.
_HEIGHT, _MOST_ROUNDS = 30, 4
_TYPED_AT_ONCE = 3
# By somebody who was in a hurry, in one transaction.
_BY_HAND = """
CREATE ROLE alice;
GRANT USAGE, CREATE ON SCHEMA public TO alice;
ALTER TYPE "Role" ADD VALUE 'AUDITOR';
ALTER TABLE projects ADD COLUMN budget numeric;
CREATE TABLE users_backup AS TABLE users;
ALTER TABLE users_backup OWNER TO alice;
"""


def plan() -> list[Row]:
    planned = before_the_deployment(BEGAN).plan
    assert isinstance(planned, Plan)
    return _after(PLAN, plan_as_text(planned, width=COLUMNS, colour=True))


def checks(server: PrivatePostgres) -> list[list[Row]]:
    """The report of the incident, that of its fix, and that of changes by hand, on *server*, which is for this alone."""
    build(server)
    reader_url = break_it(server)
    with serving(server.url(DATABASE)) as api:
        report = first = run(target(reader_url, api), Trigger.TERMINAL)
        for _ in range(_MOST_ROUNDS):
            if report.verdict is Verdict.PASSED:
                break
            list(fix(report, server.url(DATABASE), server.programs))
            report = run(target(reader_url, api), Trigger.TERMINAL)
        assert report.verdict is Verdict.PASSED
        changed = _after_changes(server, target(reader_url, api))
    return [_shown(first, 5), _shown(report, 65), _shown(_at_set_times(changed), 185)]


def _after_changes(server: PrivatePostgres, production: Target) -> Report:
    """Check as the timer does, have somebody change something by hand, and check again."""
    seen = run(production, Trigger.SCHEDULE)
    memory = replace(Memory(production.name), last_seen=last_seen_after(Memory(production.name), seen, seen.started_at))
    memory, texts = with_schema(memory, seen.schema, seen.started_at, lambda _: None)
    with psycopg.connect(server.url(DATABASE)) as connection:
        connection.execute(_BY_HAND.encode())
    return run(
        production,
        Trigger.SCHEDULE,
        last_seen=memory.last_seen,
        read_seen_before=lambda: seen_before(memory, texts.get),
    )


def _at_set_times(report: Report) -> Report:
    """Give *report* as if the two checks had been two and three hours after the incident."""
    findings = []
    for finding in report.findings:
        changed = finding.evidence["changed"]
        assert isinstance(changed, dict)
        assert changed["after"]
        assert changed["before"]
        times: dict[str, Json] = {"after": {"check": _hours(2)}, "before": {"check": _hours(3)}}
        findings.append(replace(finding, evidence={**finding.evidence, "changed": {**changed, **times}}))
    of_checks = {each.key: each for each in findings}
    checks_ = tuple(
        replace(each, findings=tuple(of_checks[finding.key] for finding in each.findings)) for each in report.checks
    )
    return replace(report, checks=checks_)


def _hours(hours: int) -> str:
    return (BEGAN + timedelta(hours=hours)).isoformat()


def _shown(report: Report, minutes: int) -> list[Row]:
    assert isinstance(report.database, DatabaseSummary)
    assert report.coverage is not None
    always = replace(
        report,
        started_at=BEGAN + timedelta(minutes=minutes),
        took=timedelta(milliseconds=900),
        database=replace(report.database, server_version="17.6"),
        # What is never compared is less with each version.
        coverage=replace(report.coverage, not_compared=()),
    )
    return _after(CHECK, render([always], "text", width=COLUMNS, colour=True))


def _after(command: str, printed: str) -> list[Row]:
    return rows(f"\x1b[1m$ {command}\x1b[0m\n{printed.rstrip()}")


def recording(planned: Sequence[Row], incident: Sequence[Row], fixed: Sequence[Row]) -> Iterator[Screen]:
    yield Screen(planned[:_HEIGHT], 5)
    yield Screen(planned[-_HEIGHT:], 4)
    yield from _typed("# Nobody ran it. The next morning:", CHECK, below=planned)
    yield Screen(incident[:_HEIGHT], 7)
    yield Screen(incident[-_HEIGHT:], 5)
    yield from _typed(
        "# Every printed step is done: psql …, npx prisma migrate resolve, deploy, db seed", CHECK, below=incident
    )
    yield Screen(fixed[:_HEIGHT], 5)


def _typed(*commands: str, below: Sequence[Row]) -> Iterator[Screen]:
    """Somebody types *commands*, one after the other, *below* what the terminal showed before."""
    shown = list(below)
    for command in commands:
        for end in range(0, len(command), _TYPED_AT_ONCE):
            yield Screen([*shown, _prompt(f"{command[:end]}▌")][-_HEIGHT:], 0.1)
        shown.append(_prompt(command))
        yield Screen(shown[-_HEIGHT:], 1)


def _prompt(command: str) -> Row:
    return Text(f"$ {command}", style="bold")


def pictures(server: PrivatePostgres) -> Mapping[str, str]:
    """Each picture by the name of its file."""
    planned = plan()
    incident, fixed, changed = checks(server)
    screens = list(recording(planned, incident, fixed))
    drawn = {}
    for theme in (LIGHT, DARK):
        drawn[f"plan-{theme.name}.svg"] = still(planned, "The plan of a deployment in a terminal", theme)
        drawn[f"report-{theme.name}.svg"] = still(incident, "The report of an incident in a terminal", theme)
        drawn[f"changed-{theme.name}.svg"] = still(changed, "What a check says of changes by hand", theme)
        drawn[f"demo-{theme.name}.svg"] = moving(
            screens, _HEIGHT, "A plan, an incident and its fix in a terminal", theme
        )
    return drawn

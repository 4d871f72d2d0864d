"""What the pictures show: the plan of the evening before, the report of the morning after, and the way from it to the fix.

All of it is printed by the monitor, of the demo's incident on a private PostgreSQL. What differs from run to run (the time,
how long the check took, the server's version) is set.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from rich.text import Text

from shared.demo.api import serving
from shared.demo.fixing import fix
from shared.demo.incident import DATABASE, break_it, build
from shared.demo.private_postgres import PrivatePostgres
from shared.demo.show import target
from shared.model.plan import Plan
from shared.model.report import DatabaseSummary, Report, Trigger, Verdict
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


def plan() -> list[Row]:
    planned = before_the_deployment(BEGAN).plan
    assert isinstance(planned, Plan)
    return _after(PLAN, plan_as_text(planned, width=COLUMNS, colour=True))


def checks(server: PrivatePostgres) -> list[list[Row]]:
    """The report of the incident, and that of its fix, on *server*, which is for this alone."""
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
    return [_shown(first, 5), _shown(report, 65)]


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
    incident, fixed = checks(server)
    screens = list(recording(planned, incident, fixed))
    drawn = {}
    for theme in (LIGHT, DARK):
        drawn[f"plan-{theme.name}.svg"] = still(planned, "The plan of a deployment in a terminal", theme)
        drawn[f"report-{theme.name}.svg"] = still(incident, "The report of an incident in a terminal", theme)
        drawn[f"demo-{theme.name}.svg"] = moving(
            screens, _HEIGHT, "A plan, an incident and its fix in a terminal", theme
        )
    return drawn

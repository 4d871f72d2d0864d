"""The incident of 2025-09-05 and what came after, as news to be written; the golden files show it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.alerts.messages import compose, crash, poisoned, sample, weekly_card
from shared.alerts.messages.group import group_message
from shared.alerts.messages.group_news import group_news
from shared.alerts.messages.only_member import Last
from shared.alerts.messages.parts import short, thread
from shared.model.alerts import AlertSettings
from shared.model.diagnosis import MigrationStatus, State
from shared.model.finding import Cause, Finding, Severity, Step
from shared.model.groups import IncidentGroup, Listed, Member, MemberIncident
from shared.model.knowledge import Unavailable
from shared.model.memory import Memory
from shared.model.message import Change, Message
from shared.model.news import Decision, News, OpenIncident, Silence, Week, Why
from shared.model.release import Migration
from shared.model.report import CheckResult, Coverage, DatabaseSummary, ReleaseSummary, Report, Trigger, Verdict
from tests.builders import row, script
from tests.report.prediction import before_the_deployment

BEGAN = datetime(2025, 9, 5, 9, 45, tzinfo=UTC)
ALERTS = AlertSettings(
    status_page="https://monitor.example.com/api/status",
    runbook="https://wiki.example.com/migrations",
)
BROKEN = "20250904_160000_fix_folders_and_files_schema"
ALIASES = "20250904_161000_add_asset_column_aliases"
PHASES = "20250904_162000_add_phase_result_tracking"
LONG = "20250904_163000_move_folders_and_files_of_archived_projects_to_their_own_table"
LONGER = f"20250904163500{'x' * 60}_and_what_comes_after_it"
ERROR = 'ERROR: column "project_id" of relation "folders" contains null values'
PREPARE = Step(
    "In a checkout of the release, prepare the shell.",
    "cd apps/backend\n"
    'export DATABASE_URL="$(az keyvault secret show --vault-name usasset-kv --name database-connection-string '
    '--query value -o tsv)"',
    prepares=True,
)

FAILED = Finding(
    "migration-failed",
    BROKEN,
    Severity.CRITICAL,
    f"{BROKEN} failed on 2025-09-05 at 09:41 UTC: {ERROR} (SQLSTATE 23502). It blocks every deploy (P3009).",
    expected="applied",
    actual="failed",
    remedy=(
        PREPARE,
        Step(
            "Fix what made it fail. Then check which statements were applied: the migration may have stopped half-way."
        ),
        Step(
            "If none was applied: mark the migration as rolled back.",
            f"npx prisma migrate resolve --rolled-back {BROKEN}",
        ),
        Step("Then deploy again.", "npx prisma migrate deploy"),
        Step(
            "If some were applied: run the others by hand, then record the migration as applied.",
            f"npx prisma migrate resolve --applied {BROKEN}",
        ),
    ),
    evidence={
        "error": ERROR,
        "sqlstate": "23502",
        "table": "folders",
        "column": "project_id",
        "clients": [
            "reads of whole folders records fail: P2022 (42703)",
            "creates of folders fail: P2022 (42703)",
            "includes over folders.project_id fail: P2022 (42703)",
        ],
        "failing_tables": ["public.folders"],
    },
)


def pending(name: str) -> Finding:
    return Finding(
        "migration-pending",
        name,
        Severity.CRITICAL,
        f"{name} is in the release and was never applied to production.",
        remedy=(Step(f"Fix {BROKEN} first: Prisma deploys nothing while it is marked as failed (P3009)."),),
        because=(Cause(FAILED.key, certain=True),),
    )


FOLDERS = Finding(
    "endpoint-status",
    "folders",
    Severity.CRITICAL,
    "GET /api/folders: expected status 200, got status 500 after 3 tries.",
    remedy=(Step("Find this request in the application's log."),),
    because=(Cause(FAILED.key, certain=True),),
)
USERS = Finding(
    "seed-missing",
    "users",
    Severity.CRITICAL,
    "users holds 2 rows; the release seeds exactly 6.",
    expected="exactly 6",
    actual="2",
    remedy=(PREPARE, Step("Seed again.", "npx prisma db seed")),
    because=(Cause(FAILED.key, certain=False),),
)
RULE = Finding(
    "firewall-rule-temporary",
    "tmp-repair-2025-09-05",
    Severity.WARNING,
    "The firewall rule tmp-repair-2025-09-05 was first seen 3 h ago: a temporary rule should be removed by now.",
    remedy=(Step("Remove it.", "az resource delete --ids /subscriptions/0/firewallRules/tmp-repair-2025-09-05"),),
)
DRIFT = Finding(
    "index-invalid",
    "index public.folders_idx",
    Severity.WARNING,
    "The index is invalid: it is maintained and never used.",
)
EVERYTHING = (FAILED, pending(ALIASES), pending(PHASES), FOLDERS, USERS)
_CHECK_OF = {"migration": "history", "endpoint": "endpoints", "seed": "seeds", "firewall": "server", "index": "schema"}


def report(*findings: Finding, at: datetime, no_result: str | None = None) -> Report:
    """A report with *findings*; *no_result* is why history and seeds have no result."""
    checks = []
    for name in ("history", "schema", "seeds", "endpoints", "activity", "server"):
        found = tuple(f for f in findings if _CHECK_OF[f.code.partition("-")[0]] == name)
        verdict = Verdict.PASSED
        if found:
            verdict = Verdict.FAILED if any(f.severity is Severity.CRITICAL for f in found) else Verdict.WARNING
        unknown = no_result if name in {"history", "seeds", "activity"} else None
        if name == "schema":
            verdict = Verdict.SKIPPED
        checks.append(
            CheckResult(
                name,
                Verdict.UNKNOWN if unknown else verdict,
                timedelta(0),
                found,
                Unavailable(unknown) if unknown else None,
            )
        )
    failed = any(f is FAILED for f in findings)
    status = MigrationStatus(
        BROKEN, State.FAILED if failed else State.APPLIED, Migration(BROKEN, script(BROKEN)), row(BROKEN)
    )
    return Report(
        target="production",
        trigger=Trigger.SCHEDULE,
        phase=None,
        started_at=at,
        took=timedelta(milliseconds=412),
        release=ReleaseSummary("v1.42.0", "github", "sha256:0", 34),
        database=None if no_result else DatabaseSummary("usasset", "public", "16.4", 31),
        checks=tuple(checks),
        migrations=() if no_result else (status,),
        coverage=Coverage(0, {}, {}, 0, ("schema", "schema.prisma")),
    )


def decided(why: Why, *findings: Finding, notified: int = 0, because: str | None = None) -> tuple[Decision, ...]:
    return tuple(Decision(f.incident, why, f.severity, BEGAN, (f,), notified, because) for f in findings)


def unknown_checks(why: Why, *checks: str, since: datetime, notified: int = 0) -> tuple[Decision, ...]:
    return tuple(Decision(f"unknown {c}", why, Severity.CRITICAL, since, (), notified, UNREACHABLE) for c in checks)


UNREACHABLE = "cannot reach usasset-db.postgres.database.azure.com:5432: no answer within 10 s"
SILENCE = Silence("seed-missing:users", "ada@example.com", "seeding again this afternoon", BEGAN + timedelta(days=2))


def after(**passed: float) -> datetime:
    return BEGAN + timedelta(**passed)


def opened() -> Message:
    now = after(minutes=0)
    return compose(
        News(report(*EVERYTHING, at=now), decided(Why.OPENED, *EVERYTHING), (), after(minutes=5)), ALERTS, now
    )


def changed() -> Message:
    now = after(minutes=40)
    later = replace(USERS, summary="users holds 0 rows; the release seeds exactly 6.", actual="0")
    found = (FAILED, pending(ALIASES), later)
    known = (
        OpenIncident(FAILED.incident, Severity.CRITICAL, BEGAN),
        OpenIncident(pending(ALIASES).incident, Severity.CRITICAL, BEGAN),
    )
    return compose(
        News(report(*found, at=now), decided(Why.CHANGED, later, notified=1), known, after(minutes=45)), ALERTS, now
    )


def fixed_in_part() -> Message:
    now = after(hours=2, minutes=10)
    ended = (FAILED, pending(ALIASES), pending(PHASES), FOLDERS)
    known = (OpenIncident(USERS.incident, Severity.CRITICAL, BEGAN),)
    left = replace(USERS, because=())
    return compose(
        News(report(left, RULE, at=now), decided(Why.RESOLVED, *ended, notified=1), known, after(hours=2, minutes=15)),
        ALERTS,
        now,
    )


def fixed() -> Message:
    now = after(hours=3, minutes=20)
    return compose(
        News(report(at=now), decided(Why.RESOLVED, USERS, notified=1), (), after(hours=4, minutes=20)), ALERTS, now
    )


def cannot_check() -> Message:
    now = after(hours=5)
    stands = (OpenIncident(FAILED.incident, Severity.CRITICAL, BEGAN),)
    decisions = unknown_checks(Why.CANNOT_CHECK, "history", "seeds", "activity", since=after(hours=4, minutes=55))
    return compose(
        News(report(at=now, no_result=UNREACHABLE), decisions, stands, after(hours=5, minutes=5)), ALERTS, now
    )


def works_again() -> Message:
    now = after(hours=6)
    decisions = unknown_checks(
        Why.WORKS_AGAIN, "history", "seeds", "activity", since=after(hours=4, minutes=55), notified=1
    )
    return compose(News(report(at=now), decisions, (), after(hours=7)), ALERTS, now)


def reminder() -> Message:
    now = after(days=1)
    silenced = (OpenIncident(USERS.incident, Severity.CRITICAL, BEGAN, SILENCE),)
    news = News(
        report(*EVERYTHING, at=now),
        decided(Why.REMINDER, *EVERYTHING[:-1], notified=1),
        silenced,
        after(days=1, minutes=5),
    )
    return compose(news, ALERTS, now)


def long_names() -> Message:
    """Opened and reminded of, with names of the length that people give to branches."""
    now = after(days=1)
    failed = replace(
        FAILED,
        subject=LONG,
        summary=FAILED.summary.replace(BROKEN, LONG),
        remedy=(Step("Mark the migration as rolled back.", f"npx prisma migrate resolve --rolled-back {LONG}"),),
    )
    waits = replace(pending(LONGER), because=(Cause(failed.key, certain=True),))
    old = replace(DRIFT, subject=f"index public.{LONGER}")
    decisions = decided(Why.OPENED, failed, waits) + decided(Why.REMINDER, old, notified=2)
    return compose(News(report(failed, waits, old, at=now), decisions, (), after(days=1, minutes=5)), ALERTS, now)


def late() -> Message:
    return replace(opened(), late=BEGAN)


def weekly() -> Message:
    now = after(days=3)
    week = Week(
        "production", now - timedelta(days=7), now, 172, 4, timedelta(minutes=65), 5,
        (OpenIncident(RULE.incident, Severity.WARNING, BEGAN),), (SILENCE,), 2,
    )  # fmt: skip
    return weekly_card(week, ALERTS, now)


def predicted() -> Message:
    """The pipeline asks before the deployment, which would fail."""
    found = before_the_deployment(BEGAN)
    stopped = "The deployment of v1.42.0 was stopped before it began"
    critical = tuple(each for each in found.findings if each.severity is Severity.CRITICAL)
    decision = Decision("deployment of v1.42.0", Why.VERIFY, Severity.CRITICAL, BEGAN, critical, 0, stopped)
    return compose(News(found, (decision,), (), after(minutes=5)), ALERTS, BEGAN)


def _member(number: int, *others: MemberIncident, **changes: Any) -> Member:
    failed = MemberIncident(FAILED.incident, BEGAN, Severity.CRITICAL, short(FAILED), "d", ("team",))
    member = Member(f"customer-{number:03}", (failed, *others), BEGAN, Severity.CRITICAL)
    return replace(member, **{"listed": (Listed("team", member.states("team")),), **changes})


_DOWN = MemberIncident(FOLDERS.incident, BEGAN, Severity.CRITICAL, short(FOLDERS), "d", ("team",))
_WAITING = MemberIncident(f"migration {ALIASES}", BEGAN, Severity.CRITICAL, short(pending(ALIASES)), "d", ("team",))
_SHORT = MemberIncident(USERS.incident, BEGAN, Severity.CRITICAL, short(USERS), "d", ("team",))
_GROUP = IncidentGroup(FAILED.key, "customer-001", FAILED.incident, BEGAN, thread(FAILED.incident, BEGAN), most=62)


def _of_group(
    change: Change, now: datetime, *members: Member, group: IncidentGroup = _GROUP, found: Report | None = None
) -> Message:
    first = replace(report(*EVERYTHING, at=now), target="customer-001") if found is None else found
    news = group_news(replace(group, members=members), "team", change)
    return group_message(news, Last(Memory("customer-001"), first), ALERTS, now)


def group_opened() -> Message:
    new: dict[str, Any] = {"listed": ()}
    worst = _member(1, _DOWN, _WAITING, _SHORT, listed=())
    return _of_group(Change.OPENED, after(minutes=1), worst, *(_member(n, _DOWN, **new) for n in range(2, 38)))


def group_changed() -> Message:
    ended = {"incidents": (), "ended": "resolved"}
    silenced = MemberIncident(
        FAILED.incident, BEGAN, Severity.CRITICAL, short(FAILED), "d", ("team",),
        silence="silenced by Ada until 14:00 UTC: running the rest by hand",
    )  # fmt: skip
    return _of_group(
        Change.CHANGED,
        after(minutes=20),
        _member(1, _DOWN, _WAITING),
        *(_member(number) for number in range(2, 60)),
        _member(60, listed=(), since=after(minutes=12)),
        _member(61, **ended),
        _member(62, incidents=(silenced,)),
    )


def group_resolved() -> Message:
    return _of_group(
        Change.RESOLVED, after(hours=3), *(_member(n, incidents=(), ended="resolved") for n in range(1, 20))
    )


def group_reminder() -> Message:
    return _of_group(Change.REMINDER, after(days=1), *(_member(number) for number in range(1, 5)))


def group_unreachable() -> Message:
    group = replace(_GROUP, key="unknown on db.example.com:5432", incident="unknown history")
    lost = MemberIncident("unknown history", BEGAN, Severity.CRITICAL, UNREACHABLE, "d", ("team",), total=True)
    members = tuple(Member(f"customer-{number:03}", (lost,), BEGAN, Severity.CRITICAL) for number in range(1, 21))
    found = replace(report(at=BEGAN, no_result=UNREACHABLE), target="customer-001")
    return _of_group(Change.OPENED, after(minutes=5), *members, group=group, found=found)


MESSAGES: dict[str, Callable[[], Message]] = {
    "predicted": predicted,
    "opened": opened,
    "changed": changed,
    "fixed in part": fixed_in_part,
    "fixed": fixed,
    "cannot check": cannot_check,
    "works again": works_again,
    "reminder": reminder,
    "long names": long_names,
    "late": late,
    "weekly": weekly,
    "crash": lambda: crash("production", "KeyError", "shared/checks/history.py:212", ALERTS, BEGAN),
    "given up": lambda: poisoned("production", ALERTS, BEGAN),
    "test": lambda: sample("team", ALERTS, BEGAN),
    "group opened": group_opened,
    "group changed": group_changed,
    "group resolved": group_resolved,
    "group reminder": group_reminder,
    "group unreachable": group_unreachable,
}

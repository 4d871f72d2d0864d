"""A report with everything in it that forms must cope with."""

from datetime import timedelta

from shared.model.diagnosis import MigrationStatus, State
from shared.model.finding import Cause, Finding, Severity, Step
from shared.model.knowledge import Unavailable
from shared.model.release import Migration, Stale
from shared.model.report import (
    AppSummary,
    CheckResult,
    Coverage,
    DatabaseSummary,
    Measurement,
    ReleaseSummary,
    Report,
    ServerSummary,
    Trigger,
    Verdict,
)
from tests.builders import NOW, row, script

FAILED = Finding(
    "migration-failed",
    "20250904_fix_folders",
    Severity.CRITICAL,
    '20250904_fix_folders failed on 2025-09-05 at 09:41 UTC: ERROR: column "project_id" contains null values.',
    expected="applied",
    actual="failed",
    remedy=(
        Step(
            "In a checkout of the release, prepare the shell.",
            'cd apps/backend\nexport DATABASE_URL="…"',
            prepares=True,
        ),
        Step("Mark it as rolled back.", "npx prisma migrate resolve --rolled-back 20250904_fix_folders"),
    ),
    evidence={
        "sqlstate": "23502",
        "clients": ["reads of whole folders records fail: P2022 (42703)", "creates of folders fail: P2022 (42703)"],
        "failing_tables": ["public.folders"],
    },
)
PENDING = Finding(
    "migration-pending",
    "20250905_add_aliases",
    Severity.CRITICAL,
    "20250905_add_aliases is in the release and was never applied to production.",
    remedy=(Step("First fix 20250904_fix_folders: Prisma deploys nothing while it is recorded as failed (P3009)."),),
    because=(Cause(FAILED.key, certain=True),),
    evidence={"clients": [], "failing_tables": []},
)
HOSTILE = Finding(
    "seed-unexpected",
    "us`ers|</td><script>alert(1)</script>\x1b[31m\u202e🎉",
    Severity.WARNING,
    "us`ers|</td><script>alert(1)</script>\x1b[31m\u202e🎉 *holds* [7](http://evil) rows; the release seeds exactly 6.",
    expected="exactly 6",
    actual="7",
    remedy=(Step("Look:", "echo '```' && \x1b[2J"),),
    because=(Cause(FAILED.key, certain=False),),
)


def report(*findings: Finding, unknown: str | None = None) -> Report:
    """A report whose history check holds *findings*; *unknown* is why its seeds are."""
    worst = Verdict.PASSED
    if findings:
        worst = Verdict.FAILED if any(f.severity is Severity.CRITICAL for f in findings) else Verdict.WARNING
    seeds = Verdict.UNKNOWN if unknown else Verdict.PASSED
    return Report(
        target="production",
        trigger=Trigger.SCHEDULE,
        phase=None,
        started_at=NOW,
        took=timedelta(milliseconds=412),
        release=ReleaseSummary(
            "v1.42.0",
            "archive",
            "sha256:0",
            34,
            "releases/v1.42.0.tar.gz",
            ("the release of example/app: api.github.com:443 answered 503",),
            Stale(NOW - timedelta(hours=1), "the disk is away"),
        ),
        database=DatabaseSummary("usasset", "public", "16.4", 31),
        checks=(
            CheckResult("history", worst, timedelta(milliseconds=9), findings),
            CheckResult("schema", Verdict.SKIPPED, timedelta(0)),
            CheckResult("seeds", seeds, timedelta(milliseconds=9), (), Unavailable(unknown) if unknown else None),
        ),
        migrations=(
            MigrationStatus("1", State.APPLIED, Migration("1", script("1")), row("1")),
            MigrationStatus("2", State.PENDING, Migration("2", script("2")), None),
        ),
        coverage=Coverage(0, {}, {}, 0, ("schema", "schema.prisma")),
        server=ServerSummary("usasset-db", "Ready", "16", "Disabled", 7, geo_backup=False, public_access=True),
        app=AppSummary(
            name="usasset-api",
            revision="usasset-api--0000006",
            traffic=100,
            image="usasset.azurecr.io/api:v1.41.0",
            version="v1.41.0",
            digest=None,
            healthy=True,
            is_release=False,
            database=None,
            not_compared="its secrets may not be read",
        ),
        measured=(
            Measurement("seed", "users", "exactly 6", 6.0, "rows", Verdict.PASSED),
            Measurement("endpoint", "folders", "status 200", None, "ms", Verdict.FAILED, "GET /folders: no answer."),
        ),
    )

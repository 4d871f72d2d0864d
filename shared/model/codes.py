"""The codes of findings: all that is known of a code stands in its row. They are public and never change meaning."""

from collections.abc import Mapping

from .value import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """What holds of every finding with this code.

    *severity* is the one that a check gives it unless *severity_note* says when another; None where it depends on
    the kind of the object. *short* is what a headline says: after the migration's name where the subject is one
    (*of_migration*), else before the subject. Such a finding belongs to the incident of its migration, unless it is
    *apart*. *means* and *action* are Markdown; `shared/report/respond.md` has a section of prose for each code.

    *lacking*: statements of its migration have not run. *heals*: it can pass by itself after a deployment, so a
    verification waits for it. *held_back*: a running deployment causes it, so nobody is notified of it meanwhile.
    *measured*: it compares with the run before, and to silence it means to accept the new baseline.
    """

    name: str
    check: str
    severity: str | None
    short: str
    means: str
    action: str
    severity_note: str = ""
    of_migration: bool = False
    apart: bool = False
    lacking: bool = False
    heals: bool = False
    held_back: bool = False
    measured: bool = False


# fmt: off
_ROWS = (
    Code(
        "history-missing", "history", "critical", "no migration history in schema",
        "no `_prisma_migrations` in the watched schema",
        "name the right schema, or baseline and deploy",
        heals=True, held_back=True,
    ),
    Code(
        "migration-pending", "history", "critical", "is pending",
        "in the release, not applied",
        "`npx prisma migrate deploy`",
        of_migration=True, lacking=True, heals=True, held_back=True,
    ),
    Code(
        "migration-skipped", "history", "critical", "was skipped",
        "in the release, not applied, and older than the newest applied migration",
        "`npx prisma migrate deploy`",
        of_migration=True, lacking=True, heals=True, held_back=True,
    ),
    Code(
        "migration-unrecorded", "history", "critical", "was applied but is not recorded",
        (
            "all of its statements were applied, and the history has no row of it: a deployment would run it a second"
            " time, and in most cases fail"
        ),
        "`migrate resolve --applied`; first the statements that leave no trace, as asked",
        of_migration=True,
    ),
    Code(
        "migration-partially-applied", "history", "critical", "was applied in part",
        "not applied according to the history, yet some of its statements were",
        "run the missing ones as printed, then `migrate resolve --applied`",
        of_migration=True, lacking=True,
    ),
    Code(
        "migration-failed", "history", "critical", "failed",
        "stopped with an error or was killed; it blocks every deployment (P3009)",
        "fix its cause, then `migrate resolve` as printed",
        of_migration=True, lacking=True,
    ),
    Code(
        "migration-rolled-back", "history", "critical", "was rolled back",
        "marked as rolled back, and not applied since",
        "fix its cause, then deploy",
        of_migration=True, lacking=True, heals=True, held_back=True,
    ),
    Code(
        "migration-renamed", "history", "critical", "was renamed",
        "applied under another name: a deployment would run it again",
        "`migrate resolve --applied` with the new name",
        of_migration=True,
    ),
    Code(
        "migration-running", "history", "info", "is running",
        "being applied now",
        "wait",
        of_migration=True, heals=True,
    ),
    Code(
        "migration-edited", "history", "warning", "was edited after it was applied",
        "applied, and the release's file is not the one that ran",
        "restore the script (the printed command finds it in git by its checksum), put the change into a new migration",
        of_migration=True,
    ),
    Code(
        "migration-ahead", "history", "info", "is ahead of the release",
        "applied before the release has it, and found in the source named as `ahead`",
        "nothing",
        of_migration=True,
    ),
    Code(
        "migration-missing-from-release", "history", "warning", "is missing from the release",
        "applied, and not in the release",
        "release the branch that it came from",
        of_migration=True,
    ),
    Code(
        "migration-squashed", "history", "info", "replaces older migrations",
        "replaces (squashes) older migrations that the release no longer has",
        "nothing",
        of_migration=True,
    ),
    Code(
        "history-rewritten", "history", "critical", "history rewritten",
        "rows of the history that were seen before are gone or replaced: a reset, a restore",
        "find out who did it, and compare the data",
        measured=True,
    ),
    Code(
        "release-malformed", "history", "critical", "release malformed",
        "a folder without `migration.sql`, a script that cannot be run, a lock file of another database",
        "fix the release",
    ),
    Code(
        "release-stale", "history", "warning", "release cannot be read",
        "the source of the release does not answer: the database is compared with the release that was read last",
        "make the source readable again",
    ),
    Code(
        "schema-missing", "schema", None, "missing in the schema",
        "an object that the applied migrations create is missing",
        (
            "a new migration, whose SQL is printed where nothing is lost; where `resolve --applied` recorded a "
            "migration too early, its missing statements, in psql"
        ),
            ),
    Code(
        "schema-unexpected", "schema", None, "unexpected in the schema",
        "an object that no applied migration makes",
        "keep it by a migration, or accept it in the settings",
            ),
    Code(
        "schema-changed", "schema", None, "changed in the schema",
        "an object is not what the migrations make it",
        "a new migration, whose SQL is printed where nothing is lost",
            ),
    Code(
        "index-invalid", "schema", "warning", "invalid index",
        "a CREATE INDEX or REINDEX CONCURRENTLY failed and left an index that is never used",
        "drop or rebuild it as printed",
        severity_note="warning; critical if unique, but for what a REINDEX left beside the index in use",
    ),
    Code(
        "constraint-not-valid", "schema", "warning", "constraint not validated",
        "not validated, although the migrations validate it",
        "`VALIDATE CONSTRAINT`, in a new migration",
    ),
    Code(
        "seed-missing", "seeds", "critical", "seed rows missing",
        "fewer rows than expected",
        "`npx prisma db seed`",
        heals=True, held_back=True,
    ),
    Code(
        "seed-unexpected", "seeds", "warning", "more seed rows than expected",
        "more rows than expected",
        "find out who added them",
    ),
    Code(
        "seed-uncountable", "seeds", "critical", "seed rows cannot be counted",
        "the table or column does not exist",
        "apply the migration that makes it",
        heals=True, held_back=True,
    ),
    Code(
        "seed-collapsed", "seeds", "critical", "seed rows gone",
        "rows fell by more than `max_drop` since the last run",
        "find out who removed them",
        heals=True, held_back=True, measured=True,
    ),
    Code(
        "endpoint-unreachable", "endpoints", "critical", "endpoint unreachable",
        "no answer, in all tries",
        "check whether the application runs",
        heals=True, held_back=True,
    ),
    Code(
        "endpoint-status", "endpoints", "critical", "endpoint answers wrongly",
        "another status than expected",
        "read the application's log",
        heals=True, held_back=True,
    ),
    Code(
        "endpoint-content", "endpoints", "critical", "endpoint answers wrongly",
        "the body is not as expected",
        "read what the endpoint queries",
        heals=True, held_back=True,
    ),
    Code(
        "endpoint-slow", "endpoints", "warning", "endpoint too slow",
        "over its latency budget in all tries",
        "look for load or a missing index",
        held_back=True,
    ),
    Code(
        "certificate-expiring", "endpoints", "warning", "certificate expires soon",
        "near its end",
        "renew it",
    ),
    Code(
        "migration-lock-held", "activity", "warning", "Prisma's migration lock is held",
        "Prisma's lock is held and no young migration explains it, or somebody has waited for it for 30 s",
        "wait, or cancel and then end the session as printed; if the lock leaked through a pool: deploy over port 5432",
        held_back=True,
    ),
    Code(
        "session-blocking", "activity", "warning", "session blocks others",
        (
            "a session has blocked others for longer than `patience`; during a deployment, more than `queue_alert` "
            "sessions have waited behind it for longer than `max_block`"
        ),
        "let it finish, or end it as printed; `migration-monitor watch` shows what stopping a migration leaves",
        severity_note="warning; a queue during a deployment is critical",
    ),
    Code(
        "server-unavailable", "server", "critical", "database server not available",
        "Azure says that the server is not Ready, and it is not a time to sleep",
        "start it as printed, or see its activity log",
    ),
    Code(
        "firewall-rule-temporary", "server", "warning", "temporary firewall rule",
        "by its name it is temporary, and it was first seen longer ago than its grace",
        "delete it as printed",
    ),
    Code(
        "firewall-rule-wide", "server", "warning", "wide firewall rule",
        "it lets in all of Azure, other customers included, or more addresses than allowed",
        "make narrower rules, delete it as printed",
    ),
    Code(
        "server-setting", "server", "warning", "server not set as expected",
        "version, standby, backups, public access or a parameter is not as expected",
        "set it as printed, or change the expectation",
    ),
    Code(
        "app-unhealthy", "app", "critical", "app fails",
        (
            "a revision with traffic fails, none is active, or the app is stopped; the newest revision fails while "
            "the one before keeps the traffic"
        ),
        "see its log with the printed command, fix it, deploy again",
        severity_note="critical; the last one a warning, except after its deployment",
        heals=True, held_back=True,
    ),
    Code(
        "app-behind", "app", "critical", "app runs another release",
        "after a deployment it runs another release than the deployed one, or its newest revision is not ready",
        "deploy again, or give the revision the traffic",
        heals=True, held_back=True,
    ),
    Code(
        "app-other-database", "app", "critical", "app uses another database",
        "its database is not the watched one",
        "fix the app's variable, or the settings",
    ),
    Code(
        "deploy-will-fail", "deployment", "critical", "will fail when it is deployed",
        (
            "a migration to run certainly fails: on the catalog (42P07, 42701, 2BP01 …), on the rows (23502, 23505, "
            "23503 …, with how many are in the way) or by the way its file runs (55P04, 25001)"
        ),
        "fix what the finding names, then deploy; never `resolve --applied`",
        severity_note=(
            "critical before and during a deployment, at a terminal, and once the app runs the release;"
            " else warning"
        ),
        of_migration=True,
    ),
    Code(
        "deploy-blocks", "deployment", "warning", "will block reads or writes",
        (
            "a statement blocks reads or writes of a table that holds rows for longer than `max_block`, by the upper "
            "end of the estimate"
        ),
        "take the safer way that `migration-monitor plan` prints",
        severity_note="warning, critical above ten times `max_block`; info on a schedule before the deployment",
        of_migration=True, apart=True,
    ),
    Code(
        "deploy-loses-data", "deployment", "warning", "will lose data",
        "a statement drops columns, tables or rows of a table that holds rows",
        "make sure that nobody needs them, and that a backup has them",
        severity_note="warning; info on a schedule before the deployment",
        of_migration=True, apart=True,
    ),
    Code(
        "deploy-breaks-running-app", "deployment", "warning", "will break the running app",
        "a statement breaks what the running release still uses, in Prisma's own codes",
        "deploy in two releases: expand, then contract",
        severity_note=(
            "warning; info where it is only assumed that the release uses it, and on a schedule before the deployment"
        ),
        of_migration=True, apart=True,
    ),
    Code(
        "deploy-fills-disk", "deployment", "warning", "deployment may fill the disk",
        (
            "new files of tables and indexes, sort files, their WAL and what replication slots hold back may need more "
            "than half of what the server's disk has left; a flexible server turns read-only at 95 % used or less than "
            "5 GiB free"
        ),
        "enlarge the storage first (it can never be made smaller again), or deploy in parts",
        severity_note=(
            "warning, critical where the server would turn read-only; info on a schedule before the deployment"
        ),
    ),
    Code(
        "deploy-outlasts-start", "deployment", "warning", "migrates when it starts",
        (
            "the app migrates when it starts (`migrates_at_start`, or seen in the history), and the pending migrations "
            "may take longer than its startup probe allows, or, with more than one replica, than the 10 s that Prisma "
            "waits for its lock"
        ),
        "migrate in a job before the app is deployed, as in `examples/container-apps-job`",
        severity_note="warning, critical in phase `before`; info on a schedule before the deployment",
    ),
    Code(
        "deploy-session-setting", "deployment", "warning", "a role's setting changes",
        (
            "`search_path` or `TimeZone` of the role that deploys (or of its database or URL) changes what a pending "
            "statement does: its names lead to another schema, or times are read and written in another zone than UTC"
        ),
        "name the schema in the URL (`?schema=`), and set `TimeZone` of the role to UTC",
        severity_note=(
            "warning, critical in phase `before` where names lead to another schema; info on a schedule before the "
            "deployment"
        ),
        of_migration=True, apart=True,
    ),
    Code(
        "deploy-through-pool", "deployment", "critical", "deployment through a pool",
        (
            "the deploying role connects through a connection pool: in transaction mode Prisma's lock stays on a "
            "pooled session, and later deployments wait for it"
        ),
        "deploy over the server's own port (5432), with a URL of its own (`directUrl`)",
        severity_note=(
            "critical where the URL says `pgbouncer=true` or two transactions had different sessions; else warning"
        ),
    ),
    Code(
        "deploy-not-probed", "deployment", "info", "was not probed",
        (
            "rows, or what the server has, decide whether pending statements can run, and were not read: no right, too "
            "large, too slow, or on a schedule"
        ),
        (
            "run the query that is printed, or `migration-monitor plan`; a right for the monitor's role: `-v probe=…` "
            "of `infra/grants.sql`"
        ),
        of_migration=True, apart=True,
    ),
    Code(
        "schema-prisma-ahead", "release", "warning", "schema.prisma does not match the migrations",
        (
            "`schema.prisma`, as Prisma lowers it to SQL, has what no migration of the release creates, or the other "
            "way round: the release's client expects another schema than a deployment makes. Only releases that carry "
            "`schema.sql` are checked"
        ),
        (
            "write the missing migration: `npx prisma migrate dev --create-only`, against a development database, and "
            "release it"
        ),
        severity_note=(
            "warning; before a deployment critical where the client cannot do without it; info where names alone differ"
        ),
    ),
    Code(
        "privilege-missing", "privileges", None, "missing privilege of",
        (
            "a role lacks a privilege that the applied migrations, or the baseline in `[target.grants]`, grant it "
            "(`compare_privileges`); what it has by a group, as PUBLIC or as a superuser is not missing"
        ),
        "grant it by the printed migration, or record the baseline again: `migration-monitor baseline`",
        severity_note="critical where statements of the application's role fail by it (42501), else warning",
    ),
    Code(
        "privilege-unexpected", "privileges", "warning", "unexpected privilege of",
        "a role has a privilege that neither the applied migrations nor the baseline grant (`compare_privileges`)",
        "revoke it by the printed migration, or record the baseline again: `migration-monitor baseline`",
    ),
    Code(
        "owner-changed", "privileges", None, "another owner of",
        "an object belongs to another role than the migrations or the baseline say (`compare_privileges`)",
        "give it back by the printed migration, or record the baseline again: `migration-monitor baseline`",
        severity_note=(
            "critical where the deploying role can no longer alter it, or statements of the application's role fail "
            "(42501); else warning"
        ),
    ),
    Code(
        "monitor-can-write", "privileges", "warning", "the monitor's role may write",
        "the monitor's own role could write to what it watches",
        "give it a role of its own",
    ),
)
# fmt: on
CODES: Mapping[str, Code] = {row.name: row for row in _ROWS}


def row_of(code: str) -> Code:
    """Give the row of *code*. One that only a newer monitor knows can be read from memory: nothing holds of it."""
    return CODES.get(code) or Code(code, "", None, code.replace("-", " "), "", "")

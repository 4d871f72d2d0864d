"""What happens where the procedure is followed, or is not: a case for each row of docs/sop.md that names a finding."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg

from shared.gather.database.activity import PRISMA_LOCK
from shared.model.app import AppExpectation
from shared.model.last_seen import LastSeen, firewall_rule
from shared.model.release_settings import ReleaseSettings
from shared.model.report import Report, Trigger
from shared.model.seed import SeedExpectation
from shared.model.server import ServerExpectation
from shared.model.setting_types import PrismaVersion, Secret
from shared.model.settings import DatabaseSettings
from tests.cloud.arm import APP, SERVER, revision, rule, server, template
from tests.deployments import write_migrations
from tests.gather.servers import nobody
from tests.patience import until
from tests.sop.production import BASE, INIT, LAST, NEXT, Production

Case = Callable[[Production], Report]
CASES: dict[Case, tuple[str, ...]] = {}

PHONE = 'ALTER TABLE "users" ADD COLUMN "phone" TEXT;'
PROJECTS = 'CREATE TABLE "projects" ("id" SERIAL PRIMARY KEY);\n'
NEW_FOLDERS = f'{PROJECTS}ALTER TABLE "folders" ADD COLUMN "project_id" INTEGER NOT NULL;\n'
UNIQUE = 'CREATE UNIQUE INDEX "folders_name_key" ON "folders"("name");'
USERS = SeedExpectation("users", exact=6)
RULES = SeedExpectation("pipeline_rules", min=1)


def of(*rows: str) -> Callable[[Case], Case]:
    """Name the rows of docs/sop.md that this is the case of."""

    def register(case: Case) -> Case:
        CASES[case] = rows
        return case

    return register


# The schema by hand


@of("R1", "E1")
def reset(production: Production) -> Report:
    before = production.check(Trigger.SCHEDULE, seeds=(SeedExpectation("users", max_drop=50),))
    assert before.seen is not None
    production.sql("DROP TABLE users, folders, pipeline_rules, _prisma_migrations")
    production.deploy()
    return production.check(Trigger.SCHEDULE, last_seen=before.seen, seeds=(SeedExpectation("users", max_drop=50),))


@of("R2", "S2", "L3")
def pushed_without_migration(production: Production) -> Report:
    production.sql(PHONE)
    return production.check()


@of("R10", "T2", "M3")
def changed_by_hand(production: Production) -> Report:
    production.sql("""ALTER TABLE folders ALTER COLUMN name SET DEFAULT 'new'""")
    return production.check()


@of("S3", "P4", "D4", "E3")
def dropped_by_hand(production: Production) -> Report:
    production.release(**{NEXT: UNIQUE.replace("UNIQUE ", "")})
    production.deploy()
    production.sql("DROP INDEX folders_name_key")
    return production.check()


@of("R9")
def drift_before_a_new_migration(production: Production) -> Report:
    production.sql(PHONE.replace("TEXT", "INTEGER"))
    production.release(**{NEXT: PHONE})
    return production.check()


@of("R3", "S4")
def run_outside_of_deploy(production: Production) -> Report:
    production.release(**{NEXT: PHONE})
    production.sql(PHONE)
    return production.check()


@of("S5", "C5")
def recorded_too_early(production: Production) -> Report:
    production.release(**{NEXT: PHONE})
    production.resolve_applied(NEXT)
    return production.check()


@of("W3")
def a_constraint_that_no_migration_makes(production: Production) -> Report:
    production.sql("UPDATE folders SET name = id; " + UNIQUE)
    return production.check(seeds=(RULES,))


# The release


@of("R4", "D1", "D5")
def applied_from_a_branch(production: Production) -> Report:
    production.release(**{NEXT: PHONE})
    production.deploy()
    production.withdraw(NEXT)
    return production.check()


@of("P3")
def applied_before_its_release(production: Production) -> Report:
    production.release(**{NEXT: PHONE})
    production.deploy()
    ahead = write_migrations(production.folder.parent / "main", production.scripts)
    production.withdraw(NEXT)
    return production.check(ahead=(ReleaseSettings("folder", str(ahead)),))


@of("R6", "F2")
def edited(production: Production) -> Report:
    (production.folder / INIT / "migration.sql").write_text(BASE + PHONE)
    return production.check()


@of("N1")
def renamed(production: Production) -> Report:
    production.release(**{NEXT: PHONE})
    production.deploy()
    production.withdraw(NEXT)
    production.release(**{f"{NEXT}_better": PHONE})
    return production.check()


@of("R7")
def skipped(production: Production) -> Report:
    production.release(**{LAST: PHONE})
    production.deploy()
    production.release(**{NEXT: PROJECTS})
    return production.check()


@of("F1")
def two_formats_of_one_day(production: Production) -> Report:
    production.release(**{"20250904120000_noon": PHONE})
    production.deploy()
    production.release(**{"20250904_160000_afternoon": PROJECTS})
    return production.check()


@of("F3", "L4")
def without_its_file(production: Production) -> Report:
    (production.folder / NEXT).mkdir()
    return production.check()


@of("D3")
def schema_prisma_without_migration(production: Production) -> Report:
    (production.folder / "schema.sql").write_text(BASE.replace('"email" TEXT', '"phone" TEXT, "email" TEXT'))
    return production.gate()


# Deployments


@of("G1", "D2", "C6", "I1", "L1", "M1", "V1")
def pending(production: Production) -> Report:
    production.release(**{NEXT: PHONE})
    return production.gate()


@of("W1")
def seeds_need_a_pending_column(production: Production) -> Report:
    production.release(**{NEXT: PHONE})
    return production.check(seeds=(SeedExpectation("users", min=1, where="phone IS NOT NULL"),))


@of("C2", "T1", "M2")
def failed_at_once(production: Production) -> Report:
    production.release(**{NEXT: 'ALTER TABLE "folders" ADD COLUMN "project_id" INTEGER NOT NULL;'})
    assert production.deploy() is not None
    return production.check()


@of("I2", "I4", "V3")
def failed_in_the_middle(production: Production) -> Report:
    production.release(**{NEXT: NEW_FOLDERS})
    assert production.deploy() is not None
    answer = b'{"message": "The column `folders.project_id` does not exist in the current database."}'
    return production.check(endpoints=(production.answers(500, answer),))


@of("C3", "E4")
def rolled_back(production: Production) -> Report:
    production.release(**{NEXT: 'ALTER TABLE "folders" ADD COLUMN "project_id" INTEGER NOT NULL;'})
    assert production.deploy() is not None
    production.resolve_rolled_back(NEXT)
    return production.check()


@of("C4")
def rest_piped_through_psql(production: Production) -> Report:
    production.release(**{NEXT: f'{NEW_FOLDERS}CREATE INDEX "folders_id_idx" ON "folders"("id");\n'})
    assert production.deploy() is not None
    production.resolve_rolled_back(NEXT)
    production.through_psql(NEXT)
    return production.check()


@of("S1", "B1")
def required_column_on_rows(production: Production) -> Report:
    production.release(**{NEXT: PHONE.replace(";", " NOT NULL;")})
    return production.gate()


@of("B2")
def enum_value_in_use(production: Production) -> Report:
    production.release(
        **{NEXT: """CREATE TYPE "Role" AS ENUM ('USER'); ALTER TABLE "users" ADD COLUMN "role" "Role";"""}
    )
    production.deploy()
    production.release(**{LAST: """ALTER TYPE "Role" ADD VALUE 'ADMIN';\nUPDATE "users" SET "role" = 'ADMIN';"""})
    return production.gate(prisma=PrismaVersion(6, 19))


@of("B3")
def index_on_a_big_table(production: Production) -> Report:
    production.sql("INSERT INTO folders (name) SELECT n FROM generate_series(1, 5000) AS n; ANALYZE folders")
    production.release(**{NEXT: 'CREATE INDEX "folders_name_idx" ON "folders"("name");'})
    return production.gate(max_block=timedelta(milliseconds=1))


@of("B4")
def concurrent_index_that_failed(production: Production) -> Report:
    production.release(**{NEXT: UNIQUE.replace("INDEX", "INDEX CONCURRENTLY")})
    assert production.deploy() is not None
    production.resolve_applied(NEXT)
    return production.check()


@of("V2")
def duplicates_in_the_way(production: Production) -> Report:
    production.release(**{NEXT: UNIQUE})
    return production.gate()


@of("B6", "P5")
def what_the_running_release_uses(production: Production) -> Report:
    production.release(**{NEXT: 'ALTER TABLE "folders" DROP COLUMN "name";'})
    return production.gate()


@of("P1")
def migrates_when_it_starts(production: Production) -> Report:
    made = template("usasset.azurecr.io/api:v1.42.0")
    assert isinstance(made["containers"], list)
    made["containers"][1]["probes"] = [{"type": "Startup", "periodSeconds": 1, "failureThreshold": 1}]
    production.arm.things[f"{APP}/revisions"] = [revision(template=made)]
    production.release(**{NEXT: "UPDATE folders SET name = 'x';\n" * 9})
    return production.gate(app=AppExpectation(APP, migrates_at_start=True))


@of("P2")
def container_does_not_start(production: Production) -> Report:
    production.arm.things[f"{APP}/revisions"] = [revision(healthState="Unhealthy")]
    return production.check(app=AppExpectation(APP))


# Sessions, server, seeds, endpoints


@of("S6", "L5")
def lock_left_behind(production: Production) -> Report:
    production.session(f"SELECT pg_advisory_lock({PRISMA_LOCK})")
    return production.check(Trigger.SCHEDULE, patience=timedelta(0))


@of("S8")
def tried_again(production: Production) -> Report:
    production.release(**{NEXT: PHONE})
    production.begin(NEXT)
    production.session(f"SELECT pg_advisory_lock({PRISMA_LOCK})")
    return production.check()


@of("S7", "W5")
def session_in_the_way(production: Production) -> Report:
    production.session("LOCK TABLE folders")
    waiting = production.sessions.enter_context(closing(psycopg.connect(production.url, autocommit=True)))
    waiting.pgconn.send_query(b"SELECT FROM folders")
    until(lambda: production.waits(waiting.info.backend_pid))
    return production.check(Trigger.SCHEDULE, patience=timedelta(0))


@of("T3")
def database_not_reachable(production: Production) -> Report:
    production.arm.things[SERVER] = server(state="Stopped")
    away = DatabaseSettings(Secret("env:DATABASE_URL", f"postgresql://u:p@127.0.0.1:{nobody()}/d"))
    return production.check(Trigger.SCHEDULE, database=away, server=ServerExpectation(SERVER))


@of("D6", "C1", "C7")
def rules_left_behind(production: Production) -> Report:
    names = ("temp-dev-access", "temp-migration-fix")
    production.arm.things[f"{SERVER}/firewallRules"] = [rule(name, "203.0.113.7") for name in names]
    two_days_ago = datetime.now(UTC) - timedelta(days=2)
    seen = LastSeen(first_seen={firewall_rule(name): two_days_ago for name in names})
    return production.check(Trigger.SCHEDULE, last_seen=seen, server=ServerExpectation(SERVER))


@of("S9", "I3", "V4")
def seeding_stopped(production: Production) -> Report:
    return production.check(seeds=(USERS, RULES))


@of("W2", "T4")
def endpoint_fails(production: Production) -> Report:
    return production.check(endpoints=(production.answers(500),))


@of("W4")
def empty_answers(production: Production) -> Report:
    return production.check(endpoints=(production.answers(min_items=1),), seeds=(RULES,))

"""Owners and privileges, on a real server: what is changed by hand is seen, and nothing else; off, nothing is asked."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from shared.checks.privileges import check_privileges
from shared.demo.incident import HISTORY_TABLE
from shared.demo.private_postgres import PrivatePostgres
from shared.diagnose.diagnosis import diagnose
from shared.entrypoints.cli.baseline import as_grants
from shared.gather.database import read_database
from shared.model.database import DatabaseReading
from shared.model.finding import Finding
from shared.model.knowledge import known
from shared.model.not_compared import OTHER_PRIVILEGES, PRIVILEGES
from shared.model.privileges import Rights
from shared.model.release_settings import ReleaseSettings
from shared.model.report import CheckResult, Report, Trigger, Verdict
from shared.model.setting_types import Secret
from shared.model.settings import BaselineOfPrivileges, DatabaseSettings, Target
from shared.model.value import replace
from shared.run import run
from shared.run.pipeline import read_facts
from shared.run.privileges import baseline_of
from tests.builders import checksum
from tests.gather.production import Relay, watcher
from tests.postgres.live import schema_within
from tests.postgres.rights import rights_within

FIRST = """
CREATE TABLE "users" ("id" serial PRIMARY KEY, "email" text NOT NULL, "secret" text);
CREATE TABLE "rules" ("id" integer PRIMARY KEY, "user" integer REFERENCES "users");
CREATE TABLE "t1" ("id" integer PRIMARY KEY); CREATE TABLE "t2" ("id" integer PRIMARY KEY);
CREATE TABLE "t3" ("id" integer PRIMARY KEY); CREATE TABLE "t4" ("id" integer PRIMARY KEY);
CREATE VIEW "names" AS SELECT "email" FROM "users";
CREATE TYPE "mood" AS ENUM ('good');
CREATE FUNCTION "double"(integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * $1';
CREATE SCHEMA "audit"; CREATE TABLE "audit"."log" ("id" integer);
"""
SECOND = """
GRANT USAGE ON SCHEMA "public", "audit" TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON "users", "rules", "t1", "t2", "t3", "t4" TO {app};
GRANT SELECT ON "names" TO {app}; GRANT USAGE ON SEQUENCE "users_id_seq" TO {app};
REVOKE EXECUTE ON FUNCTION "double"(integer) FROM PUBLIC; GRANT EXECUTE ON FUNCTION "double"(integer) TO {app};
GRANT SELECT ("id") ON "audit"."log" TO {app};
GRANT INSERT ON "audit"."log" TO {writers};
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {app};
"""


class Production:
    """A database whose migrations grant to roles of hostile names, and what a check says of it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        database = url.rpartition("/")[2]
        self.roles = {
            name: f'{name} of "{database}"; $grants$ x=r/y'
            for name in ("deployer", "app", "writers", "readers", "other", "admin")
        }
        self.admin = psycopg.connect(url, autocommit=True)
        self.settings = DatabaseSettings(Secret("the test's", url))
        self.migrations: list[str] = []

    def close(self) -> None:
        for role in self.roles.values():
            self.admin.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
        for role in self.roles.values():
            self.admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
        self.admin.close()

    def filled(self, text: str) -> str:
        names = {name: sql.Identifier(role).as_string() for name, role in self.roles.items()}
        for name, quoted in names.items():
            text = text.replace(f"{{{name}}}", quoted)
        return text

    def by_hand(self, text: str) -> None:
        self.admin.execute(self.filled(text).encode())

    def migrate(self, text: str) -> None:
        """Release a migration, and apply it as the deploying role."""
        script, name = self.filled(text), f"{len(self.migrations) + 1}_migration"
        (self.folder / name).mkdir()
        (self.folder / name / "migration.sql").write_text(script, encoding="utf-8")
        self.by_hand(f"SET ROLE {{deployer}}; {script}; RESET ROLE")
        self.admin.execute(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)"
            " VALUES (%s, %s, %s, now() - interval '1 hour', now(), 1)",
            (name, checksum(script.encode()), name),
        )
        self.migrations.append(name)

    def target(self, *, grants: BaselineOfPrivileges | None = None, app: str | None = "app") -> Target:
        releases = (ReleaseSettings("folder", str(self.folder)),)
        app_role = None if app is None else self.roles.get(app, app)
        return Target(
            "production", releases, self.settings, privileges=False, compare_privileges=True, app_role=app_role,
            grants=grants,
        )  # fmt: skip

    def checked(self, *, grants: BaselineOfPrivileges | None = None, app: str | None = "app") -> CheckResult:
        return privileges(run(self.target(grants=grants, app=app), Trigger.TERMINAL))

    def found(self, *, grants: BaselineOfPrivileges | None = None, app: str | None = "app") -> list[str]:
        """Severity and key of each finding, with the short names of the roles."""
        check = self.checked(grants=grants, app=app)
        assert check.unknown is None, check.unknown
        return [self.short(f"{each.severity} {each.key}") for each in check.findings]

    def short(self, text: str) -> str:
        for name, role in self.roles.items():
            text = text.replace(sql.Identifier(role).as_string(), name)
        return text


def privileges(report: Report) -> CheckResult:
    return next(check for check in report.checks if check.name == "privileges")


@pytest.fixture
def production(database: str, reachable_tmp_path: Path) -> Iterator[Production]:
    made = Production(database, reachable_tmp_path)
    for role in made.roles.values():
        made.admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    made.by_hand(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT CREATE, USAGE ON SCHEMA public TO {deployer}; GRANT CREATE ON DATABASE {0} TO {deployer}".replace(
            "{0}", sql.Identifier(made.admin.info.dbname).as_string()
        )
    )
    made.by_hand(f"{HISTORY_TABLE}; ALTER TABLE _prisma_migrations OWNER TO {{deployer}}")
    made.migrate(FIRST)
    made.migrate(SECOND)
    yield made
    made.close()


# What somebody does by hand, and all that is found then. FROM one role TO another; many objects of a kind are one.
BY_HAND = """
REVOKE SELECT ON users FROM {app} => critical privilege-missing:app on table public.users
REVOKE INSERT, DELETE ON rules FROM {app} => critical privilege-missing:app on table public.rules
GRANT TRUNCATE ON rules TO {app} => warning privilege-unexpected:app on table public.rules
GRANT SELECT ON rules TO PUBLIC => warning privilege-unexpected:PUBLIC on table public.rules
GRANT SELECT ON rules TO {app} WITH GRANT OPTION => warning privilege-unexpected:app on table public.rules
GRANT SELECT (email), UPDATE (email) ON users TO {other} => warning privilege-unexpected:other on column public.users.email
REVOKE SELECT (id) ON audit.log FROM {app} => critical privilege-missing:app on column audit.log.id
REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM {app} => critical privilege-missing:app on tables and views of public
REVOKE ALL ON t1, t2, t3, t4 FROM {app} => critical privilege-missing:app on tables of public
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {other} => warning privilege-unexpected:other on tables, views and materialized views of public
REVOKE SELECT ON names FROM {app} => critical privilege-missing:app on view public.names
REVOKE USAGE ON SEQUENCE users_id_seq FROM {app} => critical privilege-missing:app on sequence public.users_id_seq
GRANT SELECT ON SEQUENCE users_id_seq TO {other} => warning privilege-unexpected:other on sequence public.users_id_seq
REVOKE EXECUTE ON FUNCTION double(integer) FROM {app} => critical privilege-missing:app on function public.double(integer)
GRANT EXECUTE ON FUNCTION double(integer) TO PUBLIC => warning privilege-unexpected:PUBLIC on function public.double(integer)
REVOKE EXECUTE ON PROCEDURE tidy() FROM PUBLIC => critical privilege-missing:PUBLIC on procedure public.tidy()
REVOKE EXECUTE ON FUNCTION touch() FROM PUBLIC => warning privilege-missing:PUBLIC on function public.touch()
REVOKE USAGE ON TYPE mood FROM PUBLIC => warning privilege-missing:PUBLIC on enum public.mood
REVOKE USAGE ON TYPE pair FROM PUBLIC => warning privilege-missing:PUBLIC on composite type public.pair
GRANT USAGE ON DOMAIN small TO {other} WITH GRANT OPTION => warning privilege-unexpected:other on domain public.small
REVOKE USAGE ON SCHEMA audit FROM {app} => critical privilege-missing:app on schema audit
GRANT CREATE ON SCHEMA audit TO {app} => warning privilege-unexpected:app on schema audit
GRANT CREATE ON SCHEMA public TO {app} => warning privilege-unexpected:app on schema public
REVOKE INSERT ON audit.log FROM {writers} => warning privilege-missing:writers on table audit.log
REVOKE INSERT ON t1 FROM {deployer} => warning privilege-missing:deployer on table public.t1
ALTER TABLE rules OWNER TO {other} => critical owner-changed:table public.rules
ALTER TABLE rules OWNER TO {admin} => warning owner-changed:table public.rules
ALTER TABLE users OWNER TO {other} => critical owner-changed:table public.users
ALTER VIEW names OWNER TO {other} => critical owner-changed:view public.names
ALTER MATERIALIZED VIEW counts OWNER TO {other} => critical owner-changed:materialized view public.counts
ALTER FUNCTION double(integer) OWNER TO {other} => critical owner-changed:function public.double(integer)
ALTER PROCEDURE tidy() OWNER TO {other} => critical owner-changed:procedure public.tidy()
ALTER TYPE mood OWNER TO {other} => critical owner-changed:enum public.mood
ALTER TYPE pair OWNER TO {other} => critical owner-changed:composite type public.pair
ALTER DOMAIN small OWNER TO {other} => critical owner-changed:domain public.small
ALTER SEQUENCE alone OWNER TO {other} => critical owner-changed:sequence public.alone
ALTER AGGREGATE total(integer) OWNER TO {other} => critical owner-changed:aggregate public.total(integer)
REVOKE EXECUTE ON FUNCTION total(integer) FROM PUBLIC => critical privilege-missing:PUBLIC on aggregate public.total(integer)
ALTER FOREIGN TABLE audit.far OWNER TO {other} => critical owner-changed:foreign table audit.far
GRANT SELECT ON audit.far TO {other} => warning privilege-unexpected:other on foreign table audit.far
ALTER SCHEMA audit OWNER TO {other} => critical owner-changed:schema audit
ALTER DEFAULT PRIVILEGES FOR ROLE {deployer} REVOKE SELECT ON TABLES FROM {app} => warning privilege-missing:app on new tables of deployer
ALTER DEFAULT PRIVILEGES FOR ROLE {deployer} IN SCHEMA audit GRANT UPDATE ON TABLES TO {other} => warning privilege-unexpected:other on new tables of deployer in audit
ALTER DEFAULT PRIVILEGES FOR ROLE {deployer} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC => warning privilege-missing:PUBLIC on new functions of deployer
ALTER DEFAULT PRIVILEGES FOR ROLE {deployer} GRANT USAGE ON SEQUENCES TO {app} => warning privilege-unexpected:app on new sequences of deployer
GRANT {writers} TO {app} => warning privilege-unexpected:app on role writers
REVOKE {readers} FROM {app} => critical privilege-missing:app on role readers
ALTER ROLE {app} BYPASSRLS => warning privilege-unexpected:app on row security
GRANT SELECT ON t1 TO {readers}; REVOKE SELECT ON t1 FROM {app} => warning privilege-unexpected:readers on table public.t1
GRANT SELECT ON users TO {admin}; SET ROLE {deployer}; GRANT SELECT ON t1 TO {admin} WITH GRANT OPTION; SET ROLE {admin}; GRANT SELECT ON t1 TO {other}; RESET ROLE => warning privilege-unexpected:admin on table public.t1; warning privilege-unexpected:admin on table public.users; warning privilege-unexpected:other on table public.t1
GRANT SELECT ON t1 TO {readers} => warning privilege-unexpected:readers on table public.t1
GRANT SELECT ON t1, t2 TO {readers}; REVOKE SELECT ON t1, t2 FROM {readers} =>
REVOKE SELECT ON users FROM {app}; GRANT SELECT ON users TO {app} =>
GRANT SELECT (email) ON users TO {app} =>
GRANT ALL ON users TO {deployer} =>
ALTER ROLE {other} BYPASSRLS =>
DROP TABLE t4 =>
CREATE TABLE mine (id integer); GRANT ALL ON mine TO {other} =>
COMMENT ON TABLE users IS 'seen'; ALTER TABLE users SET (fillfactor = 90) =>
CREATE PUBLICATION p FOR TABLE users =>
"""
CASES = [tuple(each.split("=>")) for each in BY_HAND.strip().splitlines()]
THIRD = """
CREATE FUNCTION "touch"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE PROCEDURE "tidy"() LANGUAGE sql AS 'SELECT 1';
CREATE TYPE "pair" AS ("a" integer); CREATE DOMAIN "small" AS integer; CREATE SEQUENCE "alone";
CREATE AGGREGATE "total"(integer) (sfunc = int4pl, stype = integer);
CREATE FOREIGN TABLE "audit"."far" ("a" integer) SERVER "far";
CREATE MATERIALIZED VIEW "counts" AS SELECT count(*) AS "n" FROM "rules";
ALTER TABLE "rules" ENABLE ROW LEVEL SECURITY;
REVOKE SELECT ON "counts" FROM {app};
"""


@pytest.fixture
def drifting(production: Production) -> Production:
    production.by_hand(
        "CREATE FOREIGN DATA WRAPPER wrapper; CREATE SERVER far FOREIGN DATA WRAPPER wrapper; "
        "GRANT USAGE ON FOREIGN SERVER far TO {deployer}"
    )
    production.migrate(THIRD)
    production.by_hand("GRANT {readers} TO {app}; GRANT {admin} TO {deployer}")
    return production


def test_every_change_by_hand_is_one_finding(drifting: Production) -> None:
    """Each is undone with its transaction: what is read within it is diagnosed as a run would."""
    facts, _ = read_facts(drifting.target(grants=known_baseline(drifting)), Trigger.TERMINAL)
    wrong: list[str] = []
    for by_hand, expected in CASES:
        with drifting.admin.transaction(force_rollback=True):
            drifting.by_hand(by_hand)
            reading = replace(
                known(facts.database), catalog=schema_within(drifting.admin), rights=rights_within(drifting.admin)
            )
        found = list(check_privileges(replace(facts, database=reading), diagnose(replace(facts, database=reading))))
        said = "; ".join(
            sorted(
                drifting.short(f"{each.severity} {each.key}" if isinstance(each, Finding) else each.because)
                for each in found
            )
        )
        if said != expected.strip():
            wrong.append(f"{by_hand.strip()}\n    expected {expected.strip()}\n    found    {said}")
    assert wrong == []


def known_baseline(production: Production) -> BaselineOfPrivileges:
    found = baseline_of(production.target())
    assert isinstance(found, BaselineOfPrivileges)
    return found


def test_a_baseline_makes_production_as_expected(drifting: Production) -> None:
    drifting.by_hand(
        "REVOKE SELECT ON users FROM {app}; GRANT DELETE, SELECT ON names TO {other} WITH GRANT OPTION; "
        "ALTER TABLE t1 OWNER TO {other}; ALTER TYPE mood OWNER TO {admin}; REVOKE USAGE ON TYPE pair FROM PUBLIC; "
        "ALTER DEFAULT PRIVILEGES FOR ROLE {deployer} IN SCHEMA audit GRANT SELECT ON TABLES TO {other}; "
        "ALTER ROLE {app} BYPASSRLS; GRANT {writers} TO {app}; GRANT SELECT (email) ON users TO {other}"
    )
    assert len(drifting.found()) > 5
    baseline = known_baseline(drifting)
    assert drifting.found(grants=baseline) == []
    # What later migrations grant and revoke changes what is expected.
    drifting.migrate(
        'REVOKE DELETE ON "users" FROM {app}; CREATE TABLE audit.more (id integer); GRANT INSERT ON audit.more TO {app}'
    )
    assert drifting.found(grants=baseline) == []
    drifting.by_hand("REVOKE SELECT ON audit.more FROM {other}")
    assert drifting.found(grants=baseline) == ["warning privilege-missing:other on table audit.more"]


def test_what_is_printed_ends_the_difference_and_changes_no_other_database(
    drifting: Production, new_database: Callable[..., str]
) -> None:
    """Every remedy is a migration: run as the role that deploys, and on a database without drift and without roles."""
    baseline = known_baseline(drifting)
    drifting.by_hand(
        "REVOKE SELECT ON users, names, t1, t2 FROM {app}; GRANT TRUNCATE ON rules TO {app}; "
        "REVOKE EXECUTE ON FUNCTION double(integer) FROM {app}; GRANT SELECT (email) ON users TO {other}; "
        "REVOKE USAGE ON SCHEMA audit FROM {app}; ALTER TABLE rules OWNER TO {admin}; "
        "GRANT SELECT ON t3 TO {other} WITH GRANT OPTION; "
        "SET ROLE {other}; GRANT SELECT ON t3 TO {writers}; RESET ROLE; "
        "ALTER DEFAULT PRIVILEGES FOR ROLE {deployer} REVOKE SELECT ON TABLES FROM {app}"
    )
    scripts = [each.remedy[0].command or "" for each in drifting.checked(grants=baseline).findings]
    assert len(scripts) > 8
    elsewhere = new_database()
    with psycopg.connect(elsewhere, autocommit=True) as clean:
        clean.execute(FIRST)
        for script in scripts:
            clean.execute(without_roles(script).encode())
    drifting.migrate("\n".join(scripts))
    assert drifting.found(grants=baseline) == []


def without_roles(script: str) -> str:
    """The script on another server, on which none of the roles exists."""
    return script.replace(' of "', ' of no "').replace(' of ""', ' of no ""')


def test_a_privilege_by_a_group_counts_and_one_that_takes_set_role_does_not(production: Production) -> None:
    """Of the two, only the first is what an application has without a statement more."""
    production.by_hand("GRANT SELECT ON users TO {readers}; GRANT {readers} TO {app}")
    baseline = known_baseline(production)
    production.by_hand("REVOKE SELECT ON users FROM {app}")
    assert production.found(grants=baseline) == []
    production.by_hand("ALTER ROLE {app} NOINHERIT; REVOKE {readers} FROM {app}; GRANT {readers} TO {app}")
    assert production.found(grants=baseline) == ["critical privilege-missing:app on table public.users"]


def test_a_role_without_a_name_in_the_settings_is_the_one_that_deploys(production: Production) -> None:
    baseline = known_baseline(production)
    production.by_hand("ALTER TABLE users OWNER TO {other}")
    (finding,) = production.checked(grants=baseline, app=None).findings
    assert production.short(finding.key) == "owner-changed:table public.users"
    assert "reads, creates, updates and deletes fail (42501)" in finding.summary


def test_what_cannot_be_known_is_said(production: Production) -> None:
    """A role that does not exist, a migration whose grants are not understood, a table that nobody may read."""
    check = production.checked(app="nobody")
    assert (check.verdict, check.unknown and check.unknown.because) == (
        Verdict.UNKNOWN, 'the server has no role "nobody", which `app_role` names',
    )  # fmt: skip
    production.migrate(
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT relname FROM pg_class WHERE relname LIKE 't_' LOOP "
        "EXECUTE format('GRANT SELECT ON %I TO {app}', r.relname); END LOOP; END $$"
    )
    check = production.checked()
    assert check.unknown is not None
    assert "migration-monitor baseline" in check.unknown.because
    assert production.found(grants=known_baseline(production)) == []
    reading = watcher(production.url, "GRANT SELECT ON _prisma_migrations TO {}")
    production.by_hand("REVOKE SELECT ON pg_auth_members FROM PUBLIC")
    target = replace(production.target(), database=DatabaseSettings(Secret("the test's", reading)))
    report = privileges(run(target, Trigger.TERMINAL))
    assert report.unknown is not None
    assert "permission denied for table pg_auth_members" in report.unknown.because


def test_an_ordinary_reader_sees_all_of_it(production: Production) -> None:
    baseline = known_baseline(production)
    production.by_hand("REVOKE SELECT ON users FROM {app}")
    reading = watcher(production.url, "GRANT SELECT ON _prisma_migrations TO {}")
    target = replace(production.target(grants=baseline), database=DatabaseSettings(Secret("the test's", reading)))
    keys = [production.short(each.key) for each in privileges(run(target, Trigger.TERMINAL)).findings]
    # What the test has granted to the reader is read, too.
    assert [each for each in keys if "watcher" not in each] == ["privilege-missing:app on table public.users"]


def test_off_nothing_is_read_and_on_it_takes_no_round_trip_more(
    production: Production, postgres: PrivatePostgres
) -> None:
    turns: dict[bool, int] = {}
    found: dict[bool, DatabaseReading] = {}
    for with_rights in (False, True):
        with Relay(postgres.port) as relay:
            url = production.url.replace(f":{postgres.port}/", f":{relay.port}/")
            settings = DatabaseSettings(Secret("the test's", url))
            found[with_rights] = read_database(settings, (), None, with_rights=with_rights)
        turns[with_rights] = relay.turns
    assert turns[True] == turns[False]
    assert (found[False].rights, isinstance(found[True].rights, Rights)) == (None, True)
    report = run(replace(production.target(), compare_privileges=False, app_role=None), Trigger.TERMINAL)
    assert privileges(report).verdict is Verdict.SKIPPED
    assert report.coverage is not None
    assert PRIVILEGES in report.coverage.not_compared
    compared = run(production.target(), Trigger.TERMINAL).coverage
    assert compared is not None
    assert (PRIVILEGES in compared.not_compared, OTHER_PRIVILEGES in compared.not_compared) == (False, True)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("GRANT SELECT ON a TO b;\nREVOKE INSERT ON a FROM b;", id="lines"),
        pytest.param("", id="nothing"),
        pytest.param("GRANT a TO \"it'''s\";", id="three quotes"),
        pytest.param('GRANT a TO "b\x7f\\";', id="no printable character"),
    ],
)
def test_a_baseline_is_printed_as_settings(script: str) -> None:
    printed = tomllib.loads(as_grants(BaselineOfPrivileges("20260105_init", script)))
    assert printed == {"target": {"grants": {"after": "20260105_init", "sql": script}}}

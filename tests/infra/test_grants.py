"""The role of infra/grants.sql, on every PostgreSQL that is here: every check works with it, and it can write nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psycopg import OperationalError, errors

from shared.demo.private_postgres import PrivatePostgres
from shared.discovery.grants import grants
from shared.gather.database.probes import AROUND_A_DEPLOYMENT, probe_rows
from shared.model.database import Activity, History
from shared.model.finding import Severity
from shared.model.plan import Access, Found, NotProbed, Probe, ProbeAnswer
from shared.model.report import Report, Trigger
from shared.model.schema import Schema
from shared.model.seed import SeedCount, SeedExpectation
from shared.model.setting_types import Secret
from shared.model.settings import DatabaseSettings
from shared.run import run as run_monitor
from tests import states
from tests.builders import target
from tests.gather.production import read, run, session
from tests.infra.production import PASSWORD, Production, refusal
from tests.patience import LONG
from tests.postgres.servers import servers

SERVERS = servers()
SEEDS = (SeedExpectation("User", max=2), SeedExpectation("User", max=1, where="email LIKE 'a%'"))
TABLES = "tables=User(email), Post"
MAY = "may read what the monitor needs here"
# Of a role that may do nothing each of these asks for a right of its own.
WRITES = [
    """INSERT INTO "User" (email) VALUES ('eve@example.com')""",
    """UPDATE "User" SET name = 'Eve'""",
    """DELETE FROM "User" """,
    """TRUNCATE "Post" """,
    """INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', 'x')""",
    "DELETE FROM _prisma_migrations",
    "INSERT INTO audit.events VALUES (1)",
    "CREATE TABLE public.mine ()",
    "CREATE TABLE audit.mine ()",
    "CREATE SCHEMA mine",
    """ALTER TABLE "User" ADD COLUMN mine int""",
    """DROP TABLE "Post" """,
    """CREATE INDEX ON "User" (name)""",
    """SELECT nextval('"User_id_seq"')""",
    """SELECT setval('"User_id_seq"', 1)""",
    """BEGIN; LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE""",
    """SELECT id FROM "User" FOR UPDATE""",
    """SELECT name FROM "User" """,
    "SELECT * FROM audit.events",
    "SELECT audit.plain()",
    "DO $$ BEGIN PERFORM audit.plain(); END $$",
    "CREATE ROLE mine",
    "DROP EXTENSION plpgsql",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "ALTER SYSTEM SET work_mem = '1GB'",
]
# What PostgreSQL lets every role do through PUBLIC, when nobody took it away.
OPEN = {
    "temporary table": "CREATE TEMPORARY TABLE mine (id int)",
    "table in an open schema": "CREATE TABLE open.mine ()",
    "function with its owner's rights": "SELECT open.sudo()",
}
AUDIT = """
    CREATE SCHEMA audit;
    CREATE TABLE audit.events (id int);
    CREATE FUNCTION audit.plain() RETURNS void LANGUAGE sql AS 'INSERT INTO audit.events VALUES (1)';
    GRANT USAGE ON SCHEMA audit TO PUBLIC;
    CREATE SCHEMA open;
    GRANT USAGE, CREATE ON SCHEMA open TO PUBLIC;
    CREATE FUNCTION open.sudo() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO audit.events VALUES (1)';
"""


@pytest.fixture(scope="module", params=SERVERS, ids=str)
def server(request: pytest.FixtureRequest, start_server: Callable[[Path], PrivatePostgres]) -> PrivatePostgres:
    return start_server(request.param)


@pytest.fixture
def production(server: PrivatePostgres) -> Callable[[str], Production]:
    return lambda state: Production(server, state)


def check(production: Production) -> Report:
    """Check the target as production does, with the monitor's own role."""
    (release,) = target().releases
    settings = DatabaseSettings(Secret("env:DATABASE_URL", production.monitor))
    release = replace(release, path=str(states.migrations(production.state)))
    return run_monitor(replace(target(), releases=(release,), database=settings, seeds=SEEDS), Trigger.SCHEDULE)


def verdicts(report: Report) -> dict[str, str]:
    return {check.name: check.verdict.value for check in report.checks if check.verdict.value != "skipped"}


def test_every_check_works_with_it_and_again_after_a_second_time(production: Callable[[str], Production]) -> None:
    healthy = production("up_to_date")
    for _ in range(2):
        answer = healthy.grant(TABLES)
        assert (answer.status, MAY in answer.said) == (0, True), answer.said
        report = check(healthy)
        checks = ("history", "schema", "seeds", "activity", "deployment", "privileges")
        assert verdicts(report) == dict.fromkeys(checks, "passed")
        assert report.findings == ()


def test_what_init_prints_leaves_nothing_for_it_to_grant(production: Callable[[str], Production]) -> None:
    healthy = production("up_to_date")
    reading = read(healthy.admin)
    assert isinstance(reading.catalog, Schema)
    for statement in grants(healthy.role, healthy.name, "public", ["User", "Post"], reading.catalog):
        run(healthy.admin, statement)
    # The owner of the tables may give no role, so it would fail at whatever is missing.
    answer = healthy.grant("tables=User, Post", url=healthy.app, password=None)
    assert (answer.status, MAY in answer.said) == (0, True), answer.said


def test_errors_are_read_unless_they_are_to_stay_private(production: Callable[[str], Production]) -> None:
    for variables, readable in (((), True), (("logs=off",), False)):
        failed = production("failed")
        assert failed.grant(TABLES, *variables).status == 0
        history = read(failed.monitor).history
        assert isinstance(history, History)
        assert history.logs_readable is readable
        assert any(row.logs for row in history.rows) is readable
        report = check(failed)
        found = {finding.code for finding in report.findings if finding.severity is not Severity.INFO}
        assert found == {"migration-failed"}
        assert "unknown" not in verdicts(report).values()


def test_it_sees_which_session_blocks_another(production: Callable[[str], Production]) -> None:
    healthy = production("up_to_date")
    healthy.grant(TABLES)
    with session(healthy.app) as deploy:
        deploy.execute("SELECT pg_advisory_lock(72707369)")
        activity = read(healthy.monitor).activity
    assert isinstance(activity, Activity)
    assert activity.sees_all_sessions
    assert [holder.connected_for is not None for holder in activity.lock] == [True]


@pytest.mark.parametrize("statement", WRITES)
def test_it_can_do_nothing_that_writes_or_reads_more(statement: str, audited: Production) -> None:
    """Neither as it comes, nor when it takes off its belt."""
    assert refusal(audited.monitor, statement) in {errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction}
    assert refusal(audited.monitor, statement, belt=False) is errors.InsufficientPrivilege


@pytest.fixture(scope="module")
def audited(server: PrivatePostgres) -> Production:
    made = Production(server, "up_to_date")
    run(made.admin, AUDIT)
    assert made.grant(TABLES).status == 0
    return made


@pytest.mark.parametrize("statement", OPEN.values(), ids=OPEN)
def test_what_is_open_to_all_is_held_by_the_belt_alone(statement: str, audited: Production) -> None:
    assert refusal(audited.monitor, statement) is errors.ReadOnlySqlTransaction
    assert refusal(audited.monitor, f"BEGIN; {statement}; ROLLBACK", belt=False) is None


def test_what_is_open_to_all_can_be_closed_and_the_application_keeps_it(
    production: Callable[[str], Production],
) -> None:
    closed = production("up_to_date")
    run(closed.admin, AUDIT)
    for _ in range(2):
        assert closed.grant(TABLES, "close_public=on").status == 0
    for statement in OPEN.values():
        assert refusal(closed.monitor, statement, belt=False) is errors.InsufficientPrivilege
        assert refusal(closed.app, statement) is None
    assert verdicts(check(closed))["privileges"] == "passed"


def test_large_objects_are_what_no_right_guards(audited: Production, server: PrivatePostgres) -> None:
    """PostgreSQL lets every role make one. Since version 16 the belt holds that as well."""
    with session(audited.admin) as admin:
        holds = admin.info.server_version >= 160000
    refused = refusal(audited.monitor, "BEGIN; SELECT lo_create(0); ROLLBACK")
    assert refused is (errors.ReadOnlySqlTransaction if holds else None)


def test_masters_of_roles_and_of_tables_run_it_in_turn(
    production: Callable[[str], Production],
) -> None:
    shared = production("up_to_date")
    dba = f"dba of {shared.name}"
    run(
        shared.admin,
        f"""CREATE ROLE "{dba}" LOGIN CREATEROLE PASSWORD 'dba'; GRANT pg_read_all_stats TO "{dba}" WITH ADMIN OPTION""",
    )
    first = shared.grant(TABLES, url=shared.url(dba, "dba"))
    assert first.status == 3
    assert "missing still" in first.said
    assert f'it reads User:  GRANT SELECT (id, email) ON public."User" TO "{shared.role}"' in first.said
    assert "it sees which session blocks which" not in first.said
    second = shared.grant(TABLES, url=shared.app, password=None)
    assert (second.status, MAY in second.said) == (0, True), second.said
    assert verdicts(check(shared))["seeds"] == "passed"


def test_no_error_quotes_the_password(production: Callable[[str], Production]) -> None:
    """`Production.grant` looks for it in everything that is said; psql shows the line of an error by itself."""
    healthy = production("up_to_date")
    for refused, said in (
        (healthy.grant(TABLES, url=healthy.app), "permission denied to create role"),
        (healthy.grant(TABLES, "role=public"), 'role name "public" is reserved'),
    ):
        assert (refused.status, said in refused.said) == (3, True), refused.said


def test_the_tables_of_other_schemas_and_those_that_do_not_exist(production: Callable[[str], Production]) -> None:
    healthy = production("up_to_date")
    run(healthy.admin, AUDIT)
    answer = healthy.grant("tables=audit.events, nowhere, User(email nothing)")
    assert answer.status == 3
    assert answer.said.count("missing still") == 1
    assert "there is no table nowhere" in answer.said
    assert "User has no column nothing" in answer.said
    assert read(healthy.monitor, SeedExpectation("audit.events", exact=0)).seeds == (
        SeedCount(SeedExpectation("audit.events", exact=0), 0),
    )


def probed(production: Production, column: str | None = None) -> ProbeAnswer:
    """What the rows of "User" answer to the monitor's role: those without *column*, else all."""
    where = "" if column is None else f' WHERE "{column}" IS NULL'
    probe = Probe(f'SELECT FROM "public"."User" AS "User"{where}', (("public", "User"),), Access.SCAN)
    settings = DatabaseSettings(Secret("env:DATABASE_URL", production.monitor))
    return probe_rows(settings, [probe], AROUND_A_DEPLOYMENT, LONG)[probe]


NO_RIGHT = NotProbed("the role may not read a table or a schema that it needs")


def test_a_plan_may_read_the_columns_that_were_named_and_no_others(
    production: Callable[[str], Production],
) -> None:
    healthy = production("up_to_date")
    assert healthy.grant().status == 0
    assert [probed(healthy), probed(healthy, "name")] == [NO_RIGHT] * 2
    assert healthy.grant("probe=User(name)").status == 0
    assert [type(probed(healthy)), type(probed(healthy, "name"))] == [Found, Found]
    assert probed(healthy, "email") == NO_RIGHT
    assert verdicts(check(healthy))["privileges"] == "passed"


def test_of_a_table_without_columns_a_plan_sees_whether_it_holds_rows(
    production: Callable[[str], Production],
) -> None:
    healthy = production("up_to_date")
    assert healthy.grant("probe=User").status == 0
    assert isinstance(probed(healthy), Found)
    assert [probed(healthy, each) for each in ("name", "email")] == [NO_RIGHT] * 2


ODD_TABLE = """x', "(y)"; DROP TABLE "Post"; --"""
ODD_COLUMN = """c) TO PUBLIC; DROP TABLE "Post"; --'"""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# Of the second list one example with make test: both are read by the same words.
NAMES = ["", "audit.", '"audit".', '"Odd.schema" .', '"A ""b""".']
UNREADABLE = ["User(email", "User)", 'User("email)', "User(email)name", 'User("a" "b"))', '"User', "User((email))"]


def of_both_lists(written: list[str]) -> list[Any]:
    return [
        *(pytest.param("probe", each) for each in written),
        pytest.param("tables", written[0]),
        *(pytest.param("tables", each, marks=pytest.mark.long) for each in written[1:]),
    ]


@pytest.mark.parametrize(("variable", "schema"), of_both_lists(NAMES))
def test_names_of_any_kind_are_names_and_nothing_else(
    variable: str, schema: str, production: Callable[[str], Production]
) -> None:
    odd = production("up_to_date")
    place = {"": "public.", "audit.": '"audit".'}.get(schema, schema)
    run(
        odd.admin,
        f"CREATE SCHEMA IF NOT EXISTS {place[:-1]}; CREATE TABLE {place}{quoted(ODD_TABLE)} (id int, {quoted(ODD_COLUMN)} int, other int);",
    )
    answer = odd.grant(f"{variable}= User ( email,name ) ,{schema}{quoted(ODD_TABLE)}({quoted(ODD_COLUMN)}), ,Post")
    assert (answer.status, MAY in answer.said) == (0, True), answer.said
    with session(odd.admin) as admin:
        granted = admin.execute(
            "SELECT table_name, column_name FROM information_schema.column_privileges "
            "WHERE grantee = %s AND privilege_type = 'SELECT' AND table_name <> '_prisma_migrations'",
            [odd.role],
        ).fetchall()
    counted = {("User", "id"), (ODD_TABLE, "id")} if variable == "tables" else set()
    named = {("User", "email"), ("User", "name"), (ODD_TABLE, ODD_COLUMN), ("Post", "id")}
    assert set(granted) == named | counted


@pytest.mark.parametrize(("variable", "written"), of_both_lists(UNREADABLE))
def test_a_list_that_cannot_be_read_grants_nothing(
    variable: str, written: str, production: Callable[[str], Production]
) -> None:
    healthy = production("up_to_date")
    answer = healthy.grant(f"{variable}={written}")
    assert answer.status == 3
    assert f"cannot read -v {variable}={written}" in answer.said
    with session(healthy.admin) as admin:
        assert admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [healthy.role]).fetchall() == []


def test_what_a_plan_cannot_look_at_is_named(production: Callable[[str], Production]) -> None:
    answer = production("up_to_date").grant("probe=nowhere(a), User(nothing)")
    assert answer.status == 3
    assert "there is no table nowhere" in answer.said
    assert "User has no column nothing" in answer.said


def test_another_schema_is_watched(production: Callable[[str], Production]) -> None:
    custom = production("custom_schema")
    with session(custom.admin) as admin:
        ((schema,),) = admin.execute("SELECT schemaname FROM pg_tables WHERE tablename = '_prisma_migrations'")
    assert custom.grant().status == 3
    assert custom.grant(f"schema={schema}").status == 0
    history = read(custom.monitor, schema=schema).history
    assert isinstance(history, History)
    assert history.rows


@pytest.mark.parametrize("schema", ["Acme", "my.schema", 'a "b"'])
def test_role_and_schema_may_be_written_as_in_sql(schema: str, production: Callable[[str], Production]) -> None:
    """The schema's own tables are found in it, whatever dots and quotes its name has."""
    odd = production("up_to_date")
    run(
        odd.admin,
        f"ALTER SCHEMA public RENAME TO {quoted(schema)}; CREATE SCHEMA my; CREATE TABLE my.schema (id int);",
    )
    answer = odd.grant(f"role={quoted(odd.role)}", f"schema={quoted(schema)}", TABLES)
    assert (answer.status, MAY in answer.said) == (0, True), answer.said
    assert odd.grant(f"schema={schema}", TABLES).status == 0
    history = read(odd.monitor, schema=schema).history
    assert isinstance(history, History)
    assert history.rows


@pytest.mark.parametrize(
    ("variables", "password", "said"),
    [
        pytest.param(["role="], PASSWORD, "say for which role", id="no role"),
        pytest.param([], None, "there is no role id-monitor of", id="a role that nobody made"),
        pytest.param(
            ["principal_type=robot"], None, "principal_type must be service, user or group", id="another type"
        ),
        pytest.param(["role=postgres"], None, "is yours, or administers this server", id="an administrator's role"),
        pytest.param(
            ["principal_id=1234"], None, "skipped: pgaadauth_create_principal_with_oid is not here", id="no Entra"
        ),
    ],
)
def test_what_is_lacking_is_said(
    variables: list[str], password: str | None, said: str, production: Callable[[str], Production]
) -> None:
    answer = production("empty_db").grant(*variables, password=password)
    assert answer.status == 3
    assert said in answer.said


def test_a_managed_identity_gets_its_role_from_azure_first(production: Callable[[str], Production]) -> None:
    """As Azure's own function does it: only its signature is known here."""
    azure = production("up_to_date")
    run(
        azure.admin,
        """CREATE TABLE principals (name text, id text, kind text, admin boolean, mfa boolean);
        CREATE FUNCTION pgaadauth_create_principal_with_oid(text, text, text, boolean, boolean) RETURNS text
        LANGUAGE plpgsql AS $$ BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', $1);
            INSERT INTO public.principals VALUES ($1, $2, $3, $4, $5);
            RETURN 'Created role for ' || $1;
        END $$""",
    )
    for said in ("is made; now run the same without principal_id", "is there already"):
        answer = azure.grant(TABLES, "principal_id=11111111-2222", password=None)
        assert (answer.status, said in answer.said) == (0, True), answer.said
    with session(azure.admin) as admin:
        assert admin.execute("SELECT * FROM principals").fetchall() == [
            (azure.role, "11111111-2222", "service", False, False)
        ]
        admin.execute("DELETE FROM principals")
        (granted,) = admin.execute(
            "SELECT has_any_column_privilege(%s, '\"User\"', 'SELECT')", [azure.role]
        ).fetchone() or [None]
    assert granted is False
    assert azure.grant(TABLES, password=None).status == 0
    person = azure.grant("role=ada@example.com", "principal_id=33333333", "principal_type=user", password=None)
    assert person.status == 0, person.said
    with session(azure.admin) as admin:
        (row,) = admin.execute("SELECT * FROM principals").fetchall()
        assert row == ("ada@example.com", "33333333", "user", False, False)
        admin.execute('DROP ROLE "ada@example.com"')


def test_a_new_password_replaces_the_old_one(production: Callable[[str], Production]) -> None:
    healthy = production("up_to_date")
    healthy.grant(TABLES)
    assert healthy.grant(TABLES, password="another").status == 0
    with pytest.raises(OperationalError, match="password authentication failed"), session(healthy.monitor):
        pass
    with session(healthy.url(healthy.role, "another")) as monitor:
        assert monitor.execute("SHOW default_transaction_read_only").fetchone() == ("on",)

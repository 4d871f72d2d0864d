"""The check of a release that carries what its schema.prisma is lowered to."""

from datetime import date, timedelta

import pytest

from shared.diagnose.coverage import coverage
from shared.diagnose.diagnosis import diagnose
from shared.model.diagnosis import Diagnosis
from shared.model.facts import Facts
from shared.model.finding import Severity
from shared.model.not_compared import PRISMA_SCHEMA
from shared.model.release import Migration, Release
from shared.model.report import CheckResult, Phase, Verdict
from shared.model.schema import Schema
from shared.model.setting_types import PrismaVersion
from shared.model.settings import AcceptedDrift
from shared.model.value import replace
from shared.run.checking import run_checks
from tests.builders import NOW, facts, reading, release, row

USERS = b'CREATE TABLE "users" (id INTEGER NOT NULL, name TEXT, CONSTRAINT users_pkey PRIMARY KEY (id));\n'
INDEX = b'CREATE INDEX "users_name_idx" ON "users"(name);\n'
# The table's columns are not known before it runs.
IN_BLOCKS = b"DO $$ BEGIN EXECUTE 'CREATE TABLE users (' || (SELECT max(relname) FROM pg_class) || ' int)'; END $$;"


def shipped(schema_sql: bytes | None, *scripts: bytes) -> Facts:
    migrations = [Migration(str(number), script) for number, script in enumerate(scripts, 1)]
    rows = [row(each.name, content=each.script) for each in migrations]
    found = replace(release(*migrations), schema_sql=schema_sql)
    return facts(found, reading(*rows, catalog=Schema({})))


def result(given: Facts) -> CheckResult | None:
    checks, _ = run_checks(given, diagnose(given), lambda _source: timedelta(0))
    return next((check for check in checks if check.name == "release"), None)


def found(given: Facts) -> list[tuple[str, str]]:
    check = result(given)
    assert check is not None
    return [(finding.subject, finding.severity.value) for finding in check.findings]


@pytest.mark.parametrize(
    ("schema_sql", "scripts", "phase", "expected"),
    [
        pytest.param(USERS, (USERS,), None, [], id="the same"),
        pytest.param(USERS, (USERS,), "before", [], id="the same, before a deployment"),
        pytest.param(USERS, (b"CREATE TABLE x ();",), None, [("table public.users", "warning"), ("table public.x", "warning")], id="a table"),
        pytest.param(USERS, (b"CREATE TABLE x ();",), "before", [("table public.users", "critical"), ("table public.x", "warning")], id="a table, before"),
        pytest.param(USERS, (b"CREATE TABLE x ();",), "after", [("table public.users", "warning"), ("table public.x", "warning")], id="a table, after"),
        pytest.param(USERS + INDEX, (USERS,), "before", [("index public.users_name_idx", "warning")], id="an index stops no deployment"),
        pytest.param(
            USERS, (USERS, b"ALTER TABLE users ADD age INTEGER NOT NULL;"), "before", [("column public.users.age", "critical")], id="a column that the client does not fill",
        ),
        pytest.param(USERS, (USERS, b"ALTER TABLE users ADD age INTEGER;"), "before", [("column public.users.age", "warning")], id="a column that it need not fill"),
        pytest.param(USERS, (USERS.replace(b"users_pkey", b"pk"),), "before", [("primary key public.users", "info")], id="another name"),
    ],
)  # fmt: skip
def test_what_differs(
    schema_sql: bytes, scripts: tuple[bytes, ...], phase: Phase, expected: list[tuple[str, str]]
) -> None:
    assert found(replace(shipped(schema_sql, *scripts), phase=phase)) == expected


def test_what_a_finding_says() -> None:
    check = result(shipped(USERS, USERS.replace(b"name TEXT", b"name VARCHAR(9)"), b"CREATE TABLE x ();"))
    assert check is not None
    assert [finding.summary for finding in check.findings] == [
        "schema.prisma needs column public.users.name as text; the migrations make it character varying(9).",
        "The migrations create table public.x, and schema.prisma does not have it.",
    ]
    changed, more = check.findings
    assert [step.command for step in changed.remedy] == [
        "npx prisma migrate dev --create-only --name match_schema_prisma",
        "npx prisma migrate diff --from-migrations prisma/migrations --to-schema prisma/schema.prisma --script",
    ]
    assert "accept this finding" in more.remedy[-1].text


def test_the_command_of_an_older_prisma() -> None:
    given = shipped(USERS, b"CREATE TABLE users ();")
    check = result(replace(given, target=replace(given.target, prisma=PrismaVersion(6, 19))))
    assert check is not None
    assert check.findings[0].remedy[1].command == (
        "npx prisma migrate diff --from-migrations prisma/migrations --to-schema-datamodel prisma/schema.prisma "
        '--shadow-database-url "$SHADOW_DATABASE_URL" --script'
    )


def test_a_release_without_the_file_has_no_such_check() -> None:
    """What was not compared is said in the coverage; where it was, it is not."""
    without, with_it = shipped(None, USERS), shipped(USERS, USERS)
    assert result(without) is None
    check = result(with_it)
    assert check is not None
    assert check.verdict is Verdict.PASSED
    assert PRISMA_SCHEMA in not_compared(without)
    assert PRISMA_SCHEMA not in not_compared(with_it)


def test_nothing_is_compared_of_a_target_that_wants_no_schema() -> None:
    given = shipped(b"CREATE TABLE no SQL", USERS)
    check = result(replace(given, target=replace(given.target, compare_schema=False)))
    assert check is not None
    assert check.verdict is Verdict.SKIPPED


def test_a_malformed_file_is_unknown_and_not_passed() -> None:
    given = shipped(USERS[:-4], USERS)
    check = result(given)
    assert check is not None
    assert check.verdict is Verdict.UNKNOWN
    assert check.unknown is not None
    assert check.unknown.because == "PostgreSQL cannot parse schema.sql, line 1: syntax error at end of input"
    assert PRISMA_SCHEMA in not_compared(given)


def test_a_file_that_was_not_read_is_unknown() -> None:
    given = shipped(None, USERS)
    assert isinstance(given.release, Release)
    why = "schema.sql was not read: it is larger than a file may be, or a link to a file that is not read"
    check = result(replace(given, release=replace(given.release, mistakes=(why,))))
    assert check is not None
    assert check.unknown is not None
    assert check.unknown.because == why


def test_what_a_migration_may_or_may_not_make_is_unknown_until_it_is_accepted() -> None:
    given = shipped(USERS, IN_BLOCKS)
    check = result(given)
    assert check is not None
    assert check.verdict is Verdict.UNKNOWN
    assert check.findings == ()
    assert check.unknown is not None
    assert 'accept each with key = "opaque:' in check.unknown.because
    key = check.unknown.because.partition('key = "')[2].partition('"')[0]
    accepted = AcceptedDrift(key, "checked by hand", date(2026, 12, 31))
    given = replace(given, target=replace(given.target, accepted=(accepted,)))
    check = result(given)
    assert check is not None
    assert check.verdict is Verdict.PASSED


def test_a_difference_that_is_accepted_is_none() -> None:
    given = shipped(USERS, USERS, b"CREATE TABLE by_hand ();")
    assert found(given) == [("table public.by_hand", Severity.WARNING.value)]
    accepted = AcceptedDrift("schema-prisma-ahead:table public.by_hand", "raw SQL alone", date(2026, 12, 31))
    assert found(replace(given, target=replace(given.target, accepted=(accepted,)))) == []


def not_compared(given: Facts) -> tuple[str, ...]:
    diagnosis = diagnose(given)
    assert isinstance(diagnosis, Diagnosis)
    made = coverage(diagnosis, frozenset(), (), NOW.date())
    assert made is not None
    return made.not_compared

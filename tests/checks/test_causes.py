"""Causes are proof, or possibly related: what shares only a table keeps its own steps."""

import json
from datetime import timedelta

import pytest

from shared.checks.causes import with_causes
from shared.checks.registry import CHECKS, run_check
from shared.diagnose.coverage import coverage
from shared.diagnose.diagnosis import diagnose
from shared.model.endpoint import Answer, EndpointExpectation, Probe
from shared.model.finding import Cause, Finding, Severity
from shared.model.release import Migration
from shared.model.seed import SeedCount, SeedExpectation, Uncountable
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.builders import NOW, facts, reading, release, row

BASE = 'CREATE TABLE users (id int);\nCREATE TABLE "Folder" (id int);\nCREATE TABLE categories (id int);\n'
NEXT = 'ALTER TABLE users ADD COLUMN nick text;\nCREATE TABLE notes (id int);\nALTER TABLE "Folder" ADD COLUMN "projectId" int;\n'
LOGS = "Database error code: 55P03\n\nDatabase error:\nERROR: canceling statement due to lock timeout"
PENDING, FAILED = "migration-pending:2_next", "migration-failed:2_next"
STEP = "Search for GET /api in the application's log."


def endpoint(*tables: str, body: str = "Internal Server Error", status: int = 500) -> Probe:
    expectation = EndpointExpectation("api", "https://api.example.com/api", tables=tables)
    said = Answer(status, body.encode(), cut=False, latency=timedelta(seconds=1), certificate_expires=None)
    return Probe(expectation, (said,))


def seed(table: str, count: int | Uncountable, where: str | None = None) -> SeedCount:
    return SeedCount(SeedExpectation(table, exact=6, where=where), count)


NO_TABLE = Uncountable("there is no table it in schema public")


def found(
    *probes: Probe, seeds: tuple[SeedCount, ...] = (), failed: bool = False, live: str = BASE
) -> dict[str, Finding]:
    replay = Replay()
    for statement in parse(live):
        replay.run(statement)
    rows = [row("1_base", content=BASE.encode(), minutes_ago=120)]
    rows += [row("2_next", content=NEXT.encode(), finished=False, logs=LOGS)] if failed else []
    shipped = release(Migration("1_base", BASE.encode()), Migration("2_next", NEXT.encode()))
    context = facts(shipped, reading(*rows, catalog=replay.freeze(), seeds=seeds), *probes)
    diagnosis = diagnose(context)
    findings = [each for check in CHECKS for each in run_check(check, context, diagnosis).findings]
    return {each.key: each for each in with_causes(findings, context, diagnosis)}


def prisma(column: str) -> str:
    message = (
        f"Invalid `prisma.folder.findMany()` invocation: The column `{column}` does not exist in the current database."
    )
    return json.dumps({"statusCode": 500, "message": message})


@pytest.mark.parametrize(
    ("probe", "causes"),
    [
        pytest.param(endpoint("notes"), (Cause(PENDING, certain=True),), id="its table is what the migration makes"),
        pytest.param(endpoint("users"), (Cause(PENDING, certain=False),), id="a nullable column of its table is pending"),
        pytest.param(endpoint("categories"), (), id="nothing in common"),
        pytest.param(endpoint(), (), id="no tables named"),
        pytest.param(endpoint("Folder", body=prisma("Folder.projectId")), (Cause(PENDING, certain=True),), id="its error names the column"),
        pytest.param(endpoint("Folder", body=prisma("Folder.projectIdOld")), (Cause(PENDING, certain=False),), id="its error names another column"),
        pytest.param(endpoint("users", body=json.dumps('relation "public.notes" does not exist')), (Cause(PENDING, certain=True),), id="its error names a table"),
        pytest.param(endpoint("users", body=json.dumps('column "nick" of relation "users" does not exist')), (Cause(PENDING, certain=True),), id="its error quotes column and table"),
        pytest.param(endpoint("users", body="no notes, no nick"), (Cause(PENDING, certain=False),), id="words are no names"),
    ],
)  # fmt: skip
def test_an_endpoint(probe: Probe, causes: tuple[Cause, ...]) -> None:
    finding = found(probe)["endpoint-status:api"]
    assert finding.because == causes
    proven = any(cause.certain for cause in causes)
    assert (finding.remedy[0].text == STEP) is not proven, "what is possibly related leaves the finding its own steps"


@pytest.mark.parametrize(
    ("tables", "body", "certain"),
    [
        pytest.param(["users"], "permission denied for table users", True, id="the server refuses the table"),
        pytest.param(["users"], "permission denied for table users_old", False, id="it refuses another one"),
        pytest.param(["users"], "Internal Server Error", False, id="the table alone is the same"),
        pytest.param(["categories"], "Internal Server Error", None, id="nothing in common"),
    ],
)
def test_a_missing_privilege(tables: list[str], body: str, certain: bool | None) -> None:
    base = Migration("1_base", BASE.encode())
    probe = endpoint(*tables, body=body)
    replay = Replay()
    replay.run_all(parse(BASE))
    context = facts(release(base), reading(row("1_base", content=BASE.encode()), catalog=replay.freeze()), probe)
    denied = Finding(
        "privilege-missing", "app on table public.users", Severity.CRITICAL, "…",
        evidence={"objects": ["table public.users"]},
    )  # fmt: skip
    broken = Finding("endpoint-status", "api", Severity.CRITICAL, "…")
    _, explained = with_causes([denied, broken], context, diagnose(context))
    assert explained.because == (() if certain is None else (Cause(denied.key, certain),))


@pytest.mark.parametrize(
    ("count", "failed", "causes"),
    [
        pytest.param(
            seed("users", 2), False, (Cause(PENDING, certain=False),), id="too few rows in a table of a pending one"
        ),
        pytest.param(seed("users", 2), True, (Cause(FAILED, certain=False),), id="of a failed one"),
        pytest.param(seed("categories", 2), False, (), id="nothing in common"),
        pytest.param(
            seed("categories", 2), True, (Cause(FAILED, certain=False),), id="the seed script was never reached"
        ),
        pytest.param(seed("notes", NO_TABLE), False, (Cause(PENDING, certain=True),), id="the table that is pending"),
    ],
)
def test_a_seed(count: SeedCount, failed: bool, causes: tuple[Cause, ...]) -> None:
    (finding,) = [each for key, each in found(seeds=(count,), failed=failed).items() if key.startswith("seed-")]
    assert finding.because == causes


def test_what_drift_took_away_is_proof_too() -> None:
    live = 'CREATE TABLE "Folder" (id int);\nCREATE TABLE categories (id int);\n'
    findings = found(endpoint("users"), seeds=(seed("users", NO_TABLE),), live=live)
    for key in ("endpoint-status:api", "seed-uncountable:users"):
        assert Cause("schema-missing:table public.users", certain=True) in findings[key].because


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        pytest.param("Users", "users", id="another case"),
        pytest.param("user", "users", id="singular"),
        pytest.param("folders", "Folder", id="plural, and another case"),
        pytest.param("category", "categories", id="an irregular plural"),
        pytest.param("catgories", "categories", id="misspelt"),
        pytest.param("note", "notes", id="of a pending migration"),
        pytest.param("invoices", None, id="like nothing"),
        pytest.param("app.users", "users", id="in another schema"),
    ],
)
def test_a_table_that_nobody_has_is_a_mistake_in_the_settings(name: str, meant: str | None) -> None:
    finding = found(seeds=(seed(name, NO_TABLE),), failed=True)[f"seed-uncountable:{name}"]
    asked = f"; did you mean {meant}?" if meant else "."
    assert finding.summary == f"{name} cannot be counted: no migration creates {name}{asked}"
    assert finding.because == ()
    assert "settings" in finding.remedy[0].text


def test_such_a_table_of_an_endpoint_explains_nothing_and_coverage_says_so() -> None:
    probes = (endpoint("User"),)
    assert found(*probes)["endpoint-status:api"].because == ()
    context = facts(release("1"), reading(row("1"), catalog=Replay().freeze()), *probes)
    covered = coverage(diagnose(context), set(), (), NOW.date())
    assert covered is not None
    assert covered.not_compared[-1] == "the table User of endpoint api (no migration creates it)"


def test_a_known_table_is_no_mistake() -> None:
    findings = found(endpoint("users", "notes"), seeds=(seed("public.users", 6), seed("notes", NO_TABLE)))
    assert "no migration creates" not in str(findings)

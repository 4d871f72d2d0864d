"""The watched schema has no history and another one has: one finding, and nothing is said of migrations or schema."""

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.diagnose.diagnosis import diagnose
from shared.model.database import History
from shared.model.facts import Facts
from shared.model.finding import Finding
from shared.model.knowledge import Unavailable
from shared.model.release import Migration, Release
from shared.model.schema import Schema
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.builders import NOT_READ, facts, reading, release

RELEASE = release(Migration("1", b"CREATE TABLE users (id int);"), Migration("2", b"CREATE TABLE posts (id int);"))
QUALIFIED = release(Migration("1", b"CREATE TABLE app.users (id int);"), Migration("2", b"SELECT 1;"))
# One of whose tables is in the watched schema by its name there.
NAMED, ALL_NAMED = (
    release(Migration("1", script.encode()), Migration("2", b"SELECT 1;"))
    for script in (
        "CREATE TABLE users (id int); CREATE TABLE public.items ();",
        "CREATE TABLE app.users (id int); CREATE TABLE public.items ();",
    )
)
BOTH = "CREATE TABLE app.users (id int); CREATE TABLE public.items ();"
PENDING = ["history-missing:public", "migration-pending:1", "migration-pending:2"]
ELSEWHERE = ["history-missing:public"]


def live(script: str) -> Schema:
    replay = Replay()
    replay.run_all(parse(f"CREATE SCHEMA app; CREATE SCHEMA sales; {script}"))
    return replay.freeze()


def context(catalog: Schema | Unavailable, *elsewhere: str, shipped: Release = RELEASE) -> Facts:
    return facts(shipped, reading(history=History(exists=False, elsewhere=elsewhere), catalog=catalog))


def found(check: str, of: Facts) -> tuple[list[Finding], Unavailable | None]:
    outcome = run_check(next(each for each in CHECKS if each.name == check), of, diagnose(of))
    return list(outcome.findings), outcome.unknown


@pytest.mark.parametrize(
    ("catalog", "elsewhere", "shipped", "expected"),
    [
        pytest.param(live("CREATE TABLE app.users ()"), ["app"], RELEASE, ELSEWHERE, id="history and tables are in app"),
        pytest.param(live("CREATE TABLE app.users ()"), ["app", "sales"], RELEASE, ELSEWHERE, id="sales has a history of its own"),
        pytest.param(NOT_READ, ["app"], RELEASE, ELSEWHERE, id="the catalog is not read"),
        pytest.param(live("CREATE TABLE app.users ()"), ["app"], QUALIFIED, ELSEWHERE, id="the release names its schema itself"),
        pytest.param(live(BOTH), ["app"], NAMED, ELSEWHERE, id="public has only what the release makes there by name"),
        pytest.param(live(BOTH), ["app"], ALL_NAMED, ELSEWHERE, id="the release names the schema of all, and the history is in one of them"),
        pytest.param(live("CREATE TABLE sales.orders ()"), ["sales"], RELEASE, PENDING, id="the history of something else"),
        pytest.param(live("CREATE TABLE app.users ()"), [], RELEASE, PENDING, id="tables without a history"),
        pytest.param(live(""), [], RELEASE, PENDING, id="nowhere"),
    ],
)  # fmt: skip
def test_what_is_found(
    catalog: Schema | Unavailable, elsewhere: list[str], shipped: Release, expected: list[str]
) -> None:
    findings, unknown = found("history", context(catalog, *elsewhere, shipped=shipped))
    assert [finding.key for finding in findings] == expected
    assert (unknown is not None) == (expected == ELSEWHERE)


def test_a_schema_with_tables_of_the_release_is_the_right_one() -> None:
    of = context(live("CREATE TABLE app.users (); CREATE TABLE public.users (id int)"), "app")
    assert [finding.code for finding in found("history", of)[0]] == [
        "history-missing",
        "migration-unrecorded",
        "migration-pending",
    ]


def test_the_history_of_something_else_beside_a_release_that_names_its_schemas() -> None:
    of = context(live(f"{BOTH} CREATE TABLE sales.orders ()"), "sales", shipped=ALL_NAMED)
    assert [finding.code for finding in found("history", of)[0]][:2] == ["history-missing", "migration-unrecorded"]


def test_what_it_says() -> None:
    of = context(live('CREATE TABLE app.users (); CREATE TABLE "sales".posts ()'), "app")
    missing = found("history", of)[0][0]
    assert (missing.summary, missing.actual, [step.text for step in missing.remedy]) == (
        (
            "The schema public is empty: there is no _prisma_migrations either. _prisma_migrations is in schema app: "
            "public is most likely the wrong schema."
        ),
        "none; there is one in app",
        [
            'Set schema = "app" of the target\'s database (--schema app).',
            "Or, if public is right: the first deployment there creates its history.",
        ],
    )
    assert found("schema", of) == ([], Unavailable("_prisma_migrations is in schema app, not in public", lasting=True))


@pytest.mark.parametrize(
    ("has_tables", "said"),
    [
        pytest.param(False, "the first deployment there creates its history.", id="an empty schema"),
        pytest.param(True, "it has tables, so Prisma refuses to deploy there (P3005) before a baseline migration is marked as applied.", id="one with tables"),
    ],
)  # fmt: skip
def test_what_a_deployment_would_do_if_it_is_right(has_tables: bool, said: str) -> None:
    history = History(exists=False, schema_has_tables=has_tables, elsewhere=("app",))
    of = facts(RELEASE, reading(history=history, catalog=live("CREATE TABLE app.users ()")))
    assert found("history", of)[0][0].remedy[-1].text == f"Or, if public is right: {said}"


def test_several_schemas_that_may_be_meant() -> None:
    of = context(live("CREATE TABLE app.users (); CREATE TABLE sales.users ()"), "app", "sales")
    missing = found("history", of)[0][0]
    assert missing.remedy[0].text == (
        "Set schema of the target's database (--schema) to the application's: app and sales."
    )

"""A migration that never ran, whose objects a later one that ran has replaced: a deploy must not run it any more.

The rest of it is run by hand, and then it is recorded. `tests/remedies/law` follows such states with Prisma's engine.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History, HistoryRow
from shared.model.finding import Finding
from shared.remedies import commands
from tests.builders import facts, reading
from tests.diagnose.test_proof import OF_NOTHING
from tests.diagnose.test_schema import diagnosed, live, ran, shipping

BASE = (
    "CREATE TABLE a (id int PRIMARY KEY, x int); CREATE TABLE r (n int NOT NULL DEFAULT 5); CREATE INDEX j ON r (n);"
    "ALTER TABLE r ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON r USING (n = 0); CREATE SEQUENCE s;"
    "CREATE DOMAIN d AS int; CREATE VIEW shown AS SELECT id FROM a;"
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 0';"
)
COLUMN, TABLE = "ALTER TABLE a ADD COLUMN p int;", "CREATE TABLE w ();"
INDEX, INDEX_AGAIN = "CREATE UNIQUE INDEX k ON a (x);", "CREATE UNIQUE INDEX k ON a (x, id);"
KEY = "ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES a (id)"
BODY = "CREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT {}';"
OLD, NEW = "CREATE TABLE t (id int);", "CREATE TABLE t (id int, n int);"
RECORDED = [commands.resolve_applied("2")]


def found(earlier: str, later: str, there: Sequence[str], *rows: HistoryRow) -> list[Finding]:
    """The findings of the history and of the next deployment; 2 is *earlier*, 3 is *later*."""
    shipped = shipping(("1", BASE), ("2", earlier), ("3", later))
    recorded = (ran("1", BASE, minutes_ago=90), *rows)
    actual = live(BASE, *there)
    said = facts(shipped, reading(history=History(exists=True, rows=recorded), catalog=actual))
    truth = diagnosed(shipped, recorded, actual)
    checks = [check for check in CHECKS if check.name in ("history", "deployment")]
    return [each for check in checks for each in run_check(check, said, truth).findings]


def first_way(findings: Sequence[Finding], name: str) -> list[str]:
    """The commands of the first way of a migration's finding."""
    (finding,) = (each for each in findings if each.subject == name and each.code.startswith("migration-"))
    return [step.command for step in finding.remedy if step.command and not step.choice]


def psql(*statements: str) -> str:
    return commands.psql([*statements], "public")


@pytest.mark.parametrize(
    ("earlier", "later", "there", "first"),
    [
        pytest.param(f"{COLUMN} {INDEX}", f"{TABLE} DROP INDEX k; {INDEX_AGAIN}", [INDEX_AGAIN], [psql(COLUMN)], id="an index"),
        pytest.param(INDEX, f"{TABLE} DROP INDEX k; {INDEX_AGAIN}", [INDEX_AGAIN], [], id="nothing else is left of it"),
        pytest.param(
            f"{COLUMN} {KEY};", f"{TABLE} ALTER TABLE a DROP CONSTRAINT f; {KEY} ON DELETE CASCADE;", [f"{KEY} ON DELETE CASCADE;"],
            [psql(COLUMN)], id="a foreign key",
        ),
        pytest.param(
            f"{COLUMN} ALTER TABLE a ALTER x SET DEFAULT 1;", f"{TABLE} ALTER TABLE a ALTER x SET DEFAULT 2;",
            ["ALTER TABLE a ALTER x SET DEFAULT 2;"], [psql(COLUMN)], id="a default, which a deploy would set back",
        ),
        pytest.param(
            f"{COLUMN} {BODY.format(1)}", f"{TABLE} {BODY.format(2)}", [BODY.format(2)], [psql(COLUMN)],
            id="a function, which a deploy would set back",
        ),
        pytest.param(
            f"{COLUMN} CREATE VIEW v AS SELECT id FROM a;", f"{TABLE} DROP VIEW v; CREATE VIEW v AS SELECT x FROM a;",
            ["CREATE VIEW v AS SELECT x FROM a;"], [psql(COLUMN)], id="a view",
        ),
        pytest.param(
            f"{COLUMN} CREATE TYPE e AS ENUM ('a');", f"{TABLE} DROP TYPE e; CREATE TYPE e AS ENUM ('b');",
            ["CREATE TYPE e AS ENUM ('b');"], [psql(COLUMN)], id="a type",
        ),
        pytest.param(
            f"{COLUMN} {OLD} INSERT INTO t VALUES (1); CREATE INDEX i ON t (id);", f"{TABLE} DROP TABLE t; {NEW}", [NEW],
            [psql(COLUMN)], id="a table, its parts and its rows",
        ),
        pytest.param(
            f"{COLUMN} ALTER TABLE a ADD COLUMN c text; UPDATE a SET c = 'x';",
            f"{TABLE} ALTER TABLE a DROP COLUMN c; ALTER TABLE a ADD COLUMN c int;", ["ALTER TABLE a ADD COLUMN c int;"],
            [psql(COLUMN)], id="a column and its values",
        ),
    ],
)  # fmt: skip
def test_only_what_was_not_replaced_is_run_by_hand(
    earlier: str, later: str, there: list[str], first: list[str]
) -> None:
    findings = found(earlier, later, [TABLE, *there])
    assert first_way(findings, "2") == [*first, *RECORDED]
    assert first_way(findings, "3") == [commands.resolve_applied("3")], "and nothing that would drop the new object"
    assert [each.key for each in findings if each.code == "deploy-will-fail"] == []
    assert "has replaced or removed the result" in findings[0].summary


@pytest.mark.parametrize(
    ("earlier", "later", "there"),
    [
        pytest.param(f"{COLUMN} {INDEX}", f"DROP INDEX IF EXISTS k; {INDEX_AGAIN}", INDEX_AGAIN, id="an index"),
        pytest.param(f"{COLUMN} {OLD}", f"DROP TABLE IF EXISTS t; {NEW}", NEW, id="a table"),
    ],
)
def test_one_that_was_skipped_is_not_deployed_over_what_an_applied_one_made(
    earlier: str, later: str, there: str
) -> None:
    findings = found(earlier, later, [there], ran("3", later))
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]
    assert [each.key for each in findings if each.code == "deploy-will-fail"] == []
    after = found(earlier, later, [there, COLUMN], ran("3", later))
    assert [each.key for each in after] == ["migration-unrecorded:2"], "no statement of it is called missing"
    assert first_way(after, "2") == RECORDED


def test_rows_that_came_from_the_older_table_are_asked_about() -> None:
    findings = found(f"{OLD} INSERT INTO a SELECT id FROM t;", f"{TABLE} DROP TABLE t; {NEW}", [TABLE, NEW])
    steps = next(each for each in findings if each.subject == "2").remedy
    asked = [step.text for step in steps if step.asks]
    assert len(asked) == 1
    assert "uses table public.t, which a later script dropped and made again" in asked[0]
    assert commands.DEPLOY not in [step.command for step in steps]


OTHER = "CREATE UNIQUE INDEX k ON a (id, x);"


@pytest.mark.parametrize(
    ("later", "there"),
    [
        pytest.param(f"{TABLE} DROP INDEX k; {INDEX_AGAIN}", [], id="the later one did not run"),
        pytest.param(TABLE, [TABLE], id="the later one makes nothing of it again"),
    ],
)
def test_what_was_not_replaced_is_deployed(later: str, there: list[str]) -> None:
    findings = found(f"{COLUMN} {INDEX}", later, there)
    assert RECORDED[0] not in first_way(findings, "2")
    assert commands.DEPLOY in [step.command for each in findings for step in each.remedy]
    assert not any("replaced" in each.summary for each in findings)


def test_what_was_renamed_is_still_there() -> None:
    later = f"{TABLE} ALTER TABLE a RENAME TO b; CREATE TABLE a (n int);"
    findings = found("ALTER TABLE a ADD COLUMN m int;", later, [later])
    assert not any("replaced" in each.summary for each in findings)


def test_what_is_as_neither_makes_it_is_a_conflict() -> None:
    findings = found(f"{COLUMN} {INDEX}", f"{TABLE} DROP INDEX k; {INDEX_AGAIN}", [TABLE, OTHER])
    (finding,) = (each for each in findings if each.code == "deploy-will-fail")
    assert (finding.subject, finding.evidence["sqlstate"]) == ("2", "42P07")


def test_a_write_to_the_same_name_in_another_schema_is_not_lost() -> None:
    findings = found(f"{OLD} INSERT INTO other.t VALUES (1);", f"{TABLE} DROP TABLE t; {NEW}", [TABLE, NEW])
    (finding,) = (each for each in findings if each.subject == "2" and each.code == "migration-pending")
    assert any("INSERT INTO other.t" in (step.command or step.text) for step in finding.remedy)


def test_one_that_failed_is_completed_by_hand_as_well() -> None:
    earlier = f"{INDEX} {COLUMN}"
    failed = replace(ran("2", earlier, finished=False), logs=OF_NOTHING)
    findings = found(earlier, f"{TABLE} DROP INDEX k; {INDEX_AGAIN}", [TABLE, INDEX_AGAIN], failed)
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]


X, N = "ALTER TABLE a ALTER x", "ALTER TABLE r ALTER n"
SHOWN = "CREATE OR REPLACE VIEW shown AS SELECT id, x"
FUNCTION = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT {}';"
SECURITY = "ALTER TABLE {} {} ROW LEVEL SECURITY;"


def waiting(state: str, earlier: str, later: str) -> list[HistoryRow]:
    """The rows after the first one. 3 was deployed where 2 was *skipped*; else it was run by hand."""
    row = replace(ran("2", earlier, finished=False), logs=OF_NOTHING)
    match state:
        case "skipped":
            return [ran("3", later)]
        case "rolled back":
            return [replace(row, rolled_back_at=row.started_at)]
        case "failed":
            return [row]
    return []


STATES = ("pending", "skipped", "rolled back", "failed")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("setting", "again"),
    [
        pytest.param(f"{X} TYPE bigint;", f"{X} TYPE numeric;", id="a type"),
        pytest.param(f"{X} TYPE bigint USING x::bigint;", f"{X} TYPE numeric;", id="a type with a mere cast"),
        pytest.param(f"{X} TYPE bigint;", f"{X} TYPE numeric, ALTER x SET DEFAULT 3;", id="a type, with something more"),
        pytest.param(f"{X} SET DEFAULT 1;", f"{X} SET DEFAULT 2;", id="a default"),
        pytest.param(f"{N} DROP DEFAULT;", f"{N} SET DEFAULT 2;", id="a default that was dropped"),
        pytest.param(f"{N} SET DEFAULT 1;", f"{N} DROP DEFAULT;", id="a default that is dropped"),
        pytest.param(f"{X} SET DEFAULT 1;", f"{X} DROP DEFAULT;", id="a default, as it was before"),
        pytest.param(f"{X} SET NOT NULL;", f"{X} DROP NOT NULL;", id="NOT NULL, as it was before"),
        pytest.param(f"{N} DROP NOT NULL;", f"{N} SET NOT NULL;", id="no NOT NULL, as it was before"),
        pytest.param(SECURITY.format("a", "ENABLE"), SECURITY.format("a", "DISABLE"), id="row-level security"),
        pytest.param(SECURITY.format("r", "DISABLE"), SECURITY.format("r", "ENABLE"), id="no row-level security"),
        pytest.param("ALTER SEQUENCE s INCREMENT 5;", "ALTER SEQUENCE s INCREMENT 7;", id="a sequence"),
        pytest.param("ALTER DOMAIN d SET DEFAULT 1;", "ALTER DOMAIN d SET DEFAULT 2;", id="a domain"),
        pytest.param("ALTER POLICY p ON r USING (n = 1);", "ALTER POLICY p ON r USING (n = 2);", id="a policy"),
        pytest.param(f"{SHOWN} FROM a;", f"{SHOWN}, x AS y FROM a;", id="a view"),
        pytest.param(FUNCTION.format(1), FUNCTION.format(2), id="a function"),
        pytest.param(BODY.format(1), BODY.format(2), id="a new function"),
        pytest.param("ALTER FUNCTION f() STABLE;", "ALTER FUNCTION f() IMMUTABLE;", id="a function's attribute"),
    ],
)  # fmt: skip
def test_a_setting_that_a_later_one_set_again_is_not_set_back(state: str, setting: str, again: str) -> None:
    earlier, later = f"{setting} {COLUMN}", f"{TABLE} {again}"
    findings = found(earlier, later, [later], *waiting(state, earlier, later))
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]
    assert [each.key for each in findings if each.code == "deploy-will-fail"] == []
    (finding,) = (each for each in findings if each.subject == "2" and each.code.startswith("migration-"))
    assert "has replaced or removed the result" in finding.summary


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(INDEX, "DROP INDEX IF EXISTS k;", id="removed"),
        pytest.param("DROP INDEX j;", "CREATE INDEX IF NOT EXISTS j ON r (n);", id="still there"),
    ],
)
def test_one_that_was_skipped_does_not_undo_what_an_applied_one_made_sure_of(earlier: str, later: str) -> None:
    findings = found(f"{earlier} {COLUMN}", later, [later], ran("3", later))
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("setting", "again", "there"),
    [
        pytest.param(f"{X} TYPE bigint;", f"{X} TYPE numeric;", "", id="the later one did not run"),
        pytest.param(f"{X} TYPE bigint;", f"{X} TYPE numeric;", f"{X} TYPE smallint;", id="it is as neither sets it"),
        pytest.param(f"{X} SET DEFAULT 1;", f"{X} SET DEFAULT 1;", "", id="the same value"),
        pytest.param(f"{X} SET DEFAULT 1;", f"{X} TYPE bigint;", f"{X} TYPE bigint;", id="another attribute"),
        pytest.param(f"{X} SET DEFAULT 1;", f"{N} SET DEFAULT 2;", f"{N} SET DEFAULT 2;", id="another column"),
        pytest.param(
            f"{X} SET DEFAULT 1, ALTER x SET NOT NULL;", f"{X} SET DEFAULT 2;", f"{X} SET DEFAULT 2;",
            id="only a part of the statement",
        ),
        pytest.param(
            "ALTER SEQUENCE s INCREMENT 5 MAXVALUE 1000;", "ALTER SEQUENCE s INCREMENT 7;", "ALTER SEQUENCE s INCREMENT 7;",
            id="only a part of the options",
        ),
        pytest.param(f"{X} TYPE bigint USING x * 100;", f"{X} TYPE numeric;", f"{X} TYPE numeric;", id="rows as well"),
    ],
)  # fmt: skip
def test_a_setting_that_was_not_set_again_stays_to_be_set(state: str, setting: str, again: str, there: str) -> None:
    earlier, later = f"{setting} {COLUMN}", f"{TABLE} {again}"
    findings = found(earlier, later, [TABLE, there], *waiting(state, earlier, later))
    assert not any("replaced" in each.summary for each in findings if each.subject == "2")
    assert first_way(findings, "2") != [psql(COLUMN), *RECORDED]


def test_a_setting_that_rows_of_its_own_migration_need_is_not_passed_over() -> None:
    earlier = f"{X} SET DEFAULT 1; INSERT INTO a (id) VALUES (1);"
    later = f"{X} SET DEFAULT 2;"
    findings = found(earlier, later, [later], ran("3", later))
    assert not any("replaced" in each.summary for each in findings)

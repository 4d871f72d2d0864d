"""A pending statement that skips over what bears the name of what it makes, where that is something else.

No deployment fails there, and none ever makes what the release expects: the schema's finding comes before it.
"""

from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History
from shared.model.finding import Finding, Severity
from shared.remedies import commands
from tests.builders import facts, reading
from tests.diagnose.test_schema import diagnosed, live, ran, shipping
from tests.tables import hold

BASE = "CREATE TABLE t (id int PRIMARY KEY, x text);"
BLOCK = "DO $$ BEGIN {}; EXCEPTION WHEN {} THEN NULL; END $$;"
Z = "ALTER TABLE t ADD COLUMN IF NOT EXISTS z text;"

SKIPPED = {
    "column": ("ALTER TABLE t ADD z int;", Z, "schema-changed:column public.t.z", Severity.CRITICAL),
    "one column of two": ("ALTER TABLE t ADD z int;", f"{Z[:-1]}, ADD COLUMN IF NOT EXISTS y int;", "schema-changed:column public.t.z", Severity.CRITICAL),
    "default": ("ALTER TABLE t ADD z text DEFAULT 'a';", Z, "schema-changed:column public.t.z", Severity.CRITICAL),
    "index": ("CREATE INDEX i ON t (x);", "CREATE INDEX IF NOT EXISTS i ON t (id);", "schema-changed:index public.i", Severity.WARNING),
    "unique index": ("CREATE INDEX i ON t (x);", "CREATE UNIQUE INDEX IF NOT EXISTS i ON t (x);", "schema-changed:index public.i", Severity.CRITICAL),
    "concurrently": (
        "CREATE INDEX i ON t (x);", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (x);", "schema-changed:index public.i", Severity.CRITICAL,
    ),
    "table": ("CREATE TABLE w (a int);", "CREATE TABLE IF NOT EXISTS w (a int, b text);", "schema-missing:column public.w.b", Severity.CRITICAL),
    "sequence": ("CREATE SEQUENCE s INCREMENT 2;", "CREATE SEQUENCE IF NOT EXISTS s;", "schema-changed:sequence public.s", Severity.WARNING),
    "materialized view": (
        "CREATE MATERIALIZED VIEW m AS SELECT id FROM t;", "CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT x FROM t;",
        "schema-changed:materialized view public.m", Severity.CRITICAL,
    ),
    "enum in a block": (
        "CREATE TYPE e AS ENUM ('a');", BLOCK.format("CREATE TYPE e AS ENUM ('a', 'b')", "duplicate_object"), "schema-changed:enum public.e", Severity.CRITICAL,
    ),
    "column in a block": ("ALTER TABLE t ADD z int;", BLOCK.format("ALTER TABLE t ADD z text", "duplicate_column"), "schema-changed:column public.t.z", Severity.CRITICAL),
    "constraint in a block": (
        "ALTER TABLE t ADD CONSTRAINT k UNIQUE (x);", BLOCK.format("ALTER TABLE t ADD CONSTRAINT k UNIQUE (x, id)", "duplicate_object OR duplicate_table"),
        "schema-changed:unique public.t.k", Severity.CRITICAL,
    ),
    "after more": ("ALTER TABLE t ADD z int;", f"CREATE TABLE v (); {Z}", "schema-changed:column public.t.z", Severity.CRITICAL),
}  # fmt: skip
NOT_SKIPPED = {
    "as it makes it": ("ALTER TABLE t ADD z text;", Z),
    "an index as it makes it": ("CREATE INDEX i ON t (x);", "CREATE INDEX IF NOT EXISTS i ON t (x);"),
    "a table as it makes it": ("CREATE TABLE w (a int);", "CREATE TABLE IF NOT EXISTS w (a int);"),
    "a type as a block makes it": ("CREATE TYPE e AS ENUM ('a');", BLOCK.format("CREATE TYPE e AS ENUM ('a')", "duplicate_object")),
    "nothing has the name": ("CREATE TABLE u ();", Z),
    "as a later statement leaves it": ("ALTER TABLE t ADD z int;", f"{Z} ALTER TABLE t ALTER z TYPE int USING 0;"),
}  # fmt: skip


def before(hand: str, pending: str) -> list[Finding]:
    """The findings before a deployment of *pending*, where *hand* was run by hand."""
    shipped, recorded = shipping(("1", BASE), ("2", pending)), (ran("1", BASE, minutes_ago=90),)
    actual = live(BASE, hand)
    said = facts(shipped, reading(history=History(exists=True, rows=recorded), catalog=actual))
    said = replace(said, phase="before", target=replace(said.target, policy="deploy-migrates"))
    truth = diagnosed(shipped, recorded, actual)
    checks = [check for check in CHECKS if check.name in ("history", "schema", "deployment")]
    return [each for check in checks for each in run_check(check, said, truth).findings]


def test_it_is_a_finding_before_the_deployment_and_no_remedy_hides_it() -> None:
    def check(case: tuple[str, str, str, Severity]) -> None:
        hand, pending, key, severity = case
        findings = before(hand, pending)
        (found,) = (each for each in findings if each.code.startswith("schema-"))
        assert (found.key, found.severity) == (key, severity)
        assert "of 2 makes it: " in found.summary
        assert "a deploy would skip over that statement" in found.summary
        printed = [step.command for each in findings for step in each.remedy]
        assert commands.DEPLOY not in printed
        assert commands.resolve_applied("2") not in printed
        assert [each.key for each in findings if each.code == "deploy-will-fail"] == []

    hold(check, SKIPPED.values(), str)


def test_what_is_not_skipped_or_is_the_same_is_no_finding() -> None:
    def check(case: tuple[str, str]) -> None:
        assert not any("skip over" in each.summary for each in before(*case))
        if not case[0].startswith("CREATE TABLE u"):
            assert [each.key for each in before(*case) if each.code.startswith("schema-")] == []

    hold(check, NOT_SKIPPED.values(), str)


@pytest.mark.parametrize("freed", ["DROP TABLE w;", "ALTER TABLE w RENAME TO v;"])
def test_a_name_that_the_deployment_frees_first_is_no_finding(freed: str) -> None:
    findings = before("CREATE TABLE w (a int);", f"{freed} CREATE TABLE IF NOT EXISTS w (b text);")
    assert not any("skip over" in each.summary for each in findings)


def test_another_kind_of_object_is_skipped_over_as_well() -> None:
    findings = before("CREATE VIEW w AS SELECT 1 AS a;", "CREATE TABLE IF NOT EXISTS w (a int);")
    (found,) = (each for each in findings if each.code.startswith("schema-"))
    assert (found.key, found.severity) == ("schema-changed:table public.w", Severity.CRITICAL)
    assert found.summary.startswith("table public.w")
    assert "view public.w exists, so a deploy would skip over that statement" in found.summary

"""A migration that never ran, whose objects a later one that ran has replaced: a deploy must not run it any more.

The rest of it is run by hand, and then it is recorded. `tests/remedies/law` follows such states with Prisma's engine.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History, HistoryRow
from shared.model.finding import Finding, Severity
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


def found(
    earlier: str,
    later: str,
    there: Sequence[str],
    *rows: HistoryRow,
    base: str = "",
    before: bool = False,
    empty: frozenset[tuple[str, ...]] = frozenset(),
) -> list[Finding]:
    """The findings of the history and of the next deployment; 2 is *earlier*, 3 is *later*, *base* comes before both.

    *before*: in the gate before a deployment that applies migrations. *empty* are tables without rows.
    """
    first = f"{BASE} {base}"
    shipped = shipping(("1", first), ("2", earlier), ("3", later))
    recorded = (ran("1", first, minutes_ago=90), *rows)
    actual = live(BASE, *there)
    said = facts(shipped, reading(history=History(exists=True, rows=recorded), catalog=actual, empty_tables=empty))
    if before:
        said = replace(said, phase="before", target=replace(said.target, policy="deploy-migrates"))
    truth = diagnosed(shipped, recorded, actual)
    checks = [check for check in CHECKS if check.name in ("history", "deployment")]
    return [each for check in checks for each in run_check(check, said, truth).findings]


def test_the_gate_before_a_deployment_stops_one_that_would_put_it_back() -> None:
    """Where the deployment applies migrations, one that waits is no news: but none may apply this one."""
    earlier, later = f"{X} SET DEFAULT 1;", f"{X} SET DEFAULT 2;"
    severities = {
        there: [
            each.severity
            for each in found(earlier, later, [there], *rows, before=True)
            if each.subject == "2" and each.code == "migration-skipped"
        ]
        for there, rows in ((later, [ran("3", later)]), ("", [ran("3", TABLE)]))
    }
    assert severities == {later: [Severity.CRITICAL], "": [Severity.INFO]}


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


def by_a_person(findings: Sequence[Finding], name: str) -> list[str]:
    """What a person must do by hand of a migration, before it is recorded; no command of it runs that."""
    (finding,) = (each for each in findings if each.subject == name and each.code.startswith("migration-"))
    assert commands.DEPLOY not in [step.command for step in finding.remedy]
    return [step.text for step in finding.remedy if "by hand what is left of it" in step.text]


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
        pytest.param(f"{X} SET STATISTICS 5;", f"{X} SET STATISTICS 7;", id="a statistics target"),
        pytest.param("ALTER TABLE a SET (fillfactor = 50);", "ALTER TABLE a RESET (fillfactor);", id="a storage option"),
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
    named = {"deploy-will-fail", "deploy-breaks-running-app", "deploy-not-probed"}
    assert [each.summary for each in findings if each.code in named and "line 1 of 2" in each.summary.lower()] == []
    (finding,) = (each for each in findings if each.subject == "2" and each.code.startswith("migration-"))
    assert "has replaced or removed the result" in finding.summary


@pytest.mark.parametrize(
    ("earlier", "must_be"),
    [
        pytest.param(COLUMN, "By then all of its statements must be applied.", id="nothing replaced"),
        pytest.param(f"{X} SET DEFAULT 1;", "Nothing of it is to be run: later statements have replaced or removed the result.", id="all"),
        pytest.param(f"SET timezone = 'UTC'; {X} SET DEFAULT 1;", "Nothing of it is to be run: later statements have replaced or removed the result.", id="all but what prepares"),
        pytest.param(
            f"{X} SET DEFAULT 1; {COLUMN}",
            "By then all of its statements must be applied but for line 1 (ALTER TABLE a ALTER x SET DEFAULT 1): later ones have replaced or removed the result.",
            id="one of two",
        ),
    ],
)  # fmt: skip
def test_what_must_be_so_before_it_is_recorded(earlier: str, must_be: str) -> None:
    later = f"{TABLE} {X} SET DEFAULT 2;"
    findings = found(earlier, later, [later, COLUMN if earlier == COLUMN else ""], ran("3", later))
    (finding,) = (each for each in findings if each.subject == "2" and each.code.startswith("migration-"))
    (said,) = (
        step.text for step in finding.remedy if step.command == commands.resolve_applied("2") and not step.choice
    )
    assert said == f"Mark the migration as applied without running it. {must_be}"


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
    ],
)  # fmt: skip
def test_a_setting_that_was_not_set_again_stays_to_be_set(state: str, setting: str, again: str, there: str) -> None:
    earlier, later = f"{setting} {COLUMN}", f"{TABLE} {again}"
    findings = found(earlier, later, [TABLE, there], *waiting(state, earlier, later))
    assert not any("replaced" in each.summary for each in findings if each.subject == "2")
    assert first_way(findings, "2") != [psql(COLUMN), *RECORDED]


# An expression changes the rows; the later type must stay.
USING, TYPE = f"{X} TYPE bigint USING x * 100;", f"{X} TYPE numeric;"
NUMBER = "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT {}';"
TRIGGER = "CREATE TRIGGER g BEFORE {} ON a FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("setting", "again", "there", "left"),
    [
        pytest.param(USING, TYPE, TYPE, "it also changes rows", id="the expression of a type"),
        pytest.param(
            f"{X} TYPE bigint USING x * 100, ALTER x SET DEFAULT 1;", TYPE, TYPE, "it also changes rows",
            id="the expression of a type, beside something else",
        ),
        pytest.param(
            FUNCTION.format(1), "ALTER FUNCTION f() IMMUTABLE;", "ALTER FUNCTION f() IMMUTABLE;",
            "replaced a part of what it does", id="a function with an attribute that was set again",
        ),
    ],
)  # fmt: skip
def test_what_no_statement_does_any_more_is_left_to_a_person(
    state: str, setting: str, again: str, there: str, left: str
) -> None:
    earlier, later = f"{setting} {COLUMN}", f"{TABLE} {again}"
    findings = found(earlier, later, [TABLE, there], *waiting(state, earlier, later))
    (asked,) = by_a_person(findings, "2")
    assert left in asked
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("setting", "again", "rest"),
    [
        pytest.param(
            f"{X} SET DEFAULT 1, ALTER x SET NOT NULL;", f"{X} SET DEFAULT 2;", f"{X} SET NOT NULL;", id="a command"
        ),
        pytest.param(
            f"{X} SET DEFAULT 1, /* , */ ALTER x SET NOT NULL, ADD CHECK (x IN (1, 2));", f"{X} DROP NOT NULL;",
            f"{X} SET DEFAULT 1, ADD CHECK (x IN (1, 2));", id="two commands",
        ),
        pytest.param(
            "ALTER SEQUENCE s INCREMENT 5 MAXVALUE 1000;", "ALTER SEQUENCE s INCREMENT 7;", "ALTER SEQUENCE s MAXVALUE 1000;",
            id="an option of a sequence",
        ),
        pytest.param(
            "ALTER FUNCTION f() STABLE STRICT;", "ALTER FUNCTION f() IMMUTABLE;", "ALTER FUNCTION f() STRICT;",
            id="an attribute of a function",
        ),
    ],
)  # fmt: skip
def test_of_a_statement_that_was_set_again_in_part_the_rest_is_run(
    state: str, setting: str, again: str, rest: str
) -> None:
    earlier, later = f"{setting} {COLUMN}", f"{TABLE} {again}"
    findings = found(earlier, later, [later], *waiting(state, earlier, later))
    assert first_way(findings, "2") == [psql(rest, COLUMN), *RECORDED]
    (finding,) = (each for each in findings if each.subject == "2" and each.code.startswith("migration-"))
    assert "as written" in finding.summary
    assert commands.DEPLOY not in [step.command for step in finding.remedy]


@pytest.mark.parametrize(
    ("earlier", "later", "there", "rest"),
    [
        pytest.param(
            "ALTER TABLE a ADD COLUMN c text, ADD COLUMN d int;", "ALTER TABLE a DROP COLUMN IF EXISTS c; ALTER TABLE a ADD COLUMN c int;",
            "ALTER TABLE a ADD COLUMN c int;", "ALTER TABLE a ADD COLUMN d int;", id="a column",
        ),
        pytest.param(
            "DROP INDEX j, l;", "DROP INDEX IF EXISTS j; CREATE INDEX j ON r (n DESC);",
            "DROP INDEX j; CREATE INDEX j ON r (n DESC);", "DROP INDEX l;", id="a dropped index",
        ),
    ],
)  # fmt: skip
def test_of_a_statement_whose_objects_were_made_again_in_part_the_rest_is_run(
    earlier: str, later: str, there: str, rest: str
) -> None:
    before = "CREATE INDEX l ON r (n, n);"
    findings = found(f"{earlier} {COLUMN}", f"{TABLE} {later}", [before, TABLE, there], ran("3", later), base=before)
    assert first_way(findings, "2") == [psql(rest, COLUMN), *RECORDED]
    assert [each.key for each in findings if each.code == "deploy-will-fail"] == []


@pytest.mark.parametrize(
    ("earlier", "later", "there", "used"),
    [
        pytest.param(
            f"{OLD} INSERT INTO a SELECT id FROM t;", f"DROP TABLE t; {NEW}", NEW, "table public.t", id="rows of an older table"
        ),
        pytest.param(
            f"{OLD} INSERT INTO a SELECT id FROM t;", "DROP TABLE IF EXISTS t;", "", "table public.t", id="rows of one that is gone"
        ),
        pytest.param(
            f"{NUMBER.format(1)} UPDATE a SET x = g();", f"DROP FUNCTION g(); {NUMBER.format(2)}", NUMBER.format(2),
            "function public.g()", id="values of an older function",
        ),
        pytest.param(
            f"{BODY.format(1)} DO $$BEGIN UPDATE a SET x = g(); END$$;", BODY.format(2), BODY.format(2), "function public.g()",
            id="values of a function that was replaced",
        ),
        pytest.param(
            f"{INDEX} INSERT INTO a VALUES (1, 1) ON CONFLICT (x) DO NOTHING;", f"DROP INDEX k; {INDEX_AGAIN}", INDEX_AGAIN,
            "index public.k", id="an index by which rows conflict",
        ),
        pytest.param(
            f"{TRIGGER.format('UPDATE')} UPDATE a SET x = 1;", f"DROP TRIGGER g ON a; {TRIGGER.format('INSERT OR UPDATE')}",
            TRIGGER.format("INSERT OR UPDATE"), "trigger public.a.g", id="a trigger",
        ),
        pytest.param(
            f"{KEY} ON DELETE CASCADE; DELETE FROM a;", f"ALTER TABLE a DROP CONSTRAINT f; {KEY};", f"{KEY};",
            "foreign key public.a.f", id="a foreign key that deletes rows",
        ),
        pytest.param(
            f"{X} SET DEFAULT 1; INSERT INTO a (id) VALUES (1);", f"{X} SET DEFAULT 2;", f"{X} SET DEFAULT 2;",
            "column public.a.x", id="a default",
        ),
        pytest.param(
            f"{X} SET DEFAULT 1; UPDATE a SET x = DEFAULT;", f"{X} SET DEFAULT 2;", f"{X} SET DEFAULT 2;",
            "column public.a.x", id="a default that an UPDATE names",
        ),
    ],
)  # fmt: skip
def test_a_change_of_rows_by_what_was_replaced_is_left_to_a_person(
    earlier: str, later: str, there: str, used: str
) -> None:
    findings = found(f"{earlier} {COLUMN}", f"{TABLE} {later}", [TABLE, there])
    (asked,) = by_a_person(findings, "2")
    assert f"it uses {used}, which a later statement that ran has removed, renamed or replaced" in asked
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]


@pytest.mark.parametrize(
    ("earlier", "later", "write"),
    [
        pytest.param(INDEX, f"DROP INDEX k; {INDEX_AGAIN}", "UPDATE a SET x = 1;", id="an index"),
        pytest.param(f"{KEY} ON DELETE CASCADE;", f"ALTER TABLE a DROP CONSTRAINT f; {KEY};", "INSERT INTO a VALUES (1);", id="a foreign key"),
        pytest.param(f"{X} SET NOT NULL;", f"{X} DROP NOT NULL;", "INSERT INTO a VALUES (1, 1);", id="NOT NULL"),
        pytest.param(f"{X} SET DEFAULT 1;", f"{X} SET DEFAULT 2;", "DELETE FROM a;", id="a default"),
    ],
)  # fmt: skip
def test_a_change_of_rows_that_goes_the_same_way_is_run(earlier: str, later: str, write: str) -> None:
    there = later.replace("DROP INDEX k; ", "").replace("ALTER TABLE a DROP CONSTRAINT f; ", "")
    findings = found(f"{earlier} {write} {COLUMN}", f"{TABLE} {later}", [TABLE, there])
    assert by_a_person(findings, "2") == []
    assert first_way(findings, "2") == [psql(write, COLUMN), *RECORDED]


A_OF = "ALTER TABLE a"


@pytest.mark.parametrize("state", ["skipped", "by hand"])
@pytest.mark.parametrize(
    ("setting", "again"),
    [
        pytest.param("COMMENT ON TABLE a IS 'one';", "COMMENT ON TABLE public.a IS 'two';", id="a comment"),
        pytest.param("COMMENT ON COLUMN a.x IS 'one';", "COMMENT ON COLUMN a.x IS NULL;", id="a comment on a column"),
        pytest.param("COMMENT ON FUNCTION f() IS 'one';", "COMMENT ON FUNCTION f() IS 'two';", id="a comment on a function"),
        pytest.param(f"{A_OF} OWNER TO one;", f"{A_OF} OWNER TO two;", id="an owner"),
        pytest.param("ALTER FUNCTION f() OWNER TO one;", "ALTER FUNCTION f() OWNER TO two;", id="an owner of a function"),
        pytest.param(f"{A_OF} SET TABLESPACE one;", f"{A_OF} SET TABLESPACE two;", id="a tablespace"),
    ],
)  # fmt: skip
def test_what_leaves_no_trace_and_was_set_again_is_not_set_back(state: str, setting: str, again: str) -> None:
    rows = [ran("3", f"{TABLE} {again}")] if state == "skipped" else []
    findings = found(f"{setting} {COLUMN}", f"{TABLE} {again}", [TABLE], *rows)
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]


@pytest.mark.parametrize(
    ("setting", "again"),
    [
        pytest.param("COMMENT ON TABLE a IS 'one';", "COMMENT ON TABLE r IS 'two';", id="another table"),
        pytest.param("COMMENT ON TABLE a IS 'one';", "COMMENT ON VIEW shown IS 'two';", id="another kind"),
        pytest.param(f"{A_OF} SET (fillfactor = 50);", f"{A_OF} SET (autovacuum_enabled = off);", id="another option"),
        pytest.param("GRANT SELECT ON a TO pg_monitor;", "GRANT INSERT ON a TO pg_monitor;", id="other rights"),
        pytest.param("GRANT SELECT ON a TO pg_monitor;", "REVOKE SELECT ON r FROM pg_monitor;", id="rights to another table"),
    ],
)  # fmt: skip
def test_what_leaves_no_trace_and_was_not_set_again_is_deployed(setting: str, again: str) -> None:
    findings = found(f"{setting} {COLUMN}", again, [], ran("3", again))
    assert first_way(findings, "2") == [commands.DEPLOY]


@pytest.mark.parametrize(
    ("rights", "again"),
    [
        pytest.param("GRANT SELECT ON a TO pg_monitor;", "REVOKE ALL ON a FROM pg_monitor;", id="granted"),
        pytest.param("REVOKE SELECT ON a FROM pg_monitor;", "GRANT SELECT ON public.a TO pg_monitor;", id="revoked"),
        pytest.param(
            "GRANT SELECT ON a TO pg_monitor;", "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM pg_monitor;", id="of a schema"
        ),
    ],
)  # fmt: skip
def test_rights_that_a_later_one_countered_are_left_to_a_person(rights: str, again: str) -> None:
    findings = found(f"{rights} {COLUMN}", again, [], ran("3", again))
    (asked,) = by_a_person(findings, "2")
    assert "gave or took rights" in asked
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]


@pytest.mark.parametrize("state", ["partly by hand", "failed"])
def test_no_way_deploys_again_what_is_replaced_in_a_migration_that_ran_in_part(state: str) -> None:
    earlier, later = f"CREATE INDEX made ON a (x); {X} SET DEFAULT 1; {COLUMN}", f"{TABLE} {X} SET DEFAULT 2;"
    rows = [] if state == "partly by hand" else waiting(state, earlier, later)
    findings = found(earlier, later, ["CREATE INDEX made ON a (x);", later], *rows)
    (finding,) = (each for each in findings if each.subject == "2" and each.code.startswith("migration-"))
    assert commands.DEPLOY not in [step.command for step in finding.remedy]
    assert first_way(findings, "2") == [psql(COLUMN), *RECORDED]

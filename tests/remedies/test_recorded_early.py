"""What is advised of a migration that was recorded as applied without being run as a whole."""

from dataclasses import replace

import pytest

from shared.checks.registry import CHECKS, run_check
from shared.model.database import History
from shared.model.finding import Finding, Severity
from shared.model.settings import RemedySettings
from shared.remedies import commands
from shared.remedies.recorded_early import complete_first, points_to_missing
from shared.report.explanation import as_explanation
from tests.builders import facts, reading
from tests.diagnose.test_recorded_early import BASE, COLUMN, EARLY, INDEX, MAKE, OF_ENUM, SWAP, early
from tests.diagnose.test_schema import diagnosed, live, ran, shipping

SCHEMA = next(check for check in CHECKS if check.name == "schema")


def found(script: str, *there: str, base: str = BASE, remedy: RemedySettings | None = None) -> list[Finding]:
    release = shipping(("1", base), ("2_b", script))
    rows = (ran("1", base), early("2_b", script))
    actual = live(base, *there)
    said = facts(release, reading(history=History(exists=True, rows=rows), catalog=actual))
    said = replace(said, target=replace(said.target, remedy=remedy or RemedySettings()))
    outcome = run_check(SCHEMA, said, diagnosed(release, rows, actual))
    assert outcome.unknown is None
    return list(outcome.findings)


def psql(*statements: str) -> str:
    return commands.psql(statements, "public")


QUERY = "SELECT count(*) FROM a WHERE a.x IS DISTINCT FROM ('filled');"


def test_the_missing_statements_are_printed_as_in_the_file() -> None:
    column, index = found(EARLY, MAKE)
    assert (column.key, index.key) == ("schema-missing:column public.a.z", "schema-missing:index public.b_id")
    assert column.summary == (
        "column public.a.z is missing in the database: the applied migrations create it (integer). Statements of 2_b are "
        "missing: it was marked as applied without being run (migrate resolve --applied)."
    )
    assert column.evidence["recorded_early"] == ["2_b"]
    assert column.remedy == index.remedy
    assert [(step.text.partition(".")[0], step.command, step.asks, step.choice) for step in column.remedy] == [
        (
            "2_b, on this database only: check whether line 2 ran: the query counts 0 if it did",
            psql("SET TRANSACTION READ ONLY;", QUERY), False, False,
        ),
        (
            "2_b, on this database only: find out whether line 2 ran already",
            psql("UPDATE a SET x = 'filled';"), True, False,
        ),
        ("2_b, on this database only: run the 2 missing statements, printed as in the file", psql(INDEX, COLUMN), False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "there", "severity"),
    [
        pytest.param(f"{MAKE}\n{INDEX}", [MAKE], Severity.WARNING, id="a plain index alone is missing"),
        pytest.param(EARLY, [MAKE, COLUMN], Severity.CRITICAL, id="a write may be missing as well"),
        pytest.param(f"{MAKE}\nDO $$ BEGIN PERFORM 1; END $$;\n{INDEX}", [MAKE], Severity.CRITICAL, id="a block may be missing as well"),
    ],
)  # fmt: skip
def test_a_write_that_may_be_missing_is_critical(script: str, there: list[str], severity: Severity) -> None:
    assert [finding.severity for finding in found(script, *there)] == [severity]


def test_what_shows_nothing_and_belongs_to_what_is_missing_is_run_with_it() -> None:
    away = SWAP.splitlines()[:9]
    (enum,) = found(SWAP, "CREATE TABLE b (id int);", base=OF_ENUM)
    assert enum.key == "schema-changed:enum public.k"
    assert [(step.text.partition(".")[0], step.command, step.asks) for step in enum.remedy] == [
        ("2_b, on this database only: run the 7 missing statements, printed as in the file", psql(*away), False),
        (
            "2_b, on this database only: find out whether line 11 ran already",
            psql("INSERT INTO b SELECT id FROM e;"), True,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "there", "commands"),
    [
        pytest.param(f"{MAKE}\n{INDEX}", [], [psql(MAKE, INDEX)], id="nothing of it"),
        pytest.param(f"{MAKE}\n{INDEX}", [MAKE], [psql(INDEX)], id="one is there"),
        pytest.param(f"{MAKE}\n{COLUMN}", ["ALTER TABLE a ADD COLUMN z text;"], [psql(MAKE)], id="one is another thing"),
        pytest.param(f"CREATE SCHEMA shop;\nSET search_path TO shop;\n{MAKE}", ["CREATE SCHEMA shop;"], [psql("SET search_path TO shop;", MAKE)], id="a setting before it"),
    ],
)  # fmt: skip
def test_what_is_to_be_run(script: str, there: list[str], commands: list[str]) -> None:
    owned = [finding for finding in found(script, *there) if "recorded_early" in finding.evidence]
    assert owned
    assert {tuple(step.command for step in finding.remedy) for finding in owned} == {tuple(commands)}


@pytest.mark.parametrize(
    ("needed", "first", "dropped", "then"),
    [
        pytest.param(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';",
            "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();", "DROP TRIGGER t ON a;",
            "CREATE TRIGGER t AFTER DELETE ON a FOR EACH STATEMENT EXECUTE FUNCTION f();", id="a trigger of a function",
        ),
        pytest.param(
            MAKE, "ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES b (id);", "ALTER TABLE a DROP CONSTRAINT k;",
            "ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES b (id) ON DELETE CASCADE;", id="a foreign key to a table",
        ),
        pytest.param(
            "CREATE TYPE e AS ENUM ('a');", "ALTER TABLE a ADD COLUMN k e;", "ALTER TABLE a DROP COLUMN k;",
            "ALTER TABLE a ADD COLUMN k e NOT NULL DEFAULT 'a';", id="a column of a type",
        ),
        pytest.param(
            MAKE, "CREATE VIEW v AS SELECT id FROM b;", "DROP VIEW v;", "CREATE VIEW v AS SELECT id AS n FROM b;", id="a view of a table",
        ),
        pytest.param(
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "CREATE POLICY p ON a USING (id = f());", "DROP POLICY p ON a;",
            "CREATE POLICY p ON a USING (id > f());", id="a policy with a function",
        ),
        pytest.param(
            "CREATE SEQUENCE s;", "ALTER TABLE a ADD COLUMN k int DEFAULT nextval('s');", "ALTER TABLE a DROP COLUMN k;",
            "ALTER TABLE a ADD COLUMN k bigint DEFAULT nextval('s');", id="a column with a sequence",
        ),
    ],
)  # fmt: skip
def test_what_hangs_on_what_is_missing_is_run_with_it(needed: str, first: str, dropped: str, then: str) -> None:
    """Nothing shows whether the first of them ran; but it cannot have run without what it hangs on."""
    script = "\n".join([needed, first, dropped, then])
    owned = [finding for finding in found(script) if "recorded_early" in finding.evidence]
    assert owned
    for finding in owned:
        assert [step.command for step in finding.remedy if step.command] == [psql(needed, first, dropped, then)]


@pytest.mark.parametrize(
    ("script", "warned"),
    [
        pytest.param("DROP TABLE a;\nCREATE TABLE a (id int PRIMARY KEY, x text, y int);", ["Line 1"], id="a table"),
        pytest.param("ALTER TABLE a DROP COLUMN x;\nALTER TABLE a ADD COLUMN y int;", ["Line 1"], id="a column"),
        pytest.param("ALTER TABLE a ALTER COLUMN x SET NOT NULL;", [], id="neither"),
    ],
)
def test_what_takes_rows_along_is_said_first(script: str, warned: list[str]) -> None:
    remedy = next(each.remedy for each in found(script) if "recorded_early" in each.evidence)
    assert [step.text.partition(" of ")[0] for step in remedy if step.command is None] == warned
    assert remedy[-1].command == psql(*script.split("\n"))


def test_nothing_is_said_where_nothing_is_missing() -> None:
    assert found(EARLY, EARLY) == []


def test_what_made_it_fail_before_it_was_recorded_comes_first() -> None:
    script = "CREATE UNIQUE INDEX a_x ON a (x);"
    error = 'ERROR: could not create unique index "a_x"\nDETAIL: Key (x)=(twin) is duplicated.\nSQLSTATE 23505'
    failed = ran("2_b", script, minutes_ago=20, finished=False, rolled_back=True, logs=error)
    rows = (ran("1", BASE), failed, early("2_b", script))
    release, actual = shipping(("1", BASE), ("2_b", script)), live(BASE)
    said = facts(release, reading(history=History(exists=True, rows=rows), catalog=actual))
    diagnosis = diagnosed(release, rows, actual)
    (finding,) = run_check(SCHEMA, said, diagnosis).findings
    texts = [step.text.partition(":")[0] for step in finding.remedy]
    assert texts[-2:] == ["Fix what made line 1 of 2_b fail when it was run", "2_b, on this database only"]
    assert finding.remedy[-1].command == psql(script)
    assert "The recorded error points to this statement" in as_explanation(diagnosis.migrations[1], width=200)


def test_the_shell_is_prepared_as_the_target_asks() -> None:
    (finding,) = found(MAKE, remedy=RemedySettings("apps/backend"))
    assert [step.command for step in finding.remedy] == ["cd apps/backend", psql(MAKE)]


def test_explain_shows_its_statements() -> None:
    actual = live(BASE, MAKE)
    diagnosis = diagnosed(shipping(("1", BASE), ("2_b", EARLY)), [ran("1", BASE), early("2_b", EARLY)], actual)
    lines = as_explanation(diagnosis.migrations[1], width=200).splitlines()
    assert lines[:2] == ["2_b  applied", "  4 statements: some were applied."]
    assert [line.strip() for line in lines if " line " in line] == [
        "✓ present     line 1",
        "· no-trace    line 2",
        "✗ absent      line 3",
        "✗ absent      line 4",
    ]


def test_what_waits_is_deployed_after_the_missing_statements() -> None:
    release = shipping(("1", BASE), ("2_b", EARLY), ("3_c", "CREATE TABLE c ();"))
    rows = (ran("1", BASE), early("2_b", EARLY))
    actual = live(BASE, MAKE)
    said = facts(release, reading(history=History(exists=True, rows=rows), catalog=actual))
    history = next(check for check in CHECKS if check.name == "history")
    (pending,) = run_check(history, said, diagnosed(release, rows, actual)).findings
    assert (pending.key, pending.remedy) == ("migration-pending:3_c", (complete_first(["2_b"]),))
    assert points_to_missing(pending.remedy[0])

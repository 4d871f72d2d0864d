"""An object that somebody made by hand and that differs: the server refuses what makes it, and nothing hides that."""

import re
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from shared.model.report import Report, Trigger
from tests import tables
from tests.checks.small_production import ADD, INIT, LAST, Production, commands, of

# The lines of what a finding calls applied.
_APPLIED = re.compile(r"applied \(lines? ([^)]*)\)")
BASE = """
CREATE TABLE t (id int PRIMARY KEY, x text, y text);
CREATE TABLE par (id int PRIMARY KEY);
CREATE FUNCTION f1() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION f2() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
"""
W = "CREATE TABLE w (id int PRIMARY KEY, x text NOT NULL DEFAULT 'a', n int)"
STATES = ("pending", "failed", "killed", "rolled back", "skipped")
_HERE_DOCUMENT = re.compile(r"<<'SQL'\n(.*?)\nSQL", re.DOTALL)


class Case(NamedTuple):
    made: str
    hand: str
    state: str = "pending"
    # Another statement of the file, before it, that ran, or did not.
    beside: bool | None = None
    # The finding of what differs, by its key.
    because: str = ""


KINDS = [
    Case(W, W.replace(", n int", ""), "pending", None, "schema-unexpected:table public.w"),
    Case(W, W[:-1] + ", more text)", "failed", None, "schema-unexpected:column public.w.more"),
    Case(W, W.replace("n int", "n bigint"), "pending", None, "schema-changed:column public.w.n"),
    Case(W, W.replace(" NOT NULL", ""), "killed", None, "schema-changed:column public.w.x"),
    Case(W, W.replace("'a'", "'b'"), "rolled back", None, "schema-changed:column public.w.x"),
    Case(W, W.replace(" DEFAULT 'a'", ""), "skipped", None, "schema-changed:column public.w.x"),
    Case(W, W.replace(" PRIMARY KEY", " NOT NULL"), "failed", None, "schema-unexpected:table public.w"),
    Case(W, W.replace("TABLE", "UNLOGGED TABLE"), "pending", True, "schema-changed:table public.w"),
    Case(W, "CREATE VIEW w AS SELECT 1 AS id", "skipped", False, "schema-unexpected:view public.w"),
    Case(
        "CREATE TABLE w (id int, CONSTRAINT c CHECK (id > 0))", "CREATE TABLE w (id int, CONSTRAINT c CHECK (id > 1))",
        "pending", False, "schema-changed:check public.w.c",
    ),
    Case(
        "CREATE TABLE w (id int REFERENCES par ON DELETE CASCADE)", "CREATE TABLE w (id int REFERENCES par)",
        "rolled back", None, "schema-changed:foreign key public.w.w_id_fkey",
    ),
    Case(
        "CREATE TABLE w (id int) PARTITION BY RANGE (id)", "CREATE TABLE w (id int)", "killed", True,
        "schema-changed:table public.w",
    ),
    # What the rest of the file makes of it shows that some of the file ran, and not that this statement did.
    Case(
        f"{W};\nCREATE INDEX w_n ON w (n)", f"{W.replace('n int', 'n bigint')}; CREATE INDEX w_n ON w (n)", "failed", None,
        "schema-changed:column public.w.n",
    ),
    Case(
        f"{W};\nALTER TABLE w ADD COLUMN k int", f"{W.replace('n int', 'n bigint')}; ALTER TABLE w ADD k int", "pending",
        None, "schema-changed:column public.w.n",
    ),
    Case(f"{W};\nCREATE INDEX w_n ON w (n)", W.replace("n int", "n bigint"), "skipped", None, "schema-changed:column public.w.n"),
    Case("ALTER TABLE t ADD COLUMN z text", "ALTER TABLE t ADD z int", "killed", None, "schema-unexpected:column public.t.z"),
    Case(
        "ALTER TABLE t ADD COLUMN z text, ADD COLUMN q int", "ALTER TABLE t ADD z text, ADD q bigint", "failed", None,
        "schema-changed:column public.t.q",
    ),
    Case(
        "ALTER TABLE t ADD COLUMN z text, ADD COLUMN q int", "ALTER TABLE t ADD z text", "skipped", None,
        "schema-unexpected:column public.t.z",
    ),
    Case("ALTER TABLE t RENAME COLUMN x TO z", "ALTER TABLE t ADD z text", "pending", None, "schema-unexpected:column public.t.z"),
    Case("CREATE INDEX i ON t (x)", "CREATE INDEX i ON t (y)", "failed", True, "schema-unexpected:index public.i"),
    Case("CREATE UNIQUE INDEX i ON t (x)", "CREATE INDEX i ON t (x)", "pending", None, "schema-unexpected:index public.i"),
    Case(
        "ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0)", "ALTER TABLE t ADD CONSTRAINT c CHECK (id > 1)", "rolled back",
        None, "schema-unexpected:check public.t.c",
    ),
    Case(
        "ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0), ADD CONSTRAINT d UNIQUE (x)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0), ADD CONSTRAINT d UNIQUE (y)", "pending", None,
        "schema-changed:unique public.t.d",
    ),
    Case("CREATE TYPE e AS ENUM ('a', 'b')", "CREATE TYPE e AS ENUM ('a')", "pending", None, "schema-unexpected:enum public.e"),
    Case("CREATE TYPE e AS ENUM ('a', 'b')", "CREATE TYPE e AS ENUM ('a', 'b', 'c')", "killed", True, "schema-unexpected:enum public.e"),
    Case("CREATE DOMAIN d AS text NOT NULL", "CREATE DOMAIN d AS text", "failed", None, "schema-unexpected:domain public.d"),
    Case("CREATE TYPE k AS (a int, b text)", "CREATE TYPE k AS (a int, b int)", "skipped", None, "schema-unexpected:composite type public.k"),
    Case("CREATE VIEW v AS SELECT id FROM t", "CREATE VIEW v AS SELECT id FROM t WHERE id > 1", "pending", None, "schema-unexpected:view public.v"),
    Case("CREATE SEQUENCE s INCREMENT 2", "CREATE SEQUENCE s", "rolled back", False, "schema-unexpected:sequence public.s"),
    Case(
        "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 2'", "pending", None,
        "schema-unexpected:function public.f(integer)",
    ),
    Case(
        "CREATE PROCEDURE f() LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "pending", None, "schema-unexpected:function public.f()",
    ),
    Case(
        "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
        "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4ne)", "pending", None,
        "schema-unexpected:operator public.===(integer, integer)",
    ),
    Case("CREATE POLICY p ON t USING (id > 1)", "CREATE POLICY p ON t USING (id > 2)", "killed", None, "schema-unexpected:policy public.t.p"),
    Case(
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f1()",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f2()", "skipped", None,
        "schema-unexpected:trigger public.t.g",
    ),
    Case("CREATE SCHEMA s CREATE TABLE st (id int)", "CREATE SCHEMA s", "pending", None, "schema-unexpected:schema s"),
    Case(
        "CREATE EXTENSION pg_trgm SCHEMA public", "CREATE SCHEMA o; CREATE EXTENSION pg_trgm SCHEMA o", "failed", None,
        "schema-unexpected:extension pg_trgm",
    ),
]  # fmt: skip


@pytest.fixture
def place(database: str, tmp_path: Path) -> tuple[str, Path]:
    """A database that is emptied before each case, and a folder."""
    return database, tmp_path


def _production(case: Case, number: int, place: tuple[str, Path]) -> Production:
    """A production in which the first migration is applied, and the object of *case* was made by hand."""
    url, folder = place
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS o, s CASCADE")
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
        connection.execute("CREATE SCHEMA public")
    before = "" if case.beside is None else "CREATE TABLE beside (a int);\n"
    scripts = {INIT: BASE, ADD: f"{before}{case.made};\n", LAST: "CREATE TABLE notes (id int);\n"}
    made = Production(url, folder / str(number), scripts)
    made.sql(BASE)
    made.record(INIT)
    made.sql(case.hand)
    if case.beside:
        made.sql(before)
    if case.state == "skipped":
        made.sql(scripts[LAST])
        made.record(LAST)
    elif case.state != "pending":
        logs = (
            "NULL"
            if case.state == "killed"
            else "E'Database error code: 23505\\n\\nDatabase error:\\nERROR: it failed\\n'"
        )
        made.record(ADD, "NULL", logs)
    if case.state == "rolled back":
        made.sql("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL")
    return made


def _refused(case: Case, url: str) -> str | None:
    """With which SQLSTATE the server refuses the statement."""
    with psycopg.connect(url) as connection:
        try:
            connection.execute(case.made.encode())
        except psycopg.Error as error:
            return error.sqlstate
        finally:
            connection.rollback()
    return None


def _recording(report: Report) -> list[str]:
    return [each for each in commands(report) if f"--applied {ADD}" in each]


def _is_named(case: Case, production: Production) -> Report:
    """Check what is said of *case* before a deployment, and that it is not recorded over the difference."""
    report = production.look(Trigger.VERIFY, "before")
    failing = of(report, "deploy-will-fail")
    assert set(failing) == {ADD}, [each.key for each in report.findings]
    finding = failing[ADD]
    line = 1 if case.beside is None else 2
    assert (finding.severity, finding.evidence["line"]) == ("critical", line)
    assert finding.evidence["sqlstate"] == _refused(case, production.url)
    assert case.because in [each.key for each in finding.because]
    assert case.because in [each.key for each in report.findings]
    assert _recording(report) == []
    applied = _APPLIED.findall(" ".join(each.summary for each in report.findings))
    assert str(line) not in " ".join(applied).replace(",", "").split(), applied
    return report


def _hold(cases: list[Case], place: tuple[str, Path]) -> None:
    def asserts(numbered: tuple[int, Case]) -> None:
        number, case = numbered
        _is_named(case, _production(case, number, place))

    tables.hold(asserts, enumerate(cases))


def test_it_is_in_the_way_whatever_the_history_says(place: tuple[str, Path]) -> None:
    _hold(KINDS, place)


@pytest.mark.long
def test_it_is_so_in_every_state(place: tuple[str, Path]) -> None:
    every = [
        case._replace(state=state, beside=beside)
        for case in KINDS
        for state in STATES
        for beside in (None, True, False)
    ]
    _hold([case for case in every if case not in KINDS], place)


@pytest.mark.parametrize(
    ("made", "hand"),
    [
        pytest.param(W, W, id="as it is made"),
        pytest.param(W, f"{W}; CREATE INDEX w_n ON w (n)", id="an index more, which is beside the table"),
        pytest.param("CREATE SCHEMA s", "CREATE SCHEMA s", id="a schema"),
        pytest.param(f"{W};\nALTER TABLE w ALTER n TYPE bigint", W.replace("n int", "n bigint"), id="changed later in the file"),
    ],
)  # fmt: skip
def test_what_is_its_effect_is_recorded(made: str, hand: str, place: tuple[str, Path]) -> None:
    report = _production(Case(made, hand), 0, place).look(Trigger.VERIFY, "before")
    assert of(report, "deploy-will-fail") == {}
    assert len(_recording(report)) == 1


def test_what_takes_other_arguments_is_another_function(place: tuple[str, Path]) -> None:
    made = "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'"
    case = Case(made, made.replace("f(int)", "f(text)"))
    production = _production(case, 0, place)
    assert of(production.look(Trigger.VERIFY, "before"), "deploy-will-fail") == {}
    assert _refused(case, production.url) is None


@pytest.mark.parametrize("state", STATES)
def test_once_it_is_repaired_it_is_recorded(state: str, place: tuple[str, Path]) -> None:
    case = Case(W, W.replace("'a'", "'b'"), state, None, "schema-changed:column public.w.x")
    production = _production(case, 0, place)
    [repair] = [each for each in commands(_is_named(case, production)) if "psql" in each]
    production.sql("".join(_HERE_DOCUMENT.findall(repair)))
    report = production.look(Trigger.VERIFY, "before")
    assert of(report, "deploy-will-fail") == {}
    assert not [each for each in report.findings if each.code.startswith("schema-")]
    assert len(_recording(report)) == 1


def test_a_part_that_if_not_exists_skips_over_is_not_recorded_either(place: tuple[str, Path]) -> None:
    case = Case(W.replace("TABLE", "TABLE IF NOT EXISTS"), W.replace("n int", "n bigint"))
    report = _production(case, 0, place).look(Trigger.VERIFY, "before")
    assert of(report, "deploy-will-fail") == {}
    [found] = of(report, "schema-changed").values()
    assert "a deploy would skip over that statement" in found.summary
    assert [each for each in commands(report) if "migrate" in each] == []

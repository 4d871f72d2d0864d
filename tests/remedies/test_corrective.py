"""Corrective migrations, deployed by Prisma's own engine: right on the drifted database and on every one without drift.

Where another object has the name, the deployment fails and changes nothing.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest

from shared.model.finding import Finding
from shared.model.report import Report, Verdict
from tests.postgres.live import live_schema
from tests.remedies.production import Production

BASE = "20250901000000_base"


@dataclass(frozen=True, slots=True)
class Kind:
    """A *finding* that *drift* brings about in what *base* made; *other* puts something else in the way of its fix."""

    base: str
    drift: str
    other: str
    finding: str
    big: bool = False  # the second way is taken: the table is big


def _table(name: str, rest: str = "", columns: str = "a int DEFAULT 7") -> str:
    return f"CREATE TABLE {name} (id int PRIMARY KEY, {columns});\n{rest}\nINSERT INTO {name} (id) VALUES (1);\n"


KINDS = {
    "missing column": Kind(
        _table("t01"), "ALTER TABLE t01 DROP a", "ALTER TABLE t01 ADD a text", "schema-missing:column public.t01.a"
    ),
    "missing column, not null": Kind(
        _table("t02", columns="a text[] NOT NULL DEFAULT ARRAY['x']"), "ALTER TABLE t02 DROP a",
        "ALTER TABLE t02 ADD a text[] DEFAULT ARRAY['x']", "schema-missing:column public.t02.a",
    ),
    "column of another name": Kind(
        _table("t03"), "ALTER TABLE t03 RENAME a TO b", "ALTER TABLE t03 ADD a text", "schema-missing:column public.t03.a"
    ),
    "type": Kind(
        _table("t04", columns="a varchar(40) DEFAULT 'it''s'"), "ALTER TABLE t04 ALTER a TYPE varchar(20)",
        "ALTER TABLE t04 ALTER a TYPE varchar(30)", "schema-changed:column public.t04.a",
    ),
    "not null": Kind(
        _table("t05", columns="a int NOT NULL DEFAULT 7"), "ALTER TABLE t05 ALTER a DROP NOT NULL",
        "ALTER TABLE t05 ALTER a SET DEFAULT 8", "schema-changed:column public.t05.a",
    ),
    "null": Kind(
        _table("t06"), "ALTER TABLE t06 ALTER a SET NOT NULL", "ALTER TABLE t06 ALTER a DROP DEFAULT",
        "schema-changed:column public.t06.a",
    ),
    "default": Kind(
        _table("t07", columns="a timestamp(3) DEFAULT CURRENT_TIMESTAMP"), "ALTER TABLE t07 ALTER a DROP DEFAULT",
        "ALTER TABLE t07 ALTER a SET DEFAULT '2025-01-01'", "schema-changed:column public.t07.a",
    ),
    "index": Kind(
        _table("t08", "CREATE INDEX i08 ON t08 (a DESC) WHERE a > 1;"), "DROP INDEX i08", "CREATE INDEX i08 ON t08 (a)",
        "schema-missing:index public.i08",
    ),
    "index of a big table": Kind(
        _table("t09", "CREATE UNIQUE INDEX i09 ON t09 (a);"), "DROP INDEX i09", "CREATE INDEX i09 ON t09 (a)",
        "schema-missing:index public.i09", big=True,
    ),
    "changed index": Kind(
        _table("t10", "CREATE INDEX i10 ON t10 (a, id);"), "DROP INDEX i10; CREATE INDEX i10 ON t10 (id, a)",
        "DROP INDEX i10; CREATE INDEX i10 ON t10 (id)", "schema-changed:index public.i10",
    ),
    "index too many": Kind(
        _table("t11"), "CREATE INDEX i11 ON t11 (a)", "DROP INDEX i11; CREATE INDEX i11 ON t11 (id)",
        "schema-unexpected:index public.i11",
    ),
    "index of another name": Kind(
        _table("t12", "CREATE INDEX i12 ON t12 (a);"), "ALTER INDEX i12 RENAME TO i12_before", "CREATE INDEX i12 ON t12 (id)",
        "schema-changed:index public.i12",
    ),
    "unique": Kind(
        _table("t13", columns="a int DEFAULT 7 CONSTRAINT u13 UNIQUE"), "ALTER TABLE t13 DROP CONSTRAINT u13",
        "ALTER TABLE t13 ADD CONSTRAINT u13 UNIQUE (a, id)", "schema-missing:unique public.t13.u13",
    ),
    "primary key": Kind(
        _table("t14"), "ALTER TABLE t14 DROP CONSTRAINT t14_pkey; ALTER TABLE t14 ALTER id SET NOT NULL",
        "ALTER TABLE t14 ADD PRIMARY KEY (id, a)", "schema-missing:primary key public.t14",
    ),
    "foreign key": Kind(
        _table("t15", "ALTER TABLE t15 ADD CONSTRAINT f15 FOREIGN KEY (b) REFERENCES t15 (id) ON DELETE CASCADE;", "a int, b int"),
        "ALTER TABLE t15 DROP CONSTRAINT f15", "ALTER TABLE t15 ADD CONSTRAINT f15 FOREIGN KEY (a) REFERENCES t15 (id)",
        "schema-missing:foreign key public.t15.f15",
    ),
    "changed foreign key": Kind(
        _table("t16", "ALTER TABLE t16 ADD CONSTRAINT f16 FOREIGN KEY (b) REFERENCES t16 (id) ON DELETE CASCADE;", "a int, b int"),
        "ALTER TABLE t16 DROP CONSTRAINT f16; ALTER TABLE t16 ADD CONSTRAINT f16 FOREIGN KEY (b) REFERENCES t16 (id)",
        "ALTER TABLE t16 DROP CONSTRAINT f16; ALTER TABLE t16 ADD CONSTRAINT f16 FOREIGN KEY (a) REFERENCES t16 (id)",
        "schema-changed:foreign key public.t16.f16",
    ),
    "check": Kind(
        _table("t17", columns="a int DEFAULT 7 CONSTRAINT c17 CHECK (a > 0 OR a IS NULL)"), "ALTER TABLE t17 DROP CONSTRAINT c17",
        "ALTER TABLE t17 ADD CONSTRAINT c17 CHECK (a > 5)", "schema-missing:check public.t17.c17",
    ),
    "check that is not validated": Kind(
        _table("t18", columns="a int DEFAULT 7 CONSTRAINT c18 CHECK (a > 0)"),
        "ALTER TABLE t18 DROP CONSTRAINT c18; ALTER TABLE t18 ADD CONSTRAINT c18 CHECK (a > 0) NOT VALID",
        "ALTER TABLE t18 DROP CONSTRAINT c18; ALTER TABLE t18 ADD CONSTRAINT c18 CHECK (a > 5)",
        "constraint-not-valid:check public.t18.c18",
    ),
    "enum value": Kind(
        "CREATE TYPE e19 AS ENUM ('sad', 'ok', 'glad');", "DROP TYPE e19; CREATE TYPE e19 AS ENUM ('sad', 'glad')",
        "DROP TYPE e19; CREATE TYPE e19 AS ENUM ('sad', 'bad')", "schema-changed:enum public.e19",
    ),
    "enum": Kind(
        "CREATE TYPE e20 AS ENUM ('sad', 'ok');", "DROP TYPE e20", "CREATE TYPE e20 AS ENUM ('ok')", "schema-missing:enum public.e20"
    ),
    "domain": Kind(
        "CREATE DOMAIN d21 AS int CHECK (VALUE > 0);", "DROP DOMAIN d21", "CREATE DOMAIN d21 AS int CHECK (VALUE > 1)",
        "schema-missing:domain public.d21",
    ),
    "composite type": Kind(
        "CREATE TYPE y22 AS (a int, b text);", "DROP TYPE y22", "CREATE TYPE y22 AS (a int)",
        "schema-missing:composite type public.y22",
    ),
    "sequence": Kind(
        "CREATE SEQUENCE s23 INCREMENT 10;", "DROP SEQUENCE s23", "CREATE SEQUENCE s23 INCREMENT 5",
        "schema-missing:sequence public.s23",
    ),
    "table": Kind(
        "CREATE TABLE t24 (id serial PRIMARY KEY, note text DEFAULT 'now');\nCREATE INDEX i24 ON t24 (note);\n", "DROP TABLE t24",
        "CREATE TABLE t24 (id serial PRIMARY KEY)", "schema-missing:table public.t24",
    ),
    "trigger": Kind(
        _table("t25", "CREATE TRIGGER g25 BEFORE UPDATE ON t25 FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();"),
        "DROP TRIGGER g25 ON t25",
        "CREATE TRIGGER g25 BEFORE INSERT OR UPDATE ON t25 FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "schema-missing:trigger public.t25.g25",
    ),
    "policy": Kind(
        _table("t26", "CREATE POLICY p26 ON t26 FOR SELECT USING (a > 0);"), "DROP POLICY p26 ON t26",
        "CREATE POLICY p26 ON t26 USING (true)", "schema-missing:policy public.t26.p26",
    ),
}  # fmt: skip
# They would have to be written from the release's own SQL, or could lose data: a person writes the migration.
_BY_HAND = {
    "view": (
        "CREATE VIEW v30 AS SELECT 1 AS a;\n", "DROP VIEW v30", "schema-missing:view public.v30",
    ),
    "function": (
        "CREATE FUNCTION f31() RETURNS int LANGUAGE sql AS 'SELECT 1';\n", "DROP FUNCTION f31()", "schema-missing:function public.f31()",
    ),
    "narrower type": (
        _table("t32", columns="a int"), "ALTER TABLE t32 ALTER a TYPE bigint", "schema-changed:column public.t32.a",
    ),
    "table too many": ("", "CREATE TABLE t33 ()", "schema-unexpected:table public.t33"),
}  # fmt: skip


@pytest.mark.parametrize("way", ["whole", "split"])
def test_it_is_right_on_the_drifted_database_and_on_a_new_one(way: str, production: Callable[..., Production]) -> None:
    drifted, new = production(way), production(way)
    files = _drift(drifted)
    drifted.ship(dict(files))
    for here in (drifted, new):
        assert here.prisma("migrate deploy"), here.sql("SELECT logs FROM _prisma_migrations WHERE logs <> ''")
        after = here.look()
        assert (after.verdict, after.findings) == (Verdict.PASSED, ())
        rows = [here.sql(f"SELECT count(*) FROM t{number:02}") for number in (*range(1, 19), 25, 26)]
        assert rows == [[(1,)]] * len(rows), "no row is lost"


@pytest.mark.parametrize("way", ["whole", "split"])
def test_it_fails_and_changes_nothing_where_another_object_has_the_name(
    way: str, production: Callable[..., Production]
) -> None:
    here = production(way)
    files = _drift(here)
    here.sql("\n".join(f"{kind.other};" for kind in KINDS.values()))
    with psycopg.connect(here.database, autocommit=True) as connection:
        before = live_schema(connection)
        for name, body in files:
            if "CONCURRENTLY" in body:
                continue  # the one before it has failed
            here.ship({name: body})
            assert not here.prisma("migrate deploy"), body
            assert live_schema(connection) == before, body
            here.sql(f"DELETE FROM _prisma_migrations WHERE migration_name = '{name}'")
            shutil.rmtree(here.migrations / name)


def test_what_could_lose_data_is_left_to_a_person(production: Callable[..., Production]) -> None:
    here = production("split")
    here.ship({BASE: "".join(base for base, _, _ in _BY_HAND.values())})
    here.deploy()
    here.sql("\n".join(f"{drift};" for _, drift, _ in _BY_HAND.values()))
    found = _findings(here.look())
    assert set(found) == {key for _, _, key in _BY_HAND.values()}
    assert not [step.command for each in found.values() for step in each.remedy if not _is_frame(step.command)]


def _drift(here: Production) -> list[tuple[str, str]]:
    """Deploy the release, let it drift, and give what is printed against that: migrations and their bodies."""
    here.ship({BASE: "".join(f"{kind.base}\n" for kind in KINDS.values())})
    here.deploy()
    here.sql("\n".join(f"{kind.drift};" for kind in KINDS.values()))
    found = _findings(here.look())
    assert set(found) == {kind.finding for kind in KINDS.values()}
    bodies = [body for kind in KINDS.values() for body in _bodies(found[kind.finding], kind)]
    return [(f"20250902000000_corrective_{number:02}", body) for number, body in enumerate(bodies)]


def _bodies(finding: Finding, kind: Kind) -> Iterator[str]:
    bodies = [step.command for step in finding.remedy if step.choice is kind.big and not _is_frame(step.command)]
    assert len(bodies) == (2 if kind.big else 1), finding.remedy
    yield from (body for body in bodies if body is not None)


def _findings(report: Report) -> dict[str, Finding]:
    return {finding.key: finding for finding in report.findings}


def _is_frame(command: str | None) -> bool:
    return command is None or command.startswith("cd ")

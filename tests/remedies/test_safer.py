"""Every safer way that a plan prints, followed with Prisma's own engine by two deployments at once: it ends green."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import psycopg
import pytest

from shared.diagnose.plan import Tools, plan_of
from shared.model.release import Migration
from shared.model.report import Verdict
from tests.remedies.production import Production
from tests.remedies.resident import Engine, resident_engine

VERSIONS = {"whole": (6, 19), "split": (7, 10)}
SETUP = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE people (id int PRIMARY KEY, name text, age int, city varchar(50) NOT NULL, m mood);
CREATE TABLE pets (id int PRIMARY KEY, person_id int);
INSERT INTO people SELECT g, 'n' || g, CASE WHEN g % 3 = 0 THEN NULL ELSE g END, 'c', 'ok' FROM generate_series(1, 25000) g;
INSERT INTO pets SELECT g, g FROM generate_series(1, 1000) g;
"""
_MIGRATION = re.compile(r"Migration (\d+)")


@dataclass(frozen=True)
class Case:
    """*sql* is what was written first; *before* what stays of it. *value* fills what only people know."""

    sql: str
    value: str = ""
    before: str = ""
    ways: tuple[str, ...] = ("whole", "split")


CASES = {
    "index": Case("CREATE INDEX people_age_idx ON people (age)"),
    "unique index": Case("CREATE UNIQUE INDEX people_name_key ON people (name)"),
    "concurrently with others": Case(
        "CREATE INDEX CONCURRENTLY people_age_idx ON people (age); SELECT 1", ways=("whole",)
    ),
    "unique constraint": Case("ALTER TABLE people ADD CONSTRAINT people_name_key UNIQUE (name)"),
    "foreign key": Case(
        "ALTER TABLE pets ADD CONSTRAINT pets_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id)"
    ),
    "check": Case("ALTER TABLE people ADD CONSTRAINT grown CHECK (age > 0)"),
    "not null": Case("ALTER TABLE people ALTER COLUMN age SET NOT NULL", value="0"),
    "required column": Case("ALTER TABLE people ADD COLUMN score int NOT NULL", value="1"),
    "default that differs": Case("ALTER TABLE people ADD COLUMN key uuid NOT NULL DEFAULT gen_random_uuid()"),
    "type": Case("ALTER TABLE people ALTER COLUMN age TYPE bigint"),
    "type of a required column": Case("ALTER TABLE people ALTER COLUMN city TYPE varchar(10)"),
    "rename a column": Case("ALTER TABLE people RENAME COLUMN age TO years"),
    "rename a table": Case("ALTER TABLE pets RENAME TO animals"),
    "drop a column": Case("ALTER TABLE people DROP COLUMN city"),
    "drop a table": Case("DROP TABLE pets"),
    "new value of an enum": Case(
        "ALTER TYPE mood ADD VALUE 'glad'; ALTER TABLE people ALTER m SET DEFAULT 'glad'",
        before="ALTER TYPE mood ADD VALUE 'glad'",
        ways=("whole",),
    ),
}


@pytest.fixture(scope="module")
def second(engine: Engine) -> Iterator[Engine]:
    """An engine takes one command after the other: two deployments at once need two."""
    with resident_engine(engine.folder) as other:
        yield other


@pytest.mark.parametrize(
    ("case", "way"),
    [pytest.param(case, way, id=f"{name}-{way}") for name, case in CASES.items() for way in case.ways],
)
def test_a_printed_way_ends_green_with_two_deployments_at_once(
    case: Case, way: str, second: Engine, production: Callable[..., Production]
) -> None:
    here = production(way)
    here.ship({"01_init": SETUP})
    here.deploy()
    pending = [Migration("02_next", case.sql.encode())]
    plan = plan_of([Migration("01_init", SETUP.encode())], pending, "public", Tools(15, VERSIONS[way]))
    printed = next(each.safer for each in plan.statements if each.safer)
    if case.before:
        here.ship({"02_before": case.before})
        deploy_twice(here, second, printed)
    for step in printed:
        follow(step, case, here, second, printed)
    assert here.look().verdict is Verdict.PASSED
    assert here.prisma("migrate deploy")


def follow(step: str, case: Case, here: Production, second: Engine, printed: tuple[str, ...]) -> None:
    first, _, sql = step.partition("\n")
    number = _MIGRATION.match(first)
    if number is not None:
        here.ship({f"1{int(number[1]):02}_step": sql})
        deploy_twice(here, second, printed)
    elif sql.startswith("UPDATE"):
        with psycopg.connect(here.database, autocommit=True) as connection:
            while connection.execute(sql.replace("<value>", case.value).encode()).rowcount:
                pass
    elif sql:
        assert sql.startswith("DROP INDEX CONCURRENTLY"), "only after a build that failed"
    else:
        assert first.startswith(("Run the deployment", "Deploy a release", "Prisma does not", "Better", "Leave ALTER"))


def deploy_twice(here: Production, second: Engine, printed: tuple[str, ...]) -> None:
    """Two at once. Where one stops, what is printed for that is done: drop the broken index, roll back, deploy again."""
    there = replace(here, engine=second)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda each: each.prisma("migrate deploy"), (here, there)))
    failed = here.sql(
        "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL"
    )
    for (name,) in failed:
        assert any("resolve --rolled-back NAME" in step for step in printed)
        for step in printed:
            sql = step.partition("\n")[2]
            if sql.startswith("DROP INDEX CONCURRENTLY"):
                here.sql(sql)
        assert here.prisma(f"migrate resolve --rolled-back {name}")
    assert all(done) or here.prisma("migrate deploy")

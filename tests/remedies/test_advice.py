"""What docs/sop.md says of advice that is dangerous, seen with Prisma's own CLI and engine."""

import subprocess
from collections.abc import Callable
from shlex import quote

import pytest

from tests.remedies.production import Production

FIRST, SECOND, THIRD = "20250101000000_first", "20250201000000_second", "20250301000000_third"
SCRIPTS = {FIRST: "CREATE TABLE a (id int);", SECOND: "CREATE TABLE b (id int);"}
UP_TO_DATE = "Database schema is up to date!"


@pytest.fixture
def here(production: Callable[..., Production]) -> Production:
    made = production("cli")
    made.ship(SCRIPTS)
    return made


def prisma(here: Production, command: str) -> subprocess.CompletedProcess[str]:
    return here.bash(f"export DATABASE_URL={quote(here.url)}\nnpx prisma {command}", "apps/backend")


def test_deploy_ignores_the_name_of_a_migration(here: Production) -> None:
    assert prisma(here, f"migrate deploy {FIRST}").returncode == 0
    assert here.sql("SELECT count(*) FROM _prisma_migrations") == [(2,)]


def test_status_says_up_to_date_while_tables_are_missing(here: Production) -> None:
    assert here.prisma("migrate deploy")
    here.sql("DROP TABLE b")
    here.ship({THIRD: "CREATE TABLE c (id int);"})
    assert here.prisma(f"migrate resolve --applied {THIRD}")
    assert UP_TO_DATE in prisma(here, "migrate status").stdout
    assert {finding.key for finding in here.look().findings} == {
        "schema-missing:table public.b",
        "schema-missing:table public.c",
    }


def test_what_was_applied_cannot_be_rolled_back(here: Production) -> None:
    assert here.prisma("migrate deploy")
    refused = prisma(here, f"migrate resolve --rolled-back {SECOND}")
    assert refused.returncode == 1
    assert "P3012" in refused.stderr


def test_applied_alone_closes_a_failed_row(here: Production) -> None:
    here.sql("CREATE TABLE b (id int)")
    assert not here.prisma("migrate deploy")
    assert here.prisma(f"migrate resolve --applied {SECOND}")
    here.ship({THIRD: "CREATE TABLE c (id int);"})
    assert here.prisma("migrate deploy")
    assert here.look().findings == ()

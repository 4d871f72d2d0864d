"""What the application's own Prisma makes of ``schema.prisma``: packed with the release, and in a plan."""

import pytest

from tests.action.steps import Runner
from tests.action.test_plan import FOLDER, INIT, commit, git, pull_request
from tests.gather.test_prisma_cli import SQL, Checkout

SCHEMA = "apps/backend/prisma/schema.prisma"


@pytest.fixture
def checkout(runner: Runner) -> Checkout:
    (runner.workspace / FOLDER / "1_init").mkdir(parents=True)
    (runner.workspace / FOLDER / "1_init/migration.sql").write_text(INIT)
    return Checkout(runner.workspace)


def test_it_is_written_beside_the_migrations(runner: Runner, checkout: Checkout) -> None:
    checkout.install()
    secret = {"DATABASE_URL": "postgresql://u:s3cret@db/app", "INPUT_KEY": "s3cret"}
    done = runner.step({}, secret, mode="pack", migrations=FOLDER, prisma_schema=SCHEMA)
    assert done.status == 0, done.log
    assert (runner.workspace / FOLDER / "schema.sql").read_text() == f"{SQL}\n"
    assert done.commands("notice")
    assert "s3cret" not in str(checkout.call())


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "mode pack needs the input `prisma-schema`"),
        ({"prisma_schema": "nowhere.prisma"}, "nowhere.prisma: there is no such file or folder"),
        ({"prisma_schema": SCHEMA}, "install the application's packages"),
        ({"prisma_schema": SCHEMA, "migrations": "nowhere"}, "`migrations`: there is no folder nowhere"),
    ],
)
def test_what_is_wrong_is_said(inputs: dict[str, str], said: str, runner: Runner, checkout: Checkout) -> None:
    done = runner.step({}, {"PATH": "/usr/bin:/bin"}, mode="pack", **{"migrations": FOLDER, **inputs})
    assert done.status == 1
    (error,) = done.commands("error")
    assert said in error
    assert not (runner.workspace / FOLDER / "schema.sql").exists()


def test_a_plan_says_what_no_migration_makes(runner: Runner, checkout: Checkout) -> None:
    git(runner, "init", "--quiet")
    base = commit(runner)
    commit(runner, _2_more='CREATE TABLE "Post" (id int PRIMARY KEY);\n')
    checkout.install(f"echo '{INIT.strip()} {SQL}'")
    done = runner.step(pull_request(base), mode="plan", migrations=FOLDER, prisma_schema=SCHEMA)
    assert "users" in done.summary, done.log
    assert "schema.prisma" in done.summary

"""The real client after changes with known consequences: which operations fail, and which do not."""

import os
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from shared.model.release import Migration
from tests.clients.agreement import problems
from tests.clients.trial import MOMENTS, Prisma, try_all

pytestmark = pytest.mark.engine

MIGRATIONS = [
    Migration("1_init", b"""
        CREATE TYPE kind AS ENUM ('A', 'B');
        CREATE TABLE person (id serial PRIMARY KEY, mail varchar(20) NOT NULL UNIQUE, name text, kind kind NOT NULL);
        CREATE TABLE post (place int, number smallint, title text NOT NULL, author int NOT NULL REFERENCES person,
            PRIMARY KEY (place, number));
        CREATE TABLE never (id int PRIMARY KEY CHECK (id < 0));
    """),
    Migration("2_column", b"ALTER TABLE person ADD COLUMN age int;"),
    Migration("3_required", b"ALTER TABLE person ALTER COLUMN name SET NOT NULL;"),
    Migration("4_dropped", b"ALTER TABLE post DROP COLUMN title;"),
    Migration("5_value", b"""
        ALTER TYPE kind RENAME TO kind_old;
        CREATE TYPE kind AS ENUM ('A');
        ALTER TABLE person ALTER COLUMN kind TYPE kind USING kind::text::kind;
        DROP TYPE kind_old;
    """),
]  # fmt: skip
# What reads a post, or writes one: everything that the client does with it, and what includes it.
WITH_POST = {
    *(f"post {operation}" for operation in ("create", "create with all fields", "findMany", "findFirst by all fields")),
    *(f"post {operation}" for operation in ("findFirst with person", "upsert", "upsert of a new row")),
    *(f"post {operation}" for operation in ("update", "update to NULL", "delete")),
    "person findFirst with post",
}
# An upsert is an INSERT, which is refused before the row that is there is found.
WITHOUT_NAME = {
    *(f"person {operation}" for operation in ("create", "create with kind A", "create with kind B")),
    *(f"person {operation}" for operation in ("update to NULL", "upsert", "upsert of a new row")),
}
WITH_VALUE = {"person create with kind B"}


@pytest.fixture
def prisma() -> Prisma:
    """The CLI, the engine and the client, from the folders into which `make test-client` installed them."""
    if not os.environ.get("ENGINE") or not os.environ.get("CLIENT"):
        pytest.skip("needs Prisma's own engine and client: make test-client")
    return Prisma(Path(os.environ["ENGINE"]).resolve(), Path(os.environ["CLIENT"]).resolve())


def test_each_operation_that_fails_is_seen(prisma: Prisma, postgres: PrivatePostgres, tmp_path: Path) -> None:
    tried = list(try_all(prisma, postgres, MIGRATIONS, 20, tmp_path))
    trials = {(trial.release[0], trial.later[0]): trial for each in tried for trial in each.trials}
    assert {which: set(trial.failed) for which, trial in trials.items()} == {
        ("1", "2"): set(),
        ("1", "5"): WITHOUT_NAME | WITH_POST,
        ("2", "3"): WITHOUT_NAME,
        ("2", "5"): WITHOUT_NAME | WITH_POST,
        ("3", "4"): WITH_POST,
        ("3", "5"): WITH_POST | WITH_VALUE,
        ("4", "5"): WITH_VALUE,
    }
    assert "23502" in trials["2", "3"].failed["person create"]
    assert {which: trial.said for which, trial in trials.items()} == {
        which: dict.fromkeys(MOMENTS, None if which == ("4", "5") else not trial.failed)
        for which, trial in trials.items()
    }
    assert {name.partition(" ")[0] for each in tried for name in each.left_out} == {"never"}
    assert problems(list(trials.values()), MOMENTS) == []

"""Whether statements share anything: said of those that do, and never denied where `Clusters` find some that do."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.postgres.parse import parse
from shared.postgres.progress.clusters import Clusters
from shared.postgres.progress.ground import Effect, Ground
from shared.postgres.progress.sharing import share
from shared.postgres.progress.steps import Step
from shared.postgres.replay import Replay

GROUND = """
CREATE TABLE a (id int PRIMARY KEY, n int, m int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
CREATE TABLE c (id int);
CREATE VIEW v AS SELECT n FROM a;
CREATE TYPE e AS ENUM ('x');
"""
STATEMENTS = (
    "ALTER TABLE a ADD COLUMN new int",
    "ALTER TABLE a ADD COLUMN other int",
    "ALTER TABLE a DROP COLUMN n CASCADE",
    "ALTER TABLE a DROP COLUMN m",
    "ALTER TABLE a RENAME COLUMN n TO k",
    "ALTER TABLE a RENAME TO z",
    "ALTER TABLE a ADD CHECK (n > 0)",
    "ALTER TABLE a ADD CHECK (n > 1)",
    "ALTER TABLE b DROP CONSTRAINT b_a_fkey",
    "ALTER TABLE b ALTER COLUMN a SET DEFAULT 1",
    "CREATE INDEX ON a (n)",
    "CREATE INDEX ON a (n, m)",
    "CREATE INDEX a_n_idx1 ON a (m)",
    "CREATE INDEX IF NOT EXISTS i ON a (m)",
    "CREATE TABLE d (id serial PRIMARY KEY, c int)",
    "CREATE TABLE IF NOT EXISTS c (id int)",
    "CREATE TABLE f (e e)",
    "DROP TABLE a CASCADE",
    "DROP TABLE b",
    "DROP TABLE c",
    "DROP VIEW v",
    "DROP TYPE e",
    "ALTER TYPE e ADD VALUE 'y'",
    "ALTER TYPE e ADD VALUE 'z'",
    "DO $$ BEGIN CREATE TYPE g AS ENUM ('x'); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    "UPDATE a SET n = 1",
    "SELECT 1",
)


def run(statements: Sequence[str]) -> tuple[list[Step], dict[int, Effect]]:
    replay = Replay()
    replay.run_all(parse(GROUND))
    ground = Ground(replay)
    steps = [Step(parse(each)[0], 0, number, optional=True) for number, each in enumerate(statements)]
    return steps, {at: ground.run(step) for at, step in enumerate(steps)}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param(["DROP TABLE c", "ALTER TABLE a ADD COLUMN new int"], False, id="things of their own"),
        pytest.param(["ALTER TABLE a ADD COLUMN new int", "ALTER TABLE a ADD COLUMN other int"], False, id="columns"),
        pytest.param(["CREATE TABLE d (id serial PRIMARY KEY, c int)", "UPDATE a SET n = 1"], False, id="rows"),
        pytest.param(["ALTER TYPE e ADD VALUE 'y'", "ALTER TYPE e ADD VALUE 'z'"], True, id="one type"),
        pytest.param(["CREATE INDEX ON a (n)", "CREATE INDEX ON a (n)"], True, id="one name that the server chooses"),
        pytest.param(
            ["ALTER TABLE b DROP CONSTRAINT b_a_fkey", "DROP TABLE b"], True, id="what hangs on what is dropped"
        ),
        pytest.param(["CREATE TABLE IF NOT EXISTS d (id int)"], True, id="what may have been there"),
    ],
)
def test_what_they_share(statements: Sequence[str], *, expected: bool) -> None:
    assert share(*run(statements)) is expected


@given(some.lists(some.sampled_from(STATEMENTS), max_size=5))
def test_what_clusters_find_is_never_denied(statements: Sequence[str]) -> None:
    steps, effects = run(statements)
    clusters = Clusters(steps, effects).of_all(set(effects))
    if any(len(each.members) > 1 or each.followers for each in clusters):
        assert share(steps, effects)

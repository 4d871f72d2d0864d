"""What a run makes goes as soon as nobody needs it: there are no circles for the garbage collector to find."""

import gc
from collections.abc import Callable

import pytest

from shared.model.schema import Kind, Subject
from shared.postgres.difference import compare
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from shared.postgres.snapshot.reading import columns_in, expression

MADE = """
CREATE TABLE t (id serial PRIMARY KEY, a int DEFAULT 1 + 2 CHECK (a > 0 AND a IN (1, 2)), b text);
CREATE INDEX ON t (lower(b)) WHERE a IS NOT NULL;
CREATE VIEW v AS SELECT a, b FROM t WHERE a > 1;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'e') THEN CREATE TYPE e AS ENUM ('x'); END IF; END $$;
"""


def compared() -> None:
    schemas = []
    for script in (MADE, "CREATE TABLE t (id int, c date)"):
        replay = Replay()
        replay.run_all(parse(script))
        schemas.append(replay.freeze())
    assert compare(*schemas).differences


def read() -> None:
    expression("a > 0 AND (b IS NULL OR lower(b) = ANY (ARRAY['x', 'y']))")
    assert columns_in(Subject(Kind.TABLE, ("public", "t")), parse("SELECT a + b")[0].tree)


@pytest.mark.parametrize("work", [compared, read])
def test_nothing_is_left_to_collect(work: Callable[[], None]) -> None:
    work()
    gc.collect()
    gc.disable()
    try:
        work()
        assert gc.collect() == 0
    finally:
        gc.enable()

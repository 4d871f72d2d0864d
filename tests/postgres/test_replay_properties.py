"""What holds of the replay whatever it is handed: undo restores, nothing stops it, a dump comes back."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.demo.private_postgres import PrivatePostgres
from shared.postgres.parse import Statement, parse
from shared.postgres.replay import Replay
from tests.examples import examples
from tests.postgres.live import live_schema
from tests.postgres.lockstep import differences
from tests.postgres.servers import client_program
from tests.postgres.versions import lines_of_version

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.sql"))
SCRIPTS = [parse(path.read_text()) for path in CORPUS]
STATEMENTS = [statement for script in SCRIPTS for statement in script]


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.stem for path in CORPUS])
def test_undoing_any_statement_restores_the_schema(script: list[Statement]) -> None:
    replay = Replay()
    before = replay.freeze()
    for statement in script:
        mark = replay.mark()
        replay.run(statement)
        after = replay.freeze()
        replay.undo(mark)
        assert replay.freeze() == before, f"line {statement.line}"
        replay.run(statement)
        assert replay.freeze() == after, f"line {statement.line}"
        before = after


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.stem for path in CORPUS])
def test_showing_after_every_statement_is_showing_once(script: list[Statement]) -> None:
    often, once = Replay(), Replay()
    for statement in script:
        often.run(statement)
        often.freeze()
        once.run(statement)
    assert often.freeze() == once.freeze()


@given(st.lists(st.sampled_from(STATEMENTS), max_size=60), st.data())
@settings(max_examples=examples(150), deadline=None)
def test_statements_in_any_order_run_and_can_be_undone(script: list[Statement], data: st.DataObject) -> None:
    replay = Replay()
    seen = []
    for statement in script:
        seen.append((replay.mark(), replay.freeze()))
        replay.run(statement)
    if seen:
        mark, schema = data.draw(st.sampled_from(seen))
        replay.undo(mark)
        assert replay.freeze() == schema


# What pg_dump leaves out: that a foreign key's own triggers are switched off; and the NOT NULL, without a constraint, that
# 18 gives the column below by ADD COLUMN … NOT NULL NO INHERIT.
LOST_IN_DUMPS = ("enforced: True -> False", "changed column public.must_below.e: nullable: True -> False")

# Parts of one script with make test, of the others with the long tests.
PARTS = [
    pytest.param(
        path, part, id=f"{path.stem}-{name}", marks=[pytest.mark.long] if part < 1 and path != CORPUS[0] else []
    )
    for path in CORPUS
    for part, name in ((0.5, "half of it"), (0.75, "most of it"), (1, "all of it"))
]


@pytest.mark.parametrize(("path", "part"), PARTS)
def test_a_dump_replayed_is_the_schema_it_was_taken_from(
    database: str, postgres: PrivatePostgres, path: Path, part: float
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        script = parse(lines_of_version(path.read_text(), connection.info.server_version))
        for statement in script[: int(len(script) * part)]:
            try:
                connection.execute(statement.sql.encode())
            except psycopg.errors.FeatureNotSupported:
                pytest.skip("this server has not the extension")
        dump = subprocess.run(
            [client_program("pg_dump", postgres.programs), "--schema-only", "--no-owner", database],
            capture_output=True,
            check=True,
            env={**os.environ, "LC_ALL": "C"},
        ).stdout
        actual = live_schema(connection)
    replay = Replay()
    # psql's own commands, which newer servers' dumps are framed by.
    lines = (line for line in dump.splitlines() if not line.startswith(b"\\"))
    replay.run_all(parse(b"\n".join(lines)))
    found = [each for each in differences(replay.freeze(), actual) if not any(lost in each for lost in LOST_IN_DUMPS)]
    assert found == []

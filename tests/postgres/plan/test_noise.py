"""No false alarm: what runs is never said to fail, replayed one migration at a time over empty tables and filled ones.

For real applications' migrations: `python -m tests.postgres.plan.noise FOLDER…`.
"""

from pathlib import Path

import psycopg
import pytest

from shared.postgres.parse import parse
from tests.postgres.plan.noise import follow
from tests.postgres.versions import lines_of_version

# Files of the corpus that no migration has run before, and that stand alone.
FILES = ("01_tables", "02_indexes", "03_types", "04_expressions", "07_partitions", "08_views")
FOLDER = Path(__file__).parents[1] / "corpus"
# How many statements are one migration.
SIZE = 6


def migrations(script: str) -> list[tuple[str, str]]:
    statements = [each.sql for each in parse(script) if each.kind != "TransactionStmt"]
    parts = (statements[at : at + SIZE] for at in range(0, len(statements), SIZE))
    return [(f"m{number}", ";\n".join(part)) for number, part in enumerate(parts)]


# Over empty tables one file with make test, the others with the long tests.
RUNS = [
    pytest.param(
        name,
        filled,
        id=f"{'filled' if filled else 'empty'}-{name}",
        marks=[] if filled or name == FILES[0] else [pytest.mark.long],
    )
    for filled in (False, True)
    for name in FILES
]


@pytest.mark.parametrize(("name", "filled"), RUNS)
def test_nothing_that_runs_is_said_to_fail(name: str, filled: bool, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET client_min_messages = error")
        script = lines_of_version((FOLDER / f"{name}.sql").read_text(), connection.info.server_version)
        found = follow(connection, migrations(script), filled=filled)
    assert (found.wrong, found.missed) == ([], [])
    assert found.ran > SIZE
    assert (found.rows > 0) is filled

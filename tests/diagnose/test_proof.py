"""With which version of Prisma known it is proven what ran of a file: by the target's setting, and by the row's logs."""

from dataclasses import replace

import pytest

from shared.diagnose.diagnosis import diagnose
from shared.model.diagnosis import Diagnosis
from shared.model.progress import Progress, Ran
from shared.model.release import Migration
from shared.model.schema import Schema
from shared.model.setting_types import PrismaVersion
from shared.postgres.parse import parse
from shared.postgres.replay import Replay
from tests.builders import facts, reading, release, row

GROUND = "CREATE TABLE t (id int PRIMARY KEY, x text);"
TABLES = (
    "ALTER TABLE t ADD COLUMN z text;",
    "UPDATE t SET z = 'filled';",
    "CREATE INDEX t_z ON t (z);",
    "CREATE TABLE w (id int);",
)
ROWS_FIRST = "UPDATE t SET x = 'filled';", "CREATE TABLE w (id int);", "CREATE TABLE v (id int);"
# The splitter refuses the first, so that every version runs the file as one batch.
REFUSED = "ALTER SEQUENCE s RESTART;", "UPDATE t SET x = 'filled';", "CREATE TABLE w (id int);"
NEW, NEWER, OLD = PrismaVersion(7, 10), PrismaVersion(8, 0), PrismaVersion(6, 19)
ERROR = """A migration failed to apply.

Database error code: {code}

Database error:
ERROR: {message}

DbError {{ severity: "ERROR", code: SqlState(E{code}), routine: Some("somewhere") }}

"""
OF_NOTHING = ERROR.format(code="57014", message="canceling statement due to user request")
STACK = """   0: {0}::apply_script
           with migration_name="2"
             at schema-engine/connectors/sql-schema-connector/src/apply_migration.rs:1
   1: {1}::apply_migrations::Applying migration
   2: schema_core::state::ApplyMigrations
"""
TODAYS = OF_NOTHING + STACK.format("sql_schema_connector::apply_migration", "schema_commands::commands")
OF_PRISMA_6 = OF_NOTHING + STACK.format("sql_schema_connector::apply_migration", "schema_core::commands")
OF_PRISMA_4 = OF_NOTHING + STACK.format("sql_migration_connector::apply_migration", "migration_core::commands")
# What a script raises is in the logs too, before the engine's stack.
FORGED = ERROR.format(code="57014", message="oh\n   0: migration_core::commands::x") + TODAYS.removeprefix(OF_NOTHING)
# And h: Prisma did not run it, and nothing would show that a hand did.
ANSWERS = {Ran.RAN: "y", Ran.NOT_RUN: "n", Ran.OPEN: "."}


def live(script: str) -> Schema:
    replay = Replay()
    replay.run_all(parse(script))
    return replay.freeze()


@pytest.mark.parametrize(
    ("file", "present", "logs", "said"),
    [
        # What is said without a version, with a new one, with an old one, and with one newer than any whose refusals are known.
        pytest.param(TABLES, 1, OF_NOTHING, ("y.nn", "y.nn", "y.nn", "y.nn"), id="the error points nowhere"),
        pytest.param(TABLES, 3, OF_NOTHING, ("y.yn", "yyyn", "y.yn", "yyyn"), id="what comes before what shows"),
        pytest.param(TABLES, 0, OF_NOTHING, ("nnnn", "nnnn", "nnnn", "nnnn"), id="the first one failed either way"),
        pytest.param(ROWS_FIRST, 0, OF_NOTHING, (".nn", ".nn", "hnn", ".nn"), id="one batch was rolled back whole"),
        pytest.param(ROWS_FIRST, 2, OF_NOTHING, (".yn", "yyn", ".yn", "yyn"), id="in order, or by hand after a batch"),
        pytest.param(REFUSED, 0, OF_NOTHING, ("hhn", "hhn", "hhn", "..n"), id="a file that is never split"),
        pytest.param(ROWS_FIRST, 2, None, (".yn", "yyn", ".yn", "yyn"), id="killed"),
        pytest.param(ROWS_FIRST, 0, TODAYS, (".nn", ".nn", "hnn", ".nn"), id="a stack that newer ones have as well"),
        pytest.param(
            ROWS_FIRST,
            0,
            OF_PRISMA_6,
            ("hnn", "hnn", "hnn", "hnn"),
            id="run by 6, also if another version deploys today",
        ),
        pytest.param(ROWS_FIRST, 2, OF_PRISMA_4, (".yn", ".yn", ".yn", ".yn"), id="run by 4, and repaired by hand"),
        pytest.param(ROWS_FIRST, 0, FORGED, (".nn", ".nn", "hnn", ".nn"), id="text of the script proves nothing"),
    ],
)
def test_the_version_decides(file: tuple[str, ...], present: int, logs: str | None, said: tuple[str, ...]) -> None:
    ground = Migration("1", f"{GROUND} CREATE SEQUENCE s;".encode())
    failed = Migration("2", "\n".join(file).encode())
    rows = row("1", content=ground.script, minutes_ago=90), row("2", finished=False, logs=logs, content=failed.script)
    there = live(f"{GROUND} CREATE SEQUENCE s; {''.join(file[:present])}")
    found = facts(release(ground, failed), reading(*rows, catalog=there))
    answers = []
    for version in (None, NEW, OLD, NEWER):
        diagnosis = diagnose(replace(found, target=replace(found.target, prisma=version)))
        assert isinstance(diagnosis, Diagnosis)
        progress = next(each for each in diagnosis.migrations if each.name == "2").progress
        assert isinstance(progress, Progress)
        answers.append("".join("h" if each.by_hand else ANSWERS[each.ran] for each in progress.statements))
    assert tuple(answers) == said

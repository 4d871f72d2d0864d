"""What `make wild` says of applications: of sound ones nothing, of the others what is wrong."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from shared.demo.private_postgres import PrivatePostgres
from tests.deployments import write_migrations
from tests.postgres.servers import usual, version
from tests.wild.__main__ import report
from tests.wild.trial import Server

SOUND = {
    "20250101000000_init": 'CREATE TABLE "User" ("id" SERIAL PRIMARY KEY, "email" TEXT NOT NULL);',
    # As one batch the first is refused (55P04), and a statement that cannot be in a transaction, too (25001).
    "20250201000000_role": "CREATE TYPE r AS ENUM ('A'); ALTER TYPE r ADD VALUE 'B'; CREATE TABLE t (r r DEFAULT 'B');",
    "20250301000000_index": 'CREATE INDEX CONCURRENTLY "i" ON "User" ("email"); SELECT 1;',
}
STOPS = {"1_init": "CREATE TABLE a ();", "2_broken": "ALTER TABLE b ADD COLUMN c int;", "3_never": "CREATE TABLE c ();"}
LACKS = {"1_extension": "CREATE EXTENSION not_of_this_world;"}
# It deletes the row of the first one.
FOUND = {"1_init": "CREATE TABLE a ();", "2_more": "DELETE FROM _prisma_migrations WHERE migration_name = '1_init';"}
OPAQUE = {"1_init": "DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE a ()'); END $$;"}


@pytest.fixture
def tried(
    tmp_path: Path, start_server: Callable[[Path], PrivatePostgres], capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[str]]]:
    def make(**applications: Mapping[str, str]) -> tuple[int, list[str]]:
        for name, scripts in applications.items():
            lock = write_migrations(tmp_path / name / "prisma" / "migrations", scripts) / "migration_lock.toml"
            lock.write_text('provider = "postgresql"\n')
        status = report(tmp_path, [Server(usual(), start_server)])
        lines = capsys.readouterr().out.splitlines()
        return status, [re.sub(r" +", " ", re.sub(r" +\d+\.\d$", "", line)) for line in lines[1:]]

    return make


def test_a_sound_application_runs_whole_and_has_no_finding(tried: Callable[..., tuple[int, list[str]]]) -> None:
    assert tried(sound=SOUND) == (
        0,
        [
            "sound/prisma/migrations 3 3 9 0 0 0",
            "1 folders, 3 of 3 migrations, 9 objects: 0 findings, 0 opaque, 0 checks unknown; 0 not run to the end",
        ],
    )


def test_only_folders_of_postgresql_are_tried(tmp_path: Path, tried: Callable[..., tuple[int, list[str]]]) -> None:
    for place, lock in (("lite", 'provider = "sqlite"'), ("node_modules/a", 'provider = "postgresql"'), ("b", "=")):
        folder = write_migrations(tmp_path / place, LACKS)
        (folder / "migration_lock.toml").write_text(lock)
    status, lines = tried()
    assert (status, len(lines)) == (1, 1), "nothing was proven"


def test_what_does_not_run_is_said_and_what_ran_is_checked(tried: Callable[..., tuple[int, list[str]]]) -> None:
    status, lines = tried(lacks=LACKS, stops=STOPS)
    server = version(usual())
    assert status == 1
    assert lines == [
        "lacks/prisma/migrations 1 0 0 0 0 0",
        f' not run to the end: 1_extension on {server}: 0A000: extension "not_of_this_world" is not available',
        "stops/prisma/migrations 3 1 1 0 0 0",
        f' not run to the end: 2_broken on {server}: 42P01: relation "b" does not exist',
        "2 folders, 1 of 4 migrations, 1 objects: 0 findings, 0 opaque, 0 checks unknown; 2 not run to the end",
    ]


def test_what_is_found_and_what_is_opaque_end_it_with_2(tried: Callable[..., tuple[int, list[str]]]) -> None:
    status, lines = tried(found=FOUND, opaque=OPAQUE)
    assert status == 2
    assert [line for line in lines if not line.startswith(" ")] == [
        "found/prisma/migrations 2 2 1 1 0 0",
        "opaque/prisma/migrations 1 1 1 0 1 1",
        "2 folders, 3 of 3 migrations, 2 objects: 1 findings, 1 opaque, 1 checks unknown; 0 not run to the end",
    ]
    assert any(line.startswith(" critical: ") and "1_init" in line for line in lines)

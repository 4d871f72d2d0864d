"""What is too long to be printed, read by bash from the release's file and run by psql on a real server."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shared.demo.private_postgres import installed_programs
from shared.model.finding import Step
from shared.model.progress import Progress, StatementProgress, StatementState
from shared.postgres.live import Live
from shared.postgres.parse import parse
from shared.remedies import running as module
from shared.remedies.excerpt import Excerpt
from shared.remedies.remaining import Part
from tests.diagnose.test_schema import live

PATH = "prisma/migrations/a b's/migration.sql"
SCRIPT = """\
-- What the whole is for.
SET search_path TO public;
CREATE TABLE ran (x text); -- one line
/* Two
   lines; */
INSERT INTO ran VALUES ('a$HOME');

INSERT INTO ran VALUES
  ('b; --no comment')
  -- but this is
  ;
INSERT INTO ran VALUES ('c `id` \\ $1'); INSERT INTO ran VALUES ('d');
INSERT INTO ran VALUES ('e');
INSERT INTO ran VALUES ('e');
DO $$ BEGIN
  INSERT INTO ran VALUES ('f');
END $$;
INSERT INTO ran VALUES ('g'); /* to
*/ INSERT INTO ran VALUES ('h');
INSERT INTO ran VALUES ('i')
"""
ALL = ["a$HOME", "b; --no comment", "c `id` \\ $1", "d", "e", "e", "f", "g", "h", "i"]


@pytest.fixture(autouse=True)
def _everything_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_SQL", 0)


def step(script: str, numbers: Iterator[int] | range) -> Step:
    statements = tuple(
        StatementProgress(each.sql, each.line, each.start, each.end, StatementState.ABSENT, "")
        for each in parse(script)
    )
    part = Part(tuple(statements[number] for number in numbers), certain=True)
    progress = Progress(statements, ())
    (found,) = module.running(part, progress, Live.of(live(), "public", "15.4"), Excerpt(PATH, script.encode()))
    return found


def run(command: str, database: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (psql, *_) = (each for each in installed_programs() if (each / "psql").exists())
    environment = {
        "DATABASE_URL": f"{database}?schema=public",
        "PATH": f"{psql}:{os.environ['PATH']}",
        "PSQLRC": "/dev/null",
    }
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip


def there(database: str) -> list[str]:
    with psycopg.connect(database) as connection:
        return [x for (x,) in connection.execute("SELECT x FROM ran ORDER BY ctid")]


def shipped(folder: Path, script: str) -> None:
    file = folder / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(script.encode())


@pytest.mark.parametrize("script", [SCRIPT, SCRIPT.replace("\n", "\r\n")], ids=["LF", "CRLF"])
def test_all_of_a_file_runs_as_it_stands_there(script: str, database: str, tmp_path: Path) -> None:
    shipped(tmp_path, script)
    found = step(script, range(1, len(parse(script))))
    done = run(found.command or "", database, tmp_path)
    assert done.returncode == 0, done.stderr
    assert there(database) == ALL
    assert found.text == (f"Run the {len(parse(script)) - 1} missing statements, read from {PATH}.")


@pytest.mark.parametrize("number", range(2, len(ALL) + 2))
def test_nothing_else_runs_than_one_of_them(number: int, database: str, tmp_path: Path) -> None:
    shipped(tmp_path, SCRIPT)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE ran (x text)")
    done = run(step(SCRIPT, iter([number])).command or "", database, tmp_path)
    assert done.returncode == 0, done.stderr
    assert there(database) == ALL[number - 2 : number - 1]


SHORT = """\
CREATE TABLE t (a int);
CREATE INDEX i
  ON t (a);

-- Why.
CREATE TABLE u ();
SELECT 1; SELECT 2;
"""
COMMAND = """\
part1="$(sed -n '1,6p' 'prisma/migrations/a b'"'"'s/migration.sql')" &&
psql "${DATABASE_URL%%\\?*}" -1 -v ON_ERROR_STOP=1 <<SQL
SET LOCAL search_path TO "public";
-- If this ends with 55P03 (lock timeout), nothing was changed: run it again.
SET LOCAL lock_timeout = '3s';
$part1
SELECT 1;
SELECT 2;
SQL"""


def test_what_is_read_is_not_printed() -> None:
    assert step(SHORT, range(5)).command == COMMAND


def test_nothing_runs_without_the_file(database: str, tmp_path: Path) -> None:
    done = run(step(SCRIPT, range(1, 3)).command or "", database, tmp_path)
    assert done.returncode != 0
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT to_regclass('ran')").fetchone() == (None,)

"""`migration-monitor watch` on a terminal, which is redrawn, and into a pipe."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.entrypoints.cli.main import main
from tests.deployments import Deployment, write_migrations
from tests.entrypoints.conftest import APP, TO_A_HOOK
from tests.entrypoints.windows import Window, without_escapes
from tests.gather.production import session
from tests.gather.servers import Reply, Request, http_server
from tests.patience import until

INIT, NEXT = "20250101000000_init", "20250201000000_age"
SCRIPTS = {INIT: 'CREATE TABLE "users" ("id" int);\n', NEXT: 'ALTER TABLE "users" ADD COLUMN "age" int;\n'}


@pytest.fixture
def production(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    with Deployment(database, {INIT: SCRIPTS[INIT]}):
        pass
    monkeypatch.setenv("DATABASE_URL", database)
    return database, write_migrations(tmp_path / "migrations", SCRIPTS)


@contextmanager
def somebody_reads(url: str) -> Iterator[int]:
    with session(f"{url}?application_name=report") as reader:
        reader.execute("BEGIN; SELECT 's3cr3t' FROM users")
        yield reader.info.backend_pid


def command(migrations: Path, *words: str) -> list[str]:
    return [sys.executable, str(APP / "monitor.py"), "watch", "--migrations", str(migrations), *words]


def end_session(url: str, pid: int) -> None:
    with session(url) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_a_pipe_gets_a_line_of_json_a_second_and_the_end(production: tuple[str, Path]) -> None:
    url, migrations = production
    lines: list[dict[str, Any]] = []
    with (
        somebody_reads(url) as reader,
        Deployment(url, SCRIPTS),
        subprocess.Popen(command(migrations), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch,
    ):
        assert watch.stdout is not None
        assert watch.stderr is not None
        for line in watch.stdout:
            lines.append(json.loads(line))
            if lines[-1].get("blockers"):
                end_session(url, reader)
        assert watch.stderr.read() == ""
    blocked = next(each for each in lines if each.get("blockers"))
    assert watch.returncode == 0
    assert (blocked["version"], blocked["phase"], blocked["finding"]) == (1, "running", None)
    statement = blocked["statement"]
    assert (statement["file"], statement["lines"], statement["sql"]) == (
        f"{NEXT}/migration.sql", [1, 1], 'ALTER TABLE "users" ADD COLUMN "age" int',
    )  # fmt: skip
    assert blocked["session"]["waits_for"]["table"] == "public.users"
    assert [(each["application"], each["state"]) for each in blocked["blockers"]] == [("report", "idle in transaction")]
    assert f"backend_start = '{blocked['session']['since']}'" in blocked["stop"]["steps"][0]["command"]
    assert lines[-1] == {
        "version": 1, "target": lines[0]["target"], "phase": "ended", "verdict": "passed", "findings": [],
    }  # fmt: skip
    assert "s3cr3t" not in json.dumps(lines)


def test_a_narrow_terminal_is_redrawn_in_place_and_keeps_what_came_of_it(production: tuple[str, Path]) -> None:
    url, migrations = production
    with somebody_reads(url) as reader, Deployment(url, SCRIPTS):
        window = Window(command(migrations), columns=40, rows=60)
        frame = next(each for each in window.frames() if "BLOCKED BY" in each)
        end_session(url, reader)
        status = window.ended()
    assert status == 0
    assert all(len(line) <= 40 or line.startswith(("    psql ", "    npx ")) for line in frame.splitlines()), frame
    words = " ".join(frame.split())
    for said in (
        f"{NEXT}/migration.sql, line 1 (statement 1 of 1)",
        'ALTER TABLE "users" ADD COLUMN "age" int',
        "waits for a lock (AccessExclusive) on public.users",
        "of report (postgres): idle in transaction",
        "HOW TO STOP IT",
        "Its statement is undone.",
        "npx prisma migrate resolve --rolled-back",
    ):
        assert said in words, frame
    before, _, after = window.written.rpartition("\x1b[?1049l")
    assert before.count("\x1b[?1049h") == 1
    assert "the deployment has ended" in without_escapes(after)
    assert "matches its release" in " ".join(without_escapes(after).split())


def test_a_low_terminal_says_that_there_is_more(production: tuple[str, Path]) -> None:
    url, migrations = production
    with somebody_reads(url) as reader, Deployment(url, SCRIPTS):
        window = Window(command(migrations), columns=80, rows=12)
        frame = next(each for each in window.frames() if "BLOCKED BY" in each)
        window.interrupt()
        status = window.ended()
        end_session(url, reader)
    assert len(frame.rstrip("\n").splitlines()) < 12
    assert "more lines: make the window larger" in frame
    assert status == 130
    assert window.written.rpartition("\x1b[?1049l")[0], "the terminal is as it was before"


@pytest.mark.parametrize("words", [("--for", "1ms"), ("--until", "2020-01-01T00:00")], ids=lambda words: words[0])
def test_the_time_is_up_before_anybody_deploys(
    production: tuple[str, Path], words: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    status = main(["watch", "--migrations", str(production[1]), *words])
    out, err = capfd.readouterr()
    assert status == 1
    assert [json.loads(line)["phase"] for line in out.splitlines()] == ["none"]
    assert "no deployment was seen when the time was up" in err


def test_a_time_that_is_none(production: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "--migrations", str(production[1]), "--for", "soon"]) == 1
    assert "write --for like 90s, 30m, 2h" in capsys.readouterr().err


SETTINGS = (
    TO_A_HOOK
    + """
[[target]]
name = "production"
privileges = false
max_block = "1ms"
queue_alert = 1
release = {{ source = "folder", path = "{folder}" }}
database = {{ url = "env:DATABASE_URL" }}
"""
)


def test_a_long_queue_is_notified_at_once_and_makes_the_exit_status_2(
    production: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    url, migrations = production
    monkeypatch.chdir(tmp_path)
    (tmp_path / "monitor.toml").write_text(SETTINGS.format(folder=migrations))
    received: list[str] = []

    def receive(request: Request) -> Reply:
        received.append(request.body.decode())
        return Reply()

    with ExitStack() as stack:
        port, _ = stack.enter_context(http_server(receive))
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{port}/")
        readers = [stack.enter_context(session(url)) for _ in range(2)]
        admin = stack.enter_context(session(url))
        reader = stack.enter_context(somebody_reads(url))
        stack.enter_context(Deployment(url, SCRIPTS))
        wait_until_waiting(admin, 1)
        for each in readers:
            each.pgconn.send_query(b"SELECT FROM users")
        wait_until_waiting(admin, 3)
        status = main(["watch", "--notify", "--for", "1ms", "--format", "json"])
        end_session(url, reader)
    out, err = capfd.readouterr()
    assert status == 2
    assert json.loads(out)["finding"] == "session-blocking"
    assert "the deployment is still running when the time was up" in err
    (message,) = received
    assert "session-blocking" in message
    assert "2 of them have waited" in message or "3 of them have waited" in message


def test_the_screen_is_drawn_while_people_are_notified(
    production: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, migrations = production
    monkeypatch.chdir(tmp_path)
    (tmp_path / "monitor.toml").write_text(SETTINGS.format(folder=migrations))
    asked, answered = threading.Event(), threading.Event()
    in_time: list[bool] = []

    def receive(_request: Request) -> Reply:
        asked.set()
        in_time.append(answered.wait(60))
        return Reply()

    with ExitStack() as stack:
        port, _ = stack.enter_context(http_server(receive))
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{port}/")
        readers = [stack.enter_context(session(url)) for _ in range(2)]
        admin = stack.enter_context(session(url))
        reader = stack.enter_context(somebody_reads(url))
        stack.enter_context(Deployment(url, SCRIPTS))
        wait_until_waiting(admin, 1)
        for each in readers:
            each.pgconn.send_query(b"SELECT FROM users")
        wait_until_waiting(admin, 3)
        words = [sys.executable, str(APP / "monitor.py"), "watch", "--notify", "--format", "json"]
        watch = stack.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
        assert watch.stdout is not None
        drawn = 0
        for _ in watch.stdout:
            drawn += asked.is_set()
            if drawn == 2 and not answered.is_set():
                answered.set()
                end_session(url, reader)
    assert in_time[0]
    assert drawn > 2


def wait_until_waiting(admin: psycopg.Connection, sessions: int) -> None:
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass "
        "AND clock_timestamp() - waitstart > '1ms'"
    )
    until(lambda: admin.execute(waiting.encode()).fetchone() == (sessions,))

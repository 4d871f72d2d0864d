import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.patience import SECONDS

ROOT = Path(__file__).parents[1]


def demo(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the demo with a folder of its own for what is temporary; with *arguments* of Python instead of its own."""
    folder.chmod(0o755)
    return subprocess.Popen(
        [sys.executable, *(arguments or ("monitor.py", "demo"))],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_the_demo_shows_the_incident_and_leaves_two_pages_behind(reachable_tmp_path: Path) -> None:
    process = demo(reachable_tmp_path)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (0, "")
    plan, _, fixed = out.partition("Rows that a test left behind make line 5 fail.")
    fixed = fixed.partition("Nobody ran the plan.")[0]
    for said, verdict, line_5, total in (
        (plan, "failed", "! line 5: fails (23502), 2 rows: ALTER TABLE", "12 statements: 10 ok, 1 fails, 1 depends."),
        (fixed, "passed", "+ line 5: ok at", "12 statements: 12 ok."),
    ):
        assert f"Plan of 3 migrations: {verdict}\n" in said
        assert (line_5 in said, total in said) == (True, True), said
    assert ("safer way:" in plan, "safer way:" in fixed.partition("migration-monitor watch")[0]) == (True, False)
    watched = " ".join(fixed.partition("migration-monitor watch")[2].split())
    for shown in (
        "production: the deployment is running",
        "20250904_160000_fix_folders_and_files_schema/migration.sql, line 5 (statement 2 of 6)",
        "waits for a lock (AccessExclusive) on public.folders",
        "of nightly-report (postgres): idle in transaction, last SELECT",
        "QUEUE 3 sessions wait behind it",
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid =",
        "1 of its 6 statements stays applied (line 2).",
        "Run the 5 missing statements",
    ):
        assert shown in watched, watched
    for shown in (
        "production does not match its release",
        "20250904_160000_fix_folders_and_files_schema failed on 2025-09-05 at 09:41 UTC",
        'ERROR: column "project_id" of relation "folders" contains null values (SQLSTATE 23502)',
        "20250905_090000_add_asset_column_aliases is in the release and was never applied",
        "20250905_091500_add_phase_result_tracking is in the release and was never applied",
        "users has 2 rows; the release seeds exactly 6.",
        "pipeline_rules has 0 rows",
        "GET /api/folders: expected status 200, got status 500 after 3 tries.",
        "npx prisma migrate resolve",
        "⛔ production: migration fix_folders_and_files_schema failed; 2 API endpoints return 500; 4 more problems, since",
        "The next check, five minutes later, sends: (nothing: the team was notified, and nothing has changed)",
        "✅ production matches its release again, after",
        "STILL OPEN No other incident.",
    ):
        assert shown in " ".join(out.split()), shown
    assert out.count("✅") == 1, "one message says that it is over"
    (folder,) = reachable_tmp_path.iterdir()
    incident, fixed_page = ((folder / f"{name}.html").read_text(encoding="utf-8") for name in ("incident", "fixed"))
    assert all(str(folder / name) in out for name in ("incident.html", "fixed.html"))
    assert "<title>production: failed · Migration Monitor</title>" in incident
    assert "users has 2 rows; the release seeds exactly 6." in incident
    assert "<title>production: passed · Migration Monitor</title>" in fixed_page
    assert "Nothing." in fixed_page


def during_initdb(home: Path) -> bool:
    return (home / "data" / "PG_VERSION").exists()


def server_is_up(home: Path) -> bool:
    # Its first line is negative while initdb's own single-user server writes it.
    try:
        lines = (home / "data" / "postmaster.pid").read_text()
    except (FileNotFoundError, NotADirectoryError):  # tempfile tries the folder with a file of its own
        return False
    return lines[:1].isdigit() and "ready" in lines


def until(process: subprocess.Popen[str], happens: Callable[[], bool]) -> None:
    """Wait for what *happens* while *process* runs."""
    while not happens():
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)


def _tier(moment: Callable[[Path], bool], ending: signal.Signals) -> tuple[()] | pytest.MarkDecorator:
    usual, last = ending is signal.SIGINT, moment is server_is_up
    return () if usual and last else pytest.mark.long if usual or last else pytest.mark.heavy


# Ctrl-C at the last moment; the usual signal at every moment, and every signal at the last one, with the long tests; the
# others with the heavy ones.
ENDINGS = [
    pytest.param(moment, ending, id=f"{moment.__name__}-{ending.name}", marks=_tier(moment, ending))
    for moment in (Path.exists, during_initdb, server_is_up)
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
]


@pytest.mark.parametrize(("moment", "ending"), ENDINGS)
def test_the_demo_cleans_up_when_it_is_interrupted(
    moment: Callable[[Path], bool], ending: signal.Signals, reachable_tmp_path: Path
) -> None:
    process = demo(reachable_tmp_path)
    # Its folder is the first trace of the private server.
    until(process, lambda: any(moment(home) for home in reachable_tmp_path.iterdir()))
    process.send_signal(ending)
    _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (130, "monitor.py: interrupted\n")
    assert list(reachable_tmp_path.iterdir()) == []


def test_a_second_signal_does_not_cut_the_cleaning_short(reachable_tmp_path: Path) -> None:
    process = demo(reachable_tmp_path)
    until(process, lambda: any(server_is_up(home) for home in reachable_tmp_path.iterdir()))
    for ending in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        process.send_signal(ending)
    _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (130, "monitor.py: interrupted\n")
    assert list(reachable_tmp_path.iterdir()) == []


# Sends SIGTERM to itself as soon as it has made the folder with the number that it is given.
_INTERRUPTED_AT_A_FOLDER = """
import os, signal, sys
from shared.entrypoints.cli.main import run_and_exit
make, folders, last = os.mkdir, [], int(sys.argv.pop())
def mkdir(path, *arguments, **options):
    make(path, *arguments, **options)
    if os.path.basename(path).startswith("migration-monitor-"):
        folders.append(path)
        if len(folders) == last:
            os.kill(os.getpid(), signal.SIGTERM)
os.mkdir = mkdir
run_and_exit()
"""


@pytest.mark.parametrize("folder", [1, 2], ids=["of_the_server", "of_the_memory"])
def test_the_demo_removes_a_folder_during_whose_making_it_is_interrupted(folder: int, reachable_tmp_path: Path) -> None:
    process = demo(reachable_tmp_path, "-c", _INTERRUPTED_AT_A_FOLDER, "demo", str(folder))
    _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (130, "migration-monitor: interrupted\n")
    assert list(reachable_tmp_path.iterdir()) == []

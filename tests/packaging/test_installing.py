"""The ways in which people install: uvx of a file and of an index, pipx (by pip) of a git URL. They need an index."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shared.model.version import VERSION
from tests.packaging.declared import ROOT

pytestmark = pytest.mark.long

TOOLS = ROOT / ".packaging" / "bin"
SAID = f"migration-monitor {VERSION}\n"
needs_tools = pytest.mark.skipif(not (TOOLS / "pipx").exists(), reason="make .packaging/complete installs pipx and uv")


def run(*words: str | Path, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "UV_CACHE_DIR": str(folder / "cache"), "UV_TOOL_DIR": str(folder / "tools"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def index_of(wheel: Path, folder: Path) -> Iterator[str]:
    """A package index with nothing but *wheel* (PEP 503), on a port of its own."""
    (folder / "migration-monitor").mkdir()
    shutil.copy(wheel, folder / "migration-monitor")
    (folder / "migration-monitor" / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def repository(tmp_path: Path) -> str:
    """The git URL of the tree as it is, changes that are not committed too."""
    copy = tmp_path / "repository"
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines():
        if (
            name.startswith(("shared/", "pyproject.toml", "README.md", "LICENSE", ".gitignore"))
            and (ROOT / name).is_file()
        ):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "as it is"]):
        subprocess.run([*git, *words], cwd=copy, check=True)
    return f"git+file://{copy}"


@needs_tools
def test_uv_installs_from_an_index_with_the_demo(wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "served").mkdir()
    with index_of(wheel, tmp_path / "served") as index:
        tool = ("--quiet", "--index", index, "--from", "migration-monitor[demo]", "migration-monitor", "demo")
        shown = run(TOOLS / "uvx", *tool, folder=tmp_path)
    assert "20250904_160000_fix_folders_and_files_schema" in shown


@needs_tools
def test_pipx_installs_from_a_git_url(repository: str, tmp_path: Path) -> None:
    home = {"PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    run(TOOLS / "pipx", "install", "--quiet", repository, folder=tmp_path, **home)
    assert run(tmp_path / "bin/migration-monitor", "--version", folder=tmp_path) == SAID


@needs_tools
def test_uvx_runs_a_file(wheel: Path, tmp_path: Path) -> None:
    called = run(TOOLS / "uvx", "--quiet", "--from", wheel, "migration-monitor", "--version", folder=tmp_path)
    assert called == SAID

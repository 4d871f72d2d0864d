"""Every command of the pages that needs no Azure runs: over a real server, an API and a channel, in an application's folder.

A block of commands that need Azure is marked: ```` ```sh azure ````; those run with stand-ins (`tests/infra/test_docs.py`).
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.entrypoints.cli.main import main, parser_with
from shared.prisma.connection_url import parse_connection_url
from tests.cloud.cloud import Cloud
from tests.docs import application
from tests.docs.pages import HOME, PAGES, blocks
from tests.docs.shell import Shell
from tests.gather.servers import Reply

BLOCKS = [block for page in PAGES for block in blocks(page)]
SHELL = [block for block in BLOCKS if block.info == ("sh",)]
OF_PAGES = {
    page: [block for block in SHELL if block.page == page] for page in dict.fromkeys(each.page for each in SHELL)
}


def read(words: Sequence[str]) -> None:
    """Hold that our own command *words* takes these options."""
    parser_with(words[:1])[0].parse_args(words)


@pytest.fixture
def shell(tmp_path: Path, database: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """In an application's repository with settings; ``your-application`` beside them has none yet."""
    cloud.host("api.example.com", Reply(body=b"[{}]"))
    cloud.host("hooks.example.com", Reply(202))
    application.deployed(database)
    application.build(tmp_path / "your-application")
    home = application.build(tmp_path / "application")
    (home / "monitor.toml").write_text(application.settings(), encoding="utf-8")
    monkeypatch.chdir(home)
    monkeypatch.setenv("DATABASE_URL", database)
    for name, value in application.VARIABLES.items():
        monkeypatch.setenv(name, value)
    assert main(["check", "--notify"]) == 2

    def export(name: str, value: str) -> None:
        # The page's own database is nobody's.
        assert name == "DATABASE_URL"
        parse_connection_url(value)

    return Shell(home, export, monkeypatch.chdir, read)


@pytest.mark.parametrize("page", OF_PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_every_command_runs(page: Path, shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = [f"{block.place}: {problem}" for block in OF_PAGES[page] for problem in shell.run(block.text)]
    assert wrong == [], capsys.readouterr().err

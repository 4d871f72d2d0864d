"""Every fenced block of the pages is of a kind that something holds: it runs, it is read by its own loader, or it is text."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg
import pytest
import yaml

from shared.demo.incident import HISTORY_TABLE
from shared.entrypoints.cli.main import parser_with
from shared.settings import load_settings
from tests.docs import application
from tests.docs.pages import HOME, PAGES, Block, blocks
from tests.docs.shell import commands
from tests.settings.sound import sound
from tests.tables import hold

BLOCKS = [block for page in PAGES for block in blocks(page)]
# A block without a language, or with another one, is nobody's: give it its kind, and a test here.
HELD: Mapping[tuple[str, ...], str] = {
    ("sh",): "test_commands.py runs it",
    ("sh", "azure"): "tests/infra/test_docs.py runs it with stand-ins for Azure's programs",
    ("sh", "github"): "the same, for GitHub's",
    ("console",): "its command is read here; what it prints is held by a test of its page",
    ("toml",): "read here",
    ("yaml",): "read here",
    ("json",): "read here",
    ("sql",): "run here",
    ("python",): "test_extend.py runs it",
    ("text",): "no command",
}
# Names of the reader's own, and what they are here.
OWN = {
    "/subscriptions/…/flexibleServers/": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example"
    "/providers/Microsoft.DBforPostgreSQL/flexibleServers/",
    "/subscriptions/…/containerApps/": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example"
    "/providers/Microsoft.App/containerApps/",
}
ENVIRON = {**application.VARIABLES, "DATABASE_URL": "postgresql://reader:secret@db.example.com/app"}
A_TARGET = """
[[target]]
name = "production"
[target.release]
source = "folder"
path = "."
[target.database]
url = "env:DATABASE_URL"
"""


def of(kind: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == kind]


def held(kind: str, asserts: Callable[[Block], None]) -> None:
    hold(asserts, of(kind), lambda block: block.place)


def test_every_block_is_of_a_kind_that_is_held() -> None:
    assert [f"{block.place}: {' '.join(block.info)}" for block in BLOCKS if block.info not in HELD] == []


def test_commands_whose_output_is_shown_take_their_options() -> None:
    def is_read(block: Block) -> None:
        prompt, _, command = block.text.partition("\n")[0].partition(" ")
        (words,) = commands(command)
        assert (prompt, words[0]) == ("$", "migration-monitor")
        parser_with(words[1:2])[0].parse_args(words[1:])

    held("console", is_read)


def test_settings_are_right(tmp_path: Path) -> None:
    def is_right(block: Block) -> None:
        text = block.text
        for written, own in OWN.items():
            text = text.replace(written, own)
        table = tomllib.loads(text)
        # One that shows a part of a target's settings, or none of them, is for a target that is there.
        whole = text if isinstance(table.get("target"), list) else A_TARGET + text
        (tmp_path / "monitor.toml").write_text(whole, encoding="utf-8")
        sound(load_settings(tmp_path / "monitor.toml", ENVIRON))

    held("toml", is_right)


def test_steps_of_pipelines_take_their_inputs() -> None:
    inputs = yaml.safe_load((HOME / "action.yml").read_text(encoding="utf-8"))["inputs"]

    def is_right(block: Block) -> None:
        read = yaml.safe_load(block.text)
        steps = read if isinstance(read, list) else read["steps"]
        assert steps
        for step in steps:
            if "uses" in step:
                assert step["uses"].startswith("OWNER/migration-monitor@")
                assert {*step["with"]} <= {*inputs}
            else:
                template, _, repository = step["template"].partition("@")
                assert repository in {each["repository"] for each in read["resources"]["repositories"]}
                declared = yaml.safe_load((HOME / template).read_text(encoding="utf-8"))["parameters"]
                assert {*step["parameters"]} <= {each["name"] for each in declared}

    held("yaml", is_right)


def test_json_is_json() -> None:
    held("json", lambda block: json.loads(block.text))


def test_sql_runs(database: str) -> None:
    def runs(block: Block) -> None:
        with psycopg.connect(database) as production:
            if "_prisma_migrations" in block.text:
                production.execute(HISTORY_TABLE)
                production.execute("CREATE TABLE users (id int PRIMARY KEY)")
            production.execute(block.text.encode())
            # Roles are the whole server's.
            production.rollback()

    assert of("sql")
    held("sql", runs)


def test_a_kind_that_is_named_is_one_of_some_page() -> None:
    used = {block.info for block in BLOCKS}
    assert {kind for kind in HELD if kind not in used} <= {("json",)}


@pytest.mark.parametrize(
    ("script", "read"),
    [
        pytest.param("a b  # c\n# d\n\ne 'f g'", [["a", "b"], ["e", "f g"]], id="comments"),
        pytest.param("a \\\n  b", [["a", "b"]], id="one command on two lines"),
    ],
)
def test_commands_of_a_script(script: str, read: list[list[str]]) -> None:
    assert list(commands(script)) == read

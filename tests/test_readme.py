"""The README says what is so: every code, every command, every function, and no link leads nowhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from shared.model.difference import Change
from shared.model.endpoint import Breach

HOME = Path(__file__).parent.parent
README = (HOME / "README.md").read_text(encoding="utf-8")
PAGES = [HOME / "README.md", *sorted((HOME / "docs").glob("*.md"))]
# The codes that a judge puts together or is handed, by what stands for the code there.
MADE = {
    "f'schema-{difference.change}'": {f"schema-{change}" for change in Change},
    "breach.code": set(get_args(get_type_hints(Breach)["code"])),
}
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}


def codes() -> Iterator[str]:
    """Give the code of every finding that a check makes."""
    for path in (HOME / "shared" / "checks").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield str(code.value)
                else:
                    yield from MADE[ast.unparse(code)]


def test_every_code_is_explained_once_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z]+-[a-z-]+)` \|", README, re.MULTILINE)
    assert sorted(rows) == sorted(set(codes()))


def test_every_command_is_told_of_and_no_other() -> None:
    files = (HOME / "shared" / "entrypoints" / "cli").glob("*.py")
    commands = {path.stem.replace("_", "-") for path in files if "\ndef register(" in path.read_text(encoding="utf-8")}
    told = set(re.findall(r"monitor\.py ([a-z][a-z-]+)", README)) | set(
        re.findall(r"^make (demo)\b", README, re.MULTILINE)
    )
    assert told == commands


def test_every_target_of_make_is_one() -> None:
    made = set(re.findall(r"^([a-z-]+):", (HOME / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    words = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    told = set(re.findall(r"(?:`|^)make ([a-z-]+)", words, re.MULTILINE))
    assert told <= made


def test_the_functions_are_counted_and_named() -> None:
    tree = ast.parse((HOME / "function_app.py").read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    told = README[README.index("## As an Azure Functions app") :].partition("```")[0]
    assert f"`function_app.py` has {NUMBERS[len(functions)]} functions" in told
    assert [name for name in functions if f"`{name}`" not in told] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []

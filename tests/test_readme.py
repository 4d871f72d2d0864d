"""The pages say what is so: every command, every function, and no link leads nowhere."""

import ast
import re
import subprocess
from pathlib import Path

HOME = Path(__file__).parent.parent
PAGES = [HOME / "README.md", *sorted((HOME / "docs").glob("*.md"))]
NUMBERS = {
    1: "one",
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
    8: "eight",
    10: "ten",
    12: "twelve",
    13: "thirteen",
}


def test_every_command_is_described_and_no_other() -> None:
    files = (HOME / "shared" / "entrypoints" / "cli").glob("*.py")
    commands = {path.stem.replace("_", "-") for path in files if "\ndef register(" in path.read_text(encoding="utf-8")}
    page = (HOME / "docs" / "start.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^migration-monitor ([a-z][a-z-]+)", page, re.MULTILINE))
    assert described == commands


def test_every_target_of_make_is_one() -> None:
    made = set(re.findall(r"^([a-z-]+):", (HOME / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    words = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    described = set(re.findall(r"(?:`|^)make ([a-z-]+)", words, re.MULTILINE))
    assert described <= made


def test_make_help_has_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=HOME, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^\.PHONY: (.*)$", (HOME / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"^make ([\w-]+)", listed, re.MULTILINE)
    assert sorted(named) == sorted(targets[0].split())


def test_the_functions_are_counted_and_named() -> None:
    tree = ast.parse((HOME / "function_app.py").read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    described = (HOME / "docs" / "http.md").read_text(encoding="utf-8").partition("```")[0]
    assert f"`function_app.py` has {NUMBERS[len(functions)]} functions" in described
    assert [name for name in functions if f"`{name}`" not in described] == []

"""The records of decisions: each is in the index, and each says the same four things."""

import json
import re

from tests.docs.pages import HOME

FOLDER = HOME / "docs" / "decisions"
HEADINGS = ["Needed", "Chosen", "Costs", "Would change it"]


def test_the_index_has_every_record() -> None:
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")


def test_each_record_says_the_same_four_things() -> None:
    records = [path for path in FOLDER.glob("*.md") if path.name != "README.md" and not path.name.startswith("exit-")]
    assert len(records) >= 10
    headings = {path.name: re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE) for path in records}
    assert [name for name, found in headings.items() if found != HEADINGS] == []


def test_files_that_the_records_name_exist() -> None:
    named = {
        name
        for path in FOLDER.glob("*.md")
        for name in re.findall(r"`((?:shared|tests)/[\w/.]+)`", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 5
    assert [name for name in sorted(named) if not (HOME / name).exists()] == []


def test_the_container_for_development_has_a_python_that_the_project_runs_on() -> None:
    container = json.loads((HOME / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    version = re.search(r"python:3\.(\d+)", container["image"])
    assert version is not None
    assert 11 <= int(version[1]) <= 13

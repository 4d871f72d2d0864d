"""docs/settings.md has every table and key of the settings file, as editors complete them."""

import json
import re
from typing import Any

import pytest

from tests.docs.made import hold_part
from tests.docs.pages import HOME
from tests.docs.settings_page import settings_tables

SCHEMA: dict[str, Any] = json.loads((HOME / "monitor.schema.json").read_text(encoding="utf-8"))


def test_the_tables_are_those_of_the_schema(request: pytest.FixtureRequest) -> None:
    hold_part("settings.md", "keys", settings_tables(SCHEMA), update=request.config.getoption("--update-golden"))


def test_every_key_is_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", settings_tables(SCHEMA), re.MULTILINE)
    properties = [each for table in SCHEMA["$defs"].values() for each in table["properties"].items()]
    assert {key for key, _ in rows} == {key for key, said in properties if "$ref" not in json.dumps(said)}
    assert [key for key, about in rows if not about.strip()] == []

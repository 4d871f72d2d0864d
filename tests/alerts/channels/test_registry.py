"""A kind of channel is a folder and one line of the registry: the test adds one, and everything knows it."""

import ast
import json
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest

from shared.alerts.channels import KINDS, channel_class, previews, send
from shared.model.alerts import Channel
from shared.settings import SettingsError, load_settings
from tests.alerts.news import opened

SHARED = Path(__file__).parents[3] / "shared"
CHANNELS = SHARED / "alerts" / "channels"
SETTINGS = """
from collections.abc import Iterator
from typing import ClassVar
from ....model.alerts import Channel
from ....model.value import dataclass

@dataclass(frozen=True, slots=True, kw_only=True)
class PigeonChannel(Channel):
    kind: ClassVar[str] = "pigeon"
    loft: str

    def rules(self) -> Iterator[tuple[bool, str]]:
        yield self.loft.isalpha(), "`loft` must be letters"

CHANNEL = PigeonChannel
"""
DELIVER = """
from ...delivery.accepted import Accepted

def send(message, channel, _report):
    return Accepted(f"flew to {channel.loft}")

def preview(message):
    return {"pigeon.txt": message.headline}
"""
USE = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from shared.alerts.channels import previews
from shared.alerts.delivery.deliver import deliver
from shared.settings import SettingsError, load_settings
from shared.alerts.messages import sample
from shared.model.alerts import AlertSettings
from shared.settings.json_schema import json_schema
message = sample("birds", AlertSettings(), datetime(2026, 11, 22, tzinfo=UTC))
file = Path(sys.argv[1])
channels = load_settings(file, {}).alerts.channels
file.write_text(file.read_text().replace('"roof"', '"5"'))
try:
    load_settings(file, {})
except SettingsError as error:
    mistakes = [f"{each.key}: {each.problem}" for each in error.mistakes]
print(json.dumps({
    "said": [each.said for each in deliver(message, channels)],
    "mistakes": mistakes,
    "preview": previews(message)["pigeon.txt"],
    "kinds": json.loads(json_schema())["$defs"]["ChannelTable"]["properties"]["kind"]["enum"],
    "is in the schema": "loft" in json.loads(json_schema())["$defs"]["ChannelTable"]["properties"],
}))
"""
FILE = """
[[alerts.channel]]
name = "birds"
kind = "pigeon"
loft = "roof"
[[target]]
name = "production"
release = { source = "folder", path = "app" }
database = { host = "db", name = "app", user = "reader", identity = "managed" }
"""


def test_a_new_kind_takes_its_folder_and_one_line(tmp_path: Path) -> None:
    shutil.copytree(SHARED, tmp_path / "shared", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "monitor.example.toml").symlink_to(SHARED.parent / "monitor.example.toml")
    folder = tmp_path / "shared" / "alerts" / "channels"
    registry = folder / "__init__.py"
    registry.write_text(registry.read_text().replace("KINDS = (\n", 'KINDS = (\n    "pigeon",\n'))
    (folder / "pigeon").mkdir()
    for file, text in (("__init__", ""), ("settings", SETTINGS), ("deliver", DELIVER)):
        (folder / "pigeon" / f"{file}.py").write_text(text)
    settings = tmp_path / "monitor.toml"
    settings.write_text(FILE)
    done = subprocess.run(
        [sys.executable, "-c", USE, str(settings)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "said": ["flew to roof"],
        "mistakes": ["alerts.channel.birds.loft: must be letters"],
        "preview": "TEST of the channel birds: nothing is wrong",
        "kinds": ["pigeon", *KINDS],
        "is in the schema": True,
    }


def test_nothing_else_names_a_kind() -> None:
    wrong = [
        f"{path.relative_to(SHARED)}:{node.lineno}"
        for path in SHARED.rglob("*.py")
        # To a parser of text search, "email" is a token.
        if not (path.is_relative_to(CHANNELS) or path.is_relative_to(SHARED / "postgres"))
        for text in [path.read_text(encoding="utf-8")]
        if any(f'"{kind}"' in text for kind in KINDS)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and node.value in KINDS
    ]
    assert wrong == []


def test_every_folder_is_registered() -> None:
    assert {path.parent.name for path in CHANNELS.glob("*/__init__.py")} == set(KINDS)
    assert [channel_class(kind).kind for kind in KINDS] == list(KINDS)
    assert len(previews(opened())) == len(KINDS)


def test_an_unknown_kind_falls_through_nowhere(tmp_path: Path) -> None:
    class Unregistered(Channel):
        kind = "smoke"

    with pytest.raises(LookupError, match="there is no kind of channel 'smoke'"):
        send(opened(), Unregistered("fire"), None)
    file = tmp_path / "monitor.toml"
    file.write_text(FILE)
    with pytest.raises(SettingsError) as caught:
        load_settings(file, {})
    assert f"kind: must be one of {', '.join(KINDS)}" in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_one_name_have_one_type(kind: str) -> None:
    """The table of the file has each key once."""
    every = [types_of(channel_class(each)) for each in KINDS]
    for name, its in types_of(channel_class(kind)).items():
        assert {types[name] for types in every if name in types} == {its}, name


def types_of(shape: type[Channel]) -> dict[str, frozenset[object]]:
    """Give what each key may be, but for being left out."""
    hints = get_type_hints(shape)
    return {
        each.name: frozenset(get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)) - {type(None)}
        for each in fields(shape)
        for hint in [hints[each.name]]
    }

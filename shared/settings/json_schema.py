"""The JSON Schema of the settings file, from the shapes and the example's comments: editors complete and check with it.

After a change to either: ``python -m shared.settings.json_schema``.
"""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DataclassSchema, NullableSchema, WithDefaultSchema

from ..model.setting_types import Duration
from .lines import lines_of
from .problem import Location
from .validate import adapter

_ROOT = Path(__file__).parent.parent.parent
SCHEMA = _ROOT / "monitor.schema.json"
EXAMPLE = _ROOT / "monitor.example.toml"
COMMAND = "python -m shared.settings.json_schema"

# In the example a setting at its default has a # right before it; before prose comes a space.
_SWITCHED_OFF = re.compile(r"^#(?=\w+ = )", re.MULTILINE)


def json_schema() -> str:
    """Write the schema as it must stand in `SCHEMA`."""
    schema = adapter().json_schema(schema_generator=_TomlSchema)
    schema["$comment"] = f"Made by {COMMAND}"
    for location, comment in _comments(EXAMPLE.read_text(encoding="utf-8")):
        _property(schema, location).setdefault("description", comment)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def with_defaults(example: str) -> str:
    """Give the text of the example with the settings at their defaults switched on."""
    return _SWITCHED_OFF.sub("", example)


class _TomlSchema(GenerateJsonSchema):
    """What pydantic makes, as TOML has it: without null, and with durations as people write them."""

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default") in (None, [], {}) or isinstance(made["default"], dict):
            made.pop("default", None)
        return made

    def encode_default(self, dft: Any) -> Any:
        return Duration.text(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def dataclass_schema(self, schema: DataclassSchema) -> JsonSchemaValue:
        # Its title and docstring are for readers of the code.
        made = super().dataclass_schema(schema)
        return {key: value for key, value in made.items() if key not in {"title", "description"}}

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  # a title would repeat the key
        return False


def _comments(example: str) -> list[tuple[Location, str]]:
    """Give the comment behind each table and key of the example."""
    lines = with_defaults(example).split("\n")
    found = [
        (location, lines[number - 1].partition(" # ")[2]) for location, number in lines_of("\n".join(lines)).items()
    ]
    return [(location, comment) for location, comment in found if comment]


def _property(schema: dict[str, Any], location: Location) -> dict[str, Any]:
    found = schema
    for key in (step for step in location if isinstance(step, str)):
        # Where one table will do for a list, both are offered, the table first.
        found = found.get("anyOf", [found])[0]
        if "additionalProperties" in found and "properties" not in found:
            break  # a name of the user's own: the comment is about the table of names
        reference = found.get("items", found).get("$ref", "#").removeprefix("#/$defs/")
        found = (schema if reference == "#" else schema["$defs"][reference])["properties"][key]
    return found


if __name__ == "__main__":
    SCHEMA.write_text(json_schema(), encoding="utf-8")

"""The tables of docs/settings.md: every table and key of the settings file, from its JSON Schema.

``pytest tests/docs/test_settings_page.py --update-golden`` writes them into the page.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_DURATION = "^[0-9]{1,9}(ms|[smhd])$"
_SECRET = "^(env:"
_OF_JSON: Mapping[str, str] = {
    "text": "text",
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "`true`, `false`",
    "object": "table",
}


def settings_tables(schema: Schema) -> str:
    shown: dict[str, str] = {}
    return "\n".join(each for name in schema["properties"] for each in _sections(schema, schema, name, "", shown))


def _sections(schema: Schema, of: Schema, key: str, above: str, shown: dict[str, str]) -> Iterator[str]:
    """The section of the table *key*, and those of the tables below it; *shown* is where a definition stood already."""
    definition, many = _table(schema, of["properties"][key])
    if definition is None:
        return
    path = f"{above}.{key}" if above else key
    keys = [name for name in definition["properties"] if _table(schema, definition["properties"][name])[0] is None]
    rows = "".join(_row(name, definition) for name in keys)
    about = of["properties"][key].get("description", "")
    heading = f"[[{path}]]" if many else f"[{path}]"
    same = shown.setdefault(rows, heading)
    if same != heading:
        yield f"### `{heading}`\n\n{about}. Its keys are those of `{same}`.\n"
        return
    yield f"### `{heading}`\n\n{about}.\n\n| key | value | default | what it is |\n|---|---|---|---|\n{rows}"
    for name in definition["properties"]:
        yield from _sections(schema, definition, name, path, shown)


def _table(schema: Schema, said: Schema) -> tuple[Schema | None, bool]:
    """The definition of the table that a key holds, and whether it may hold several; None where it holds none."""
    many = "items" in said or any("items" in each for each in said.get("anyOf", ()))
    first = said.get("anyOf", [said])[0]
    reference = first.get("$ref") or first.get("items", {}).get("$ref")
    return (schema["$defs"][reference.removeprefix("#/$defs/")], many) if reference else (None, many)


def _row(key: str, definition: Schema) -> str:
    said = definition["properties"][key]
    default = said.get("default", "required" if key in definition.get("required", ()) else "")
    shown = f"`{_as_toml(default)}`" if "default" in said else default
    about = said.get("description", "").replace("|", "\\|")
    return f"| `{key}` | {_value(said)} | {shown} | {about} |\n"


def _as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _value(said: Schema) -> str:
    if "anyOf" in said:
        return " or ".join(dict.fromkeys(map(_value, said["anyOf"])))
    if "enum" in said:
        return ", ".join(f"`{_as_toml(each)}`" for each in said["enum"])
    if "const" in said:
        return f"`{_as_toml(said['const'])}`"
    pattern, kind = str(said.get("pattern", "")), str(said.get("type", "text"))
    if pattern == _DURATION:
        return "duration"
    if pattern.startswith(_SECRET):
        return "secret, named"
    if said.get("format") == "date-time":
        return "date and time"
    if kind == "array":
        return f"list of {_value(said.get('items', {}))}"
    return _OF_JSON[kind]

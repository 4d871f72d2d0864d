"""Whatever stands in the file, the loader gives settings or says what is wrong, and never shows a variable's value."""

import json
import re
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.settings import Settings
from shared.settings import SettingsError, load_settings
from shared.settings.json_schema import EXAMPLE, with_defaults
from shared.settings.lines import line_of, lines_of
from shared.settings.problem import Location, inside
from tests.settings.sound import sound

SECRET = "hunter2-of-the-environment"
OF_THE_EXAMPLE = {
    "DATABASE_URL": f"postgresql://u:{SECRET}@h/d",
    "VIEWER_KEY": f"{SECRET}-of-the-viewers",
    "LINK_KEY": f"{SECRET}-that-signs-links",
    "HEARTBEAT_URL": f"https://hc.example.com/{SECRET}",
    "TEAMS_WEBHOOK_URL": f"https://prod-00.westeurope.logic.azure.com/workflows/1?sig={SECRET}",
    "SMTP_USER": SECRET,
    "SMTP_PASSWORD": SECRET,
    "PAGING_URL": f"https://paging.example.com/{SECRET}",
    "PAGING_SECRET": SECRET,
    "SLACK_BOT_TOKEN": SECRET,
    "PAGERDUTY_ROUTING_KEY": "0" * 32,
}
EXAMPLE_TEXT = with_defaults(EXAMPLE.read_text(encoding="utf-8"))


def places(document: Any, at: Location = ()) -> list[Location]:
    """Give every key and every place of *document*, tables before what is in them."""
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    found: list[Location] = []
    for step, value in inner:
        found.append((*at, step))
        if isinstance(value, dict | list):
            found += places(value, (*at, step))
    return found


PLACES = places(tomllib.loads(EXAMPLE_TEXT))
KEYS = sorted({str(step) for place in PLACES for step in place if isinstance(step, str)})

# The first example waits for pydantic, and other tests share the machine.
unhurried = settings(deadline=None)

keys = st.sampled_from(KEYS) | st.text(max_size=8)
scalars = (
    st.sampled_from(["env:SECRET", "env:UNSET", "env:EMPTY", "env:", "vault:x", "folder", "15m", "0s", "https://x", "a.b"])
    | st.text(max_size=8)
    | st.integers()
    | st.booleans()
    | st.floats()
    | st.datetimes(timezones=st.sampled_from([None, UTC]))
    | st.dates()
    | st.times()
)  # fmt: skip
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))


def toml(value: Any) -> str:
    """Write *value* as TOML has it within a line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)


def put(document: Any, place: Location, value: Any) -> None:
    """Put *value* at *place*, unless another change has taken that place away."""
    *table, key = place
    for step in table:
        document = inside(document, step)
    if isinstance(document, dict) or inside(document, key) is not None:
        document[key] = value


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings") / "monitor.toml"


def load(path: Path, document: dict[str, Any], secret: str) -> Settings | None:
    path.write_text("".join(f"{toml(key)} = {toml(value)}\n" for key, value in document.items()), encoding="utf-8")
    environ = OF_THE_EXAMPLE | {"SECRET": secret, "EMPTY": "", "API_AUTHORIZATION": secret}
    mistakes = []
    try:
        loaded = load_settings(path, environ)
        mistakes = [mistake for target in loaded.broken for mistake in target.mistakes]
        return sound(loaded)
    except SettingsError as refusal:
        error = refusal
    assert not mistakes or set(mistakes) == set(error.mistakes)
    assert all(mistake.problem and mistake.file == str(path) for mistake in error.mistakes)
    assert SECRET not in str(error) + repr(error) + repr(error.mistakes)
    assert error.mistakes
    return None


secrets = st.sampled_from(
    [SECRET, f" {SECRET}\n", f"https://{SECRET}/", f"postgres://{SECRET}", f"{SECRET}[", f"{SECRET}\udcff"]
)


@unhurried
@given(st.dictionaries(keys, values, max_size=4), secrets)
def test_anything(path: Path, document: dict[str, Any], secret: str) -> None:
    load(path, document, secret)


@unhurried
@given(st.lists(st.tuples(st.sampled_from(PLACES), values), max_size=5), secrets)
def test_the_example_with_anything_in_places(path: Path, changes: list[tuple[Location, Any]], secret: str) -> None:
    document = tomllib.loads(EXAMPLE_TEXT)
    for place, value in changes:
        put(document, place, value)
    load(path, document, secret)


def test_the_example_itself(path: Path) -> None:
    assert load(path, tomllib.loads(EXAMPLE_TEXT), SECRET) is not None


@unhurried
@given(st.lists(st.sampled_from(PLACES), min_size=1, max_size=5, unique=True))
def test_every_wrong_type_is_reported_at_once(path: Path, wrong: list[Location]) -> None:
    document = tomllib.loads(EXAMPLE_TEXT)
    # Of a place and a table around it, only the table can be reported.
    wrong = [place for place in wrong if not any(place[:end] in wrong for end in range(len(place)))]
    for place in wrong:
        put(document, place, time(9, 5))
    path.write_text("".join(f"{toml(key)} = {toml(value)}\n" for key, value in document.items()), encoding="utf-8")
    environ = OF_THE_EXAMPLE | {"API_AUTHORIZATION": "token"}
    with pytest.raises(SettingsError) as caught:
        sound(load_settings(path, environ))
    assert len(caught.value.mistakes) == len(wrong)


def test_every_key_of_the_example_has_its_line() -> None:
    lines = EXAMPLE_TEXT.split("\n")
    found = lines_of(EXAMPLE_TEXT)
    for place in PLACES:
        number = line_of(place, found)
        assert number is not None
        words = [step for step in place if isinstance(step, str)]
        # Its own header or key, or the key of the line in which it stands.
        key = "|".join(map(re.escape, words[-2:]))
        assert re.match(rf"\[+{re.escape('.'.join(words))}\]|({key}) = ", lines[number - 1])
    assert line_of(("nowhere",), found) is None

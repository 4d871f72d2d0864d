"""A document against the shapes: pydantic finds what is wrong, and this says it in plain words."""

import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from ..model.setting_types import InVault
from .file import SettingsFile
from .problem import Location, Problem, inside
from .shapes import choices_at, expected_at, keys_at

if TYPE_CHECKING:
    from pydantic import TypeAdapter

# A sentence of a shape opens with the key that it is about: "`url` must …", "`seed`: two …".
_ABOUT = re.compile(r"`([^`]+)`:? ?(.*)", re.DOTALL)


@cache
def adapter() -> "TypeAdapter[SettingsFile]":
    from pydantic import TypeAdapter  # noqa: PLC0415  # a check without a settings file need not wait for it

    return TypeAdapter(SettingsFile)


def validate(document: object) -> SettingsFile | list[Problem]:
    """Give the settings in *document*, or what is wrong with it; no value is repeated.

    A shape is asked for its own rules only once each of its values has the right type:
    `everything_wrong` goes on from there.
    """
    from pydantic import ValidationError  # noqa: PLC0415  # as above

    try:
        return adapter().validate_python(document)
    except ValidationError as error:
        details: list[Any] = error.errors(include_url=False)
    return [problem for detail in details for problem in _problems(detail, _as_written(detail["loc"], document))]


def _as_written(location: Location, document: object) -> Location:
    """Leave out the place of a table that is written for a list of one: it is not in the file."""
    steps: list[str | int] = []
    for step in location:
        if isinstance(document, dict) and isinstance(step, int):
            continue
        steps.append(step)
        document = inside(document, step)
    return tuple(steps)


def _problems(detail: dict[str, Any], location: Location) -> list[Problem]:
    match detail["type"]:
        case "value_error":
            return [_about(location, sentence) for sentence in str(detail["ctx"]["error"]).splitlines()]
        case "unexpected_keyword_argument":
            return [Problem(location, _unknown(location))]
        case "missing":
            return [Problem(location, f"is missing, e.g. {expected_at(location).example}")]
        case "literal_error":
            return [Problem(location, f"must be one of {', '.join(choices_at(location))}")]
        case "string_too_short":
            # Pydantic reports a key itself at (…, key, "[key]").
            about_key = location[-1] == "[key]"
            return [Problem(location[:-1] if about_key else location, "must not be empty")]
    what, example = expected_at(location)
    in_vault = isinstance(detail["input"], InVault)
    return [Problem(location, "only a secret can be in a vault" if in_vault else f"expected {what}, e.g. {example}")]


def _about(location: Location, sentence: str) -> Problem:
    """Move a shape's sentence to the key with which it opens, if that is one of the shape's."""
    about = _ABOUT.fullmatch(sentence)
    if about is None or about[1].split(".")[0] not in keys_at(location):
        return Problem(location, sentence)
    return Problem((*location, *about[1].split(".", 1)), about[2])


def _unknown(location: Location) -> str:
    key, known = str(location[-1]), list(keys_at(location[:-1]))
    likely = get_close_matches(key.lower().replace("-", "_"), known, n=1)
    return f"unknown key; did you mean `{likely[0]}`?" if likely else f"unknown key; here may stand {', '.join(known)}"

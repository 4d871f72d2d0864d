"""The file of ``plan --facts``: it comes from elsewhere, so anything may be in it."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..model.production_facts import ProductionFacts

if TYPE_CHECKING:
    from pydantic import TypeAdapter

# A document of ours has 2,000,000 characters; indented and escaped it has more bytes.
_LARGEST = 16 * 1024 * 1024


class FactsFileError(Exception):
    """The file has no facts; the text names the field that is wrong, and repeats no value."""


def read_facts_file(path: Path) -> ProductionFacts:
    """Give the facts in *path*; raises `FactsFileError`. Fields of a later program that are not known are ignored."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no name of a file"
        raise FactsFileError(f"{path}: cannot be read: {reason}") from None
    if len(content) > _LARGEST:
        raise FactsFileError(
            f"{path}: is larger than {_LARGEST // 2**20} MiB: no facts of `migration-monitor facts` are"
        )
    return _facts(path, content)


@cache
def _adapter() -> "TypeAdapter[ProductionFacts]":
    from pydantic import TypeAdapter  # noqa: PLC0415  # only for this file

    return TypeAdapter(ProductionFacts)


def _facts(path: Path, content: bytes) -> ProductionFacts:
    from pydantic import ValidationError  # noqa: PLC0415  # as above

    try:
        return _adapter().validate_json(content, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=True)[0]
    if first["type"] == "json_invalid":
        raise FactsFileError(f"{path}: is not JSON")
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"]).lstrip(".")
    if first["type"] == "value_error":
        sentence = str(first["ctx"]["error"]).splitlines()[0]
        raise FactsFileError(f"{path}: {place or 'facts'}: {sentence}")
    raise FactsFileError(f"{path}: {place or 'facts'}: {first['msg']}")

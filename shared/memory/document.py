"""A memory as the bytes of its document, and back; wherever that document is."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.memory.codec import NotInShapeError, from_json, to_json
from shared.model.memory import Memory

VERSION = 1
_SURROGATE = re.compile(rb"\\ud[89a-f]", re.IGNORECASE)
# A run that tells people keeps others out for as long as the slowest channel takes, message by message.
PATIENCE = timedelta(minutes=5)


class RememberError(Exception):
    """A memory could not be written, or another run has it; the text says which, and what comes of it."""


def written(memory: Memory) -> bytes:
    document = {**to_json(replace(memory, lost=None, out_of_reach=False)), "version": VERSION}
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def understood(text: bytes, target: str) -> Memory:
    """Give the memory of *target* that *text* holds; raises `NotInShapeError` where it holds none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NotInShapeError("no JSON") from None
    if isinstance(document, dict) and document.get("version") != VERSION:
        raise NotInShapeError("another version")
    if _SURROGATE.search(text):
        document = _sendable(document)
    memory = from_json(Memory, document)
    assert isinstance(memory, Memory)  # noqa: S101  # for the type checker
    if memory.target != target:
        raise NotInShapeError("another target")
    return memory


def _sendable(value: Any) -> Any:
    """Replace halves of surrogate pairs, which JSON can hold and no message can carry."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_sendable(each) for each in value]
        case dict():
            return {_sendable(key): _sendable(each) for key, each in value.items()}
    return value


def lost(target: str, document: str, what: str, *, out_of_reach: bool = False) -> Memory:
    """Give an empty memory that says *what* became of the *document*."""
    told_again = "silences are gone, and what is still wrong is told again"
    return replace(Memory(target), lost=f"{document} {what}: {told_again}", out_of_reach=out_of_reach)


def not_written(document: str, problem: str | None) -> RememberError:
    return RememberError(f"cannot write {document}: {problem}; what was told now may be told again")


def not_ended(target: str, patience: timedelta) -> RememberError:
    return RememberError(f"another run of {target} has not ended within {patience}: nothing was told or noted")

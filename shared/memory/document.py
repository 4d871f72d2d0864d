"""A memory as the bytes of its document, and back; wherever that document is, and those beside it."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from ..model.finding import Json
from ..model.last_seen import shared_start
from ..model.memory import Memory
from ..model.message import Message
from ..model.value import replace
from .codec import NotInShapeError, from_json, to_json

VERSION = 1
# Reports are documents of their own; so this is much, and a run reads and writes it several times.
LARGEST = 200 * 1024
_MOST_SHARING = 20
_SURROGATE = re.compile(rb"\\ud[89a-f]", re.IGNORECASE)
# A run that notifies people keeps others out for as long as the slowest channel takes, message by message.
PATIENCE = timedelta(minutes=5)


class RememberError(Exception):
    """A memory could not be written, or another run has it; the text says which, and what comes of it."""


class UnsavedError(RememberError):
    """A memory could not be written, and the channels have been notified of that."""


def written(memory: Memory) -> bytes:
    """Give the document of *memory*; what has no place within `LARGEST` is not in it.

    First what only spares a question, then what is only shown, then the older half of the history. What alerts rest on
    is never left out.
    """
    text = _text(memory)
    for smaller in _SMALLER:
        if len(text) <= LARGEST:
            break
        memory = smaller(memory)
        text = _text(memory)
    return text


def _without_answers(memory: Memory) -> Memory:
    return replace(memory, last_seen=replace(memory.last_seen, analysed=None, rows={}))


def _without_series(memory: Memory) -> Memory:
    return replace(memory, series={})


def _without_past(memory: Memory) -> Memory:
    return replace(memory, past=())


def _with_half_the_history(memory: Memory) -> Memory:
    history = memory.last_seen.history or ()
    return replace(memory, last_seen=replace(memory.last_seen, history=history[len(history) // 2 :] or None))


_SMALLER = (_without_answers, _without_series, _without_past, _with_half_the_history)


def _text(memory: Memory) -> bytes:
    document = {**to_json(_lasting(memory)), "version": VERSION}
    compact = _with_columns(_with_shared_files(_with_shared_reasons(document)))
    return json.dumps(compact, separators=(",", ":")).encode("ascii")


def packed(message: Message, report: Mapping[str, Json] | None) -> str:
    """Write a whole message and the report of its moment, for a document beside a memory."""
    return json.dumps({"message": to_json(message), "report": None if report is None else dict(report)})


def unpacked(text: str) -> tuple[Message, Mapping[str, Json] | None]:
    """Read what `packed` wrote; raises `NotInShapeError`."""
    try:
        document = _sendable(json.loads(text))
        message, report = document["message"], document["report"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise NotInShapeError("no message") from None
    read = from_json(Message, message)
    assert isinstance(read, Message)  # noqa: S101  # for the type checker
    if not (report is None or isinstance(report, dict)):
        raise NotInShapeError("no report")
    return read, report


def _with_shared_reasons(document: dict[str, Any]) -> dict[str, Any]:
    """Write each run's reasons once and refer to them: where one check is unknown for a day, all runs say the same."""
    reasons: list[Any] = []
    runs = []
    for run in document.get("runs", ()):
        unknown = run.get("unknown")
        if unknown is None:
            runs.append(run)
            continue
        if unknown not in reasons:
            reasons.append(unknown)
        runs.append({**run, "unknown": reasons.index(unknown)})
    return {**document, "runs": runs, "reasons": reasons} if reasons else document


def _with_reasons(document: dict[str, Any]) -> dict[str, Any]:
    """Undo `_with_shared_reasons`; what is not as that writes it is left for the shapes to refuse."""
    reasons, runs = document.get("reasons"), document.get("runs")
    if not isinstance(reasons, list) or not isinstance(runs, list):
        return document
    own = {name: value for name, value in document.items() if name != "reasons"}
    return {**own, "runs": [_with_its_reasons(run, reasons) for run in runs]}


def _with_its_reasons(run: Any, reasons: list[Any]) -> Any:
    match run:
        case {"unknown": int(place)} if 0 <= place < len(reasons):
            return {**run, "unknown": reasons[place]}
    return run


def _with_shared_files(document: dict[str, Any]) -> dict[str, Any]:
    """Write of each release only the files that the next one does not begin with, and how long what they share is."""
    last_seen = document.get("last_seen", {})
    releases = last_seen.get("releases", {})
    following, shorter = "", dict[str, Any]()
    for version, release in _newest_first(releases):
        shared = shared_start(release["files"], following)
        shorter[version] = {**release, "files": release["files"][shared:], **({"shared": shared} if shared else {})}
        following = release["files"]
    return {**document, "last_seen": {**last_seen, "releases": shorter}} if releases else document


def _with_files(document: dict[str, Any]) -> dict[str, Any]:
    """Undo `_with_shared_files`; what is not as that writes it is left for the shapes to refuse."""
    match document:
        case {"last_seen": {"releases": dict(releases), **others}} if _are_releases(releases):
            following, read = "", dict[str, Any]()
            for version, release in _newest_first(releases):
                own = {name: value for name, value in release.items() if name != "shared"}
                following = own["files"] = following[: release.get("shared", 0)] + release["files"]
                read[version] = own
            return {**document, "last_seen": {**others, "releases": read}}
    return document


def _are_releases(releases: dict[str, Any]) -> bool:
    """Many that share all of their files would be read as much more than was written."""
    return len(releases) <= _MOST_SHARING and all(map(_is_release, releases.values()))


def _is_release(value: Any) -> bool:
    match value:
        case {"number": int(), "files": str()}:
            return type(value.get("shared", 0)) is int
    return False


def _newest_first(releases: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(releases.items(), key=lambda each: (each[1]["number"], each[0]), reverse=True)


# In a column, where its series has no point at the moment of that row.
_NO_POINT = False


def _with_columns(document: dict[str, Any]) -> dict[str, Any]:
    """Write the moments of all series once, and of each series a column: most of them are measured together."""
    if "series" not in document:
        return document
    values = {
        name: {point["at"]: point.get("value") for point in series["points"]}
        for name, series in document["series"].items()
    }
    moments = sorted({at for each in values.values() for at in each})
    columns = {name: [each.get(at, _NO_POINT) for at in moments] for name, each in values.items()}
    return {**document, "series": {"at": moments, "columns": columns}}


def _with_points(document: dict[str, Any]) -> dict[str, Any]:
    """Undo `_with_columns`; what is not as that writes it is left for the shapes to refuse."""
    match document.get("series"):
        case {"at": list(moments), "columns": dict(columns)} if all(_fits(each, moments) for each in columns.values()):
            series = {name: {"points": _points(moments, column)} for name, column in columns.items()}
            return {**document, "series": series}
    return document


def _fits(column: Any, moments: list[Any]) -> bool:
    return isinstance(column, list) and len(column) == len(moments)


def _points(moments: list[Any], column: list[Any]) -> list[Any]:
    rows = zip(moments, column, strict=True)
    return [{"at": at, "value": value} for at, value in rows if value is not _NO_POINT]


# One run reads a document several times, and most of the time nobody has changed it.
@lru_cache(maxsize=2)
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
    if isinstance(document, dict):
        document = _with_points(_with_files(_with_reasons(document)))
    memory = from_json(Memory, document)
    assert isinstance(memory, Memory)  # noqa: S101  # for the type checker
    if memory.target != target:
        raise NotInShapeError("another target")
    return _lasting(memory)


def _lasting(memory: Memory) -> Memory:
    """*memory* without what is only so in this run: how reading and writing it went is no business of a document."""
    return replace(memory, lost=None, out_of_reach=False, unsaved=None)


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
    consequence = "silences are gone, and what is still wrong is sent again"
    return replace(Memory(target), lost=f"{document} {what}: {consequence}", out_of_reach=out_of_reach)


def not_written(document: str, problem: str | None) -> RememberError:
    return RememberError(f"cannot write {document}: {problem}; the monitor could not save its state")


def not_ended(target: str, patience: timedelta) -> RememberError:
    return RememberError(f"another run of {target} has not ended within {patience}: nothing was sent or noted")

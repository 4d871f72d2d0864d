"""``migration-monitor history``: what changed in a database's schema, and between which two checks."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ...alerts.schema_changes import changes_of, in_words
from ...memory.codec import to_json
from ...model.memory import Memory
from ...model.phrases import counted
from ...model.schema_change import SchemaChange
from ...model.setting_types import Duration
from ...report.json import dumps
from ...report.wording import printable
from .exits import PASSED, UsageError
from .options import add_named_target_options, named_target_of


def register(parser: ArgumentParser) -> None:
    add_named_target_options(parser)
    parser.add_argument("--since", default="7d", metavar="TIME", help="how far back: 12h, 7d, 180d (default: 7d)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.set_defaults(run=_history)


def _history(options: Namespace) -> int:
    try:
        since = datetime.now(UTC) - Duration.parse(options.since)
    except (ValueError, OverflowError):
        raise UsageError("write --since like 12h, 7d, 180d") from None
    target, place = named_target_of(options)
    memory = place.load()
    changes = [each for each in changes_of(memory, place.text) if each.at >= since]
    if options.format == "json":
        sys.stdout.write(dumps(to_json(changes), indent=2, end="\n"))
        return PASSED
    for line in _lines(target, memory, changes, options.since):
        sys.stdout.write(f"{printable(line)}\n")
    return PASSED


def _lines(target: str, memory: Memory, changes: Sequence[SchemaChange], since: str) -> Iterator[str]:
    if memory.schema is None:
        yield f"{target}: no schema is remembered yet; `check --notify` and the deployed monitor remember it"
        return
    count = counted(len(changes), "change") if changes else "no change"
    yield f"{target}: {count} of the schema within {since}, last read {memory.schema.at:%Y-%m-%d %H:%M} UTC"
    for each in changes:
        yield f"  between {each.since:%Y-%m-%d %H:%M} and {each.at:%Y-%m-%d %H:%M} UTC: {in_words(each)}"

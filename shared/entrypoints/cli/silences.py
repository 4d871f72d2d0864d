"""``migration-monitor silences``: what is open, and what of it is silent."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import UTC, datetime

from ...alerts.decide.silences import silence_of
from ...model.memory import Memory
from ...report.wording import printable
from .exits import PASSED
from .options import add_named_target_options, named_target_of


def register(parser: ArgumentParser) -> None:
    add_named_target_options(parser)
    parser.set_defaults(run=_silences)


def _silences(options: Namespace) -> int:
    target, place = named_target_of(options)
    for line in _lines(target, place.load(), datetime.now(UTC)):
        sys.stdout.write(f"{printable(line)}\n")
    return PASSED


def _lines(target: str, memory: Memory, now: datetime) -> Iterator[str]:
    open_incidents = [incident for incident in memory.incidents if incident.is_open]
    yield f"{target}: {len(open_incidents) or 'nothing'} open"
    for incident in sorted(open_incidents, key=lambda incident: (incident.severity.rank, incident.since)):
        yield f"  {incident.severity:<8}  {incident.name}  since {incident.since:%Y-%m-%d %H:%M} UTC"
        silence = silence_of(incident, memory.silences, now)
        if silence is not None:
            scope = "" if silence.incident else ", with the whole target"
            yield f"{'':12}silenced until {silence.until:%Y-%m-%d %H:%M} UTC{scope} ({silence.who}: {silence.because})"

"""What the next run compares with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, takewhile
from typing import TypeVar

from ...model.last_seen import FIREWALL_RULES, ROWS_ANSWER_FOR, LastSeen, RowsAnswer, SeenRelease, SeenRow, shared_start
from ...model.memory import Memory
from ...model.report import Report, Trigger
from ...model.value import replace
from .silences import silence_of

T = TypeVar("T")
# Of one target's memory, in which all else has its place too; the oldest give way.
_MOST_ROWS_ANSWERS = 200
# A candidate may be read and never deployed: so these are more than a report names.
_MOST_RELEASES = 6
# Of their files, in characters: what a release has in common with the next one is in the document once.
_MOST_FILES = 36_000
# Of the history's rows, in characters: the last five hundred or so. A reset or a restore takes the last ones away.
_MOST_HISTORY = 40_000
# What JSON adds to a row.
_AROUND_A_ROW = 20


def last_seen_after(memory: Memory, report: Report, now: datetime) -> LastSeen:
    """Give what is remembered after *report* of what it saw; what it could not see stays as it was.

    What was lost stays the measure as long as it is missed: a fall that passed for the new state
    after five minutes would be reported as fixed. Who silences it knows of it, and takes it as it is.
    """
    before, seen = memory.last_seen, report.seen
    if seen is None:
        return before
    known = {incident.name for incident in memory.incidents if silence_of(incident, memory.silences, now) is not None}
    missed = {finding.key for finding in report.findings if finding.key not in known}
    is_rewritten = any(finding.code == "history-rewritten" and finding.key in missed for finding in report.findings)
    deployed = report.release.digest if report.release and report.trigger is Trigger.VERIFY else None
    return replace(
        before,
        history=before.history if seen.history is None or is_rewritten else _last_rows(seen.history),
        seeds={**before.seeds} | {s: n for s, n in seen.seeds.items() if f"seed-collapsed:{s}" not in missed},
        first_seen=_first_seen(before.first_seen, seen.first_seen),
        deployed=deployed or before.deployed,
        server=seen.server or before.server,
        analysed=seen.analysed or before.analysed,
        rows=_rows(before.rows, seen.rows, now),
        releases=_releases(before.releases, seen.releases),
        own_runs=seen.own_runs or before.own_runs,
        attributed=before.attributed if seen.attributed is None else seen.attributed,
        rules=seen.rules if FIREWALL_RULES in seen.first_seen else before.rules,
    )


def _rows(before: Mapping[str, RowsAnswer], new: Mapping[str, RowsAnswer], now: datetime) -> dict[str, RowsAnswer]:
    fresh = [(key, answer) for key, answer in {**before, **new}.items() if answer.at > now - ROWS_ANSWER_FOR]
    return dict(sorted(fresh, key=lambda each: (each[1].at, each[0]))[-_MOST_ROWS_ANSWERS:])


def _releases(before: Mapping[str, SeenRelease], new: Mapping[str, SeenRelease]) -> dict[str, SeenRelease]:
    last = sorted({**before, **new}.items(), key=lambda each: (each[1].number, each[0]))[-_MOST_RELEASES:]
    files = [each.files for _, each in reversed(last)]
    sizes = (len(one) - shared_start(one, next_) for one, next_ in zip(files, ["", *files], strict=False))
    return dict(_last_within(last, sizes, _MOST_FILES))


def _last_rows(history: Sequence[SeenRow]) -> tuple[SeenRow, ...]:
    sizes = (len(row.id) + len(row.name) + _AROUND_A_ROW for row in reversed(history))
    return tuple(_last_within(history, sizes, _MOST_HISTORY))


def _last_within(every: Sequence[T], sizes: Iterable[int], most: int) -> Sequence[T]:
    """Give the last of *every* that are no longer than *most* together; *sizes* are from the last one on."""
    fitting = sum(1 for _ in takewhile(lambda total: total <= most, accumulate(sizes)))
    return every[len(every) - fitting :]


def _first_seen(before: Mapping[str, datetime], now: Mapping[str, datetime]) -> dict[str, datetime]:
    """Keep the earliest moment of what is still there. A kind that was not seen at all could not be read."""
    kinds = {name.split()[0] for name in now}
    unseen = {name: moment for name, moment in before.items() if name.split()[0] not in kinds}
    return unseen | {name: min(moment, before.get(name, moment)) for name, moment in now.items()}

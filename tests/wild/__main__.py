"""``make wild DIR=path``: the migrations of real applications, run by a real server, and the check of what they made.

Below *path* every folder beside a ``migration_lock.toml`` of provider postgresql is tried: in such a database nothing is
to be found, nothing is to be opaque, and no check is to be unknown. Ends with 2 where that is not so, with 1 where a
folder could not be run to its end, or where there is none; what ran of it is checked all the same.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from shared.demo.private_postgres import PrivatePostgres, installed_programs, private_postgres
from tests.postgres.servers import usual
from tests.throwaway import in_memory
from tests.wild.folders import folders_of_migrations
from tests.wild.trial import Server, Tried, tried

_LINE = "{:<44} {:>10} {:>7} {:>8} {:>8} {:>6} {:>7} {:>7}"


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.wild")
    parser.add_argument("directory", type=Path)
    directory: Path = parser.parse_args(given).directory
    with ExitStack() as running:
        start = cache(lambda programs: running.enter_context(private_postgres(programs, in_memory())))
        return report(directory, servers(start))


def servers(start: Callable[[Path], PrivatePostgres]) -> list[Server]:
    """Those here, the usual one first: the others are asked for the extensions that it lacks."""
    return [Server(each, start) for each in dict.fromkeys((usual(), *installed_programs()))]


def report(directory: Path, available: Sequence[Server]) -> int:
    """Print what came of each folder below *directory*, and the totals; give the exit status."""
    print(_LINE.format("folder", "migrations", "applied", "objects", "findings", "opaque", "unknown", "seconds"))
    all_tried: list[Tried] = []
    for folder in folders_of_migrations(directory):
        each = tried(folder, str(folder.relative_to(directory)), available)
        all_tried.append(each)
        print(_line(each), *_below(each), sep="\n", flush=True)
    print(*_totals(all_tried), sep="\n")
    if any(each.findings or each.opaque or each.unknown for each in all_tried):
        return 2
    return 1 if not all_tried or any(each.stopped for each in all_tried) else 0


def _line(each: Tried) -> str:
    counted = (len(each.findings), len(each.opaque), len(each.unknown))
    return _LINE.format(each.name, each.migrations, each.applied, each.objects, *counted, f"{each.seconds:.1f}")


def _below(each: Tried) -> Iterator[str]:
    yield from (f"  {text}" for text in (*each.lacks, *each.findings, *_by_reason(each), *each.unknown))
    if each.stopped:
        yield f"  not run to the end: {each.stopped}"


def _by_reason(each: Tried) -> Iterator[str]:
    """What is opaque for the same reason in one line."""
    for why in dict.fromkeys(each.opaque.values()):
        subjects = [subject for subject, reason in each.opaque.items() if reason == why]
        more = f" and {len(subjects) - 1} more" if len(subjects) > 1 else ""
        yield f"opaque: {subjects[0]}{more}: {why}"


def _totals(each: Sequence[Tried]) -> Iterator[str]:
    yield (
        f"{len(each)} folders, {sum(one.applied for one in each)} of {sum(one.migrations for one in each)} migrations, "
        f"{sum(one.objects for one in each)} objects: {sum(len(one.findings) for one in each)} findings, "
        f"{sum(len(one.opaque) for one in each)} opaque, {sum(len(one.unknown) for one in each)} checks unknown; "
        f"{sum(one.stopped is not None for one in each)} not run to the end"
    )


if __name__ == "__main__":
    sys.exit(main())

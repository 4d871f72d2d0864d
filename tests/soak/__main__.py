"""``make soak``: thousands of hourly runs by a clock that is ahead, on one database with traffic, for MINUTES (60).

Deployments by Prisma's own engine, changes by hand, repairs, and faults; SEED= draws the same ones again. Counted are
false alarms, missed changes and alerts per true change; measured are this process, the memory's document, and the round
trips of quiet runs. Ends with 1 unless these are none, none, one, and flat.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random, SystemRandom
from statistics import median

from shared.demo.private_postgres import PrivatePostgres, private_postgres
from tests.chaos.receivers import receivers
from tests.remedies.resident import Engine, resident_engine
from tests.soak.measured import Measured
from tests.soak.monitor import RECEIVING, Monitor, settings
from tests.soak.story import Story
from tests.soak.world import soaked
from tests.throwaway import in_memory


def soak(server: PrivatePostgres, engine: Engine, folder: Path, seed: int, until: float, most: int) -> int:
    """Live until the moment *until*, or through so many runs; print what came of it, and give the exit status."""
    with ExitStack() as stack:
        world = stack.enter_context(soaked(server, engine, folder / "checkout"))
        every, ports = stack.enter_context(receivers(lambda: None))
        monitor = Monitor(world, folder / "memory", every[RECEIVING[0]], settings(ports))
        story, measured = Story(world, monitor, Random(seed)), Measured(monitor)
        while time.monotonic() < until and monitor.number < most:
            story.step()
            measured.take()
        story.calm()
        measured.take()
        wrong = [*story.wrong(), *measured.grown(), *_of_quiet_runs(story)]
        if every["paging"].alerts:
            wrong.append(f"alerts are still open: {', '.join(every['paging'].alerts.values())}")
        print(*_report(story, measured), *(f"WRONG: {each}" for each in wrong), sep="\n")
        print(f"seed {seed}: {len(wrong)} wrong", flush=True)
    return 1 if wrong else 0


def _of_quiet_runs(story: Story) -> Iterator[str]:
    turns = [turns for _, turns in story.quiet]
    if turns and max(turns[len(turns) // 2 :]) > max(turns[: len(turns) // 2 + 1]):
        yield f"round trips of quiet runs grew to {max(turns)}"


def _report(story: Story, measured: Measured) -> Iterator[str]:
    monitor = story.monitor
    yield f"{monitor.number} runs in {measured.days:.1f} days of the clock; " + ", ".join(
        f"{what} {count}" for what, count in sorted(story.counts.items())
    )
    yield f"{len(story.over)} true problems; messages: " + ", ".join(
        f"{kind} {count}" for kind, count in sorted(monitor.kinds.items())
    )
    quarters = [story.quiet[at * len(story.quiet) // 4 : (at + 1) * len(story.quiet) // 4] for at in range(4)]
    yield f"{len(story.quiet)} quiet runs, by quarter: " + "; ".join(
        f"{median(turns for _, turns in each):.0f} round trips (most {max(turns for _, turns in each)}), "
        f"{median(seconds for seconds, _ in each) * 1000:.0f} ms"
        for each in quarters
        if each
    )
    yield from measured.lines()


def main() -> int:
    seed = int(os.environ.get("SEED") or SystemRandom().randrange(10**6))
    minutes = float(os.environ.get("MINUTES") or 60)
    print(f"seed {seed}, {minutes:g} minutes", flush=True)
    with (
        resident_engine(Path(os.environ["ENGINE"]).resolve()) as engine,
        private_postgres(within=in_memory()) as server,
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
    ):
        return soak(server, engine, Path(folder), seed, time.monotonic() + minutes * 60, sys.maxsize)


if __name__ == "__main__":
    sys.exit(main())

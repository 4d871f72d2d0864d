"""``make bench``: what things cost, measured on this machine; see the module of each line for how."""

import sys
from collections.abc import Callable, Iterator

from benchmarks import start_to_answer
from benchmarks.measured import Measured

_BENCHMARKS: tuple[Callable[[], Iterator[Measured]], ...] = (start_to_answer.measure,)


def main() -> int:
    for measure in _BENCHMARKS:
        for line in measure():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

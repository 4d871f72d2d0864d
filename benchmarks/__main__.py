"""``make bench``: what things cost, measured on this machine; see the module of each line for how.

Arguments name those to run: ``python -m benchmarks warm``. Without any, all but the ones that take long.
"""

import sys
from collections.abc import Callable, Iterator

from benchmarks import fleet, growth, installed, official_cli, page, probes, start_to_answer, warm
from benchmarks.measured import Line

_BENCHMARKS: dict[str, Callable[[], Iterator[Line]]] = {
    "start": start_to_answer.measure,
    "installed": installed.measure,
    "warm": warm.measure,
    "probes": probes.measure,
    "page": page.measure,
    "official": official_cli.measure,
    "growth": growth.measure,
}
_LONG: dict[str, Callable[[], Iterator[Line]]] = {
    "far-growth": growth.measure_far,
    "statements": growth.measure_statements,
    "fleet": fleet.measure,
}


def main() -> int:
    known = {**_BENCHMARKS, **_LONG}
    names = sys.argv[1:] or list(_BENCHMARKS)
    if unknown := [name for name in names if name not in known]:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names:
        for line in known[name]():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

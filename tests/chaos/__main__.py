"""``python -m tests.chaos --cycles 1000 --seed 7``: see `harness`. Ends with 1 where something is lost, doubled or early."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.harness import chaos

# One world lives for so many cycles: then all must be well, so that what was lost is seen soon after.
_A_LIFE = 25


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--groups", action=argparse.BooleanOptionalAction, default=True, help="group_targets")
    options = parser.parse_args()
    problems = 0
    for number in range(0, options.cycles, _A_LIFE):
        seed = options.seed + number
        with tempfile.TemporaryDirectory() as folder:
            counts = chaos(Path(folder), seed, min(_A_LIFE, options.cycles - number), grouped=options.groups)
        sys.stdout.write(f"seed {seed}: {counts}\n")
        sys.stdout.writelines(f"  {problem}\n" for problem in counts.problems)
        sys.stdout.flush()
        problems += len(counts.problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""``make test-fuzz``: cases made at random for MINUTES (1), each from a seed of its own; SEED= makes one again.

A case that fails, or takes too long, is reported with its seed, and the others go on.
"""

import os
import sys
import time
import traceback
from collections import Counter
from random import Random, SystemRandom

from tests.fuzz.subjects import SUBJECTS

# Of the processor's time; what the monitor reads in a run may be a thousand times as much.
_MOST_SECONDS = 20.0


def case(seed: str) -> float:
    """Make the case of *seed*, ``subject-number``; give the seconds of the processor that it took."""
    started = time.process_time()
    SUBJECTS[seed.partition("-")[0]](Random(seed))
    return time.process_time() - started


def main() -> int:
    if seed := os.environ.get("SEED"):
        print(f"{seed}: {case(seed):.2f} s")
        return 0
    first = SystemRandom().randrange(10**9)
    until = time.monotonic() + float(os.environ.get("MINUTES", "1")) * 60
    made, slowest, failed = Counter[str](), dict.fromkeys(SUBJECTS, (0.0, "")), 0
    print(f"from seed {first}", flush=True)
    while time.monotonic() < until:
        for subject in SUBJECTS:
            seed = f"{subject}-{first + made[subject]}"
            made[subject] += 1
            try:
                took = case(seed)
            except Exception:  # noqa: BLE001  # any one is what is looked for
                failed += 1
                print(f"FAILED: SEED={seed}\n{traceback.format_exc(limit=-4)}", flush=True)
                continue
            slowest[subject] = max(slowest[subject], (took, seed))
            if took > _MOST_SECONDS:
                failed += 1
                print(f"FAILED: SEED={seed} took {took:.1f} s of the processor", flush=True)
    for subject, count in made.items():
        seconds, seed = slowest[subject]
        print(f"{subject}: {count} cases; the slowest took {seconds:.2f} s (SEED={seed})")
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

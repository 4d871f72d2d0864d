"""``python -m tests.clients FOLDER --last 20``: the ways back, held against what Prisma's own client meets.

For each of the last migrations of FOLDER, the client of the release before it runs on the schemas that came later. Ends
with 1 where a release that is said to work fails, or where too many are said to fail that do not.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from shared.demo.incident import MIGRATIONS
from shared.demo.private_postgres import private_postgres
from tests.clients.agreement import Table, problems
from tests.clients.trial import MOMENTS, Prisma, migrations_in, try_all
from tests.throwaway import in_memory


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=MIGRATIONS)
    parser.add_argument("--last", type=int, default=20)
    options = parser.parse_args()
    prisma = Prisma(Path(os.environ["ENGINE"]).resolve(), Path(os.environ["CLIENT"]).resolve())
    migrations = migrations_in(options.folder)
    tried = []
    with private_postgres(within=in_memory()) as server, tempfile.TemporaryDirectory(prefix="clients") as scratch:
        for each in try_all(prisma, server, migrations, options.last, Path(scratch)):
            tried.append(each)
            for trial in each.trials:
                print(trial, flush=True)
    trials = [trial for each in tried for trial in each.trials]
    for moment in MOMENTS:
        print(*Table(moment, trials).lines(), sep="\n")
    wrong = problems(trials, MOMENTS)
    operations = [trial.operations for trial in trials]
    left_out = sum(len(each.left_out) for each in tried)
    print(
        f"{len(migrations)} migrations, {len(tried)} releases, {len(trials)} trials of {min(operations, default=0)} to "
        f"{max(operations, default=0)} operations; {left_out} left out, which fail on the release's own schema"
    )
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

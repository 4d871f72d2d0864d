"""``python -m tests.remedies.law [STATES] [SEED]``: check random states, and print what was counted.

ENGINE is the folder of the installed engine; CORPUS a folder of migrations to make the states of, instead of ours.
"""

import os
import sys
from pathlib import Path

from tests.remedies.law.many import checked

if __name__ == "__main__":
    states, seed = (int(word) for word in (sys.argv[1:] + ["60", "0"][len(sys.argv) - 1 :]))
    sys.exit(checked(Path(os.environ["ENGINE"]).resolve(), states, seed) > 0)

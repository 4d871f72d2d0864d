"""``python action``: the mode that the inputs name."""

import os
import sys
from pathlib import Path

# Nothing may be imported from the checkout that the action works on.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from action import checking, packing, planning, verifying  # noqa: E402  # the path comes first
from action.workflow import InputError, this_step  # noqa: E402  # as above

_MODES = {"plan": planning.run, "verify": verifying.run, "check": checking.run, "pack": packing.run}


def main() -> int:
    workflow = this_step(os.environ)
    try:
        return _MODES[workflow.choice("mode", _MODES)](workflow)
    except InputError as error:
        workflow.annotate("error", str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())

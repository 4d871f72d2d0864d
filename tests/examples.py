"""How many random examples a property is tried with."""

import os

_SHARE = 4


def examples(number: int) -> int:
    """So many with make test-heavy (``EXAMPLES=all``), a quarter of them with make test."""
    return number if os.environ.get("EXAMPLES") == "all" else number // _SHARE

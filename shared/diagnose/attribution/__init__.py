"""When each difference came about: own checks, the transactions that wrote the catalog's rows, and the history's rows.

Nothing is said that does not follow from them. `shared.model.attribution` has the values and the flow.
"""

from .attributing import Present, attributed, changed_by_others, digest_of, to_ask_of, to_keep, worth_saying
from .own_runs import after_run

__all__ = [
    "Present", "after_run", "attributed", "changed_by_others", "digest_of", "to_ask_of", "to_keep", "worth_saying",
]  # fmt: skip

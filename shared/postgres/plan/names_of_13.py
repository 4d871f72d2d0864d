"""Names that PostgreSQL 13 gives to what nobody named: an index over EXTRACT is called ``t_date_part_idx`` there.

From 14 on EXTRACT is a function of its own, and the index is ``t_extract_idx``, as it is here.
"""

from collections.abc import Sequence

from .known import Known

LAST = 13


def is_there(words: Sequence[str], before: Known) -> bool:
    """Say whether the relation that *words* name on 13 is known by its later name."""
    *schema, name = words
    return "date_part" in name and before.named([*schema, name.replace("date_part", "extract")]) is not None

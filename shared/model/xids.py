"""Numbers of transactions: rows have the last 32 bits of them, and the server counts in 64."""

# Below it are the numbers by which old servers marked rows as older than all.
_FIRST_NORMAL = 3
_WRAP = 2**32
# Below it no number was used twice, so that of a row means one transaction.
NEVER_WRAPPED = 2**31


def newest(xmin: int, next_xid: int) -> int | None:
    """Give the newest transaction before *next_xid* that *xmin* can mean; None where it means none in particular.

    A row that was frozen long ago may mean one that is 2^32 older, or several times that.
    """
    if xmin < _FIRST_NORMAL:
        return None
    last = next_xid - 1
    found = last - (last - xmin) % _WRAP
    return found if found >= _FIRST_NORMAL else None

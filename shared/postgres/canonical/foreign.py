"""Options of foreign tables and their columns, without what may be secret."""

import re
from collections.abc import Iterable
from hashlib import sha256

_SECRET = re.compile(r"pass|secret|token|key|credential|conn|url|program|auth", re.IGNORECASE)


def foreign_options(options: Iterable[str]) -> tuple[str, ...]:
    """``name=value`` in order, as the catalog keeps them; of one that may be secret, a digest of the value."""
    return tuple(sorted(map(_without_secret, options)))


def shown(option: str) -> tuple[str, str]:
    """The name and the value of what `foreign_options` gives; by the digest of a short secret, one could guess it."""
    name, _, value = option.partition("=")
    return name, "not shown" if _SECRET.search(name) else value


def _without_secret(option: str) -> str:
    name, _, value = option.partition("=")
    return f"{name}=sha256:{sha256(value.encode()).hexdigest()[:16]}" if _SECRET.search(name) else option

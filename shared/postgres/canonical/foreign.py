"""Options of foreign tables and their columns, without what may be secret."""

import re
from collections.abc import Iterable
from hashlib import sha256

from .sql import UNWRITTEN

# Options of wrappers in common use that say which rows are meant, and how they are read.
_PLAIN_NAMES = frozenset(
    {"analyze_sampling", "async_capable", "batch_size", "collection", "column_name", "database", "dbname", "default",
     "delimiter", "encoding", "escape", "fdw_startup_cost", "fdw_tuple_cost", "fetch_size", "filename",
     "force_not_null", "force_null", "format", "header", "key", "max_long", "null", "on_error",
     "prefetch", "quote", "readonly", "row_estimate_method", "sample_percent", "schema",
     "schema_name", "table", "table_name", "truncatable", "updatable", "use_remote_estimate"}
)  # fmt: skip
# Without what connects words of a URL or a connection string.
_PLAIN = re.compile(r"[\w$ ./\\,|;\"'-]{0,100}")
_SWITCHES = frozenset({"true", "false", "on", "off", "yes", "no"})
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|key|cred|conn|dsn|ur[il]|program|command|auth|user|header|cookie|cert|sign|sas|opt",
    re.IGNORECASE,
)
# Of a URL what is before its host and behind its path; of a list of settings, those whose name says it.
_CREDENTIALS = re.compile(
    r"(?<=://)[^/@\s]*@|\?\S*|[\w-]*(?:pass|pwd|secret|token|key|cred|auth|sig|user)[\w-]*\s*[=:]\s*(?:'[^']*'|\"[^\"]*\"|[^\s;&,]+)",
    re.IGNORECASE,
)
_HIDDEN = "?"


def foreign_options(options: Iterable[str]) -> tuple[str, ...]:
    """``name=value`` in order, as the catalog keeps them, but for values that may be secret.

    By the digest of a short secret one could guess it: of an option whose name says so, nothing is kept. Other values
    that are no plain words are a digest of what is left without credentials.
    """
    return tuple(sorted(map(_without_secret, options)))


def shown(option: str) -> tuple[str, str]:
    """The name and the value of what `foreign_options` gives, as far as it is shown."""
    name, _, value = option.partition("=")
    return name, value if _is_plain(name, value) else UNWRITTEN


def _without_secret(option: str) -> str:
    name, _, value = option.partition("=")
    if _is_plain(name, value):
        return option
    if _SECRET_NAME.search(name):
        return f"{name}={_HIDDEN}"
    return f"{name}=sha256:{sha256(_CREDENTIALS.sub('', value).encode()).hexdigest()[:16]}"


def _is_plain(name: str, value: str) -> bool:
    return value.lower() in _SWITCHES or (name.lower() in _PLAIN_NAMES and _PLAIN.fullmatch(value) is not None)

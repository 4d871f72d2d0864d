"""Constants of a type: usual ones, NULL, duplicates, and odd ones that other types do not take."""

import random
import re
from collections.abc import Mapping, Sequence

_VALUES: Mapping[str, Sequence[str]] = {
    "smallint": ("1", "2", "3", "-1", "32767"),
    "integer": ("1", "2", "3", "4", "9", "-1", "70000"),
    "bigint": ("1", "2", "3", "-1", "5000000000"),
    "numeric": ("1", "1.5", "1.25", "12345.25", "-1"),
    "double precision": ("1", "1.5", "2.5", "1e30"),
    "boolean": ("true", "false"),
    "text": ("'1'", "'7'", "'a'", "'A'", "'longer than five'", "''", "'ok'", "'2026-01-01'", "'true'"),
    "character varying": ("'1'", "'7'", "'a'", "'A'", "'ok'", "''", "'12345'"),
    "uuid": ("'11111111-1111-1111-1111-111111111111'", "'22222222-2222-2222-2222-222222222222'"),
    "date": ("'2026-01-01'", "'2025-12-31'", "'0099-01-01'"),
    "timestamp with time zone": ("'2026-01-01 10:00+00'", "'2026-01-01 11:00+00'", "now()"),
    "jsonb": ("'{}'", "'[1]'", "'1'"),
    "text[]": ("'{}'", "'{a,b}'", "ARRAY['a']"),
    "pos": ("1", "2", "7"),
    "real": ("1", "1.5", "-2"),
    "timestamp without time zone": ("'2026-01-01 10:00'", "'2025-06-30 23:59:59.999'", "now()"),
    "time without time zone": ("'10:00'", "'23:59:59'"),
    "interval": ("'1 day'", "'2 hours'"),
    "json": ("'{}'", "'[1]'"),
    "bytea": ("'\\x00'", "'\\xff01'"),
    "inet": ("'10.0.0.1'", "'::1'"),
}
_OTHER_NAMES = {"timestamptz": "timestamp with time zone", "varchar": "character varying"}
_SIZE = re.compile(r"\(.*?\)")
_NULL, _WRONG = 0.15, 0.02


def literal_of(chance: random.Random, type_: str, labels: Mapping[str, Sequence[str]]) -> str:
    """A constant for a column of *type_*, rarely one that is none."""
    if chance.random() < _NULL:
        return "NULL"
    if chance.random() < _WRONG:
        return chance.choice(["'x'", "1", "now()"])
    plain = _SIZE.sub("", type_).replace('"', "")
    if plain.removesuffix("[]") in labels:
        label = chance.choice(list(labels[plain.removesuffix("[]")]))
        return f"ARRAY['{label}']::{type_}" if plain.endswith("[]") else f"'{label}'"
    return chance.choice(_VALUES.get(_OTHER_NAMES.get(plain, plain), ("'{}'",) if plain.endswith("[]") else ("'1'",)))

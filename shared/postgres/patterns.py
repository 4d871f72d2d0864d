"""Which texts a type takes, as regular expressions for servers that cannot be asked (before 16)."""

from .canonical.sql import literal

_BLANKS = r"[ \t\n\v\f\r]*"
_SIGNED = rf"^{_BLANKS}[-+]?"
RANGES = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
_WHOLE = rf"{_SIGNED}0*[0-9]{{1,19}}{_BLANKS}$"
_DECIMAL = rf"{_SIGNED}([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?0*[0-9]{{1,5}})?{_BLANKS}$"
_NOT_A_NUMBER = rf"^{_BLANKS}[nN][aA][nN]{_BLANKS}$"
_INFINITE = rf"{_SIGNED}[iI][nN][fF]([iI][nN][iI][tT][yY])?{_BLANKS}$"
_BOOLEAN = (
    rf"^{_BLANKS}([tT]([rR]([uU]([eE])?)?)?|[fF]([aA]([lL]([sS]([eE])?)?)?)?|[yY]([eE]([sS])?)?|[nN]([oO])?"
    rf"|[oO][nN]|[oO][fF]([fF])?|0|1){_BLANKS}$"
)
_FOUR = r"[0-9a-fA-F]{4}"
_UUID = rf"^(\{{{_FOUR}(-?{_FOUR}){{7}}\}}|{_FOUR}(-?{_FOUR}){{7}})$"
_BITS = r"^([bB]?[01]*|[xX][0-9a-fA-F]*)$"
_BYTES = r"^(\\x([ \t\n\r]*[0-9a-fA-F]{2})*[ \t\n\r]*|([^\\]|\\\\|\\[0-3][0-7]{2})*)$"
_WITH_INFINITY = 14


def refused_by_pattern(value: str, type_: str, major: int) -> str | None:
    """Give the condition that the text *value*, an SQL expression, is no *type_*; None where no pattern says that."""
    if type_ in RANGES:
        low, high = RANGES[type_]
        fits = f"{value}::numeric BETWEEN {low} AND {high}"
        return f"CASE WHEN {value} ~ {literal(_WHOLE)} THEN NOT {fits} ELSE {value} IS NOT NULL END"
    if type_ == "numeric":
        special = f"{_NOT_A_NUMBER}|{_INFINITE}" if major >= _WITH_INFINITY else _NOT_A_NUMBER
        return f"{value} !~ {literal(f'{_DECIMAL}|{special}')}"
    pattern = _PATTERNS.get(type_)
    return None if pattern is None else f"{value} !~ {literal(pattern)}"


_PATTERNS = {"boolean": _BOOLEAN, "uuid": _UUID, "bit": _BITS, "bit varying": _BITS, "bytea": _BYTES}

"""The text of a statement as it may be shown: a migration can hold the passwords of servers and roles."""

import re

_LITERAL = r"[Ee]'(?:[^'\\]|\\.|'')*'|(?:[Nn]|[Uu]&)?'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"
_SECRET_NAME = r'"?[\w.]*(?:passw|pwd|secret|token|api_?key|credential|private_?key)[\w.]*"?'  # noqa: S105  # what such names hold
# PASSWORD 'x', CONNECTION 'x', OPTIONS (token 'x'), SET app.secret = 'x'.
_SECRETS = re.compile(
    rf"(?P<before>\bPASSWORD\s+|\bCONNECTION\s+|{_SECRET_NAME}\s+|\bSET\s+{_SECRET_NAME}\s*(?:=|\bTO\b)\s*)(?:{_LITERAL})",
    re.IGNORECASE | re.DOTALL,
)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s':]*:[^/@\s']+(?=@)")
_MAY_HOLD = re.compile(r"passw|pwd|secret|token|api_?key|credential|private_?key|connection|://", re.IGNORECASE)
# psql refuses it: nobody sets such a password by a command that was copied.
_HIDDEN = ":'not shown'"


def shown(sql: str) -> str:
    """*sql* without the values of passwords, connection strings, and options and settings named like secrets."""
    if _MAY_HOLD.search(sql) is None:
        return sql
    return _CREDENTIALS.sub("***", _SECRETS.sub(rf"\g<before>{_HIDDEN}", sql))


def holds_secret(sql: str) -> bool:
    return shown(sql) != sql

"""Why no connection came about, in a sentence for people.

At connecting libpq gives text and no SQLSTATE, so its words and the server's are matched; a server with another
language than English is asked for its SQLSTATE (connect_sqlstate.py), which replaces the English words.
"""

import re
from urllib.parse import quote

from ...model.knowledge import Unavailable
from ...prisma.connection_url import ConnectionUrl

# What lasts, and what may be different a moment later.
_STAYS, _PASSES = True, False
# The second is what Azure says of tokens: "The access token has expired.", "Service Principals cannot generate
# AAD_AUTH_TOKENTYPE_APP_USER tokens for role[monitor]".
_REFUSED = r"password authentication failed|access token|AAD_AUTH_TOKENTYPE"
# Where a token is the password these mean something else.
_BY_IDENTITY: tuple[tuple[str, str, bool], ...] = (
    (
        rf'{_REFUSED}|role "[^"]*" does not exist',
        'the identity\'s token does not let user "{user}" in: pgaadauth_create_principal makes its role, of that name',
        _STAYS,
    ),
    (
        r"does not support SSL|server refused SSL",
        "the server offers no TLS, and without it no token is sent",
        _STAYS,
    ),
    (
        r"certificate verify failed",
        "the server's certificate has expired, or its authority is not known: `ssl_root_cert` names one",
        _STAYS,
    ),
)
# The most specific first: a name with two addresses may be refused at one and answered at the other.
# The server's own words, then TLS, then the network.
_REASONS: tuple[tuple[str, str, bool], ...] = (
    (r"password authentication failed", 'wrong password for user "{user}", or no such user', _STAYS),
    (r"no password supplied", "the server asks for a password, and the URL holds none", _STAYS),
    (
        r'pg_hba\.conf .*?for host "(?P<address>[^"]*)".*(SSL|GSS) encryption',
        'the server does not let user "{user}" in from {address} (pg_hba.conf, a firewall rule)',
        _STAYS,
    ),
    (
        r'pg_hba\.conf .*?for host "(?P<address>[^"]*)".*no encryption',
        'the server does not let user "{user}" in from {address} without TLS: sslmode=require in the URL asks for it',
        _STAYS,
    ),
    (r"pg_hba\.conf", 'the server does not let user "{user}" in from here (pg_hba.conf)', _STAYS),
    (
        r'role "[^"]*" (does not exist|is not permitted to log in)',
        'user "{user}" does not exist or may not log in',
        _STAYS,
    ),
    (
        r"permission denied for database",
        'user "{user}" may not connect to it: GRANT CONNECT ON DATABASE {quoted_database} TO {quoted_user}',
        _STAYS,
    ),
    (r"database \S.* does not exist", "the server has no database of that name", _STAYS),
    (r"not currently accepting connections", "the database is closed to connections", _STAYS),
    (
        r"starting up|in recovery mode|not accepting connections|not yet accepting connections",
        "the server is starting up or recovering: try again in a minute",
        _PASSES,
    ),
    (r"shutting down", "the server is shutting down", _PASSES),
    (
        r"too many (clients|connections)|connection slots are reserved|no more connections allowed",
        "the server has no connection left to give: too many are open",
        _PASSES,
    ),
    (
        r"does not support SSL|server refused SSL",
        "the server offers no TLS; only if that is meant, say sslmode=disable in the URL",
        _STAYS,
    ),
    (
        r'certificate for "(?P<names>[^"]*)".*does not match host name',
        'the server shows a certificate for "{names}", not for {host}',
        _STAYS,
    ),
    (
        r"certificate verify failed",
        "the server's certificate has expired, or no authority vouches for it that we know: {authority}",
        _STAYS,
    ),
    (
        r"(root certificate file|certificate file|private key file) \"(?P<file>[^\"]*)\"",
        "the certificate file {file} does not exist or cannot be used",
        _STAYS,
    ),
    (r"SSL error|SSL SYSCALL|SSL negotiation|channel binding", "no TLS came about: {line}", _PASSES),
    (
        r"Temporary failure in name resolution",
        "no name server answers, so the host {host} cannot be looked up",
        _PASSES,
    ),
    (r"failed to resolve host|could not translate host name", "no name server knows the host {host}", _PASSES),
    (r"Connection refused", "the connection was refused: nothing listens there", _PASSES),
    (
        r"timeout expired|Connection timed out",
        "no answer in time: a firewall, a wrong address, or a server that is stopped",
        _PASSES,
    ),
    (r"No route to host|Network is unreachable", "no network leads there", _PASSES),
    (r"on socket .*No such file or directory", "no server has its socket there", _PASSES),
    (
        r"closed the connection unexpectedly|reset by peer",
        "the server closed the connection before it was open",
        _PASSES,
    ),
    (
        r"invalid response|expected authentication request",
        "what answers there does not use PostgreSQL's protocol",
        _STAYS,
    ),
)


# What an English server says first with each SQLSTATE that it refuses a connection with.
_ENGLISH = {
    "28P01": "password authentication failed",
    "28000": "no entry in pg_hba.conf",
    "3D000": "database none does not exist",
    "42501": "permission denied for database",
    "55000": "not currently accepting connections",
    "57P03": "starting up",
    "53300": "too many connections",
}


def is_understood(text: str) -> bool:
    return any(re.search(pattern, text) for pattern, _, _ in (*_BY_IDENTITY, *_REASONS))


def in_english(sqlstate: str | None) -> str | None:
    """Give the equivalent of the server's text, by its SQLSTATE; None for one that means nothing at connecting."""
    return None if sqlstate is None else _ENGLISH.get(sqlstate)


def is_refused_login(text: str) -> bool:
    """Say whether user and password were received and refused: another password may do."""
    return re.search(_REFUSED, text) is not None


def why_not_connected(text: str, url: ConnectionUrl, *, by_identity: bool) -> Unavailable:
    """Give the reason that libpq's *text* means, else its own first line; never the password.

    *by_identity*: the password is a token, and there is no URL that somebody wrote.
    """
    words = {
        "user": url.user or "(none named)",
        "quoted_user": _quoted(url.user or ""),
        "quoted_database": _quoted(url.database),
        "database": url.database,
        "host": url.host,
        "authority": "name your own with sslrootcert in the URL or `ssl_root_cert` in the settings",
        "line": _scrubbed(_first_line(text), url.password),
    }
    for pattern, sentence, lasting in (*(_BY_IDENTITY if by_identity else ()), *_REASONS):
        match = re.search(pattern, text)
        if match:
            return Unavailable(sentence.format(**words, **match.groupdict()) + _ignored(url), lasting)
    return Unavailable(f"{words['line']}{_ignored(url)}")


def _first_line(text: str) -> str:
    """Give the first line without libpq's preamble."""
    line = text.partition("\n")[0]
    return line.rpartition(" failed: ")[2].removeprefix("FATAL:").strip()


def _scrubbed(text: str, password: str | None) -> str:
    for secret in (password, quote(password, safe="")) if password else ():
        text = text.replace(secret, "***")
    return text


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _ignored(url: ConnectionUrl) -> str:
    if not url.unknown:
        return ""
    return f" (unknown parameters of the URL were ignored: {', '.join(url.unknown)})"

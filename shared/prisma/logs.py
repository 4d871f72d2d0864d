"""What ``_prisma_migrations.logs`` says of a failed migration, without the engine's debug output."""

import re

from shared.model.value import dataclass

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_SQLSTATE = re.compile(r"^Database error code: ([0-9A-Z]{5})\s*$", re.MULTILINE)
_ERROR = re.compile(
    r"^Database error:\s*\n(?P<error>.+?)\s*(?=^Position:|^DbError \{|^DETAIL:|^HINT:|\n\s*\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
# Engines before 3.0 wrote one line: "db error: ERROR: …".
_OLD_ERROR = re.compile(r"^.*?\bdb error: (?P<error>.+)$", re.MULTILINE)
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class RecordedError:
    """PostgreSQL's own error line, and its SQLSTATE where the engine wrote one."""

    message: str
    sqlstate: str | None


def recorded_error(logs: str | None) -> RecordedError | None:
    """Take PostgreSQL's error out of *logs*; None where there is nothing.

    DETAIL is left out: it quotes row data (``Key (email)=(…) is duplicated``).
    """
    text = _ANSI.sub("", logs or "").replace("\r\n", "\n").strip()
    if not text:
        return None
    code = _SQLSTATE.search(text)
    found = _ERROR.search(text) or _OLD_ERROR.search(text)
    message = found["error"] if found else text.partition("\n")[0]
    message = " ".join(message.removeprefix("db error: ").split())
    if len(message) > _LONGEST:
        message = message[: _LONGEST - 1] + "…"
    return RecordedError(message, code[1] if code else None)

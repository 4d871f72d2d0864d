"""Who changed the schema, as far as a log of the server's statements says it."""

import re
from dataclasses import field
from datetime import datetime
from typing import ClassVar

from .azure import WORKSPACE, is_resource_id, resource_id_example
from .setting_types import STRICT, insist
from .value import dataclass

_NAMES_SESSION = re.compile(r"%-?\d*[cp]")


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """The server's log in Log Analytics is read for the statements that changed a schema.

    It is asked for by the server's own id, for which the right to read the server is enough; by *workspace* only where
    the workspace's access mode forbids that.
    """

    workspace: str | None = field(default=None, metadata={"example": resource_id_example(WORKSPACE)})
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        insist(
            (
                self.workspace is None or is_resource_id(self.workspace, WORKSPACE),
                f"`workspace` must be like /subscriptions/…/{WORKSPACE}/…",
            )
        )


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the server writes into its log: *statement* as ``log_statement``, *audit* as ``pgaudit.log``, and how.

    *prefix* is ``log_line_prefix``, *messages* ``log_min_messages``.
    """

    statement: str
    audit: str
    prefix: str
    messages: str = "warning"

    @property
    def lacks(self) -> str | None:
        """Why the log does not say who changed something, and which setting makes it; None where it does."""
        audited = {each.strip().casefold() for each in self.audit.split(",")}
        if self.statement not in {"ddl", "mod", "all"} and ("-ddl" in audited or not audited & {"ddl", "all"}):
            return "no log of DDL is kept: set log_statement = ddl"
        # Without them, DDL that failed looks like any other.
        if self.messages in {"log", "fatal", "panic"}:
            return "no log of errors is kept: set log_min_messages = error"
        if not _NAMES_SESSION.search(self.prefix):
            return "the log names no session: add %c to log_line_prefix"
        return None


@dataclass(frozen=True, slots=True)
class LogLine:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class LoggedStatement:
    """A statement that *role* sent, with its literals; the role is None where the log does not say it.

    *may_be_undone*: when its *session* next had an error, or ended without COMMIT. Where the statement's transaction
    was still open then, nothing of it is left.
    """

    at: datetime
    role: str | None
    sql: str
    session: str = ""
    may_be_undone: datetime | None = None
